"""Situations of an invented certificate, made without a platform: for tables of what is decided by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertificateHolder, CertificateInfo, RegisteredContact
from ehtoolkit.ehealth.etk import Etk
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.state.requests import RequestStatus
from ehtoolkit.procedures.state.situation import DepotToken, Situation, Successor, TokenMatch

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NEWER = Path("newer.p12")
HOLDER = DistinguishedName(Identifier("SSIN", "79031421872"), "VANDAMME ELISE MARIE")
FOREIGNER = DistinguishedName(Identifier("SSIN", "79431421872"), "MOREAU ANAIS")
UNREACHABLE = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
REFUSED = errors.PlatformRefused(code="SIGNER_NOT_TRUSTED", detail="Unknown.")


def info(
    status: str = "VALID_ACTIVE",
    etk: str = "VALID_ACTIVE",
    *,
    replaceable: bool = False,
    replaceable_from: datetime | None = None,
) -> CertificateInfo:
    """The platform's words about the certificate."""
    return CertificateInfo(
        key_id="AB" * 20,
        requested_at=NOW - 400 * DAY,
        holder=CertificateHolder("SSIN", "79031421872", "VANDAMME", "ELISE MARIE"),
        status=status,
        etk_status=etk,
        automatically_validated=True,
        revocable=True,
        replaceable=replaceable,
        contact=RegisteredContact("elise@example.be", "+32 4 555 01 42"),
        replaceable_from=replaceable_from,
    )


def installed(
    known: CertificateInfo | errors.PlatformError | None = None,
    *,
    file_state: State = State.COMPLETE,
    holder: DistinguishedName | None = HOLDER,
    has_encryption_key: bool = True,
    token: DepotToken | errors.PlatformError | None = None,
    newer: tuple[Successor, ...] | errors.FileUnreadable | errors.PlatformError = (),
    not_after: datetime = NOW + 700 * DAY,
) -> Situation:
    """A certificate that is in its keystore."""
    return Situation(
        *(Path("this.p12"), "AB" * 20, NOW, file_state),
        holder=holder,
        not_before=NOW - 395 * DAY,
        not_after=not_after,
        has_encryption_key=has_encryption_key,
        info=known,
        token=token,
        newer=newer,
    )


def requested(
    delivery: RequestStatus | errors.PlatformError | None = None,
    known: CertificateInfo | errors.PlatformError | None = None,
) -> Situation:
    """A request whose certificate is not installed."""
    return Situation(*(Path("this.p12"), "AB" * 20, NOW, State.PREPARED), delivery=delivery, info=known)


def successor(state: State, aliases: Sequence[str] = ()) -> Successor:
    """A newer keystore of the holder."""
    return Successor(NEWER, "CD" * 20, state, frozenset(aliases))


def token(match: TokenMatch) -> DepotToken:
    """What the depot gives out; its serial number is 7."""
    if match is TokenMatch.NONE:
        return DepotToken(match)
    return DepotToken(match, Etk(certificate(NOW + DAY), certificate(NOW + DAY), ()))


@cache
def certificate(not_after: datetime) -> x509.Certificate:
    """A certificate that ends then."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    life = (not_after - 1000 * DAY, not_after)
    return x509.CertificateBuilder(name, name, key.public_key(), 7, *life).sign(key, SHA256())
