"""Build what the training platform answers: success, refusal, fault, and values inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid4

from lxml import etree

from ehtoolkit.ehealth.soap.operations import Operation
from ehtoolkit.ehealth.soap.xml import (
    CERTRA,
    CERTRA_CORE,
    COMMONS,
    COMMONS_1,
    DEPOT,
    ETEE,
    SOA_ERRORS,
    SOAP,
    SUCCESS,
    XML,
    Element,
    Namespace,
    add,
    new_element,
)
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.settings import LanguageName
from ehtoolkit.system.text_safety import REPLACEMENT, printable
from ehtoolkit.training.state.refusal_reasons import Refusal

REFUSED: Final = "urn:be:fgov:ehealth:2.0:status:Requester"
ENVIRONMENT: Final = "Training"
LANGUAGES: Final[tuple[LanguageName, ...]] = ("fr", "nl")
"""The platform's own languages; contracts and e-mails come in no other."""

_NOT_XML: Final = re.compile("[\ufffe\uffff]")
"""What XML does not have beside control characters; the name of an issuer may have it."""


def date_time(moment: datetime) -> str:
    """Return ``moment`` as an xs:dateTime in Brussels time, to the millisecond."""
    return moment.astimezone(BRUSSELS).isoformat(timespec="milliseconds")


def new_answer(operation: Operation, request_id: str | None, now: datetime) -> Element:
    """Return the root of an answer, without Status."""
    answer = new_element(operation.namespace, operation.response_name, _prefixes(operation))
    answer.set("Id", f"_{uuid4()}")
    if operation.namespace != DEPOT:
        if request_id:
            answer.set("InResponseTo", request_id)
        answer.set("IssueInstant", date_time(now))
    return answer


def success(operation: Operation, request_id: str | None, now: datetime) -> Element:
    """Return the root of an answer with a Status of success; the payload follows."""
    answer = new_answer(operation, request_id, now)
    if operation.namespace == DEPOT:
        status = add(answer, COMMONS_1, "Status")
        _plain(status, "Code", "200")
        _plain(status, "Message", "Success").set("Lang", "EN")
    else:
        add(add(answer, COMMONS, "Status"), COMMONS, "StatusCode", Value=SUCCESS)
    return answer


def refusal(operation: Operation, request_id: str | None, now: datetime, why: Refusal) -> Element:
    """Return an answer without payload; StatusMessage and StatusDetail are always there, since clients read them."""
    answer = new_answer(operation, request_id, now)
    status = add(answer, COMMONS, "Status")
    add(status, COMMONS, "StatusCode", Value=REFUSED)
    add(status, COMMONS, "StatusMessage", why.message)
    error = _plain(add(add(status, COMMONS, "StatusDetail"), ETEE, "EteeStatusDetail"), "Errors")
    _plain(error, "Code", why.code)
    _plain(error, "Message", why.message)
    for name, value in why.parameters.items():
        parameter = _plain(error, "Parameters")
        _plain(parameter, "Name", name)
        _plain(parameter, "Value", _NOT_XML.sub(REPLACEMENT, printable(value)))
    return answer


def fault(code: str, message: str, *, sender: bool) -> Element:
    """Return a SOAP 1.1 Fault. ``sender``: the one who asked made the mistake, not the platform."""
    root = etree.Element(SOAP("Fault"), nsmap={"soap": SOAP, "soa": SOA_ERRORS})
    _plain(root, "faultcode", "soap:Client" if sender else "soap:Server")
    _plain(root, "faultstring", message)
    kind = "BusinessError" if sender else "SystemError"
    error = add(_plain(root, "detail"), SOA_ERRORS, kind, Id=f"_{uuid4()}")
    _plain(error, "Origin", "Consumer" if sender else "Provider")
    _plain(error, "Code", code)
    _plain(error, "Message", message).set(XML("lang"), "en")
    if not sender:
        _plain(error, "Retry", "true")
    add(error, SOA_ERRORS, "Environment", ENVIRONMENT)
    return root


def add_text(parent: Element, namespace: Namespace, name: str, texts: Mapping[str, str]) -> None:
    """Add a TextType to ``parent``: one Value per language."""
    element = add(parent, namespace, name)
    for language, text in texts.items():
        add(element, CERTRA_CORE, "Value", text).set(XML("lang"), language)


def add_boolean(parent: Element, namespace: Namespace, name: str, value: bool) -> None:
    add(parent, namespace, name, "true" if value else "false")


def _prefixes(operation: Operation) -> tuple[Namespace, ...]:
    if operation.namespace == DEPOT:
        return (COMMONS_1,)
    return (COMMONS, ETEE, CERTRA_CORE) if operation.namespace == CERTRA else (COMMONS, ETEE)


def _plain(parent: Element, name: str, text: str | None = None) -> Element:
    """Add a child without namespace, as these services have them below a Status and in a fault, and return it."""
    child = etree.SubElement(parent, name)
    child.text = text
    return child
