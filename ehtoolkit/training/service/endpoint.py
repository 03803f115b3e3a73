"""What a service offers: one operation, who signs it, and what answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ehtoolkit.ehealth.soap.operations import Operation
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.service import answers
from ehtoolkit.training.service.element_reader import ElementReader

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

    def success(self) -> Element:
        """Return the answer with a Status of success; its content is added to it."""
        return answers.success(self.operation, self.request_id, self.now)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation that a service offers.

    ``answer``: reads the request, decides, and returns the answer. Raises `errors.MessageInvalid` and `Refusal`.
    """

    operation: Operation
    signer: Signer
    answer: Callable[[Call], Element]
