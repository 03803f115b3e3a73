"""Prove a keystore without a network: it signs, it decrypts, and what is sealed for it opens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.sealing import (
    DecryptionKey,
    SenderCredentials,
    TrustedAuthorities,
    UnsealedMessage,
    seal,
    unseal,
)
from ehtoolkit.finding import Finding, FindingFactory, Severity
from ehtoolkit.keystore.entries import KeyEntry
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.procedures.messages import decryption_keys

CATALOGUE: Final = "certificate_test"
_TEST: Final = FindingFactory(CATALOGUE)
error, warning, info, ok = _TEST.error, _TEST.warning, _TEST.info, _TEST.ok

_LETTER: Final = 100
"""Random bytes in a test message."""
_SECRET: Final = 16
"""Random bytes that are encrypted: as many as a key of AES-128 has."""
_OF_THE_DAY: Final = frozenset({"signer_expired", "signer_early"})
"""What opening says of a certificate that is not valid today: the line about the certificate says it already."""


def judge_validity(keystore: Keystore, now: datetime) -> Finding:
    """Return whether the certificate is in the file, and valid at ``now`` (aware), as a finding."""
    begin, end = keystore.not_before, keystore.not_after
    if begin is None or end is None:
        return warning("certificate_waits")
    if now > end:
        return error("certificate_ended", date=end)
    return warning("certificate_early", moment=begin) if now < begin else ok("certificate_valid", date=end)


def prove_signing(keystore: Keystore) -> Finding:
    """Sign random bytes, and verify with the certificate; before it is installed, with the public half of the key."""
    key = keystore.authentication.key
    public = keystore.chain[0].public_key() if keystore.chain else key.public_key()
    data = secrets.token_bytes(_LETTER)
    kind = str(keystore.authentication.kind)
    try:
        if isinstance(key, EllipticCurvePrivateKey) and isinstance(public, EllipticCurvePublicKey):
            public.verify(key.sign(data, ECDSA(SHA256())), data, ECDSA(SHA256()))
        elif isinstance(key, RSAPrivateKey) and isinstance(public, RSAPublicKey):
            public.verify(key.sign(data, PKCS1v15(), SHA256()), data, PKCS1v15(), SHA256())
        else:
            return error("signing_wrong", kind=kind)
    except (InvalidSignature, *UNREADABLE):
        return error("signing_wrong", kind=kind)
    return ok("signing_good", kind=kind)


def prove_decryption(keystore: Keystore) -> Finding:
    """Encrypt random bytes for each encryption key with its certificate, and decrypt them."""
    wrong = tuple(entry.alias for entry in keystore.encryption if not _decrypts(entry))
    if wrong:
        return error("decryption_wrong", serials=wrong)
    if keystore.installed and not keystore.current_encryption:
        return error("decryption_missing")
    if not keystore.encryption:
        return warning("decryption_waits")
    return ok("decryption_good", count=len(keystore.encryption))


def prove_message(
    keystore: Keystore,
    recipient: Certificate | None,
    authorities: TrustedAuthorities,
    now: datetime,
    *,
    published: bool,
) -> Finding:
    """Seal a message for ``recipient``, and open it with whatever key the file has.

    Args:
        keystore: that signs the message, too: nobody else is at hand.
        recipient: the encryption certificate in the depot's token, or the newest of the file; None where there is none.
        authorities: whom the signer may stand under.
        now: aware.
        published: whether the recipient is what the depot gives out.
    """
    if not keystore.installed:
        return warning("message_waits")
    if recipient is None:
        return error("message_impossible")
    fault = _fault(keystore, recipient, decryption_keys(keystore), authorities, now)
    if fault is not None:
        return fault
    return ok("message_opened" if published else "message_opened_own", serial=str(recipient.serial_number))


def prove_older(
    keystore: Keystore, newest: Certificate | None, authorities: TrustedAuthorities, now: datetime
) -> Finding:
    """Seal a message for each encryption key but that of ``newest``, and open it with this key alone. What else is
    wrong with the message, such as its signer, is that of `prove_message`."""
    older = [entry for entry in keystore.encryption if not _is_of(entry, newest)]
    if not older:
        return ok("older_none")
    if not keystore.installed:
        return warning("message_waits")
    unnamed = tuple(entry.alias for entry in older if not entry.chain)
    closed = tuple(
        entry.alias for entry in older if entry.chain and not _opens(keystore, entry, authorities, now)
    )
    if closed:
        return error("older_closed", serials=closed)
    if unnamed:
        return warning("older_unnamed", serials=unnamed)
    return ok("older_opened", count=len(older))


def _decrypts(entry: KeyEntry) -> bool:
    key = entry.key
    data = secrets.token_bytes(_SECRET)
    try:
        public = entry.chain[0].public_key() if entry.chain else key.public_key()
        if not (isinstance(key, RSAPrivateKey) and isinstance(public, RSAPublicKey)):
            return False
        # A wrong key gives random bytes, and no error.
        return key.decrypt(public.encrypt(data, PKCS1v15()), PKCS1v15()) == data
    except UNREADABLE:
        return False


def _opens(keystore: Keystore, entry: KeyEntry, authorities: TrustedAuthorities, now: datetime) -> bool:
    """Return whether a message for the certificate of ``entry`` opens with its key alone."""
    keys = tuple(one for one in decryption_keys(keystore) if one.key is entry.key)
    if not keys:
        return False
    opened, sealed = _sealed_and_opened(keystore, entry.chain[0], keys, authorities, now)
    return opened.sha256 == sealed


def _fault(
    keystore: Keystore,
    recipient: Certificate,
    keys: tuple[DecryptionKey, ...],
    authorities: TrustedAuthorities,
    now: datetime,
) -> Finding | None:
    """Return what is wrong with a message to ``recipient`` once it is opened with ``keys``; None when it is proven."""
    return next(_faults(*_sealed_and_opened(keystore, recipient, keys, authorities, now)), None)


def _sealed_and_opened(
    keystore: Keystore,
    recipient: Certificate,
    keys: tuple[DecryptionKey, ...],
    authorities: TrustedAuthorities,
    now: datetime,
) -> tuple[UnsealedMessage, str]:
    """Return a message to ``recipient`` as it is opened with ``keys``, and the SHA-256 of what was sealed."""
    content = secrets.token_bytes(_LETTER)
    message = BytesIO()
    sender = SenderCredentials(keystore.authentication.key, keystore.chain)
    seal(BytesIO(content), len(content), message, [recipient], sender, now)
    message.seek(0)
    opened = unseal(message, None, keys, authorities.adding(keystore.chain), now)
    return opened, hashlib.sha256(content).hexdigest()


def _faults(opened: UnsealedMessage, sealed: str) -> Iterator[Finding]:
    for one in opened.findings:
        if one.severity is Severity.ERROR and one.key not in _OF_THE_DAY:
            yield one
    if opened.sha256 != sealed:
        yield error("message_differs")


def _is_of(entry: KeyEntry, certificate: Certificate | None) -> bool:
    return certificate is not None and certificate.public_key() == entry.key.public_key()
