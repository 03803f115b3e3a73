"""Sealed messages with whatever fault, composed by asn1crypto and `cryptography`: nothing of the code under test."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.ehealth.sealing.models import DecryptionKey, TrustedAuthorities
from ehtoolkit.ehealth.soap.signature import KeySigner

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
LONG = timedelta(days=20_000)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Actor:
    """Somebody with an authentication certificate, and an encryption key."""

    key: Key
    chain: tuple[x509.Certificate, ...]
    encryption_key: rsa.RSAPrivateKey
    encryption: x509.Certificate

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    @property
    def credentials(self) -> KeySigner:
        return KeySigner(self.key, self.chain)

    @property
    def decryption_key(self) -> DecryptionKey:
        return DecryptionKey(self.encryption.serial_number, self.encryption, self.encryption_key)


class World:
    """An authority, under a root, with a sender of each kind of key, and two recipients."""

    def __init__(self) -> None:
        self._keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(4)]
        self._elliptic = ec.generate_private_key(ec.SECP384R1())
        self._authority_key = ec.generate_private_key(ec.SECP256R1())
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        root = self.certificate("Root", self._root_key, "Root", self._root_key, ca=True)
        issuing = self.certificate("Issuing", self._authority_key, "Root", self._root_key, ca=True)
        self.root, self.issuing = root, issuing
        self.authorities = TrustedAuthorities((root,))
        self.rsa = self.actor("CN rsa", self._keys[0], self._keys[1])
        self.elliptic = self.actor("CN ec", self._elliptic, self._keys[2])
        self.other = self.actor("CN other", self._keys[3], self._keys[3])

    def actor(self, name: str, key: Key, encryption_key: rsa.RSAPrivateKey, **more: Any) -> Actor:
        leaf = self.certificate(name, key, "Issuing", self._authority_key, **more)
        der = encryption_certificate(key, leaf, encryption_key.public_key(), x509.random_serial_number())
        chain = (leaf, self.issuing, self.root)
        return Actor(key, chain, encryption_key, x509.load_der_x509_certificate(der))

    def certificate(
        self,
        name: str,
        key: Key,
        issuer: str,
        issuer_key: Key,
        *,
        ca: bool = False,
        usage: str | None = "digital_signature",
        begin: timedelta = timedelta(days=-400),
        end: timedelta = timedelta(days=400),
        digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = None,
        person: str | None = None,
    ) -> x509.Certificate:
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if person is not None:
            subject.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, person))
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
        rest = ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
        bits = dict.fromkeys((*names, *rest), False) | {"key_cert_sign" if ca else usage or names[0]: True}
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(subject))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + begin)
            .not_valid_after(NOW + (LONG if ca else end))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if usage is not None:
            builder = builder.add_extension(x509.KeyUsage(**bits), critical=True)
        return builder.sign(issuer_key, digest or hashes.SHA256())

    def issue(self, name: str, key: Key, **more: Any) -> x509.Certificate:
        return self.certificate(name, key, "Issuing", self._authority_key, **more)

    @property
    def spare_key(self) -> rsa.RSAPrivateKey:
        return self._keys[3]


@cache
def world() -> World:
    return World()


def signed(
    content: bytes | None,
    key: Key,
    certificate: x509.Certificate,
    *,
    certificates: Sequence[x509.Certificate] = (),
    signed_type: str = "data",
    digest: str = "sha256",
    scheme: str = "",
    salt: int = 32,
    attributes: bool = True,
    signed_at: datetime | None = NOW,
    signed_content: bytes | None = None,
    number: int = 1,
    named_by_key: bool = False,
    raw_certificates: Sequence[bytes] = (),
) -> bytes:
    """A SignedData in DER. ``content`` None: detached; ``signed_content``: what is signed in its place;
    ``signed_type``: what the signature says that it is."""
    about = signed_content if signed_content is not None else content or b""
    algorithm = algos.SignedDigestAlgorithm({"algorithm": scheme or _scheme(key, digest)})
    if algorithm["algorithm"].native == "rsassa_pss":
        name = {"algorithm": digest}
        algorithm["parameters"] = algos.RSASSAPSSParams(
            {
                "hash_algorithm": name,
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": name},
                "salt_length": salt,
            }
        )
    fields: list[dict[str, Any]] = [
        {"type": "content_type", "values": [signed_type]},
        {"type": "message_digest", "values": [hashlib.new(digest, about).digest()]},
    ]
    if signed_at is not None:
        fields.append({"type": "signing_time", "values": [cms.Time({"utc_time": signed_at})]})
    signed_attributes = cms.CMSAttributes(fields)
    to_sign = signed_attributes.dump() if attributes else about
    parsed = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    sid: Any = cms.IssuerAndSerialNumber({"issuer": parsed.issuer, "serial_number": parsed.serial_number})
    identifier = cms.SignerIdentifier({"issuer_and_serial_number": sid})
    if named_by_key:
        identifier = cms.SignerIdentifier({"subject_key_identifier": b"0123456789"})
    info: dict[str, Any] = {
        "version": "v1",
        "sid": identifier,
        "digest_algorithm": {"algorithm": digest},
        "signature_algorithm": algorithm,
        "signature": _sign(key, to_sign, digest, algorithm["algorithm"].native, salt),
    }
    if attributes:
        info["signed_attrs"] = signed_attributes
    encapsulated: dict[str, Any] = {"content_type": "data"}
    if content is not None:
        encapsulated["content"] = content
    data: dict[str, Any] = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": encapsulated,
        "signer_infos": [info] * number,
    }
    encoded = [*(certificate.public_bytes(Encoding.DER) for certificate in certificates), *raw_certificates]
    if encoded:
        data["certificates"] = [asn1.Certificate.load(certificate) for certificate in encoded]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)}).dump()


def enveloped(
    content: bytes,
    recipients: Sequence[x509.Certificate],
    *,
    cipher: str = "aes128_cbc",
    oaep: bool = False,
    content_key: bytes | None = None,
    serial: int | None = None,
    by_key: bool = False,
    copies: int = 1,
) -> bytes:
    """An EnvelopedData in DER. ``serial``: named instead of the recipient's own. ``by_key``: recipients are named by
    the identifiers of their keys."""
    if cipher == "tripledes_3key":
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

        key, block = os.urandom(24), 8
        algorithm: Any = TripleDES(key)
    else:
        key, block = (
            content_key or os.urandom({"aes128_cbc": 16, "aes192_cbc": 24, "aes256_cbc": 32}[cipher]),
            16,
        )
        algorithm = algorithms.AES(key)
    initialisation_vector = os.urandom(block)
    padder = padding.PKCS7(block * 8).padder()
    encryptor = Cipher(algorithm, modes.CBC(initialisation_vector)).encryptor()
    encrypted = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    infos = []
    for recipient in recipients:
        parsed = asn1.Certificate.load(recipient.public_bytes(Encoding.DER))
        public = recipient.public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        how: Any = OAEP(MGF1(hashes.SHA256()), hashes.SHA256(), None) if oaep else PKCS1v15()
        rid = cms.IssuerAndSerialNumber(
            {"issuer": parsed.issuer, "serial_number": serial or parsed.serial_number}
        )
        info = cms.KeyTransRecipientInfo(
            {
                "version": "v0",
                "rid": cms.RecipientIdentifier(
                    {"subject_key_identifier": x509.SubjectKeyIdentifier.from_public_key(public).digest}
                    if by_key
                    else {"issuer_and_serial_number": rid}
                ),
                "key_encryption_algorithm": {"algorithm": "rsaes_oaep" if oaep else "rsaes_pkcs1v15"},
                "encrypted_key": public.encrypt(key, how),
            }
        )
        infos += [cms.RecipientInfo({"ktri": info})] * copies
    data = cms.EnvelopedData(
        {
            "version": "v0",
            "recipient_infos": infos,
            "encrypted_content_info": {
                "content_type": "data",
                "content_encryption_algorithm": {"algorithm": cipher, "parameters": initialisation_vector},
                "encrypted_content": encrypted,
            },
        }
    )
    return cms.ContentInfo({"content_type": "enveloped_data", "content": data}).dump()


def message(
    content: bytes,
    sender: Actor,
    recipient: Actor,
    *,
    outer: dict[str, Any] | None = None,
    inner: dict[str, Any] | None = None,
    envelope: dict[str, Any] | None = None,
) -> bytes:
    """A whole message. Each of the three: what is otherwise in its layer."""
    own = {"content": content, "key": sender.key, "certificate": sender.certificate}
    inside = signed(**(own | (inner or {})))
    middle = enveloped(inside, [recipient.encryption], **(envelope or {}))
    usual = {"key": sender.key, "certificate": sender.certificate, "certificates": sender.chain[:2]}
    return signed(middle, **(usual | (outer or {})))


def _scheme(key: Key, digest: str) -> str:
    return "rsassa_pss" if isinstance(key, rsa.RSAPrivateKey) else f"{digest}_ecdsa"


def _sign(key: Key, data: bytes, digest: str, scheme: str, salt: int) -> bytes:
    digests: dict[str, type[hashes.HashAlgorithm]] = {
        "sha1": hashes.SHA1,
        "sha256": hashes.SHA256,
        "sha384": hashes.SHA384,
    }
    algorithm = digests[digest]()
    if isinstance(key, rsa.RSAPrivateKey):
        how: Any = PSS(MGF1(algorithm), salt) if scheme == "rsassa_pss" else PKCS1v15()
        return key.sign(data, how, algorithm)
    return key.sign(data, ec.ECDSA(algorithm))
