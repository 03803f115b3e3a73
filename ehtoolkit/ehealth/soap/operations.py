"""The operations of the services: names, SOAPAction, and whether they may be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from ehtoolkit.ehealth.soap.xml import CERTRA, COMMONS, DEPOT, ETKRA, TRUST, Element, Namespace, new_element

_ETEE_CERTRA: Final = "urn:be:fgov:ehealth:etee:certra:protocol:v2:"
_ETEE_ETKRA: Final = "urn:be:fgov:ehealth:etee:etkra:protocol:v2:"
_STS_ANSWER: Final = "RequestSecurityTokenResponse"
_STS: Final = "urn:be:fgov:ehealth:sts:protocol:v1:"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the platform.

    Attributes:
        own_action: the SOAPAction without quotes, where it is not namespace and name.
        repeatable: asking twice changes nothing; the others are never sent again after a lost answer.
        has_status: the answer has a Status.
        message: what is sent to the STS, whose messages are named by WS-Trust; None elsewhere.
    """

    name: str
    namespace: Namespace
    own_action: str = ""
    repeatable: bool = True
    has_status: bool = True
    message: str | None = None

    @property
    def action(self) -> str | None:
        """The SOAPAction without quotes; None for the depot, which takes none."""
        return None if self.namespace == DEPOT else self.own_action or f"{self.namespace}:{self.name}"

    @property
    def request_name(self) -> str:
        return self.message or f"{self.name[0].upper()}{self.name[1:]}Request"

    @property
    def response_name(self) -> str:
        return _STS_ANSWER if self.message else f"{self.name[0].upper()}{self.name[1:]}Response"

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
GET_ACTOR_QUALITIES: Final = Operation("getActorQualities", CERTRA)
GET_GENERIC_ORGANIZATION_TYPES: Final = Operation("getGenericOrganizationTypes", CERTRA)
GET_EXISTING_APPLICATION_IDS: Final = Operation(
    "getExistingApplicationIds", CERTRA, _ETEE_CERTRA + "getexistingapplicationids", has_status=False
)
GENERATE_CONTRACT: Final = Operation("generateContract", CERTRA)
GENERATE_CERTIFICATE: Final = Operation(
    "generateCertificate", CERTRA, _ETEE_CERTRA + "generatecertificate", repeatable=False
)
GET_CERTIFICATE: Final = Operation("getCertificate", CERTRA, _ETEE_CERTRA + "getcertificate")
GET_CERTIFICATE_INFO_FOR_CITIZEN: Final = Operation("getCertificateInfoForCitizen", CERTRA)
GET_CERTIFICATE_INFO: Final = Operation(
    "getCertificateInfoForAuthenticationCertificate",
    CERTRA,
    _ETEE_CERTRA + "getCertificateInfoForAuthenticationCertificate",
)
GENERATE_REVOCATION_CONTRACT: Final = Operation("generateRevocationContract", CERTRA)
REVOKE: Final = Operation("revoke", CERTRA, _ETEE_CERTRA + "revoke", repeatable=False)
SUBMIT_CSR_FOR_FOREIGNER: Final = Operation("submitCSRForForeigner", CERTRA, repeatable=False)
START_ETK_REGISTRATION: Final = Operation(
    "startETKRegistration", ETKRA, _ETEE_ETKRA + "startETKRegistration", repeatable=False
)
COMPLETE_ETK_REGISTRATION: Final = Operation(
    "completeETKRegistration",
    ETKRA,
    _ETEE_ETKRA + "completeETKregistration",
    repeatable=False,
)
ACTIVATE_ETK: Final = Operation("activateETK", ETKRA, _ETEE_ETKRA + "activateETK", repeatable=False)
GET_ETK: Final = Operation("getEtk", DEPOT)

OPERATIONS: Final = MappingProxyType(
    {each.request_tag: each for each in tuple(globals().values()) if isinstance(each, Operation)}
)
"""All of the three services, by the tag of the request."""


REQUEST_SECURITY_TOKEN: Final = Operation(
    "requestSecurityToken", TRUST, _STS + "RequestSecurityToken", message="RequestSecurityToken"
)
CHALLENGE: Final = Operation("challenge", TRUST, _STS + "Challenge", message=_STS_ANSWER)

TRUST_OPERATIONS: Final = MappingProxyType(
    {operation.request_tag: operation for operation in (REQUEST_SECURITY_TOKEN, CHALLENGE)}
)
"""Those of the STS, by the tag of what is sent."""
