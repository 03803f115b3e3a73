"""Read the status of a response: success, refusal, "not yet", or a SOAP fault."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.xml import COMMONS, COMMONS_1, ETEE, SOAP, SUCCESS, Element, local_name
from ehtoolkit.ehealth.soap.xml_values import child, child_text, optional_child, optional_text
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.system.text_safety import fit

NOT_YET_DELIVERED: Final = "CERT_NOT_YET_DELIVERED"
NOT_YET_VALID: Final = "AUTH_CERT_NOT_YET_VALID"
"""The beginning of codes of the first version of the service, with ``[dd/MM/yyyy HH:mm…]`` in them."""
DEPOT_SUCCESS: Final = "200"

_STATUS: Final = COMMONS("Status")
_CODE: Final = COMMONS("StatusCode")
_MESSAGE: Final = COMMONS("StatusMessage")
_DETAIL: Final = COMMONS("StatusDetail")
_MOMENT: Final = re.compile(r"\[(\d{2}/\d{2}/\d{4} \d{2}:\d{2})")


def require_success(response: Element) -> None:
    """Check that the Status of a CertRA or EtkRA answer says success.

    Raises `errors.NotYetDelivered`, `errors.PlatformRefused` with code and message on one line each, or
    `errors.MessageInvalid` without a Status.
    """
    status = child(response, _STATUS)
    top = child(status, _CODE)
    if top.get("Value") == SUCCESS:
        return
    refusals = _refusals(status)
    for code, _ in refusals:
        if code.startswith((NOT_YET_DELIVERED, NOT_YET_VALID)):
            raise errors.NotYetDelivered(not_before=_moment_in(code))
    general = optional_text(status, _MESSAGE) or ""
    if not refusals:
        below = top.find(_CODE)
        code = (top if below is None else below).get("Value", "")
        raise errors.PlatformRefused(code=fit(code), detail=fit(general))
    first_code, first_detail = refusals[0]
    detail = "; ".join([first_detail, *(f"{code}: {message}" for code, message in refusals[1:])])
    raise errors.PlatformRefused(code=fit(first_code), detail=fit(detail or general))


def _refusals(status: Element) -> list[tuple[str, str]]:
    """Return code and message (with its parameters) of each error; their elements have no namespace."""
    detail = optional_child(status, _DETAIL)
    found = None if detail is None else detail.find(ETEE("EteeStatusDetail"))
    if found is None:
        return []
    return [(optional_text(one, "Code") or "", _message_of(one)) for one in found.findall("Errors")]


def _message_of(error: Element) -> str:
    parameters = [
        f"{optional_text(one, 'Name') or ''}={optional_text(one, 'Value') or ''}"
        for one in error.findall("Parameters")
    ]
    message = optional_text(error, "Message") or ""
    return f"{message} ({', '.join(parameters)})" if parameters else message


def _moment_in(code: str) -> datetime | None:
    found = _MOMENT.search(code)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%d/%m/%Y %H:%M").replace(tzinfo=BRUSSELS)
    except ValueError:
        return None


def require_depot_success(response: Element) -> None:
    """Check that the Status of a depot answer, whose children have no namespace, says success.

    Raises `errors.PlatformRefused` with code and message, on one line each.
    """
    status = child(response, COMMONS_1("Status"))
    code = child_text(status, "Code")
    if code != DEPOT_SUCCESS:
        messages = [(one.text or "").strip() for one in status.findall("Message")]
        raise errors.PlatformRefused(code=fit(code), detail=fit("; ".join(messages)))


def is_fault(message: Element) -> bool:
    return bool(message.tag == SOAP("Fault"))


def fault(message: Element, correlation_id: str | None) -> errors.PlatformFault:
    """Return the error for a SOAP Fault: Code, Origin and Messages of its SystemError or BusinessError, else faultcode
    and faultstring.

    Its inner elements are found by local name: some servers qualify what the schema leaves unqualified.
    """
    facts: dict[str, list[str]] = {}
    for element in message.iter("*"):
        if not len(element) and (element.text or "").strip():
            facts.setdefault(local_name(element), []).append((element.text or "").strip())
    first = {name: values[0] for name, values in facts.items()}
    return errors.PlatformFault(
        code=fit(first.get("Code") or first.get("faultcode", "")),
        origin=fit(first.get("Origin", "")),
        detail=fit("; ".join(facts.get("Message", [])) or first.get("faultstring", "")),
        correlation_id=correlation_id,
    )
