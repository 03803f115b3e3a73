"""Seal files for holders of encryption tokens, and open sealed ones with a keystore."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate, load_pem_x509_certificates

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, read_certificate
from ehtoolkit.crypto.x509 import common_name
from ehtoolkit.display import Displayed
from ehtoolkit.ehealth.certificates.etk import Etk, read_etk
from ehtoolkit.ehealth.revocation.certificate_check import AskRevocation
from ehtoolkit.ehealth.revocation.result import RevocationResult
from ehtoolkit.ehealth.sealing.authorities import TrustedAuthorities
from ehtoolkit.ehealth.sealing.checks import AskAboutPath
from ehtoolkit.ehealth.sealing.message import (
    LARGEST_CONTENT,
    LARGEST_MESSAGE,
    AddressedKey,
    DecryptionKey,
    SealedMessage,
    SenderCredentials,
    UnsealedMessage,
)
from ehtoolkit.ehealth.sealing.participants import check_recipient, check_sender
from ehtoolkit.ehealth.sealing.seal import seal
from ehtoolkit.ehealth.sealing.unseal import read_addresses, unseal
from ehtoolkit.finding import Finding
from ehtoolkit.identity import DistinguishedName, environment_of_issuer
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.holder_files import files_with_key
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.depot import find_tokens, parse_holder
from ehtoolkit.system.files import create_file, flush_folder, map_os_errors, require_new
from ehtoolkit.system.unnamed_files import link_unnamed, open_unnamed

_TOKEN: Final = 1_000_000
"""Bytes of a file with a token: real ones have some 5,000."""
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class MessageRecipient:
    """For whom something is sealed.

    Attributes:
        name: as it was asked for, ``TYPE=ID`` or the path of a file.
        certificate: with the key that it is sealed for.
        findings: what is to be known of the token.
    """

    name: str
    certificate: Certificate = field(repr=False)
    findings: tuple[Finding, ...] = ()

    @property
    def holder(self) -> DistinguishedName | None:
        """Whose certificate it is; None for a name of another form."""
        return DistinguishedName.of_holder(self.certificate)


@dataclass(frozen=True, slots=True, repr=False)
class SealedFile(Displayed):
    """A file that was sealed.

    Attributes:
        path: of the message.
        message: what is in it.
        recipients: in the order in which they were asked for.
        findings: about the sender and the recipients.
    """

    path: Path
    message: SealedMessage
    recipients: tuple[MessageRecipient, ...]
    findings: tuple[Finding, ...]

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("path", self.path), ("recipients", tuple(one.name for one in self.recipients)))
        yield "findings", tuple(one.key for one in self.findings)


@dataclass(frozen=True, slots=True, repr=False)
class OpenedFile(Displayed):
    """A message that was opened, or not.

    Attributes:
        message: what was found.
        content: the file with the content; None where none was asked for, or it is not proven.
    """

    message: UnsealedMessage
    content: Path | None

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("state", self.message.state), ("content", self.content))
        yield "findings", tuple(one.key for one in self.message.findings)


def token_in_file(path: Path, authorities: TrustedAuthorities, now: datetime) -> MessageRecipient:
    """Read a token from a file: binary, or base64 as the depot's answer has it.

    Raises `errors.FileUnreadable`, `errors.RecipientUnusable`.
    """
    with _opened(path) as file:
        data = file.read(_TOKEN)
    try:
        etk = read_etk(_binary(data))
    except errors.ResponseUntrusted as error:
        raise errors.RecipientUnusable(reason="untrusted", recipient=str(path)) from error
    return _recipient(etk, str(path), authorities, now)


def token_at_depot(holder: str, parts: Context, authorities: TrustedAuthorities) -> MessageRecipient:
    """Ask the depot for the token of ``TYPE=ID[,APPID]``.

    Raises `errors.IdentifierInvalid`, `errors.RecipientUnusable` (``several``: they have different application ids),
    `errors.PlatformError`.
    """
    found = find_tokens(*parse_holder(holder), parts)
    if len(found) != 1:
        raise errors.RecipientUnusable(reason="several" if found else "none", recipient=holder)
    (token,) = found
    if token.etk is None or not token.sound:
        raise errors.RecipientUnusable(reason="untrusted", recipient=holder)
    return _recipient(token.etk, holder, authorities, parts.clock.now())


def own_recipient(keystore: Keystore) -> MessageRecipient:
    """Return the sender as a recipient, to be able to read the message later.

    Raises `errors.SenderUnusable` (reason ``no_token``).
    """
    current = keystore.current_encryption
    if not current:
        raise errors.SenderUnusable(reason="no_token")
    certificate = current[-1].chain[0]
    return MessageRecipient(str(certificate.serial_number), certificate)


def seal_file(
    content: Path,
    output: Path,
    recipients: Sequence[MessageRecipient],
    keystore: Keystore,
    now: datetime,
) -> SealedFile:
    """Seal a file for ``recipients`` into a new one, which is there whole or not at all.

    Raises `errors.RecipientUnusable` (reason ``missing``) without a recipient, `errors.SenderUnusable`,
    `errors.CertificateMissing`, `errors.FileUnreadable`, `errors.MessageTooLarge`, and what
    `ehtoolkit.system.files.map_os_errors` raises, `errors.FileExists` among them.
    """
    if not recipients:
        raise errors.RecipientUnusable(reason="missing")
    if not keystore.chain:
        raise errors.CertificateMissing
    sender = SenderCredentials(keystore.authentication.key, keystore.chain)
    findings = [*check_sender(sender, now), *(finding for one in recipients for finding in one.findings)]
    by_serial = {one.certificate.serial_number: one for one in recipients}  # each once
    certificates = [one.certificate for one in by_serial.values()]
    require_new(output)
    message, data = seal(_read(content, LARGEST_CONTENT, "content"), certificates, sender, now)
    _write(output, data)
    return SealedFile(output, message, tuple(by_serial.values()), tuple(findings))


def open_file(
    path: Path,
    keystore: Keystore | None,
    authorities: TrustedAuthorities,
    now: datetime,
    *,
    output: Path | None = None,
    unproven: bool = False,
    ask_revocation: AskRevocation | None = None,
) -> OpenedFile:
    """Open a sealed file and check all of it.

    Args:
        path: the message.
        keystore: whose keys may open it, and whose authorities are believed; None to read its outer layer alone.
        authorities: whom else signers may stand under.
        now: aware.
        output: a new file for the content, written only when it is proven, and then whole.
        unproven: write it, too, when it was opened and is not proven.
        ask_revocation: asks the authorities of signers; None: revocation is not asked.

    Raises `errors.FileUnreadable`, `errors.MessageTooLarge`, and what `ehtoolkit.system.files.map_os_errors` raises,
    `errors.FileExists` among them.
    """
    keys = () if keystore is None else decryption_keys(keystore)
    if keystore is not None:
        authorities = authorities.adding(keystore.chain)
    ask = None if ask_revocation is None else _about_path(ask_revocation)
    if output is not None:
        require_new(output)
    message, content = unseal(_read(path, LARGEST_MESSAGE, "message"), keys, authorities, now, ask)
    if output is None or content is None or not (message.proven or unproven):
        return OpenedFile(message, None)
    _write(output, content)
    return OpenedFile(message, output)


def addresses_of(path: Path) -> tuple[AddressedKey, ...]:
    """Return the recipients of a sealed file; empty for another file.

    Raises `errors.FileUnreadable`, `errors.MessageTooLarge`.
    """
    return read_addresses(_read(path, LARGEST_MESSAGE, "message"))


def keystores_with(recipients: Sequence[AddressedKey], folder: Path) -> dict[Path, tuple[AddressedKey, ...]]:
    """Return the keystores that hold a key among ``recipients``, with those: of ``folder``, newest first, then of its
    archive.

    Raises `errors.FileUnreadable` for a folder that cannot be listed.
    """

    def named_by(key: KeyOutline) -> tuple[AddressedKey, ...]:
        return tuple(each for each in recipients if each.names(key.alias or "", key.key_id))

    files = files_with_key(folder, lambda key: bool(named_by(key)))
    return {file.path: tuple(each for key in file.keys for each in named_by(key)) for file in files}


def decryption_keys(keystore: Keystore) -> tuple[DecryptionKey, ...]:
    """Return the keys that open messages, named by the serial numbers of their certificates: those that were carried
    over from older keystores, too."""
    found = []
    for entry in keystore.encryption:
        certificate, alias = entry.chain[0] if entry.chain else None, entry.alias or ""
        if not isinstance(entry.key, RSAPrivateKey):
            continue
        if certificate is not None:
            found.append(DecryptionKey(certificate.serial_number, certificate, entry.key))
        elif alias.isascii() and alias.isdecimal():
            found.append(DecryptionKey(int(alias[:60]), None, entry.key))
    return tuple(found)


def authorities_in_files(paths: Sequence[Path]) -> TrustedAuthorities:
    """Read authorities to believe, PEM or DER. Raises `errors.FileUnreadable`."""
    found: list[Certificate] = []
    for path in paths:
        with _opened(path) as file:
            data = file.read(_TOKEN)
        try:
            read = load_pem_x509_certificates(data) if b"-----BEGIN" in data else [read_certificate(data)]
        except UNREADABLE as error:
            raise errors.FileUnreadable(path=str(path)) from error
        if None in read:
            raise errors.FileUnreadable(path=str(path))
        found += cast("list[Certificate]", read)
    return TrustedAuthorities(tuple(found))


def _about_path(ask: AskRevocation) -> AskAboutPath:
    """Return a question about a certificate path that asks each authority in its own environment."""

    def about(path: Sequence[Certificate]) -> RevocationResult:
        name = common_name(path[0].issuer)
        return ask(path, environment_of_issuer(name) if name else None)

    return about


def _recipient(etk: Etk, name: str, authorities: TrustedAuthorities, now: datetime) -> MessageRecipient:
    findings = check_recipient(etk, name, authorities, now)
    return MessageRecipient(name, etk.encryption_certificate, tuple(findings))


def _binary(data: bytes) -> bytes:
    if data[:1] == b"0" and not data[:4].isalnum():
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return data


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────
def _read(path: Path, limit: int, reason: Literal["content", "message"]) -> bytes:
    """Return the content of a file. Raises `errors.FileUnreadable`, `errors.MessageTooLarge` (``reason``) over
    ``limit`` bytes, before anything is read."""
    with _opened(path) as file:
        try:
            large = os.fstat(file.fileno()).st_size > limit
            data = b"" if large else file.read(limit + 1)
        except OSError as error:
            raise errors.FileUnreadable(path=str(path)) from error
    if large or len(data) > limit:
        raise errors.MessageTooLarge(path=str(path), reason=reason, limit=limit // _MEGABYTE)
    return data


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file. A pipe or a device is not opened: one without a writer would block."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise errors.FileUnreadable(path=str(path))
        file = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise errors.FileUnreadable(path=str(path)) from error
    with file:
        yield file


def _write(path: Path, data: bytes) -> None:
    """Write a new file, for its owner alone, whole or not at all. Until it is whole it has no name, so that a killed
    process leaves nothing of it; file systems without such files get a temporary one, as for keystores."""
    with map_os_errors(path):
        descriptor = open_unnamed(path.parent)
        if descriptor is None:
            create_file(path, data)
            return
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
            link_unnamed(stream.fileno(), path)
        flush_folder(path.parent)
