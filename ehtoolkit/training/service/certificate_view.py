"""Every certificate of the training platform, as values for a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ehtoolkit.ehealth.certificate_info import CertStatus, EtkStatus
from ehtoolkit.identity import Identifier
from ehtoolkit.training.authority import register
from ehtoolkit.training.authority.platform import EmbeddedPlatform
from ehtoolkit.training.service.certificate_info import is_replaceable
from ehtoolkit.training.service.etkra import token_status
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.people_store import person_with_number


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


def platform_certificates(platform: EmbeddedPlatform) -> tuple[PlatformCertificate, ...]:
    """Return every certificate and request of the register, the one asked for last first."""
    return tuple(_held(platform, record) for record in register.all_records(platform))


def _held(platform: EmbeddedPlatform, record: CertificateRecord) -> PlatformCertificate:
    dn, requester = record.holder.dn, person_with_number(platform.database, record.signer)
    return PlatformCertificate(
        key_id=record.key_id,
        identifier=dn.identifier,
        application_id=dn.application_id,
        holder=" ".join(filter(None, (record.holder.first_names, record.holder.name))),
        person=None if requester is None else requester.name,
        status=record.status(platform.clock.now()),
        token_status=token_status(platform, record),
        automatic=record.automatic,
        withheld=register.is_withheld(platform, record),
        awaits_validation=record.awaits_validation,
        replaceable=is_replaceable(platform, record),
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
