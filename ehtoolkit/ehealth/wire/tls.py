"""Authorities that are trusted for TLS: the operating system's, and one more if a setting names it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import common_name
from ehtoolkit.ehealth.wire.transport import ClockDifference
from ehtoolkit.system.text_safety import fit

# OpenSSL's X509_V_ERR_…; the verifiers of Windows and macOS have numbers of their own.
_REASONS: Final[Mapping[int, errors.UntrustedReason]] = MappingProxyType(
    {9: "not_yet_valid", 10: "expired", 62: "hostname", 64: "hostname"}
)


def trusting_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a TLS context that trusts what the operating system trusts, and the authorities in ``ca_file`` (PEM).

    Raises `errors.SettingInvalid` (setting ``ca_file``) for a file without a certificate.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise errors.SettingInvalid(setting="ca_file") from error
    return context


def unchecked_context() -> ssl.SSLContext:
    """Return a TLS context that verifies nothing: only to read a certificate that was refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server that was refused shows: its certificate, and the time by its own word. Neither is proven: they
    explain a refusal, and nothing else is built on them. None: it could not be had."""

    certificate: x509.Certificate | None = None
    date: datetime | None = None

    @property
    def issuer(self) -> str | None:
        """Who signed the certificate: often the computer's virus scanner or the network's firewall."""
        if self.certificate is None:
            return None
        try:
            issuer = self.certificate.issuer
            return fit(common_name(issuer) or issuer.rfc4514_string()) or None
        except ValueError:  # pyca reads names when they are asked for
            return None


def untrusted(
    error: ssl.SSLCertVerificationError, host: str, seen: ServerInfo, now: datetime
) -> errors.PlatformUntrusted:
    """Return the refusal of a server's certificate in terms of its cause: ``expired``, ``not_yet_valid``, ``hostname``;
    ``clock`` where the computer's own clock is to blame, with both times; else ``issuer``, the foreign authority that
    intercepts the connection, or ``unknown_issuer``."""
    reason = _REASONS.get(getattr(error, "verify_code", 0)) or _by_dates(seen.certificate, now)
    issuer = seen.issuer
    if reason in ("expired", "not_yet_valid") and seen.date is not None:
        good_there = _by_dates(seen.certificate, seen.date) is None
        if good_there and ClockDifference(now, seen.date).matters:
            return errors.PlatformUntrusted(
                host=host, issuer=issuer, reason="clock", here=now, there=seen.date
            )
    reason = reason or ("issuer" if issuer else "unknown_issuer")
    return errors.PlatformUntrusted(host=host, issuer=issuer, reason=reason)


def _by_dates(certificate: x509.Certificate | None, moment: datetime) -> errors.UntrustedReason | None:
    if certificate is None:
        return None
    if moment > certificate.not_valid_after_utc:
        return "expired"
    return "not_yet_valid" if moment < certificate.not_valid_before_utc else None


def certificate_of(ssl_object: object) -> x509.Certificate | None:
    """Return the certificate of the other side of a TLS connection; None without one, or for one that cannot be
    read."""
    try:
        encoded = ssl_object.getpeercert(True)  # type: ignore[attr-defined]  # of the C class under ssl
        return None if encoded is None else x509.load_der_x509_certificate(encoded)
    except (AttributeError, TypeError, ValueError):
        return None


def computer_time() -> datetime:
    """Return the time of the clock that certificates of servers are judged by, in training too: the computer's own."""
    return datetime.now(UTC)
