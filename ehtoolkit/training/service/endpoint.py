"""What a service offers: one operation, who signs it, how it is read, and what is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ehtoolkit.ehealth.soap.operations import Operation
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.service import answers

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

    operation: Operation
    now: datetime
    request: Element
    base_url: str
    signer: Any = None

    @property
    def request_id(self) -> str | None:
        return self.request.get("Id")

    def success(self) -> Element:
        """Return the answer with a Status of success; its content is added to it."""
        return answers.success(self.operation, self.request_id, self.now)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation that a service offers.

    Attributes:
        read: reads the request by the schema, apart from the clients' reader, so that a mistake in one is not made good
            by the same in the other. Raises `errors.MessageInvalid`.
        do: decides and returns the answer. Raises `Refusal`.
    """

    operation: Operation
    signer: Signer
    read: Callable[[Element], Any]
    do: Callable[[EmbeddedPlatform, Call, Any], Element]
