"""Build faults, and the values in answers of the training platform."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid4

from lxml import etree

from ehtoolkit.ehealth.soap.xml import CERTRA_CORE, SOA_ERRORS, SOAP, XML, Element, Namespace, add
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.settings import LanguageName

ENVIRONMENT: Final = "Training"
LANGUAGES: Final[tuple[LanguageName, ...]] = ("fr", "nl")
"""The platform's own languages; contracts and e-mails come in no other."""


def date_time(moment: datetime) -> str:
    """Return ``moment`` as an xs:dateTime in Brussels time, to the millisecond."""
    return moment.astimezone(BRUSSELS).isoformat(timespec="milliseconds")


def fault(code: str, message: str, *, sender: bool) -> Element:
    """Return a SOAP 1.1 Fault. ``sender``: the one who asked made the mistake, not the platform."""
    root = etree.Element(SOAP("Fault"), nsmap={"soap": SOAP, "soa": SOA_ERRORS})
    add_plain(root, "faultcode", "soap:Client" if sender else "soap:Server")
    add_plain(root, "faultstring", message)
    kind = "BusinessError" if sender else "SystemError"
    error = add(add_plain(root, "detail"), SOA_ERRORS, kind, Id=f"_{uuid4()}")
    add_plain(error, "Origin", "Consumer" if sender else "Provider")
    add_plain(error, "Code", code)
    add_plain(error, "Message", message).set(XML("lang"), "en")
    if not sender:
        add_plain(error, "Retry", "true")
    add(error, SOA_ERRORS, "Environment", ENVIRONMENT)
    return root


def add_text(parent: Element, namespace: Namespace, name: str, texts: Mapping[str, str]) -> None:
    """Add a TextType to ``parent``: one Value per language."""
    element = add(parent, namespace, name)
    for language, text in texts.items():
        add(element, CERTRA_CORE, "Value", text).set(XML("lang"), language)


def add_boolean(parent: Element, namespace: Namespace, name: str, value: bool) -> None:
    add(parent, namespace, name, "true" if value else "false")


def add_plain(parent: Element, name: str, text: str | None = None) -> Element:
    """Add a child without namespace, as these services have them below a Status and in a fault, and return it."""
    child = etree.SubElement(parent, name)
    child.text = text
    return child
