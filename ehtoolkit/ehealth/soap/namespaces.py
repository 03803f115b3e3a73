"""The XML namespaces of the eHealth services, and the names made with them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

CERTRA: Final = "urn:be:fgov:ehealth:certra:protocol:v2"
CERTRA_CORE: Final = "urn:be:fgov:ehealth:certra:core:v2"
ETKRA: Final = "urn:be:fgov:ehealth:etkra:protocol:v2"
DEPOT: Final = "urn:be:fgov:ehealth:etkdepot:1_0:protocol"
COMMONS: Final = "urn:be:fgov:ehealth:commons:core:v2"
COMMONS_1: Final = "urn:be:fgov:ehealth:commons:1_0:core"
"""What the depot, an older service, takes its Status from; the children of that Status have no namespace."""
ETEE: Final = "urn:be:fgov:ehealth:etee:commons:core:v2"
"""Of EteeStatusDetail; what is inside has no namespace."""
SOA_ERRORS: Final = "urn:be:fgov:ehealth:errors:soa:v1"

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        SOAP: "soap",
        SIGNATURE: "ds",
        XSI: "xsi",
        CERTRA: "certra",
        CERTRA_CORE: "core",
        ETKRA: "etkra",
        DEPOT: "depot",
        COMMONS: "commons",
        COMMONS_1: "commons1",
        ETEE: "etee",
        SOA_ERRORS: "soa",
    }
)
"""The prefixes that we write. Nothing that is read may depend on a prefix."""

SUCCESS: Final = "urn:be:fgov:ehealth:2.0:status:Success"
"""The top status code of an answer that is not a refusal."""


def name_in(namespace: str, name: str) -> str:
    """``{namespace}name``, as lxml writes qualified names."""
    return f"{{{namespace}}}{name}"
