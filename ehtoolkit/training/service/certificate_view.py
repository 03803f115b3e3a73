"""Every certificate of the training platform, as values for a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ehtoolkit.ehealth.certificate_info import CertStatus, EtkStatus
from ehtoolkit.identity import Identifier
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.service.certificates import CertificateAuthority
from ehtoolkit.training.service.tokens import TokenAuthority
from ehtoolkit.training.state.certificate_record import CertificateRecord


@dataclass(frozen=True, slots=True)
class PlatformCertificate:
    """One certificate, or one request for it.

    Attributes:
        person: the short name of the training person who asked, None for a stranger.
        withheld: its delivery is kept back.
        awaits_validation: its holder has to confirm it first.
        replaceable: a replacement may be asked for now.
        replacement_start: from when, None until delivered. Moments are aware and in UTC; None for what has not
            happened.
    """

    key_id: str
    identifier: Identifier
    application_id: str | None
    holder: str
    person: str | None
    status: CertStatus
    token_status: EtkStatus
    automatic: bool
    withheld: bool
    awaits_validation: bool
    replaceable: bool
    replaces: str | None
    requested_at: datetime
    deliver_at: datetime
    not_before: datetime | None
    not_after: datetime | None
    replacement_start: datetime | None
    refused_at: datetime | None
    revoked_at: datetime | None
    revocation_reason: str | None


def held_certificates(
    register: Register, authority: CertificateAuthority, tokens: TokenAuthority, now: datetime
) -> tuple[PlatformCertificate, ...]:
    """Return every certificate and request of the register, the one asked for last first."""
    return tuple(_held(one, register, authority, tokens, now) for one in register.all())


def _held(
    record: CertificateRecord,
    register: Register,
    authority: CertificateAuthority,
    tokens: TokenAuthority,
    now: datetime,
) -> PlatformCertificate:
    dn, asker = record.holder.dn, register.person(record.signer)
    return PlatformCertificate(
        key_id=record.key_id,
        identifier=dn.identifier,
        application_id=dn.application_id,
        holder=" ".join(filter(None, (record.holder.first_names, record.holder.name))),
        person=None if asker is None else asker.name,
        status=record.status(now),
        token_status=tokens.status(record),
        automatic=record.automatic,
        withheld=register.withheld(record),
        awaits_validation=record.awaits_validation,
        replaceable=authority.replaceable(record),
        replaces=record.replaces,
        requested_at=record.requested_at,
        deliver_at=record.deliver_at,
        not_before=record.not_before,
        not_after=record.not_after,
        replacement_start=record.replacement_start,
        refused_at=record.refused_at,
        revoked_at=record.revoked_at,
        revocation_reason=record.revocation_reason,
    )
