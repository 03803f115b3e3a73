"""Trusted card authorities of the training platform: its own, and added roots."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, path_to_root
from ehtoolkit.crypto.certificates import read_certificate as readable
from ehtoolkit.keystore.key_pairs import encoded
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.refusal_reasons import Refusal


# The roots of cards, and the authorities between them and the cards of earlier requests, hold for all processes until
# the platform is reset.
def trust(database: TrainingDatabase, certificate: x509.Certificate) -> None:
    """Accept the cards under ``certificate``: a root, an authority below it, or one card's own."""
    _keep(database, "trusted", [certificate])


def card_anchors(platform: EmbeddedPlatform) -> list[x509.Certificate]:
    """Return the certificates that are trusted without being signed by another: the platform's own root, and what was
    added."""
    return [platform.authorities.card_root, *_kept(platform.database, "trusted")]


def require_trusted(
    platform: EmbeddedPlatform, certificate: x509.Certificate, others: Iterable[x509.Certificate]
) -> None:
    """Refuse ``certificate`` unless a chain leads from it to an anchor and is valid, through ``others`` or the
    authorities of cards that were accepted earlier: the header of a session request has the card's certificate
    alone.

    Whether it is trusted is found out before its dates are looked at, so that a refusal names what the user can change
    last.
    """
    known, now = _kept(platform.database, "card_authority"), platform.clock.now()
    chain = path_to_root(certificate, [*others, *known], card_anchors(platform))
    if chain is None:
        raise Refusal("SIGNER_NOT_TRUSTED", Issuer=certificate.issuer.rfc4514_string())
    for link in chain:
        if now > link.not_valid_after_utc:
            raise Refusal("SIGNER_CERTIFICATE_EXPIRED", ValidNotAfter=link.not_valid_after_utc.isoformat())
        if now < link.not_valid_before_utc:
            raise Refusal(
                "SIGNER_CERTIFICATE_NOT_YET_VALID", ValidNotBefore=link.not_valid_before_utc.isoformat()
            )
    _keep(
        platform.database,
        "card_authority",
        [authority for authority in chain[1:-1] if authority not in known],
    )


def _keep(database: TrainingDatabase, table: str, certificates: Iterable[x509.Certificate]) -> None:
    statement = f"INSERT OR IGNORE INTO {table} VALUES (?, ?)"  # noqa: S608
    with database.writing():
        for certificate in certificates:
            database.write(statement, fingerprint(certificate), encoded(certificate))


def _kept(database: TrainingDatabase, table: str) -> list[x509.Certificate]:
    rows = database.rows(f"SELECT der FROM {table}")  # noqa: S608
    return [x509.load_der_x509_certificate(row["der"]) for row in rows]


def read_certificate(data: bytes) -> x509.Certificate:
    """Return the certificate in ``data``, PEM or DER. Raises `errors.InputInvalid` (reason ``certificate``)."""
    try:
        pem = b"-----BEGIN CERTIFICATE-----" in data
        certificate = readable(encoded(x509.load_pem_x509_certificate(data)) if pem else data)
    except UNREADABLE as error:
        raise errors.InputInvalid(reason="certificate") from error
    if certificate is None:
        raise errors.InputInvalid(reason="certificate")
    return certificate


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the whole certificate, in hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()
