"""Look at a file from all sides: its bytes, its outline, its content, its name, its neighbours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Finding, error, info, sort_by_severity
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, unlock
from ehtoolkit.keystore.codec.structure import Structure
from ehtoolkit.keystore.diagnosis import content_rules, file_rules, protection_rules
from ehtoolkit.keystore.diagnosis.content import (
    DRIVE,
    UNREAD,
    FileContent,
    FileFacts,
    Outline,
    claimed_content,
    closed_content,
    inspect_bytes,
    opened_content,
    outline_of,
)
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis, DiagnosisContext
from ehtoolkit.keystore.diagnosis.remembered import BLOCKED, remembered
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS, outline_java_store, read_java_store
from ehtoolkit.keystore.state import OVER, State, from_word, state_at
from ehtoolkit.keystore.storage.found_keystore import authentication_key
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.records import UNKNOWN, CachedStates
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable

_CONTENT_RULES: Final = (
    content_rules.certificate,
    content_rules.chain,
    content_rules.encryption,
    content_rules.pairing,
)
_FOLDER_RULES: Final = (file_rules.beside, file_rules.lost_keys, file_rules.copies)
_CURED_BY_CONVERSION: Final = ("etk_alias_differs",)
"""What is not said of a Java keystore; its variants are."""
_log = logging.getLogger(__name__)


_GO_ON: Final = frozenset({"state_prepared", "state_no_etk", "state_renewable"})
"""Findings that propose to go on with a certificate: not with one that is over for platform or issuer, nor with a
request that would be refused."""


@dataclass(frozen=True, slots=True)
class _Inspection:
    """A file, and what `diagnose` was given for it. ``cache``: of the password, None without one."""

    file: FileFacts
    data: bytes = field(repr=False)
    password: Secret | None
    key_password: Secret | None
    cache: DerivedKeyCache | None = field(repr=False)
    now: datetime
    listing: HolderFiles | None
    keys: bool
    known: CachedStates

    def closed(self, *about: Finding) -> Diagnosis:
        """Return the diagnosis of a file that cannot be looked into."""
        return self.with_findings(Diagnosis(self.file, self.now), about)

    def with_findings(self, seen: Diagnosis, findings: Sequence[Finding]) -> Diagnosis:
        """Return the diagnosis with its findings, and those about the other files of the holder."""
        others = () if self.listing is None else file_rules.beside(seen.found_keystore(), self.listing)
        return self.among_others(replace(seen, findings=sort_by_severity([*findings, *others])))

    def among_others(self, seen: Diagnosis) -> Diagnosis:
        """Return the diagnosis with what the other files are to this one, and what is remembered of it."""
        known, path = self.known, self.file.path
        recalled = None if path is None or seen.opened or seen.outline is None else known.of_file(path)
        last = None if seen.opened or recalled is not None else known.last_of(seen.key_id, path)
        before = recalled or last
        key_id = seen.key_id if before is None else before.key_id
        file = seen.found_keystore()
        if recalled is not None:
            file = file.as_seen(recalled)
        file = file.at(self.now, recalled, known.word_of(key_id), known.answer_of(key_id))
        listing = HolderFiles(()) if self.listing is None else self.listing.around(file)
        is_closed = seen.outline is not None and seen.state is None and not seen.opened
        found = replace(
            seen,
            waits=is_closed and listing.waits(file) is True,
            beside=listing.beside(file),
            word=from_word(known.word_of(key_id)),
            delivered=known.is_delivered(key_id),
            recalled=recalled,
            answer=known.answer_of(key_id),
            last_seen=last,
        )
        standing = found.standing()
        file_state = found.state if recalled is None else recalled.state(self.now)
        said = tuple(remembered(standing, file_state, found.word, found.answer))
        leads_on = standing.state not in OVER and BLOCKED not in said
        shown = [each for each in found.findings if leads_on or each.key not in _GO_ON]
        return replace(found, findings=sort_by_severity((*shown, *said)))

    def rescuable(self, refused: Finding) -> tuple[Finding, ...]:
        """Return ``refused`` and what can be saved of the file all the same."""
        saved = tuple(file_rules.rescuable(self.data, self.password, self.cache, refused))
        if refused.key == file_rules.UNSUPPORTED and any(each.key.startswith("rescuable") for each in saved):
            refused = replace(refused, variant="partly")
        return (refused, *saved)


def diagnose(
    source: Path | bytes | tuple[FileFacts, bytes],
    password: Secret | None,
    now: datetime,
    *,
    name: str | None = None,
    listing: HolderFiles | None = None,
    keys: bool = True,
    key_password: Secret | None = None,
    known: CachedStates = UNKNOWN,
) -> Diagnosis:
    """Say what a file is and what is wrong with it. Never raises: whatever is wrong is a finding.

    Args:
        source: also a file that `inspect_bytes` has read already.
        password: None to say what can be said without.
        now: aware.
        name: what bytes that were handed over were called.
        listing: of the folder that it lies in; None looks at the file alone.
        keys: False leaves private keys closed where the file says whose they are
            (`ehtoolkit.keystore.diagnosis.content.claimed_content`).
        key_password: of private keys in a JKS or JCEKS file that ``password`` does not open.
        known: what this computer remembers of keystores.
    """
    file, data = source if isinstance(source, tuple) else inspect_bytes(source, name)
    cache = None if password is None else DerivedKeyCache(password)
    looked = _Inspection(file, data, password, key_password, cache, now.astimezone(UTC), listing, keys, known)
    try:
        if file.kind in UNREAD:
            return looked.closed(file_rules.other_file(file.kind))
        return _diagnose_java(looked) if file.kind in JAVA_KINDS else _diagnose_pkcs12(looked)
    except Exception as failure:  # noqa: BLE001  # the border of one file: others are looked at all the same
        _log.info("a file could not be judged", exc_info=True)
        return looked.closed(error("file_unjudged", kind=type(failure).__name__))


def unanswered(path: Path, now: datetime) -> Diagnosis:
    """Return the diagnosis of a file whose drive does not answer; nothing is read."""
    file = FileFacts(path, path.name, None, DRIVE)
    return Diagnosis(file, now.astimezone(UTC), findings=(file_rules.other_file(file.kind),))


# ── PKCS#12 ──────────────────────────────────────────────────────────────────────────────────────────────
def _diagnose_pkcs12(looked: _Inspection) -> Diagnosis:
    try:
        structure = outline_pkcs12(looked.data)
    except errors.KeystoreError as failure:
        refused, *saved = looked.rescuable(file_rules.refusal(failure))
        return looked.closed(refused, *file_rules.bare_keys(looked.file, looked.data), *saved)
    content, about, refuses = _open(looked, structure)
    outline = outline_of(structure, content)
    seen = _seen(looked, content, outline, refuses)
    seen = replace(seen, proper_name=file_rules.proper_name(seen, looked.listing))
    findings = [*about, *file_rules.trailing_bytes(structure)]
    if not refuses:  # what else could be said of it would name steps that it refuses as well
        context = DiagnosisContext(seen, content)
        findings += [found for rule in _CONTENT_RULES for found in rule(context)]
        findings += protection_rules.protection(outline)
        if not content.lacks_authentication:  # no name makes a keystore of it
            findings += file_rules.naming(seen)
    findings += file_rules.size(seen, content)
    if looked.listing is not None:
        file, files = seen.found_keystore(), looked.listing
        findings += [found for rule in _FOLDER_RULES for found in rule(file, files)]
        findings = list(file_rules.renewed(findings, file, files))
    if not refuses:
        findings += protection_rules.readers(outline, frozenset(finding.key for finding in findings))
    return looked.among_others(replace(seen, findings=sort_by_severity(findings)))


def _open(looked: _Inspection, structure: Structure) -> tuple[FileContent, list[Finding], bool]:
    """Return the content, what is to be said about the password and about what cannot be opened, and whether the file
    is refused whatever the password."""
    visible = FileContent.of(structure.visible_bags, opened=False)
    bare = not structure.protection.encryptions and structure.mac is None
    if looked.password is None and not bare:
        unsupported = structure.protection.unsupported()
        if unsupported is None:
            return visible, [info("password_needed")], False
        refused = errors.KeystoreUnsupported(algorithm=unsupported.algorithm)
        return visible, [file_rules.refusal(refused)], True
    given = Secret("") if looked.password is None else looked.password
    cache = looked.cache or DerivedKeyCache(given)
    try:
        claimed = None if looked.keys else claimed_content(structure, cache)
        content = claimed or opened_content(unlock(structure, cache))
    except errors.KeystorePasswordWrong:
        return visible, list(protection_rules.wrong_password(given)), False
    except errors.KeystoreError as failure:
        return visible, list(looked.rescuable(file_rules.refusal(failure))), True
    about = [] if content.failure is None else [file_rules.no_keystore(content.failure)]
    return content, about if bare else [*about, *protection_rules.right_password(given)], False


# ── JKS and JCEKS ────────────────────────────────────────────────────────────────────────────────────────
def _diagnose_java(looked: _Inspection) -> Diagnosis:
    """Look into a Java keystore: what is in it can be seen without its password, which proves it and opens the keys.
    Protection and names of files are matters of PKCS#12."""
    other_format = file_rules.refusal(errors.NotAKeystore(kind=looked.file.kind))
    try:
        content, about = _open_java(looked)
    except errors.KeystoreError:
        return looked.closed(*looked.rescuable(other_format))
    seen = _seen(looked, content)
    context = DiagnosisContext(seen, content)
    found = (finding for rule in _CONTENT_RULES for finding in rule(context))
    wrong = (finding for finding in found if finding.variant or finding.key not in _CURED_BY_CONVERSION)
    return looked.with_findings(seen, [other_format, *about, *wrong])


def _open_java(looked: _Inspection) -> tuple[FileContent, Sequence[Finding]]:
    """Return the content of a JKS or JCEKS file that is whole, and what is to be said of its passwords. Raises
    `errors.KeystoreError` for any other file."""
    data, password = looked.data, looked.password
    visible = closed_content(outline_java_store(data), opened=False)
    if password is None:
        return visible, ()
    try:
        content = closed_content(outline_java_store(data, password), opened=True)
        if looked.keys or content.keystore is None:
            content = opened_content(read_java_store(data, password, looked.key_password))
    except errors.KeystorePasswordWrong:
        return visible, tuple(protection_rules.wrong_password(password))
    except errors.KeyPasswordWrong as refused:
        other = error("key_password_other", alias=printable(refused.alias))
        return visible, (replace(other, variant=refused.reason or ""),)
    if content.failure is not None:
        return content, (file_rules.no_keystore(content.failure),)
    whole = info("rescuable_whole", keys=len(content.keys), certificates=len(content.certificates))
    return content, (whole,)


# ── What was seen ────────────────────────────────────────────────────────────────────────────────────────
def _seen(
    looked: _Inspection, content: FileContent, outline: Outline | None = None, refused: bool = False
) -> Diagnosis:
    """Return what the file is, without what is to be said of it. ``outline``: None for a Java keystore."""
    keystore, lacks = content.keystore, content.lacks_authentication
    sealed = outline is not None and outline.sealed
    seen = Diagnosis(
        looked.file,
        looked.now,
        opened=content.opened,
        outline=outline,
        authentication_key=None if keystore is None or lacks else str(keystore.authentication.kind),
        keys=tuple(key.outline for key in content.keys),
        certificates=len(content.certificates) if content.opened or not sealed else None,
        refused=refused,
        key_refused=isinstance(content.failure, errors.KeyUnfit),
        chain=content.chain,
    )
    return replace(seen, state=_state(seen, content), key_id=_key_id(seen, content))


def _state(seen: Diagnosis, content: FileContent) -> State | None:
    """Return the state by content alone; None when that does not tell."""
    if seen.leaf is None:
        waiting = any(certificate.is_stand_in for certificate in content.certificates)
        return State.PREPARED if waiting else None
    if content.keystore is not None:
        return content.keystore.state(seen.now)
    return state_at(seen.now, seen.not_before, seen.not_after, has_encryption_key=bool(seen.etk_serials))


def _key_id(seen: Diagnosis, content: FileContent) -> str | None:
    """Return the platform's identifier of the authentication key; without a keystore, what BouncyCastle and we write as
    its localKeyID. None where neither shows, and without that key."""
    if content.lacks_authentication:
        return None
    if content.keystore is not None:
        return content.keystore.key_id
    key = authentication_key(seen.keys)
    return None if key is None else key.key_id


# ── Several passwords ────────────────────────────────────────────────────────────────────────────────────
PASSWORD_WRONG: Final = "password_wrong"  # noqa: S105  # the key of a finding


def diagnose_with_first(
    passwords: Sequence[Secret], diagnosed: Callable[[Secret | None], Diagnosis]
) -> tuple[Diagnosis, int]:
    """Return the diagnosis with the first of ``passwords`` that opens the file, and the place of that password. Without
    one, return the diagnosis with the first password; without passwords, that with None."""
    found = list[Diagnosis]()
    for place, password in enumerate(passwords or (None,)):
        found.append(diagnosed(password))
        if not found[-1].has(PASSWORD_WRONG):
            return found[-1], place
    return found[0], 0
