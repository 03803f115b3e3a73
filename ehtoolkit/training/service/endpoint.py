"""What a service offers (an operation, who signs it, and what answers it), and one call with its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import uuid4

from ehtoolkit.ehealth.soap.operations import Operation
from ehtoolkit.ehealth.soap.xml import (
    CERTRA,
    CERTRA_CORE,
    COMMONS,
    COMMONS_1,
    DEPOT,
    ETEE,
    ETKRA,
    SUCCESS,
    Element,
    Namespace,
    add,
    new_element,
)
from ehtoolkit.system.text_safety import REPLACEMENT, printable
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.service.answers import add_plain, date_time
from ehtoolkit.training.service.element_reader import ElementReader
from ehtoolkit.training.state.refusal_reasons import Refusal

REFUSED: Final = "urn:be:fgov:ehealth:2.0:status:Requester"

_PREFIXES: Final[Mapping[str, tuple[Namespace, ...]]] = {
    CERTRA: (COMMONS, ETEE, CERTRA_CORE),
    ETKRA: (COMMONS, ETEE),
    DEPOT: (COMMONS_1,),
}
"""The further namespaces that the root of an answer declares, by its own."""
_NOT_XML: Final = re.compile("[\ufffe\uffff]")
"""What XML does not have beside control characters; the name of an issuer may have it."""

Signer = Literal["unsigned", "citizen", "citizen_signing", "holder", "any_holder"]
"""Who has to sign: a card with its authentication key or its signature key (``citizen_signing``), or an eHealth
certificate that is in force; with ``any_holder`` also one that is revoked or out of its days."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way.

    Attributes:
        request: what may be read; of a signed request, what was signed.
        signer: a `Citizen`, or the `CertificateRecord` of a holder; None for a request that is not signed.
        base_url: scheme and host under which the client found this platform.
    """

    platform: EmbeddedPlatform
    operation: Operation
    now: datetime
    request: Element
    base_url: str
    signer: Any = None

    @property
    def request_id(self) -> str | None:
        return self.request.get("Id")

    def reader(self) -> ElementReader:
        """Return a reader of the request, apart from the clients' reader, so that a mistake in one is not made good by
        the same in the other."""
        return ElementReader(self.request, self.operation.namespace)

    def new_answer(self) -> Element:
        """Return the root of the answer, without Status."""
        operation = self.operation
        answer = new_element(operation.namespace, operation.response_name, _PREFIXES[operation.namespace])
        answer.set("Id", f"_{uuid4()}")
        if operation.namespace != DEPOT:
            if self.request_id:
                answer.set("InResponseTo", self.request_id)
            answer.set("IssueInstant", date_time(self.now))
        return answer

    def success(self) -> Element:
        """Return the answer with a Status of success; its content is added to it."""
        answer = self.new_answer()
        if self.operation.namespace == DEPOT:
            status = add(answer, COMMONS_1, "Status")
            add_plain(status, "Code", "200")
            add_plain(status, "Message", "Success").set("Lang", "EN")
        else:
            add(add(answer, COMMONS, "Status"), COMMONS, "StatusCode", Value=SUCCESS)
        return answer

    def refusal(self, why: Refusal) -> Element:
        """Return an answer without payload; StatusMessage and StatusDetail are always there, since clients read
        them."""
        answer = self.new_answer()
        status = add(answer, COMMONS, "Status")
        add(status, COMMONS, "StatusCode", Value=REFUSED)
        add(status, COMMONS, "StatusMessage", why.message)
        error = add_plain(add(add(status, COMMONS, "StatusDetail"), ETEE, "EteeStatusDetail"), "Errors")
        add_plain(error, "Code", why.code)
        add_plain(error, "Message", why.message)
        for name, value in why.parameters.items():
            parameter = add_plain(error, "Parameters")
            add_plain(parameter, "Name", name)
            add_plain(parameter, "Value", _NOT_XML.sub(REPLACEMENT, printable(value)))
        return answer


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation that a service offers.

    ``answer``: reads the request, decides, and returns the answer. Raises `errors.MessageInvalid` and `Refusal`.
    """

    operation: Operation
    signer: Signer
    answer: Callable[[Call], Element]
