"""Training cards of invented people, under a public key infrastructure that lives as long as the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384
from cryptography.x509 import NameOID

from ehtoolkit.card.port import CardIdentity, CardKey
from ehtoolkit.crypto import der
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.identity import Niss, PostalAddress
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.card.card_factory import make_files
from ehtoolkit.training.card.profile import CardProfile

BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
END = datetime(2034, 3, 1, tzinfo=UTC)
PHOTO = bytes.fromhex("ffd8ffe000104a464946") + bytes(range(256)) * 12 + bytes.fromhex("ffd9")
"""The first and the last bytes of a JPEG, in the size of the chip's."""

IDENTITY = CardIdentity(
    niss=Niss("79031421872"),
    surname="D'Hôoghe-Müller",
    first_names="Véronique Zoë",
    third_name_initial="J",
    birth_date=date(1979, 3, 14),
    birth_place="Sankt Vith",
    nationality="Belg",
    gender="F",
    card_number="592000000042",
    valid_from=date(2024, 3, 1),
    valid_until=date(2034, 3, 1),
    document_type="1",
    photo=PHOTO,
)


ADDRESS = PostalAddress("Rue de l'Été 1", "4780", "Sankt Vith")
CHIP_NUMBER = bytes(range(16))


@dataclass(frozen=True, slots=True)
class Authorities:
    """A root, and under it a citizen CA and the National Register for RSA and for EC cards, with their keys."""

    root: x509.Certificate
    citizen_ca: x509.Certificate
    citizen_key: PrivateKey
    rrn: Issuer
    rrn_ec: Issuer


def make_authorities(
    curve: ec.EllipticCurve = ec.SECP384R1(),  # noqa: B008  # has no state
    *,
    old_root: bool = False,
) -> Authorities:
    """``curve``: of all EC keys; real ones are on P-384, and P-256 is ten times as fast. ``old_root``: an RSA root that
    signed itself over SHA-1."""
    citizen_key = ec.generate_private_key(curve)
    root_key: PrivateKey = (
        rsa.generate_private_key(65537, 2048) if old_root else ec.generate_private_key(curve)
    )
    root_name, citizen_name = _ca_name("Belgium Root CA6"), _ca_name("Citizen CA")
    root = _certificate(root_name, root_name, root_key, root_key, authority=True)
    if isinstance(root_key, rsa.RSAPrivateKey):
        root = _signed_over_sha_1(root, root_key)
    citizen = _certificate(citizen_name, root_name, citizen_key, root_key, authority=True)
    registers = []
    rrn_keys: list[PrivateKey] = [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(curve),
    ]
    for key in rrn_keys:
        register = _certificate(_ca_name("RRN"), root_name, key, root_key)
        registers.append(Issuer(key, (register, root)))
    return Authorities(root, citizen, citizen_key, *registers)


def make_profile(
    authorities: Authorities,
    kind: str = "rsa",
    *,
    identity: CardIdentity = IDENTITY,
    signature: bool = True,
    activated: bool = True,
) -> CardProfile:
    """A card with RSA-2048 (``rsa``) or P-384 (``ec``) keys.

    ``signature``: whether it has that key at all; ``activated``: whether its certificate has nonRepudiation.
    """
    keys: dict[CardKey, PrivateKey] = {}
    certificates = {}
    for key in CardKey if signature else (CardKey.AUTHENTICATION,):
        keys[key] = (
            rsa.generate_private_key(65537, 2048)
            if kind == "rsa"
            else ec.generate_private_key(ec.SECP384R1())
        )
        certificates[key] = _certificate(
            _holder_name(identity, key),
            authorities.citizen_ca.subject,
            keys[key],
            authorities.citizen_key,
            signs=key is CardKey.SIGNATURE and activated,
        )
    rrn = authorities.rrn if kind == "rsa" else authorities.rrn_ec
    files = make_files(identity, ADDRESS, rrn, chip_number=CHIP_NUMBER)
    return CardProfile(identity, keys, certificates, authorities.citizen_ca, authorities.root, files)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    issuer_key: PrivateKey,
    *,
    authority: bool = False,
    signs: bool = False,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not authority and not signs,
        content_commitment=signs,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), BEGIN, END
    )
    builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
    return builder.add_extension(usage, critical=True).sign(
        issuer_key, SHA256() if isinstance(issuer_key, rsa.RSAPrivateKey) else SHA384()
    )


def _signed_over_sha_1(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Sign it anew; `cryptography` does not make such certificates."""
    before, after = (der.object_identifier(f"1.2.840.113549.1.1.{last}") + der.NULL for last in (11, 5))
    content = certificate.tbs_certificate_bytes.replace(before, after)
    signature = key.sign(content, PKCS1v15(), SHA1())  # noqa: S303
    algorithm = der.sequence(after)
    return x509.load_der_x509_certificate(
        der.sequence(content, algorithm, der.value(0x03, b"\0" + signature))
    )


def _ca_name(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def _holder_name(identity: CardIdentity, key: CardKey) -> x509.Name:
    full = f"{identity.first_names} {identity.surname} ({key})"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.COMMON_NAME, full),
            x509.NameAttribute(NameOID.SURNAME, identity.surname),
            x509.NameAttribute(NameOID.GIVEN_NAME, identity.first_names),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, identity.niss.digits),
        ]
    )
