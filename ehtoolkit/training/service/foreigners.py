"""CertRA: people without an identity card, their requests, and the login by which they confirm them."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import CERTRA, Element, add
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.request_checks import check_csr, spki
from ehtoolkit.training.service.actors import check_contact, read_actor, read_contact
from ehtoolkit.training.service.answers import date_time
from ehtoolkit.training.service.certra import holder_of, replaced_by, require_wanted
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.mailbox import MailKind, write_mail
from ehtoolkit.training.state.refusal_reasons import Refusal

VALIDATION_PERIOD: Final = timedelta(days=30)
"""How long a request may wait for its holder's login (the schema names a date and no period)."""
VALIDATION_PATH: Final = "/validation/"

_KEY_ID: Final = re.compile(r"[0-9A-Fa-f]{40}")


def _submit(call: Call) -> Element:
    """Take down a request that is not signed; nothing is made of it before the login. The same key for the same person
    again is answered as the first time."""
    reader = call.reader()
    asking = read_actor(reader.take("ForeignPerson"))
    contact = read_contact(reader.take("ContactData"))
    csr = reader.bytes("CSR")
    reader.end()
    person, platform = asking.person, call.platform
    if not person.niss.is_bis:  # its check digits are left to the client, as everywhere here
        raise Refusal("SSIN_NOT_BIS")
    check_contact(contact)
    holder = holder_of(asking, None, person)
    key = check_csr(csr, holder.dn)
    require_wanted(platform, key, person.niss.digits)
    key_id = certificate_register.key_identifier(key)
    with platform.database.writing():
        record = certificate_register.get(platform, key_id)
        if record is None:
            now = platform.clock.now()
            record = CertificateRecord(
                key_id=key_id,
                spki=spki(key),
                holder=holder,
                signer=person.niss.digits,
                contact=contact,
                replaces=replaced_by(platform, holder.dn, now),
                requested_at=now,
                deliver_at=now + VALIDATION_PERIOD,
                validation_code=secrets.token_urlsafe(24),
                validate_by=now + VALIDATION_PERIOD,
            )
            certificate_register.add(platform, record)
            url = _url(record, call.base_url)
            write_mail(platform.database, record, MailKind.VALIDATE, record.requested_at, url)
    if record.validate_by is None or (record.holder.dn, record.signer) != (holder.dn, person.niss.digits):
        raise Refusal("KEY_ALREADY_USED")
    answer = call.success()
    add(answer, CERTRA, "ValidationUrl", _url(record, call.base_url))
    add(answer, CERTRA, "ExpirationDate", date_time(record.validate_by))
    return answer


def _url(record: CertificateRecord, base_url: str) -> str:
    return f"{base_url}{VALIDATION_PATH}{record.validation_code}"


ENDPOINTS: Final = (Endpoint(op.SUBMIT_CSR_FOR_FOREIGNER, "unsigned", _submit),)


# ── the login ────────────────────────────────────────────────────────────────────────────────────────────
def request_at(platform: EmbeddedPlatform, code: str) -> CertificateRecord:
    """Return the request whose validation address ends in ``code``, confirmed or not. Only its holder knows the
    address.

    Raises `errors.ValidationImpossible` (reason ``unknown``, ``expired`` or ``refused``).
    """
    return _require_open(platform, certificate_register.of_validation(platform, code))


def find_request(platform: EmbeddedPlatform, wanted: str) -> CertificateRecord:
    """Return the request with that validation address or key identifier, for a trainer. Raises as `request_at`
    does."""
    wanted = wanted.strip()
    if _KEY_ID.fullmatch(wanted):
        return _require_open(platform, certificate_register.get(platform, wanted.upper()))
    return request_at(platform, wanted.rstrip("/").rpartition("/")[2])


def confirm_request(platform: EmbeddedPlatform, key_id: str) -> CertificateRecord:
    """Confirm the request, as the holder does by logging in, and return it; once more changes nothing.

    Raises as `request_at` does, and `errors.ValidationImpossible` (reason ``taken``) when the holder has a certificate,
    or one in the making, that this one may not replace yet.
    """
    with platform.database.writing():
        record = _require_open(platform, certificate_register.get(platform, key_id))
        if not record.awaits_validation:
            return record
        now = platform.clock.now()
        try:
            replaces = replaced_by(platform, record.holder.dn, now)
        except Refusal as error:
            raise errors.ValidationImpossible(reason="taken") from error
        certificate_register.confirm(platform, record.key_id, now + platform.delivery, replaces)
        confirmed = _require_open(platform, certificate_register.get(platform, key_id))
        write_mail(platform.database, confirmed, MailKind.READY, confirmed.deliver_at)
        return confirmed


def _require_open(platform: EmbeddedPlatform, record: CertificateRecord | None) -> CertificateRecord:
    if record is None or record.validate_by is None:
        raise errors.ValidationImpossible(reason="unknown")
    if record.status(platform.clock.now()) is CertStatus.REFUSED:
        raise errors.ValidationImpossible(reason="expired" if record.validation_expired else "refused")
    return record
