"""Rules of an audit about keystores, each by itself and beside others, and about folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from ehtoolkit.auditing.audit_finding import AuditFinding, due, error, folder_finding, info, warning
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.auditing.scan.discovery import UnreadableFolder
from ehtoolkit.ehealth.revocation_answers import IssuerAnswer, revocation_finding
from ehtoolkit.finding import Finding, Severity, Topic, Urgency
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.remembered import remembered
from ehtoolkit.keystore.standing import END_MATTERS, Action
from ehtoolkit.keystore.state import OVER, PENDING, RENEWAL_MONTHS, FileState, State
from ehtoolkit.system.text_safety import printable


def unlisted(problems: Iterable[UnreadableFolder]) -> Iterator[AuditFinding]:
    """Yield a finding about each folder, or link, that was not looked into."""
    for problem in problems:
        folder = printable(str(problem.path))
        yield AuditFinding(folder_finding(problem.reason, folder), file=folder)


def empty_folders(empty: Iterable[Path], unnamed: Collection[Path]) -> Iterator[AuditFinding]:
    """Yield a finding about each folder without a keystore: mostly a drive that is not connected, whose folder is
    there. ``unnamed``: folders that the user did not name, such as that of a first start."""
    allowed = {place.absolute() for place in unnamed}
    for place in empty:
        if place not in allowed:
            folder = printable(str(place))
            yield AuditFinding(folder_finding("empty", folder), file=folder)


def keystore_findings(
    seen: AuditedKeystore, owner: tuple[int, str] | None, options: AuditOptions
) -> Iterator[AuditFinding]:
    """Yield the findings about one keystore. ``owner``: number and name of the provider that it is assigned to; then
    `about_provider` reports that the file is missing, or for another environment.

    A keystore that a newer one has replaced is no cause for anything but to put it away.
    """
    note = partial(seen.audit_finding, provider=owner)
    if seen.replaced_by is not None:
        newer = Path(seen.replaced_by)
        variant, name = ("", newer.name) if newer.parent == seen.folder else ("elsewhere", str(newer))
        yield note(info("replaced", variant, file=seen.shown, newer=printable(name)))
        return
    within = options.request.due_within
    judged = partial(note, action=seen.standing(within).action)
    yield from map(judged, _last_seen(seen, within))
    if owner is not None and seen.reading.kind == "missing":
        return
    for finding in (*seen.reading.faults, *_encryption(seen, within)):
        yield note(finding)
    if seen.file_state is FileState.CLOSED:
        yield from map(note, _closed(seen))
        yield from map(judged, _missing(seen, within))
    elif seen.file_state is not FileState.UNREADABLE:
        if seen.reading.recalled:
            yield note(info("closed", "seen", file=seen.shown).about(Topic.CLOSED))
        yield from map(judged, _missing(seen, within))
        yield from map(judged, _certificate(seen, within))
    yield from map(judged, _said(seen))
    if owner is None:
        yield from map(note, _environment(seen, options.request.environment))
    if seen.file_state is not FileState.UNREADABLE and seen.is_misnamed:
        proper = seen.proper_name
        closed = seen.file_state is FileState.CLOSED
        variant = "proper" if proper is not None else "" if closed else "unknown"
        facts = {} if proper is None else {"proper": printable(proper)}
        yield note(warning("misnamed", variant, file=seen.shown, **facts))


def _closed(seen: AuditedKeystore) -> Iterator[Finding]:
    """Yield that the file stays closed, unless its own password was wrong, which is a fault of its own."""
    if seen.reading.password_refused:
        return
    if seen.reading.guessed:
        yield due("closed", "tried", file=seen.shown).about(Topic.CLOSED)
    else:
        yield info("closed", file=seen.shown).about(Topic.CLOSED)


def _last_seen(seen: AuditedKeystore, within: timedelta) -> Iterator[Finding]:
    """Yield when the certificate of a file that does not open ends, as it was seen last."""
    standing = seen.standing(within)
    end, days = standing.until, standing.days
    if seen.last_seen is None or end is None or days is None or standing.state not in END_MATTERS:
        return
    variant = "seen" if seen.file_state is FileState.CLOSED else "broken"
    if end < seen.now:
        yield error("certificate_expired", variant, date=end, days=-days).about(Topic.END, end)
    elif days <= within // timedelta(days=1):
        yield due("certificate_ends", variant, date=end, days=days).about(Topic.END, end)


def _encryption(seen: AuditedKeystore, within: timedelta) -> Iterator[Finding]:
    """Yield that the certificate of the encryption key is over, although that of the holder is not."""
    end = seen.reading.etk_not_after
    if (
        seen.standing(within).state in END_MATTERS
        and end is not None
        and seen.not_after is not None
        and end < seen.now <= seen.not_after
    ):
        yield Finding("etk_expired", Severity.WARNING, {"date": end}, urgency=Urgency.SOON)


def _missing(seen: AuditedKeystore, within: timedelta) -> Iterator[Finding]:
    """Yield that the certificate is not installed yet, as far as shows."""
    standing = seen.standing(within)
    if standing.state in PENDING and standing.action is not Action.NONE:
        say = due if standing.is_due else warning
        yield say("certificate_missing", file=seen.shown)


def _certificate(seen: AuditedKeystore, within: timedelta) -> Iterator[Finding]:
    """Yield what is missing of a certificate that is installed, and, whatever is, when it ends."""
    end, days, file, state = seen.not_after, seen.days_left, seen.shown, seen.standing(within).state
    if end is None or days is None:
        return
    if state not in END_MATTERS or (state in OVER and seen.file_state is not state):
        return  # other findings say why
    if seen.file_state is State.EXPIRED:
        yield error("certificate_expired", file=file, date=end, days=-days).about(Topic.END, end)
        return
    if seen.file_state is State.NO_ETK:
        yield error("etk_missing", file=file).about(until=end)
    elif seen.file_state is State.NOT_YET_VALID:
        yield info("certificate_to_come", file=file, date=seen.not_before or end).about(until=end)
    say = due if days <= within // timedelta(days=1) else warning
    if seen.file_state is State.RENEWABLE:
        found = say("certificate_renewable", file=file, date=end, days=days, months=RENEWAL_MONTHS)
        yield found.about(Topic.END, end)
    elif say is due:
        yield say("certificate_ends", file=file, date=end, days=days).about(Topic.END, end)


def _environment(seen: AuditedKeystore, wanted: Environment | None) -> Iterator[Finding]:
    found = seen.environment
    if wanted is not None and found is not None and found is not wanted:
        yield warning("environment_other", file=seen.shown, environment=found, wanted=wanted)


def several_of_holder(seen: Sequence[AuditedKeystore]) -> Iterator[AuditFinding]:
    """Yield a finding for each person with more than one working keystore of one environment in one folder, of which
    none has replaced the other: copies, mostly. Software that takes the first or the last of them may take the wrong
    one; some refuses both."""
    groups: dict[tuple[object, ...], list[AuditedKeystore]] = {}
    for keystore in filter(_is_in_use, seen):
        mark = (keystore.folder, keystore.holder, keystore.environment)
        groups.setdefault(mark, []).append(keystore)
    for group in groups.values():
        if len(group) > 1:
            names = tuple(printable(file.path.name) for file in group)
            yield group[0].audit_finding(warning("several", files=names))


def same_key(seen: Sequence[AuditedKeystore]) -> Iterator[AuditFinding]:
    """Yield a finding for each authentication key that several files hold, wherever they are; whether two that stay
    closed do cannot be seen. There is none about files of one folder that software works with, all of them:
    `several_of_holder` says more of these."""
    counts = Counter(keystore.reading.key_id for keystore in seen)
    by_key: dict[str, list[AuditedKeystore]] = {}
    for keystore in seen:
        key_id = keystore.reading.key_id
        if key_id is not None and counts[key_id] > 1:
            by_key.setdefault(key_id, []).append(keystore)
    for group in by_key.values():
        in_one_folder = len({keystore.folder for keystore in group}) == 1
        if not (in_one_folder and all(map(_is_in_use, group))):
            files = tuple(keystore.shown for keystore in group)
            yield group[0].audit_finding(info("same_key", files=files))


def _is_in_use(keystore: AuditedKeystore) -> bool:
    """Return whether software works with it as the present keystore of a person, as far as can be seen."""
    is_of_person = keystore.holder is not None and keystore.holder.is_person
    return is_of_person and keystore.serves and keystore.replaced_by is None


def _said(seen: AuditedKeystore) -> Iterator[Finding]:
    """Yield what platform and issuer say of the certificate of ``seen``, or said last, where something has to be done
    about it."""
    standing, now = seen.standing(timedelta()), seen.revocation
    last = tuple(remembered(standing, seen.file_state, seen.word, seen.answer))
    yield from last
    if now is not None and now.answer is IssuerAnswer.UNKNOWN and not last:
        found = revocation_finding(now)
        yield found if standing.checked else found.about(urgency=Urgency.SOON)


def silent_issuers(seen: Iterable[AuditedKeystore]) -> Iterator[AuditFinding]:
    """Yield one finding for each host that gave no usable answer, however many certificates it was asked about: due
    where the last answer about one of them is too old."""
    hosts, old = Counter[str](), set[str]()
    for keystore in seen:
        if keystore.revocation is not None and keystore.revocation.answer is IssuerAnswer.UNASKED:
            host = keystore.revocation.host
            hosts[host] += 1
            if keystore.replaced_by is None and not keystore.standing(timedelta()).checked:
                old.add(host)
    for host, count in hosts.items():
        say = due if host in old else warning
        yield AuditFinding(say("revocation_unasked", host=host, count=count))
