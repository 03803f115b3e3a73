"""Senders and recipients of messages, judged before anything is sealed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.keys import EC, RSA, kind_of
from ehtoolkit.crypto.x509 import may_sign
from ehtoolkit.ehealth.sealing.authorities import TrustedAuthorities
from ehtoolkit.ehealth.sealing.checks import display_name, warning
from ehtoolkit.ehealth.sealing.message import SenderCredentials

if TYPE_CHECKING:
    from ehtoolkit.ehealth.certificates.etk import Etk
    from ehtoolkit.finding import Finding


def check_recipient(
    etk: Etk, recipient: str, authorities: TrustedAuthorities, now: datetime
) -> list[Finding]:
    """Judge a token whose signature holds: bound to its holder's certificate, both valid, a key that can be used.

    Args:
        etk: as `ehtoolkit.ehealth.certificates.etk.read_etk` gives it.
        recipient: what the user calls it.
        authorities: whom the holder's certificate should stand under; where it does not, that is a finding alone: the
            authorities of real environments are known by the user's own keystore only.
        now: aware.

    Raises:
        errors.RecipientUnusable: nothing may be sealed for it.
    """
    holder = etk.authentication_certificate
    if holder is None:
        raise errors.RecipientUnusable(reason="unbound", recipient=recipient)
    for certificate in (etk.encryption_certificate, holder):
        fault = _outside(certificate, now)
        if fault:
            raise errors.RecipientUnusable(reason=fault, recipient=recipient)
    if not _can_encrypt(etk.encryption_certificate):
        raise errors.RecipientUnusable(reason="unfit", recipient=recipient)
    paths = [authorities.path(one, etk.certificates, now) for one in (holder, etk.signer)]
    if None in paths:
        return [warning("recipient_authority_unknown", name=display_name(holder.subject))]
    return []


def check_sender(sender: SenderCredentials, now: datetime) -> list[Finding]:
    """Judge whose key is to sign: valid at ``now`` (aware), and made for signing.

    Raises:
        errors.SenderUnusable: receivers would refuse what it seals.
    """
    certificate, kind = sender.chain[0], kind_of(sender.key)
    fault = _outside(certificate, now)
    if fault:
        raise errors.SenderUnusable(reason=fault)
    if kind.fault is not None:
        raise errors.SenderUnusable(reason="unfit")
    if not may_sign(certificate):
        raise errors.SenderUnusable(reason="usage")
    return [warning("ec_signature", kind=str(kind))] if kind.algorithm == EC else []


def _outside(certificate: Certificate, now: datetime) -> errors.PeriodReason | None:
    if now < certificate.not_valid_before_utc:
        return "early"
    return "expired" if now > certificate.not_valid_after_utc else None


def _can_encrypt(certificate: Certificate) -> bool:
    try:
        key = certificate.public_key()
        return isinstance(key, RSAPublicKey) and kind_of(key).algorithm == RSA and kind_of(key).fault is None
    except UNREADABLE:
        return False
