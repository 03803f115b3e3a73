"""Read private keys and certificates from text (PEM) and files with one of them (DER); export certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.der import INTEGER
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pem import (
    CERTIFICATES,
    ENCRYPTED,
    ENCRYPTED_KEY,
    OPENSSH_KEY,
    PKCS7,
    PLAIN_KEYS,
    PemBlock,
    read_blocks,
)
from ehtoolkit.keystore.codec.pkcs12 import open_key
from ehtoolkit.keystore.codec.structure import SHROUDED_KEY, is_private_key, parse, parse_whole, read_value
from ehtoolkit.keystore.key_pairs import encoded, load_certificate, load_private_key, store_private_key
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret

Ask = Callable[[], Iterable[Secret]]
"""Gives the passwords to try, when something turns out to be encrypted."""

_LONGEST_KEY: Final = 20_000
"""Bytes of a private key: RSA of 8,192 bits has some 5,000."""


def read_pem(data: bytes, ask: Ask) -> Pkcs12Contents:
    """Return the private keys and certificates in a text, with the names that openssl writes beside them. Blocks of
    other kinds, such as requests and parameters, are passed over.

    Raises what `read_blocks` and `read_private_key` raise, and `errors.KeystoreUnsupported` for an OpenSSH key.
    """
    keys: list[Key] = []
    certificates: list[CertificateBag] = []
    for block in read_blocks(data):
        attributes = () if block.alias is None else attributes_of(block.alias)
        if block.label in CERTIFICATES:
            certificates.append(CertificateBag(_certificate(block.der), attributes))
        elif block.label in PKCS7:
            certificates += read_pkcs7(block.der)
        elif block.label == ENCRYPTED_KEY:
            keys.append(Key(Plain(read_private_key(block.der, ask)), attributes))
        elif block.label in PLAIN_KEYS:
            keys.append(Key(Plain(_traditional(block, ask)), attributes))
        elif block.label == OPENSSH_KEY:
            raise errors.KeystoreUnsupported(algorithm=block.label)
    limits.check("elements", len(keys) + len(certificates))
    return Pkcs12Contents(tuple(keys), tuple(certificates))


def read_private_key(der: bytes, ask: Ask) -> bytes:
    """Return the PrivateKeyInfo of a key that is a whole file or block: PKCS#8, encrypted or not, PKCS#1 or SEC 1.

    Raises `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged`, `errors.KeyUnfit`, `errors.KeystoreUnsupported`,
    `errors.LimitExceeded`.
    """
    if len(der) > _LONGEST_KEY:
        raise errors.KeystoreDamaged(reason="key")
    if _is_plain(der):
        return _checked(der if is_private_key(der) else _loaded(der, None))
    sealed = read_value(SHROUDED_KEY, parse_whole(der), ())
    if not isinstance(sealed, Key):
        raise errors.KeystoreDamaged(reason="key")
    for password in ask():
        found = open_key(sealed, DerivedKeyCache(password))
        if found is not None:
            return _checked(found.pkcs8)
    raise errors.KeystorePasswordWrong


def read_pkcs7(der: bytes) -> list[CertificateBag]:
    """Return the certificates in a PKCS#7 message. Raises `errors.KeystoreDamaged`."""
    from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

    try:
        return [CertificateBag(encoded(each)) for each in load_der_pkcs7_certificates(der)]
    except UNREADABLE as error:
        raise errors.KeystoreDamaged(reason="certificate") from error


def _is_plain(der: bytes) -> bool:
    """Return whether a private key lies open: it begins with its version."""
    parts = parse(der).parts(least=1)
    return parts[0].tag == INTEGER


def _traditional(block: PemBlock, ask: Ask) -> bytes:
    """Return the PrivateKeyInfo of a block, which openssl encrypts in its own way before PKCS#8."""
    if ENCRYPTED not in block.text:
        return read_private_key(block.der, ask)
    if len(block.text) > 2 * _LONGEST_KEY:
        raise errors.KeystoreDamaged(reason="key")
    for password in ask():
        try:
            return _checked(_loaded(block.text, password))
        except errors.KeystoreDamaged:  # or another password: nothing tells
            continue
    raise errors.KeystorePasswordWrong


def _loaded(data: bytes, password: Secret | None) -> bytes:
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

    load = load_der_private_key if password is None else load_pem_private_key
    given = None if password is None else password.reveal().encode("utf-8", "surrogatepass")
    try:
        return store_private_key(load(data, password=given, unsafe_skip_rsa_key_validation=True))
    except UNREADABLE as error:
        raise errors.KeystoreDamaged(reason="key") from error


def _checked(pkcs8: bytes) -> bytes:
    load_private_key(pkcs8)
    return pkcs8


def _certificate(der: bytes) -> bytes:
    """Return a certificate without what openssl appends to a trusted one. Raises `errors.KeystoreDamaged`."""
    whole = der[: parse(der).end]
    load_certificate(whole)
    return whole


# ── Export certificates ──────────────────────────────────────────────────────────────────────────────────
class CertificateFormat(StrEnum):
    """How certificates are written: ``pem`` as text, one after the other; ``der`` binary, several of them
    together in a PKCS#7 message without a signature (``.p7b``)."""

    PEM = "pem"
    DER = "der"


ExportedPart = Literal["certificate", "chain", "etk"]


def export_certificates(
    keystore: Keystore, part: ExportedPart, form: CertificateFormat = CertificateFormat.PEM
) -> bytes:
    """Return the authentication certificate (``certificate``), the same and its issuers, leaf first (``chain``), or the
    encryption certificates, newest first (``etk``), written as ``form`` says.

    Raises `errors.CertificateMissing` when there is none, with the reason ``no_etk`` for the encryption certificates.
    """
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

    found = list(keystore.chain if part == "chain" else keystore.chain[:1])
    if part == "etk":
        found = [key.chain[0] for key in keystore.encryption if key.chain]
        found.sort(key=lambda certificate: certificate.not_valid_before_utc, reverse=True)
    if not found:
        raise errors.CertificateMissing(reason="no_etk") if part == "etk" else errors.CertificateMissing
    if form is CertificateFormat.PEM:
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in found)
    return encoded(found[0]) if len(found) == 1 else serialize_certificates(found, Encoding.DER)
