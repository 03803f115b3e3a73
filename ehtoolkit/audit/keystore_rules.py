"""What is to be said of a keystore among others: its certificate, its name, its environment, and what replaced it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from ehtoolkit.audit import revocation
from ehtoolkit.audit.audit_finding import AuditFinding, error, info, warning
from ehtoolkit.audit.discovery import UnreadableFolder
from ehtoolkit.audit.file_scan import PASSWORD_WRONG
from ehtoolkit.audit.keystores import AuditedKeystore, Standing, calendar
from ehtoolkit.finding import Finding
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import RENEWAL_MONTHS
from ehtoolkit.system.text_safety import printable

DUE_WITHIN: Final = timedelta(days=90)
"""When the end of a certificate is near."""


def unlisted(problems: Iterable[UnreadableFolder]) -> Iterator[AuditFinding]:
    """About folders that were not looked into."""
    for one in problems:
        folder = printable(str(one.path))
        say = info if one.reason == "loop" else error
        yield AuditFinding(say(f"folder_{one.reason}", folder=folder), file=folder)


def about(
    seen: AuditedKeystore,
    wanted: Environment | None = None,
    within: timedelta = DUE_WITHIN,
    *,
    assigned: bool = False,
) -> Iterator[AuditFinding]:
    """``wanted``: the environment that the files are meant for; ``within``: when the end of a certificate is near.

    A keystore that a newer one has replaced is no cause for anything but to put it away. Of one that is ``assigned`` to
    a provider that is said of him (`ehtoolkit.audit.provider_rules`).
    """
    holder = seen.holder
    note = partial(AuditFinding, file=seen.shown, holder=None if holder is None else holder.text)
    if seen.replaced_by is not None:
        beside = seen.replaced_by.parent == seen.path.parent
        variant, newer = ("", seen.replaced_by.name) if beside else ("elsewhere", str(seen.replaced_by))
        yield note(info("replaced", variant, file=seen.shown, newer=printable(newer)))
        return
    if assigned and seen.reading.kind == "missing":  # that is told of the provider
        return
    for fault in seen.reading.faults:
        yield note(fault.finding)
    if seen.standing is Standing.CLOSED:
        if all(fault.key != PASSWORD_WRONG for fault in seen.reading.faults):
            say, variant = (warning, "tried") if seen.reading.guessed else (info, "")
            yield note(say("closed", variant, file=seen.shown))
    elif seen.standing is not Standing.UNREADABLE:
        if seen.reading.recalled:
            yield note(info("closed", "seen", file=seen.shown))
        for finding in _certificate(seen, within):
            yield note(finding, due=calendar(seen.not_after), days=seen.days_left)
    yield from map(note, revocation.about(seen))
    yield from map(note, _environment(seen, wanted, assigned=assigned))
    if seen.standing is not Standing.UNREADABLE and seen.candidate.is_misnamed:
        proper = seen.candidate.diagnosis.proper_name
        closed = seen.standing is Standing.CLOSED
        variant = "proper" if proper is not None else "" if closed else "unknown"
        facts = {} if proper is None else {"proper": printable(proper)}
        yield note(warning("misnamed", variant, file=seen.shown, **facts))


def _certificate(seen: AuditedKeystore, within: timedelta) -> Iterator[Finding]:
    """What is missing, and, whatever is, when the certificate ends."""
    end, days, file = seen.not_after, seen.days_left, seen.shown
    if end is None or days is None:
        yield warning("certificate_missing", file=file)
        return
    if seen.standing is Standing.EXPIRED:
        yield error("certificate_expired", file=file, date=end, days=-days)
        return
    if seen.standing is Standing.NO_ETK:
        yield warning("etk_missing", file=file)
    elif seen.standing is Standing.NOT_YET_VALID:
        yield info("certificate_to_come", file=file, date=seen.not_before or end)
    if seen.standing is Standing.RENEWABLE:
        yield warning("certificate_renewable", file=file, date=end, days=days, months=RENEWAL_MONTHS)
    elif end - seen.now <= within:
        yield warning("certificate_ends", file=file, date=end, days=days)


def _environment(seen: AuditedKeystore, wanted: Environment | None, *, assigned: bool) -> Iterator[Finding]:
    found = seen.environment
    if assigned:  # then it is told of the provider, as an error
        return
    if wanted is not None and found is not None and found is not wanted:
        yield warning("environment_other", file=seen.shown, environment=found, wanted=wanted)


def several_of_one(seen: Sequence[AuditedKeystore]) -> Iterator[AuditFinding]:
    """Persons with more than one working keystore in one folder, of which none has replaced the other: copies, mostly.
    Software that takes the first or the last of them may take the wrong one; some refuses both."""
    by_place: dict[tuple[object, ...], list[AuditedKeystore]] = {}
    for one in seen:
        if _is_in_use(one) and one.holder is not None:
            key = (one.path.parent, one.holder, one.environment)
            by_place.setdefault(key, []).append(one)
    for group in by_place.values():
        if len(group) > 1:
            names = tuple(printable(one.path.name) for one in group)
            whose = group[0].holder
            yield AuditFinding(
                warning("several", files=names),
                file=group[0].shown,
                holder=None if whose is None else whose.text,
            )


def same_key(seen: Sequence[AuditedKeystore]) -> Iterator[AuditFinding]:
    """Files that hold one authentication key, wherever they are; whether two that stay closed do cannot be seen. Of
    those in one folder that software works with, `several_of_one` says more."""
    by_key: dict[str, list[AuditedKeystore]] = {}
    for one in seen:
        key_id = one.candidate.diagnosis.key_id
        if key_id is not None:
            by_key.setdefault(key_id, []).append(one)
    for group in by_key.values():
        in_one_folder = len({one.path.parent for one in group}) == 1
        if len(group) > 1 and not (in_one_folder and all(map(_is_in_use, group))):
            holder = group[0].holder
            yield AuditFinding(
                info("same_key", files=tuple(one.shown for one in group)),
                file=group[0].shown,
                holder=None if holder is None else holder.text,
            )


def _is_in_use(one: AuditedKeystore) -> bool:
    """Whether software works with it as the present keystore of a person, as far as can be seen."""
    return one.holder is not None and one.holder.is_person and one.serves and one.replaced_by is None
