"""Rules of an audit about providers and the keystores that are assigned to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from ehtoolkit.auditing.audit_finding import AuditFinding, due, error, warning
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.finding import Finding, Severity, Topic, Urgency
from ehtoolkit.identity import PERSON_TYPE, Environment
from ehtoolkit.identity.numbers import differing_digits
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers import Provider, examine_provider
from ehtoolkit.system.text_safety import printable

_OF_THE_FILE: Final = frozenset({Topic.CERTIFICATE, Topic.END, Topic.HOLDER})
"""What the registry's rules say of a keystore as it was seen when it was assigned; a file that is open tells better."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProviderKeystore:
    """A record and its keystore as it is today; None where none is assigned."""

    record: Provider
    seen: AuditedKeystore | None

    @property
    def provider(self) -> tuple[int, str]:
        """Number and name."""
        return self.record.id or 0, self.record.full_name

    @property
    def file(self) -> str | None:
        """The keystore, as it can be printed."""
        return None if self.seen is None else self.seen.shown

    @property
    def is_of_holder(self) -> bool:
        """Whether the keystore is this provider's own."""
        holder = None if self.seen is None else self.seen.holder
        return holder is not None and holder.value == self.record.niss


def about_provider(
    joined: ProviderKeystore, of_holder: Mapping[str, Sequence[AuditedKeystore]], options: AuditOptions
) -> Iterator[AuditFinding]:
    """Yield the findings about a provider and the keystore that is assigned, or that none is. What the keystore rules
    say is not repeated. ``of_holder``: the files of a scan by ``TYPE=NUMBER``."""
    record, seen, wanted = joined.record, joined.seen, options.request.environment
    mine = of_holder.get(f"{PERSON_TYPE}={record.niss}", ()) if record.niss else ()
    now = options.now if seen is None else seen.now
    note = partial(AuditFinding.of, now=now, provider=joined.provider, file=joined.file, action=Action.ASSIGN)
    if seen is None:
        fit = _newest([keystore for keystore in mine if _fits(keystore, wanted)])
        if fit is None:
            yield note(warning("provider_without", name=record.full_name))
        else:
            yield note(
                warning("provider_without", "found", name=record.full_name, found=fit.shown), file=fit.shown
            )
    else:
        yield from map(note, _assigned(record, seen, mine, options))


def _assigned(
    record: Provider, seen: AuditedKeystore, mine: Sequence[AuditedKeystore], options: AuditOptions
) -> Iterator[Finding]:
    wanted = options.request.environment
    if seen.reading.kind == "missing":
        yield error("assigned_missing", name=record.full_name, file=seen.shown)
    other = _other_niss(record, seen)
    if other is not None:
        digits = differing_digits(record.niss, other)
        found = error("other_niss", name=record.full_name, number=record.niss, other=other, digits=digits)
        yield found.about(urgency=Urgency.SOON)
    if seen.environment is not None and wanted is not None and seen.environment is not wanted:
        yield error(
            "assigned_environment", name=record.full_name, environment=seen.environment, wanted=wanted
        )
    newest = _newest([keystore for keystore in mine if _fits(keystore, wanted) and _is_later(keystore, seen)])
    newer = seen.replaced_by if newest is None else newest.file
    if newer is not None:
        is_over = not seen.serves and seen.file_state is not FileState.CLOSED
        is_near = seen.days_left is not None and seen.days_left <= options.request.due_within // _DAY
        say = error if is_over else due if is_near else warning
        found = say("newer_beside", name=record.full_name, file=seen.shown, newer=printable(newer))
        yield found.about(Topic.NEWER, seen.end)  # the end of the old file is that of his work with it


def _other_niss(record: Provider, seen: AuditedKeystore) -> str | None:
    """Return the number of the person whose keystore it is, if that is not the record's."""
    holder = seen.holder
    is_other = holder is not None and holder.is_person and record.niss and holder.value != record.niss
    return holder.value if holder is not None and is_other else None


def record_findings(joined: ProviderKeystore, options: AuditOptions) -> Iterator[AuditFinding]:
    """Yield what the registry's own rules say of the record; of the certificate only while its file cannot be
    opened."""
    record, seen = joined.record, joined.seen
    tells = seen is None or seen.reading.opened or seen.reading.recalled or seen.reading.kind == "missing"
    tells = tells or (seen is not None and seen.replaced_by is not None)
    now, due_within = options.now, options.request.due_within
    for finding in examine_provider(record, now, options.types, due_within):
        if finding.severity is Severity.OK or (tells and finding.topic in _OF_THE_FILE):
            continue
        if finding.topic is Topic.END and seen is not None and _knows_end(seen):
            continue
        if finding.topic is Topic.HOLDER and seen is not None and _other_niss(record, seen):
            continue  # `about_provider` says so
        yield AuditFinding.of(finding, now, provider=joined.provider, file=joined.file)


def _knows_end(seen: AuditedKeystore) -> bool:
    """Return whether the rules of keystores say when it ends, or that no longer counts: what the registry noted is part
    of what was seen last."""
    return seen.last_seen is not None or seen.file_state is FileState.UNREADABLE


def shared_keystores(all_joined: Sequence[ProviderKeystore]) -> Iterator[AuditFinding]:
    """Yield a finding for each provider who has one person's keystore in common with another, by its file or by its
    key. An organisation's is for all who work there."""
    groups: dict[str, dict[int, ProviderKeystore]] = {}
    for joined in all_joined:
        if joined.seen is None or (joined.seen.holder is not None and not joined.seen.holder.is_person):
            continue
        key_id = joined.seen.reading.key_id
        for mark in filter(None, (f"file {joined.seen.file}", key_id and f"key {key_id}")):
            groups.setdefault(mark, {})[joined.record.id or 0] = joined
    reported: set[tuple[int, ...]] = set()
    for group in groups.values():
        ids = tuple(sorted(group))
        if len(ids) < 2 or ids in reported:
            continue
        reported.add(ids)
        names = tuple(group[id_].record.full_name for id_ in ids)
        for joined in (group[number] for number in ids):
            finding = error("shared", file=joined.file or "", names=names).about(urgency=Urgency.SOON)
            yield AuditFinding(finding, file=joined.file, provider=joined.provider, action=Action.ASSIGN)


def unassigned(
    seen: Sequence[AuditedKeystore], records: Sequence[Provider], assigned: frozenset[str]
) -> Iterator[AuditFinding]:
    """Yield a finding for each keystore of a person who is not in the registry, mostly of someone who has left, when
    it is assigned to no provider. Without a registry there are none; an organisation's keystore does not say whether
    its user has left."""
    numbers = {record.niss for record in records if record.niss}
    if not records:
        return
    for keystore in seen:
        holder = keystore.holder
        if holder is None or not holder.is_person or holder.value in numbers or keystore.file in assigned:
            continue
        found = warning("nobody", file=keystore.shown, number=holder.value)
        yield keystore.audit_finding(found.about(Topic.UNREGISTERED))


def _fits(keystore: AuditedKeystore, wanted: Environment | None) -> bool:
    """Return whether it could be assigned: it works, or may do so once its password is known."""
    if wanted is not None and keystore.environment is not None and keystore.environment is not wanted:
        return False
    return keystore.usable and keystore.replaced_by is None


def _is_later(keystore: AuditedKeystore, than: AuditedKeystore) -> bool:
    return not keystore.is_copy_of(than) and keystore.age.is_newer_than(than.age)


def _newest(found: Sequence[AuditedKeystore]) -> AuditedKeystore | None:
    newest: AuditedKeystore | None = None
    for keystore in found:
        if newest is None or keystore.age.is_newer_than(newest.age):
            newest = keystore
    return newest
