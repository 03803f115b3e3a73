"""The operations of the services: names, SOAPAction, and whether they may be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from ehtoolkit.ehealth.soap.xml import CERTRA, COMMONS, DEPOT, ETKRA, TRUST, Element, Namespace, new_element

_ROOT: Final = "urn:be:fgov:ehealth:"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the platform.

    Attributes:
        action: the SOAPAction without quotes; None for the depot, which takes none.
        repeatable: asking twice changes nothing; the others are never sent again after a lost answer.
    """

    name: str
    namespace: Namespace
    action: str | None
    repeatable: bool = True

    @property
    def request_name(self) -> str:
        return f"{self.name[0].upper()}{self.name[1:]}Request"

    @property
    def response_name(self) -> str:
        return f"{self.name[0].upper()}{self.name[1:]}Response"

    @property
    def request_tag(self) -> str:
        return self.namespace(self.request_name)

    @property
    def response_tag(self) -> str:
        return self.namespace(self.response_name)

    def new_request(self, moment: datetime) -> Element:
        """Return an empty request issued at ``moment`` under an Id of its own; the depot's has neither."""
        if self.namespace == DEPOT:
            return new_element(DEPOT, self.request_name)
        request = new_element(self.namespace, self.request_name, (COMMONS,))
        request.set("Id", f"_{uuid4()}")
        request.set("IssueInstant", moment.isoformat(timespec="milliseconds"))
        return request


# The odd capitals of the actions, and the `etee` in some of them, are the platform's own.
GET_ACTOR_QUALITIES: Final = Operation(
    "getActorQualities", CERTRA, f"{_ROOT}certra:protocol:v2:getActorQualities"
)
GET_GENERIC_ORGANIZATION_TYPES: Final = Operation(
    "getGenericOrganizationTypes", CERTRA, f"{_ROOT}certra:protocol:v2:getGenericOrganizationTypes"
)
GET_EXISTING_APPLICATION_IDS: Final = Operation(
    "getExistingApplicationIds", CERTRA, f"{_ROOT}etee:certra:protocol:v2:getexistingapplicationids"
)
GENERATE_CONTRACT: Final = Operation(
    "generateContract", CERTRA, f"{_ROOT}certra:protocol:v2:generateContract"
)
GENERATE_CERTIFICATE: Final = Operation(
    "generateCertificate", CERTRA, f"{_ROOT}etee:certra:protocol:v2:generatecertificate", repeatable=False
)
GET_CERTIFICATE: Final = Operation("getCertificate", CERTRA, f"{_ROOT}etee:certra:protocol:v2:getcertificate")
GET_CERTIFICATE_INFO_FOR_CITIZEN: Final = Operation(
    "getCertificateInfoForCitizen", CERTRA, f"{_ROOT}certra:protocol:v2:getCertificateInfoForCitizen"
)
GET_CERTIFICATE_INFO: Final = Operation(
    "getCertificateInfoForAuthenticationCertificate",
    CERTRA,
    f"{_ROOT}etee:certra:protocol:v2:getCertificateInfoForAuthenticationCertificate",
)
GENERATE_REVOCATION_CONTRACT: Final = Operation(
    "generateRevocationContract", CERTRA, f"{_ROOT}certra:protocol:v2:generateRevocationContract"
)
REVOKE: Final = Operation("revoke", CERTRA, f"{_ROOT}etee:certra:protocol:v2:revoke", repeatable=False)
SUBMIT_CSR_FOR_FOREIGNER: Final = Operation(
    "submitCSRForForeigner", CERTRA, f"{_ROOT}certra:protocol:v2:submitCSRForForeigner", repeatable=False
)
START_ETK_REGISTRATION: Final = Operation(
    "startETKRegistration", ETKRA, f"{_ROOT}etee:etkra:protocol:v2:startETKRegistration", repeatable=False
)
COMPLETE_ETK_REGISTRATION: Final = Operation(
    "completeETKRegistration",
    ETKRA,
    f"{_ROOT}etee:etkra:protocol:v2:completeETKregistration",
    repeatable=False,
)
ACTIVATE_ETK: Final = Operation(
    "activateETK", ETKRA, f"{_ROOT}etee:etkra:protocol:v2:activateETK", repeatable=False
)
GET_ETK: Final = Operation("getEtk", DEPOT, None)

OPERATIONS: Final = MappingProxyType(
    {each.request_tag: each for each in tuple(globals().values()) if isinstance(each, Operation)}
)
"""All of the three services, by the tag of the request."""


@dataclass(frozen=True, slots=True)
class TrustOperation(Operation):
    """One of the STS, whose messages are named by WS-Trust. ``message``: what is sent."""

    message: str = "RequestSecurityToken"

    @property
    def request_name(self) -> str:
        return self.message

    @property
    def response_name(self) -> str:
        return "RequestSecurityTokenResponse"


REQUEST_SECURITY_TOKEN: Final = TrustOperation(
    "requestSecurityToken", TRUST, f"{_ROOT}sts:protocol:v1:RequestSecurityToken"
)
CHALLENGE: Final = TrustOperation(
    "challenge", TRUST, f"{_ROOT}sts:protocol:v1:Challenge", message="RequestSecurityTokenResponse"
)

TRUST_OPERATIONS: Final = MappingProxyType(
    {operation.request_tag: operation for operation in (REQUEST_SECURITY_TOKEN, CHALLENGE)}
)
"""Those of the STS, by the tag of what is sent."""
