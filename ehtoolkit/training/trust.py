"""Which cards the training platform believes: its own authority's, and those under roots it was told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.training.refusals import Refusal
from ehtoolkit.training.state import Database

_DEPTH: Final = 5


class TrustStore:
    """The roots of cards. What is added holds for all processes, until the platform is reset."""

    def __init__(self, database: Database, own_root: x509.Certificate) -> None:
        self._database = database
        self._own_root = own_root

    def add(self, certificate: x509.Certificate) -> None:
        """Accept the cards under ``certificate``: a root, an authority below it, or one card's own."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO trusted VALUES (?, ?)", (fingerprint(certificate), _der(certificate))
            )

    def anchors(self) -> list[x509.Certificate]:
        """All that is believed without being signed by another."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT der FROM trusted").fetchall()
        return [self._own_root, *(x509.load_der_x509_certificate(row[0]) for row in rows)]

    def require(
        self, certificate: x509.Certificate, others: Iterable[x509.Certificate], now: datetime
    ) -> None:
        """Refuse ``certificate`` unless a chain leads from it, through ``others``, to an anchor and is valid.

        Whether it is trusted is found out before its dates are looked at, so that a refusal names what the
        user can change last.
        """
        chain = _chain(certificate, list(others), self.anchors())
        if chain is None:
            raise Refusal("SIGNER_NOT_TRUSTED", Issuer=certificate.issuer.rfc4514_string())
        for link in chain:
            if now > link.not_valid_after_utc:
                raise Refusal(
                    "SIGNER_CERTIFICATE_EXPIRED", ValidNotAfter=link.not_valid_after_utc.isoformat()
                )
            if now < link.not_valid_before_utc:
                raise Refusal(
                    "SIGNER_CERTIFICATE_NOT_YET_VALID", ValidNotBefore=link.not_valid_before_utc.isoformat()
                )


def read_certificate(data: bytes) -> x509.Certificate:
    """The certificate in PEM or DER. Raises `errors.InputInvalid` (reason ``certificate``)."""
    try:
        pem = b"-----BEGIN CERTIFICATE-----" in data
        return x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise errors.InputInvalid(reason="certificate") from error


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the whole certificate, in hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _chain(
    certificate: x509.Certificate, others: list[x509.Certificate], anchors: list[x509.Certificate]
) -> list[x509.Certificate] | None:
    """``certificate`` and the authorities above it up to an anchor; None where no anchor is reached."""
    chain = [certificate]
    while chain[-1] not in anchors:
        issuers = (one for one in (*anchors, *others) if _is_authority(one) and _signed(chain[-1], one))
        issuer = next(issuers, None)
        if issuer is None or issuer in chain or len(chain) >= _DEPTH:
            return None
        chain.append(issuer)
    return chain


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
