"""Look at a file from all sides: its bytes, its outline, its content, its name, its neighbours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Finding, error, info, sort_by_severity
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, unlock
from ehtoolkit.keystore.codec.structure import Structure
from ehtoolkit.keystore.diagnosis.certificate_rules import certificate, chain
from ehtoolkit.keystore.diagnosis.content import (
    DiagnosisContext,
    FileContent,
    Rule,
    claimed_content,
    name_text,
    opened_content,
    visible_content,
)
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.file import DRIVE, FileFacts, FolderListing, inspect_bytes, outline_of
from ehtoolkit.keystore.diagnosis.folder_rules import beside, copies, lost_keys, naming, proper_name, renewed
from ehtoolkit.keystore.diagnosis.format_rules import (
    bare_keys,
    no_keystore,
    refusal,
    rescuable,
    size,
    trailing_bytes,
    unread,
)
from ehtoolkit.keystore.diagnosis.java import (
    JavaPasswords,
    java_findings,
    look_into_java_store,
    outline_of_java,
)
from ehtoolkit.keystore.diagnosis.key_rules import encryption, pairing
from ehtoolkit.keystore.diagnosis.protection_rules import protection, readers, right_password, wrong_password
from ehtoolkit.keystore.entries import is_authentication
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.secret import Secret

_RULES: Final[tuple[Rule, ...]] = (certificate, chain, encryption, pairing, protection, naming, size)
_RULES_REFUSED: Final[tuple[Rule, ...]] = (size,)
"""For a file that no password opens: what else could be said of it would name steps that it refuses as well."""
_log = logging.getLogger(__name__)


def diagnose(
    source: Path | bytes,
    password: Secret | None,
    now: datetime,
    *,
    name: str | None = None,
    environment: Environment | None = None,
    listing: FolderListing | None = None,
    keys: bool = True,
    key_password: Secret | None = None,
) -> Diagnosis:
    """Say what a file is and what is wrong with it. Never raises: whatever is wrong is a finding.

    Args:
        password: None to say what can be said without.
        now: aware.
        name: what bytes that were handed over were called.
        environment: where the file is meant to be used, when that is known.
        listing: of the folder that it lies in; None looks at the file alone.
        keys: False leaves private keys closed where the file says whose they are
            (`ehtoolkit.keystore.diagnosis.content.claimed_content`).
        key_password: of private keys in a JKS or JCEKS file that ``password`` does not open.
    """
    file, data = inspect_bytes(source, name)
    try:
        if file.kind in JAVA_KINDS:
            passwords = JavaPasswords(password, key_password)
            return _diagnose_java(file, data, passwords, now, environment, listing, keys)
        return _diagnose(file, data, password, now, environment, listing, keys)
    except Exception as failure:  # noqa: BLE001  # the border of one file: others are looked at all the same
        _log.info("a file could not be judged", exc_info=True)
        about = [error("file_unjudged", kind=type(failure).__name__)]
        return _closed_for_good(file, now, listing, about)


def unanswered(path: Path, now: datetime) -> Diagnosis:
    """Return the diagnosis of a file whose drive does not answer; nothing is read."""
    file = FileFacts(path, path.name, parse_name(path.name), None, DRIVE)
    return Diagnosis(file, now.astimezone(UTC), opened=False, findings=(unread(file),))


def _diagnose(
    file: FileFacts,
    data: bytes,
    password: Secret | None,
    now: datetime,
    environment: Environment | None,
    listing: FolderListing | None,
    keys: bool,
) -> Diagnosis:
    cache = None if password is None else DerivedKeyCache(password)
    try:
        structure = outline_pkcs12(data) if file.was_read else None
    except errors.KeystoreError as failure:
        finding = refusal(failure)
        about = [finding, *bare_keys(file, data), *rescuable(data, password, cache, finding)]
        return _closed_for_good(file, now, listing, about)
    if structure is None:
        return _closed_for_good(file, now, listing, [unread(file)])
    content, about, refused = _open(data, structure, password, cache, keys)
    outline = outline_of(structure, content.keys)
    context = DiagnosisContext(file, outline, content, now.astimezone(UTC), environment, listing)
    alone = _diagnosis(context, refused)
    rules = _RULES_REFUSED if refused else _RULES
    findings = [
        *about,
        *trailing_bytes(data),
        *(found for rule in rules for found in rule(context)),
        *_around(alone, listing),
    ]
    if listing is not None:
        findings = list(renewed(findings, alone.holder_file(), listing.files))
    findings += [] if refused else readers(context, frozenset(finding.key for finding in findings))
    return replace(alone, findings=sort_by_severity(findings))


def _closed_for_good(
    file: FileFacts, now: datetime, listing: FolderListing | None, about: list[Finding]
) -> Diagnosis:
    alone = Diagnosis(file, now.astimezone(UTC), opened=False, findings=())
    others = () if listing is None else beside(alone.holder_file(), listing.files)
    return replace(alone, findings=sort_by_severity([*about, *others]))


def _diagnose_java(
    file: FileFacts,
    data: bytes,
    passwords: JavaPasswords,
    now: datetime,
    environment: Environment | None,
    listing: FolderListing | None,
    keys: bool,
) -> Diagnosis:
    other_format = refusal(errors.NotAKeystore(kind=file.kind))
    try:
        content, about = look_into_java_store(data, passwords, keys=keys)
    except errors.KeystoreError:
        cache = None if passwords.store is None else DerivedKeyCache(passwords.store)
        saved = rescuable(data, passwords.store, cache, other_format)
        return _closed_for_good(file, now, listing, [other_format, *saved])
    outline = outline_of_java(content.keys)
    context = DiagnosisContext(file, outline, content, now.astimezone(UTC), environment, listing)
    seen = replace(_diagnosis(context, False), outline=None, java_keys=outline.keys, proper_name=None)
    others = () if listing is None else beside(seen.holder_file(), listing.files)
    findings = [other_format, *about, *java_findings(context), *others]
    return replace(seen, findings=sort_by_severity(findings))


def _open(
    data: bytes, structure: Structure, password: Secret | None, cache: DerivedKeyCache | None, keys: bool
) -> tuple[FileContent, list[Finding], bool]:
    """Return the content, what is to be said about the password and about what cannot be opened, and whether the file
    is refused whatever the password."""
    bare = not structure.protection.encryptions and structure.mac is None
    if password is None and not bare:
        unsupported = structure.protection.unsupported()
        if unsupported is None:
            return visible_content(structure), [info("password_needed")], False
        about = [refusal(errors.KeystoreUnsupported(algorithm=unsupported.algorithm))]
        return visible_content(structure), about, True
    given = Secret("") if password is None else password
    cache = cache or DerivedKeyCache(given)
    try:
        claimed = None if keys else claimed_content(structure, cache)
        content = claimed or opened_content(unlock(structure, cache))
    except errors.KeystorePasswordWrong:
        return visible_content(structure), list(wrong_password(given)), False
    except errors.KeystoreError as refused:
        finding = refusal(refused)
        return visible_content(structure), [finding, *rescuable(data, password, cache, finding)], True
    about = [] if content.failure is None else [no_keystore(content.failure)]
    return content, about if bare else [*about, *right_password(given)], False


def _around(alone: Diagnosis, listing: FolderListing | None) -> Iterator[Finding]:
    """Yield what is to be said of the folder."""
    if listing is not None:
        file = alone.holder_file()
        for rule in (beside, lost_keys, copies):
            yield from rule(file, listing.files)


def _diagnosis(context: DiagnosisContext, refused: bool) -> Diagnosis:
    """Return what the file is, without what is to be said of it."""
    content, leaf = context.content, context.content.leaf
    seen = content.opened or not context.outline.sealed
    return Diagnosis(
        file=context.file,
        now=context.now,
        opened=content.opened,
        findings=(),
        outline=context.outline,
        state=context.state,
        owner=context.owner,
        subject=None if leaf is None else name_text(leaf.subject),
        issuer=None if leaf is None else name_text(leaf.issuer),
        environment=context.environment,
        key_id=_key_id(context),
        authentication_key=_authentication_key(context),
        not_before=None if leaf is None else leaf.not_valid_before_utc,
        not_after=None if leaf is None else leaf.not_valid_after_utc,
        certificates=len(content.certificates) if seen else None,
        proper_name=proper_name(context),
        refused=refused,
        chain=content.chain,
    )


def _authentication_key(context: DiagnosisContext) -> str | None:
    return None if context.content.keystore is None else str(context.content.keystore.authentication.kind)


def _key_id(context: DiagnosisContext) -> str | None:
    """Return the platform's identifier of the authentication key; without a keystore, what BouncyCastle and we write as
    localKeyID of the key named authentication. None where neither shows."""
    if context.content.keystore is not None:
        return context.content.keystore.key_id
    named = (
        key for key in context.outline.keys if is_authentication(key.alias) and key.local_key_id is not None
    )
    key = next(named, None)
    return None if key is None else key.key_id


# ── Several passwords ────────────────────────────────────────────────────────────────────────────────────
PASSWORD_WRONG: Final = "password_wrong"  # noqa: S105  # the key of a finding


def diagnose_with_first(
    passwords: Sequence[Secret], diagnosed: Callable[[Secret | None], Diagnosis]
) -> tuple[Diagnosis, int]:
    """Return the diagnosis with the first of ``passwords`` that opens the file, and the place of that password. Without
    one, return the diagnosis with the first password; without passwords, that with None."""
    found = diagnosed(passwords[0] if passwords else None)
    if not found.has(PASSWORD_WRONG):
        return found, 0
    for place, password in enumerate(passwords[1:], start=1):
        other = diagnosed(password)
        if not other.has(PASSWORD_WRONG):
            return other, place
    return found, 0
