"""Seal files for holders of encryption tokens, and open sealed ones with a keystore."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from cryptography.x509 import Certificate, load_pem_x509_certificates

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, read_certificate
from ehtoolkit.ehealth.cms.structure import MalformedCms, read_signed_data
from ehtoolkit.ehealth.etk import Etk, read_etk
from ehtoolkit.ehealth.revocation_answers import AskRevocation
from ehtoolkit.ehealth.sealing.models import (
    LARGEST_CONTENT,
    LARGEST_MESSAGE,
    AddressedKey,
    SealedMessage,
    TrustedAuthorities,
    UnsealedMessage,
)
from ehtoolkit.ehealth.sealing.seal import check_recipient, check_sender, seal
from ehtoolkit.ehealth.sealing.unseal import read_addresses, unseal
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.finding import Finding
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.holder_keystores import files_with_key
from ehtoolkit.procedures.authorization import decryption_keys
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.depot_tokens import only_token
from ehtoolkit.result_display import Displayed
from ehtoolkit.system.files import read_file, require_new
from ehtoolkit.system.unnamed_files import create_whole

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
        yield "path", self.path
        yield "recipients", tuple(recipient.name for recipient in self.recipients)
        yield "findings", tuple(finding.key for finding in self.findings)


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
        yield "findings", tuple(finding.key for finding in self.message.findings)


def token_in_file(path: Path, authorities: TrustedAuthorities, now: datetime) -> MessageRecipient:
    """Read a token from a file: binary, or base64 as the depot's answer has it.

    Raises `errors.FileUnreadable`, `errors.RecipientUnusable` (``certificate`` for what is no token but a certificate,
    as ``keystore export --etk`` writes it).
    """
    data = _read_start(path, _TOKEN)
    try:
        etk = read_etk(_binary(data))
    except errors.ResponseUntrusted as error:
        reason: Literal["certificate", "untrusted"] = "certificate" if _is_certificate(data) else "untrusted"
        raise errors.RecipientUnusable(reason=reason, recipient=str(path)) from error
    return _recipient(etk, str(path), authorities, now)


def token_at_depot(holder: str, context: Context, authorities: TrustedAuthorities) -> MessageRecipient:
    """Ask the depot for the token of ``TYPE=ID[,APPID]``. Raises what `only_token` raises."""
    return _recipient(only_token(holder, context).sound_etk, holder, authorities, context.clock.now())


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
    sender = KeySigner(keystore.authentication.key, keystore.chain)
    findings = [
        *check_sender(sender, now),
        *(finding for recipient in recipients for finding in recipient.findings),
    ]
    by_serial = {recipient.certificate.serial_number: recipient for recipient in recipients}  # each once
    certificates = [recipient.certificate for recipient in by_serial.values()]
    require_new(output)
    message, data = seal(_read(content, LARGEST_CONTENT, "content"), certificates, sender, now)
    create_whole(output, data)
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
    if output is not None:
        require_new(output)
    data = _read(path, LARGEST_MESSAGE, "message")
    message, content = unseal(data, keys, authorities, now, ask_revocation)
    if output is None or content is None or not (message.proven or unproven):
        return OpenedFile(message, None)
    create_whole(output, content)
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
        return tuple(recipient for recipient in recipients if recipient.names(key.alias or "", key.key_id))

    files = files_with_key(folder, lambda key: bool(named_by(key)))
    return {file.path: tuple(each for key in file.keys for each in named_by(key)) for file in files}


def authorities_in_files(paths: Sequence[Path]) -> TrustedAuthorities:
    """Read authorities to believe, PEM or DER. Raises `errors.FileUnreadable`."""
    return TrustedAuthorities(tuple(certificate for path in paths for certificate in _certificates(path)))


def _certificates(path: Path) -> Iterator[Certificate]:
    data = _read_start(path, _TOKEN)
    try:
        read = load_pem_x509_certificates(data) if b"-----BEGIN" in data else [read_certificate(data)]
    except UNREADABLE as error:
        raise errors.FileUnreadable(path=str(path)) from error
    for certificate in read:
        if certificate is None:
            raise errors.FileUnreadable(path=str(path))
        yield certificate


def _recipient(etk: Etk, name: str, authorities: TrustedAuthorities, now: datetime) -> MessageRecipient:
    findings = check_recipient(etk, name, authorities, now)
    return MessageRecipient(name, etk.encryption_certificate, tuple(findings))


def _is_certificate(data: bytes) -> bool:
    """Return whether a file holds certificates: one in DER, some as text, or some in a PKCS#7 message that nobody has
    signed."""
    if b"-----BEGIN CERTIFICATE-----" in data or read_certificate(data) is not None:
        return True
    try:
        signed = read_signed_data(data)
    except MalformedCms:
        return False
    return bool(signed.certificates) and not signed.signers


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
    try:
        large = path.stat().st_size > limit
    except (OSError, ValueError):  # reading says why
        large = False
    data = b"" if large else _read_start(path, limit)
    if large or len(data) > limit:
        raise errors.MessageTooLarge(path=str(path), reason=reason, limit=limit // _MEGABYTE)
    return data


def _read_start(path: Path, limit: int) -> bytes:
    """Return the content of a file; of one that is longer, the first ``limit`` + 1 bytes. Raises
    `errors.FileUnreadable`."""
    try:
        return read_file(path, limit)
    except (errors.KeystoreNotFound, errors.NotAKeystore, ValueError) as error:  # a zero byte in the path
        raise errors.FileUnreadable(path=str(path)) from error
