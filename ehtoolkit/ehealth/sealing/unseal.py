"""Open a sealed message (ETEE, "triple wrap"): signed, encrypted, signed.

One pass: the outer layer is hashed while the envelope in it is decrypted and the content written. What was written is
proven only by the result, once all signatures were checked; until then it belongs nowhere but into a temporary file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.padding import PKCS7

from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.cms import (
    BerStream,
    ByteSource,
    CmsLimitExceeded,
    EnvelopedDataReader,
    KeyTransport,
    MalformedCms,
    SignedDataReader,
)
from ehtoolkit.ehealth.cms.enveloped_data import RSA_PKCS1
from ehtoolkit.ehealth.sealing.authorities import TrustedAuthorities
from ehtoolkit.ehealth.sealing.checks import (
    INNER,
    OUTER,
    AskAboutPath,
    SignerPolicy,
    algorithm_name,
    check_layer,
    check_same_signer,
    error,
    ok,
    read_certificates,
    warning,
)
from ehtoolkit.ehealth.sealing.message import (
    AddressedKey,
    DecryptionKey,
    LayerSignature,
    MessageState,
    UnsealedMessage,
    is_error,
    name_text,
)
from ehtoolkit.ehealth.sealing.other_software import ETEE_CRYPTO_CIPHER
from ehtoolkit.finding import MessageKey

if TYPE_CHECKING:
    from datetime import datetime

    from ehtoolkit.finding import Finding

ENVELOPE: Final = "envelope"
KEY_TRANSPORT: Final = "key_transport"

_CIPHERS: Final = {
    "2.16.840.1.101.3.4.1.2": 16,
    "2.16.840.1.101.3.4.1.22": 24,
    "2.16.840.1.101.3.4.1.42": 32,
}
"""AES in CBC mode, with the bytes of a key: neither 3DES nor RC2."""
_BLOCK: Final = 16
_CHUNK: Final = 1 << 16


class _NotDecrypted(Exception):
    """The key that was sent does not open the content."""


def unseal(
    source: ByteSource,
    sink: BinaryIO | None,
    keys: Sequence[DecryptionKey],
    authorities: TrustedAuthorities,
    now: datetime,
    ask_revocation: AskAboutPath | None = None,
) -> UnsealedMessage:
    """Open a message and check all of it, in memory that does not depend on its size.

    Args:
        source: the message, binary, read once to its end.
        sink: takes the content while it is not proven yet; None to check alone. **Nothing of it may be shown or kept
            as proven unless the result says so.**
        keys: that may open it; one is chosen by the serial number that the sender named.
        authorities: whom signers may stand under.
        now: aware.
        ask_revocation: asks whether the first certificate of a path to a trusted authority is revoked; None: not asked.
    """
    return _Opening(source, sink, keys, SignerPolicy(authorities, now, ask_revocation)).run()


def read_addresses(source: ByteSource) -> tuple[AddressedKey, ...]:
    """Return whom a message is for, without any check; empty where that cannot be read. Little more than the head of
    the message is read."""
    data = SignedDataReader(BerStream(source.read, OUTER))
    try:
        data.open()
        pieces = data.content()
        reader = EnvelopedDataReader(BerStream(lambda _: next(pieces, b""), ENVELOPE))
        reader.open()
    except MalformedCms:
        return ()
    return tuple(_addressed(one, known=False) for one in reader.recipients)


class _Opening:
    """One message on its way."""

    def __init__(
        self, source: ByteSource, sink: BinaryIO | None, keys: Sequence[DecryptionKey], policy: SignerPolicy
    ) -> None:
        self._source = BerStream(source.read, OUTER)
        self._sink = sink
        self._keys = keys
        self._policy = policy
        self._envelope_faults: list[Finding] = []
        self._reader: EnvelopedDataReader | None = None
        self._inner: SignedDataReader | None = None
        self._opened_with: int | None = None
        self._sha256 = hashlib.sha256()
        self._size = 0
        self._opened = False

    def run(self) -> UnsealedMessage:
        data = SignedDataReader(self._source)
        try:
            data.open()
            pieces = data.content()
            if data.has_content:
                self._open_envelope(pieces)
                for _ in pieces:  # what follows the envelope counts for the signature
                    pass
            data.finish()
        except MalformedCms as malformed:
            self._opened = False
            return self._result([*self._envelope_faults, _damage(malformed)], None, None)
        findings: list[Finding] = []
        if not self._source.exhausted():
            findings.append(warning("bytes_behind"))
        if not data.has_content:
            findings.append(error("content_missing", layer=OUTER))
        outer = check_layer(OUTER, data, (), self._policy)
        findings += [*outer.findings, *self._envelope_faults]
        inner: LayerSignature | None = None
        if self._opened and self._inner is not None:
            theirs = read_certificates(data)
            inner = check_layer(INNER, self._inner, theirs, self._policy, outer)
            findings.append(ok("decrypted", serial=str(self._opened_with)))
            findings += [*self._refused_cipher(), *_without_repetitions(inner, outer)]
            same = check_same_signer(outer, inner)
            findings += [] if same is None else [same]
        return self._result(findings, outer, inner)

    def _result(
        self, findings: Sequence[Finding], outer: LayerSignature | None, inner: LayerSignature | None
    ) -> UnsealedMessage:
        reader = self._reader
        return UnsealedMessage(
            state=self._state(findings),
            findings=tuple(findings),
            outer=outer,
            inner=inner,
            recipients=()
            if reader is None
            else tuple(_addressed(one, known=bool(self._candidates(one))) for one in reader.recipients),
            symmetric_key_ids=() if reader is None else tuple(reader.symmetric_key_ids),
            opened_with=self._opened_with if self._opened else None,
            cipher="" if reader is None else reader.algorithm,
            size=self._size if self._opened else None,
            sha256=self._sha256.hexdigest() if self._opened else None,
        )

    def _state(self, findings: Sequence[Finding]) -> MessageState:
        if self._opened:
            return MessageState.UNPROVEN if any(map(is_error, findings)) else MessageState.PROVEN
        closed = {"not_for_this_keystore", "no_key_transport_recipient"}
        if any(one.key in closed for one in findings):
            return MessageState.NOT_ADDRESSED
        return MessageState.UNREADABLE

    def _refused_cipher(self) -> Iterator[Finding]:
        cipher = "" if self._reader is None else self._reader.algorithm
        if cipher != ETEE_CRYPTO_CIPHER:
            yield warning("algorithm_elsewhere", layer=ENVELOPE, algorithm=f"AES-{8 * _CIPHERS[cipher]}")

    # ── the envelope ─────────────────────────────────────────────────────────────────────────────────────
    def _open_envelope(self, pieces: Iterator[bytes]) -> None:
        """Decrypt as far as it goes; why it does not go further becomes a finding. Damage of the outer layer is
        raised."""
        stream = BerStream(lambda _: next(pieces, b""), ENVELOPE)
        reader = EnvelopedDataReader(stream)
        try:
            reader.open()
            self._reader = reader
            key = self._content_key(reader)
            if key is None:
                return
            self._open_content(_decrypt(reader.content(), key, reader.initialisation_vector))
            reader.finish()
        except MalformedCms as malformed:
            if malformed.layer == OUTER:
                raise
            self._envelope_faults.append(_damage(malformed))
        except _NotDecrypted:
            self._envelope_faults.append(error("wrong_key", serial=str(self._opened_with)))
        else:
            self._opened = not self._envelope_faults

    def _content_key(self, reader: EnvelopedDataReader) -> bytes | None:
        fault = self._unusable(reader)
        if fault is not None:
            self._envelope_faults.append(fault)
            return None
        length = _CIPHERS[reader.algorithm]
        for recipient in reader.recipients:
            for candidate in self._candidates(recipient):
                self._opened_with = candidate.serial
                key = _transported_key(recipient, candidate)
                if key is not None and len(key) == length:
                    return key
        self._envelope_faults.append(error("wrong_key", serial=str(self._opened_with)))
        return None

    def _unusable(self, reader: EnvelopedDataReader) -> Finding | None:
        ours = [one for one in reader.recipients if self._candidates(one)]
        if not reader.recipients:
            return error("no_key_transport_recipient", count=len(reader.symmetric_key_ids) + reader.others)
        if not ours:
            serials = tuple(_addressed(one, known=False).key_name for one in reader.recipients)
            return error("not_for_this_keystore", serials=serials)
        if all(one.algorithm != RSA_PKCS1 for one in ours):
            return error(
                "algorithm_not_allowed", layer=KEY_TRANSPORT, algorithm=algorithm_name(ours[0].algorithm)
            )
        if reader.algorithm not in _CIPHERS:
            return error("algorithm_not_allowed", layer=ENVELOPE, algorithm=algorithm_name(reader.algorithm))
        if not reader.has_content or len(reader.initialisation_vector) != _BLOCK:
            return error("envelope_damaged", layer=ENVELOPE)
        return None

    def _candidates(self, recipient: KeyTransport) -> list[DecryptionKey]:
        """Return the keys of that serial number, one whose certificate has the issuer that was named first."""
        if recipient.serial is None:
            return [one for one in self._keys if _key_identifier(one) == recipient.key_identifier]
        found = [one for one in self._keys if one.serial == recipient.serial]
        return sorted(found, key=lambda one: not _is_issued_as(one, recipient))

    # ── the content ──────────────────────────────────────────────────────────────────────────────────────
    def _open_content(self, plain: Iterator[bytes]) -> None:
        inner = SignedDataReader(BerStream(lambda _: next(plain, b""), INNER))
        inner.open()
        if not inner.has_content:
            self._envelope_faults.append(error("content_missing", layer=INNER))
        for piece in inner.content():
            self._sha256.update(piece)
            self._size += len(piece)
            if self._sink is not None:
                self._sink.write(piece)
        inner.finish()
        for _ in plain:  # to the padding
            pass
        self._inner = inner


def _without_repetitions(inner: LayerSignature, outer: LayerSignature) -> Iterator[Finding]:
    """Yield the findings of the inner layer; an algorithm that other software refuses is reported once."""
    known = {one.facts["algorithm"] for one in outer.findings if one.key == "algorithm_elsewhere"}
    for one in inner.findings:
        if one.key != "algorithm_elsewhere" or one.facts["algorithm"] not in known:
            yield one


def _addressed(recipient: KeyTransport, *, known: bool) -> AddressedKey:
    identifier = None if recipient.key_identifier is None else recipient.key_identifier.hex()
    return AddressedKey(recipient.serial, name_text(recipient.issuer), identifier, known)


def _decrypt(pieces: Iterator[bytes], key: bytes, initialisation_vector: bytes) -> Iterator[bytes]:
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    decryptor = Cipher(AES(key), CBC(initialisation_vector)).decryptor()
    unpadder = PKCS7(AES.block_size).unpadder()
    for piece in pieces:
        if plain := unpadder.update(decryptor.update(piece)):
            yield plain
    try:
        last = unpadder.update(decryptor.finalize()) + unpadder.finalize()
    except ValueError as error_:
        raise _NotDecrypted from error_
    if last:
        yield last


def _transported_key(recipient: KeyTransport, key: DecryptionKey) -> bytes | None:
    """Return the content key. OpenSSL gives random bytes for what was encrypted for another key, and no error: their
    length tells, and else the padding of the content."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    if recipient.algorithm != RSA_PKCS1:
        return None
    try:
        return key.key.decrypt(recipient.encrypted_key, PKCS1v15())
    except UNREADABLE:
        return None


def _is_issued_as(key: DecryptionKey, recipient: KeyTransport) -> bool:
    from asn1crypto.x509 import Name

    try:
        return key.certificate is not None and bool(
            Name.load(key.certificate.issuer.public_bytes()) == recipient.issuer
        )
    except UNREADABLE:
        return False


def _key_identifier(key: DecryptionKey) -> bytes:
    from cryptography.x509 import SubjectKeyIdentifier

    return SubjectKeyIdentifier.from_public_key(key.key.public_key()).digest


def _damage(malformed: MalformedCms) -> Finding:
    if isinstance(malformed, CmsLimitExceeded):
        reason = MessageKey(f"message.word.{malformed.reason}")
        return error("limit_exceeded", layer=malformed.layer, reason=reason, limit=malformed.limit)
    if malformed.layer == INNER:
        return error("inner_damaged", layer=INNER)
    if malformed.layer == ENVELOPE:
        return error("envelope_damaged", layer=ENVELOPE)
    return error("cut_off" if malformed.truncated else "not_sealed", layer=OUTER)
