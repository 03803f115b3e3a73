"""Seal a message (ETEE, "triple wrap"): signed, encrypted for its recipients, signed again.

DER throughout, which every receiver reads. DER says each length before the content: all of them are known from the size
of the content alone, so the content passes by once, in pieces.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.ehealth.cms.ber_stream import CONTEXT_0, OCTET_STRING, SEQUENCE, ByteSource
from ehtoolkit.ehealth.cms.enveloped_data import ENVELOPED_DATA, RSA_PKCS1
from ehtoolkit.ehealth.cms.signature_check import SALT
from ehtoolkit.ehealth.cms.signed_data import DATA, SIGNED_DATA
from ehtoolkit.ehealth.sealing.message import SealedMessage, SenderCredentials

_CHUNK: Final = 1 << 16
_BLOCK: Final = 16
_KEY: Final = 16
"""Bytes of a key of AES-128, the one cipher that every receiver takes."""
_SHA256: Final = der.sequence(der.object_identifier("2.16.840.1.101.3.4.2.1"), der.NULL)
_MGF1: Final = der.sequence(der.object_identifier("1.2.840.113549.1.1.8"), _SHA256)
_RSASSA_PSS: Final = der.sequence(
    der.object_identifier("1.2.840.113549.1.1.10"),
    der.sequence(der.explicit(0, _SHA256), der.explicit(1, _MGF1), der.explicit(2, der.integer(SALT))),
)
_ECDSA_SHA256: Final = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
_RSA: Final = der.sequence(der.object_identifier(RSA_PKCS1), der.NULL)
_AES_128_CBC: Final = der.object_identifier("2.16.840.1.101.3.4.1.2")
_CONTENT_TYPE: Final = der.object_identifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = der.object_identifier("1.2.840.113549.1.9.4")
_SIGNING_TIME: Final = der.object_identifier("1.2.840.113549.1.9.5")
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_LAST_UTC_TIME: Final = 2049
_ECDSA_LENGTHS: Final = {256: 71, 384: 103, 521: 139}
"""The most frequent length of a signature in DER by the bits of the curve: every second one has it."""
_TRIES: Final = 500


def seal(
    content: ByteSource,
    size: int,
    sink: BinaryIO,
    recipients: Sequence[Certificate],
    sender: SenderCredentials,
    now: datetime,
) -> SealedMessage:
    """Seal a content, in memory that does not depend on its size.

    Args:
        content: binary, read once.
        size: bytes that it has.
        sink: takes the message.
        recipients: encryption certificates (of ETKs that were checked), one at least, each once.
        sender: whose key signs both layers; `check_sender` has judged it.
        now: the signing time, aware.

    Raises:
        errors.ContentChanged: the content has not the size that was said.
    """
    inner = _SignedLayer(sender, size, now, certificates=())
    envelope = _Envelope(inner.size, recipients)
    chain = [one for one in sender.chain[1:] if one.subject != one.issuer]
    outer = _SignedLayer(sender, envelope.size, now, certificates=(sender.chain[0], *chain))
    for piece in outer.wrap(envelope.wrap(inner.wrap(_read(content, size)))):
        sink.write(piece)
    return SealedMessage(
        size=outer.size,
        content_size=size,
        sha256=inner.digest.hexdigest(),
        signed_at=now.replace(microsecond=0),
        recipients=tuple(one.serial_number for one in recipients),
    )


def _read(content: ByteSource, size: int) -> Iterator[bytes]:
    left = size
    while piece := content.read(min(_CHUNK, left + 1)):
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise errors.ContentChanged


class _SignedLayer:
    """A SignedData around ``size`` bytes."""

    def __init__(
        self, sender: SenderCredentials, size: int, now: datetime, certificates: Sequence[Certificate]
    ) -> None:
        self._sender = sender
        self._now = now
        self._signature_length = _signature_length(sender)
        self.digest = hashlib.sha256()
        encoded = b"".join(one.public_bytes(Encoding.DER) for one in certificates)
        # The signer's first, as Java writes them: some readers take the first for the signer's.
        self._certificates = der.value(CONTEXT_0, encoded) if encoded else b""
        unsigned = self._signers(bytes(self.digest.digest_size), bytes(self._signature_length))
        tail = len(self._certificates) + len(unsigned)
        octets = der.header(OCTET_STRING, size)
        explicit = der.header(CONTEXT_0, len(octets) + size)
        encapsulated = der.header(SEQUENCE, len(DATA) + len(explicit) + len(octets) + size)
        body = [der.integer(1), der.set_of(_SHA256), encapsulated, DATA, explicit, octets]
        self._head = _content_info(SIGNED_DATA, b"".join(body), size + tail)
        self.size = len(self._head) + size + tail

    def wrap(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        yield self._head
        for piece in pieces:
            self.digest.update(piece)
            yield piece
        digest = self.digest.digest()
        signature = _sign(
            self._sender, hashlib.sha256(self._attributes(digest)).digest(), self._signature_length
        )
        yield self._certificates + self._signers(digest, signature)

    def _attributes(self, digest: bytes) -> bytes:
        values = (
            (_CONTENT_TYPE, DATA),
            (_SIGNING_TIME, _time(self._now)),
            (_MESSAGE_DIGEST, der.octet_string(digest)),
        )
        return der.set_of(*sorted(der.sequence(name, der.set_of(value)) for name, value in values))

    def _signers(self, digest: bytes, signature: bytes) -> bytes:
        signed = self._attributes(digest)
        rsa = isinstance(self._sender.key, RSAPrivateKey)
        return der.set_of(
            der.sequence(
                der.integer(1),
                _issuer_and_serial(self._sender.chain[0]),
                _SHA256,
                der.value(CONTEXT_0, der.content(signed)),
                _RSASSA_PSS if rsa else _ECDSA_SHA256,
                der.octet_string(signature),
            )
        )


class _Envelope:
    """An EnvelopedData around ``size`` bytes, for ``recipients``."""

    def __init__(self, size: int, recipients: Sequence[Certificate]) -> None:
        self._key = secrets.token_bytes(_KEY)
        self._initialisation_vector = secrets.token_bytes(_BLOCK)
        encrypted = size // _BLOCK * _BLOCK + _BLOCK
        infos = der.set_of(*sorted(self._recipient(one) for one in recipients))
        algorithm = der.sequence(_AES_128_CBC, der.octet_string(self._initialisation_vector))
        octets = der.header(0x80, encrypted)
        content = DATA + algorithm + octets
        body = der.integer(0) + infos + der.header(SEQUENCE, len(content) + encrypted) + content
        self._head = _content_info(ENVELOPED_DATA, body, encrypted)
        self.size = len(self._head) + encrypted

    def wrap(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        yield self._head
        padder = PKCS7(AES.block_size).padder()
        encryptor = Cipher(AES(self._key), CBC(self._initialisation_vector)).encryptor()
        for piece in pieces:
            yield encryptor.update(padder.update(piece))
        yield encryptor.update(padder.finalize()) + encryptor.finalize()

    def _recipient(self, certificate: Certificate) -> bytes:
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise errors.RecipientUnusable(reason="unfit", recipient=str(certificate.serial_number))
        return der.sequence(
            der.integer(0),
            _issuer_and_serial(certificate),
            _RSA,
            der.octet_string(key.encrypt(self._key, PKCS1v15())),
        )


def _content_info(kind: bytes, body: bytes, following: int) -> bytes:
    """Write the head of a ContentInfo: ``body`` begins its content, so many bytes follow."""
    inner = der.header(SEQUENCE, len(body) + following)
    explicit = der.header(CONTEXT_0, len(inner) + len(body) + following)
    whole = der.header(SEQUENCE, len(kind) + len(explicit) + len(inner) + len(body) + following)
    return whole + kind + explicit + inner + body


def _issuer_and_serial(certificate: Certificate) -> bytes:
    """Write which certificate is meant, its issuer in the very bytes that it has."""
    from asn1crypto import x509

    issuer = x509.Certificate.load(certificate.public_bytes(Encoding.DER))["tbs_certificate"]["issuer"]
    return der.sequence(issuer.dump(), der.integer(certificate.serial_number))


def _time(timestamp: datetime) -> bytes:
    text = f"{timestamp.astimezone(UTC):%Y%m%d%H%M%SZ}".encode()
    if timestamp.astimezone(UTC).year <= _LAST_UTC_TIME:
        return der.value(_UTC_TIME, text[2:])
    return der.value(_GENERALIZED_TIME, text)


def _signature_length(sender: SenderCredentials) -> int:
    key = sender.key
    return key.key_size // 8 if isinstance(key, RSAPrivateKey) else _ECDSA_LENGTHS[key.key_size]


def _sign(sender: SenderCredentials, digest: bytes, length: int) -> bytes:
    """Sign, with a signature of the length that the head has said.

    In DER an ECDSA signature is as long as its two numbers happen to be, and its length stands before the content:
    another one is made until it fits, after two tries as a rule. Each is as good as the first.
    """
    key = sender.key
    if isinstance(key, RSAPrivateKey):
        return key.sign(digest, PSS(MGF1(SHA256()), SALT), Prehashed(SHA256()))
    for _ in range(_TRIES):
        signature = key.sign(digest, ECDSA(Prehashed(SHA256())))
        if len(signature) == length:
            return signature
    raise RuntimeError("no signature of the usual length")
