"""What could not be saved of a damaged keystore: which part, what a key was for, which other file has that key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, KeyOutline
from ehtoolkit.keystore.entries import is_authentication, is_serial
from ehtoolkit.keystore.key_pairs import entry_name_of, load_certificate, readable_key_id
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import files_with_key
from ehtoolkit.system.files import read_file

Purpose = Literal["authentication", "encryption"]


@dataclass(frozen=True, slots=True)
class LostItem:
    """Something that could not be saved.

    Attributes:
        kind: ``key``, ``certificate``, ``certificates`` (those that are encrypted together, or some of them), ``other``
            (a secret key, a revocation list or what is not known) or ``rest`` (the end of the file, whose content is
            unknown).
        reason: ``truncated``, ``damaged``, ``unsupported``, ``password`` for a key with another password, or
            ``unproven`` where nothing tells whether it is sound.
        alias: its name, where that is left.
        key_id: of a key, 40 hexadecimal digits, upper case, where the file shows it.
        purpose: of a key: ``authentication``, with which the holder logs on and signs, or ``encryption``, without which
            old messages do not open; None if unknown.
        copies: other keystores in which a key of this name or identifier is.
    """

    kind: str
    reason: str
    alias: str | None = None
    key_id: str | None = None
    purpose: Purpose | None = None
    copies: tuple[Path, ...] = ()


def lost_key(key: Key, reason: str) -> LostItem:
    """Return what is known of a key that could not be saved."""
    return LostItem("key", reason, key.alias, key.outline.key_id, _purpose(key.alias))


def shown_name(bag: CertificateBag) -> str:
    """Return what a certificate is called: its alias, else its subject."""
    return bag.alias or entry_name_of(bag.der)


def with_purposes(lost: Iterable[LostItem], certificates: Sequence[CertificateBag]) -> Iterator[LostItem]:
    """Yield ``lost``, with the purpose of each key that its certificate, one of ``certificates``, tells."""
    by_key = {readable_key_id(bag.der): bag.der for bag in certificates}
    for part in lost:
        der = None if part.key_id is None else by_key.get(bytes.fromhex(part.key_id))
        certificate = None if der is None or part.purpose is not None else load_certificate(der)
        if certificate is None:
            yield part
        else:
            is_own = certificate.issuer == certificate.subject
            yield replace(part, purpose="encryption" if is_own else "authentication")


def _purpose(alias: str | None) -> Purpose | None:
    if is_authentication(alias):
        return "authentication"
    return "encryption" if is_serial(alias) else None


def with_copies(
    lost: Sequence[LostItem], folders: Sequence[Path], data: bytes, besides: Path | None = None
) -> tuple[LostItem, ...]:
    """Return ``lost``, each key with the keystores of ``folders`` and of their archives in which it is, as far as that
    shows without a password.

    Args:
        data: the damaged file. Its copies have the same damage and do not count.
        besides: a file that does not count either: what was saved.
    """
    wanted = [part for part in lost if part.kind == "key"]
    if not wanted:
        return tuple(lost)
    found: dict[Path, FoundKeystore] = {}
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        for file in _files(folder, wanted):
            if not _is_same(file.path, data, besides):
                found.setdefault(file.path, file)
    return tuple(
        replace(
            part,
            copies=tuple(
                file.path for file in found.values() if any(is_key_of(part, key) for key in file.keys)
            ),
        )
        for part in lost
    )


def is_key_of(part: LostItem, key: KeyOutline) -> bool:
    """Return whether a key that shows in another file is the lost one: by its identifier, else by its serial number,
    which no two keys have in common."""
    if part.kind != "key":
        return False
    if part.key_id is not None and key.key_id is not None:
        return part.key_id == key.key_id
    return part.purpose == "encryption" and part.alias is not None and part.alias == key.alias


def _files(folder: Path, wanted: Sequence[LostItem]) -> tuple[FoundKeystore, ...]:
    try:
        return files_with_key(folder, lambda key: any(is_key_of(part, key) for part in wanted))
    except errors.FileUnreadable:
        return ()


def _is_same(path: Path, data: bytes, besides: Path | None) -> bool:
    try:
        return (besides is not None and path.samefile(besides)) or read_file(path, limits.SIZE) == data
    except (OSError, errors.KeystoreError, errors.FileUnreadable):
        return True


# ── In sentences ─────────────────────────────────────────────────────────────────────────────────────────
_CERTIFICATES: Final = ("certificate", "certificates", "rest")


def describe_lost(part: LostItem, texts: Translator) -> tuple[str, ...]:
    """Return what was lost and what that means, and what to do about it where something can be done."""
    key, get = f"keystore.lost.{part.kind}", texts.get
    purpose = "" if part.purpose is None else f".{part.purpose}"
    alias, why = part.alias or "–", get(f"keystore.lost.why.{part.reason}")
    lines = [get(f"{key}{purpose}", alias=alias, why=why)]
    if part.reason == "password":
        lines.append(get("keystore.lost.password", alias=alias))
    if part.copies:
        which = ".authentication" if part.purpose == "authentication" else ""
        lines.append(get(f"keystore.lost.copy{which}", file=part.copies[0]))
    return tuple(lines)


def advise_on_lost(lost: Sequence[LostItem], texts: Translator) -> Iterator[str]:
    """Yield what to do about everything that was lost together."""
    keeps_authentication = all(part.purpose != "authentication" for part in lost)
    if keeps_authentication and any(part.kind in _CERTIFICATES for part in lost):
        yield texts.get("keystore.lost.complete")
    if lost:
        yield texts.get("keystore.lost.keep")
