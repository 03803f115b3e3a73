"""Prove a keystore without a network: it signs, it decrypts, and what is sealed for it opens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.keys import EC, KeyKind, kind_of, sign, verify
from ehtoolkit.ehealth.etk import Etk
from ehtoolkit.ehealth.sealing.models import DecryptionKey, TrustedAuthorities, UnsealedMessage
from ehtoolkit.ehealth.sealing.seal import check_recipient, seal
from ehtoolkit.ehealth.sealing.unseal import unseal
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.finding import Finding, FindingFactory, Severity, info
from ehtoolkit.keystore.codec.contents import Key
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.procedures.authorization import decryption_keys

TEST: Final = FindingFactory("certificate_test")

_LETTER: Final = 100
"""Random bytes in a test message."""
_SECRET: Final = 16
"""Random bytes that are encrypted: as many as a key of AES-128 has."""
_OF_THE_DAY: Final = frozenset({"signer_expired", "signer_early"})
"""What opening says of a certificate that is not valid today: the line about the certificate says it already."""


@dataclass(frozen=True, slots=True)
class KeystoreProof:
    """What a keystore has proven without a network.

    Attributes:
        kind: of its authentication key.
        message: about a message for the newest recipient.
        older: about messages for the other encryption keys.
        refusal: why senders reject the depot's token; None: they accept it, or there is none.
    """

    kind: KeyKind
    validity: Finding
    signing: Finding
    decryption: Finding
    message: Finding
    older: Finding
    refusal: errors.RecipientUnusable | None = None

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """Which software cannot work with a key of this kind."""
        if self.kind.algorithm != EC:
            return ()
        return (info("key_elliptic", kind=str(self.kind), software=software_without_elliptic_keys()),)


def prove_keystore(
    keystore: Keystore, published: Etk | None, authorities: TrustedAuthorities, now: datetime
) -> KeystoreProof:
    """Prove all that needs no network. ``published``: the depot's token; None: messages are for the newest encryption
    certificate in the file."""
    own = keystore.current_encryption[-1].chain[0] if keystore.current_encryption else None
    newest = own if published is None else published.encryption_certificate
    prover = MessageProver(keystore, authorities.adding(keystore.chain), now)
    refusal: errors.RecipientUnusable | None = None
    try:
        if published is not None:
            check_recipient(published, str(published.serial), prover.authorities, now)
    except errors.RecipientUnusable as unusable:
        refusal, message = unusable, TEST.error("token_refused", serial=unusable.recipient or "")
    else:
        message = prover.prove_message(newest, published=published is not None)
    return KeystoreProof(
        kind=kind_of(keystore.authentication.key),
        validity=judge_validity(keystore, now),
        signing=prove_signing(keystore),
        decryption=prove_decryption(keystore),
        message=message,
        older=prover.prove_older(newest),
        refusal=refusal,
    )


def judge_validity(keystore: Keystore, now: datetime) -> Finding:
    """Return whether the certificate is in the file, and valid at ``now`` (aware), as a finding."""
    begin, end = keystore.not_before, keystore.not_after
    if begin is None or end is None:
        return TEST.warning("certificate_waits")
    if now > end:
        return TEST.error("certificate_ended", date=end)
    if now < begin:
        return TEST.warning("certificate_early", moment=begin)
    return TEST.ok("certificate_valid", date=end)


def prove_signing(keystore: Keystore) -> Finding:
    """Sign random bytes, and verify with the certificate; before it is installed, with the public half of the key."""
    key = keystore.authentication.key
    public = keystore.chain[0].public_key() if keystore.chain else key.public_key()
    data = secrets.token_bytes(_LETTER)
    kind = str(kind_of(key))
    try:
        signature = sign(key, SHA256(), data)
    except UNREADABLE:
        return TEST.error("signing_wrong", kind=kind)
    proven = verify(public, signature, data, SHA256())
    return TEST.ok("signing_good", kind=kind) if proven else TEST.error("signing_wrong", kind=kind)


def prove_decryption(keystore: Keystore) -> Finding:
    """Encrypt random bytes for each encryption key with its certificate, and decrypt them."""
    wrong = tuple(key.alias or "" for key in keystore.encryption if not _decrypts(key))
    if wrong:
        return TEST.error("decryption_wrong", serials=wrong)
    if keystore.installed and not keystore.current_encryption:
        return TEST.error("decryption_missing")
    if not keystore.encryption:
        return TEST.warning("decryption_waits")
    return TEST.ok("decryption_good", count=len(keystore.encryption))


def _decrypts(key: Key) -> bool:
    private = key.key
    data = secrets.token_bytes(_SECRET)
    try:
        public = key.chain[0].public_key() if key.chain else private.public_key()
        if not (isinstance(private, RSAPrivateKey) and isinstance(public, RSAPublicKey)):
            return False
        # A wrong key gives random bytes, and no error.
        return private.decrypt(public.encrypt(data, PKCS1v15()), PKCS1v15()) == data
    except UNREADABLE:
        return False


@dataclass(frozen=True, slots=True)
class MessageProver:
    """Seals messages for the keys of a keystore, and opens them.

    Attributes:
        keystore: signs the messages, too, as there is no other signer.
        authorities: whom the signer may stand under.
        now: aware.
    """

    keystore: Keystore
    authorities: TrustedAuthorities
    now: datetime

    def prove_message(self, recipient: Certificate | None, *, published: bool) -> Finding:
        """Seal a message for ``recipient``, and open it with whatever key the file has.

        Args:
            recipient: the encryption certificate in the depot's token, or the newest of the file; None where there is
                none.
            published: whether the recipient is what the depot gives out.
        """
        if not self.keystore.installed:
            return TEST.warning("message_waits")
        if recipient is None:
            return TEST.error("message_impossible")
        fault = next(_faults(*self._sealed_and_opened(recipient, decryption_keys(self.keystore))), None)
        if fault is not None:
            return fault
        return TEST.ok(
            "message_opened" if published else "message_opened_own", serial=str(recipient.serial_number)
        )

    def prove_older(self, newest: Certificate | None) -> Finding:
        """Seal a message for each encryption key but that of ``newest``, and open it with this key alone. What else is
        wrong with the message, such as its signer, is that of `prove_message`."""
        older = [key for key in self.keystore.encryption if not _is_of(key, newest)]
        if not older:
            return TEST.ok("older_none")
        if not self.keystore.installed:
            return TEST.warning("message_waits")
        closed = tuple(key.alias or "" for key in older if key.chain and not self._opens(key))
        if closed:
            return TEST.error("older_closed", serials=closed)
        unnamed = tuple(key.alias or "" for key in older if not key.chain)
        if unnamed:
            return TEST.warning("older_unnamed", serials=unnamed)
        return TEST.ok("older_opened", count=len(older))

    def _opens(self, key: Key) -> bool:
        """Return whether a message for the certificate of ``key`` opens with its key alone."""
        keys = tuple(candidate for candidate in decryption_keys(self.keystore) if candidate.key is key.key)
        if not keys:
            return False
        opened, sealed = self._sealed_and_opened(key.chain[0], keys)
        return opened.sha256 == sealed

    def _sealed_and_opened(
        self, recipient: Certificate, keys: tuple[DecryptionKey, ...]
    ) -> tuple[UnsealedMessage, str]:
        """Return a message to ``recipient`` as it is opened with ``keys``, and the SHA-256 of what was sealed."""
        content = secrets.token_bytes(_LETTER)
        sender = KeySigner(self.keystore.authentication.key, self.keystore.chain)
        _, message = seal(content, [recipient], sender, self.now)
        opened, _ = unseal(message, keys, self.authorities, self.now)
        return opened, hashlib.sha256(content).hexdigest()


def _faults(opened: UnsealedMessage, sealed: str) -> Iterator[Finding]:
    for finding in opened.findings:
        if finding.severity is Severity.ERROR and finding.key not in _OF_THE_DAY:
            yield finding
    if opened.sha256 != sealed:
        yield TEST.error("message_differs")


def _is_of(key: Key, certificate: Certificate | None) -> bool:
    return certificate is not None and certificate.public_key() == key.key.public_key()
