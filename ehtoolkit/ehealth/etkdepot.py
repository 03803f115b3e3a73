"""The ETK depot, where everyone finds the tokens to encrypt with: messages and calls."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.client import SoapClient
from ehtoolkit.ehealth.soap.xml import (
    DEPOT,
    Element,
    add,
    child,
    child_text,
    octets,
    optional_child,
    optional_text,
)
from ehtoolkit.identity import Identifier


@dataclass(frozen=True, slots=True)
class TokenName:
    """What a token is filed under; ``type`` may be one that we do not know. ``application_id`` None: none."""

    type: str
    number: str
    application_id: str | None = None


@dataclass(frozen=True, slots=True)
class DepotAnswer:
    """One of: a token (CMS), the names of the tokens that match, errors (code and message); or nothing at
    all."""

    etk: bytes | None = None
    matching: tuple[TokenName, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EtkDepot:
    """Nothing here is signed, and everything may be asked again."""

    client: SoapClient
    clock: Clock

    def search(self, name: TokenName) -> DepotAnswer:
        """Return what the depot has under ``name``. Raises the `ehtoolkit.errors.PlatformError` of its failure."""
        request = operations.GET_ETK.new_request(self.clock.now())
        add_criteria(request, name)
        return self.client.ask(operations.GET_ETK, request, read_depot_answer)

    def search_all(self, identifier: Identifier) -> DepotAnswer:
        """Return what the depot has for ``identifier``, with whatever application id: what programs find that ask for
        none."""
        request = operations.GET_ETK.new_request(self.clock.now())
        add_number(request, identifier.type, identifier.value)
        return self.client.ask(operations.GET_ETK, request, read_depot_answer)

    def get_etk(self, identifier: Identifier, application_id: str | None = None) -> bytes | None:
        """Return the token that messages for ``identifier`` are encrypted with; None when the depot has none.

        When the depot answers with names, the one that was asked for is looked up again, once.
        """
        wanted = TokenName(identifier.type, identifier.value, application_id)
        answer = self.search(wanted)
        if answer.etk is None and wanted in answer.matching:
            answer = self.search(wanted)
        return answer.etk


def add_criteria(request: Element, name: TokenName) -> None:
    """Add SearchCriteria for the token of ``name`` to ``request``. An empty ApplicationID, the one element that is ever
    sent empty, means "the token without application id"; left out it would mean "whatever application id"."""
    add(add_number(request, name.type, name.number), DEPOT, "ApplicationID", name.application_id)


def add_number(request: Element, kind: str, number: str) -> Element:
    """Add SearchCriteria with type and number alone to ``request``, and return the identifier in it."""
    identifier = add(add(request, DEPOT, "SearchCriteria"), DEPOT, "Identifier")
    add(identifier, DEPOT, "Type", kind)
    add(identifier, DEPOT, "Value", number)
    return identifier


def read_depot_answer(response: Element) -> DepotAnswer:
    token = optional_child(response, DEPOT("ETK"))
    return DepotAnswer(
        etk=None if token is None else octets(token),
        matching=tuple(
            _read_name(child(match, DEPOT("Identifier"))) for match in response.findall(DEPOT("MatchingEtk"))
        ),
        errors=tuple(
            (child_text(error, DEPOT("Code")), optional_text(error, DEPOT("Message")) or "")
            for error in response.findall(DEPOT("Error"))
        ),
    )


def _read_name(identifier: Element) -> TokenName:
    return TokenName(
        type=child_text(identifier, DEPOT("Type")),
        number=child_text(identifier, DEPOT("Value")),
        application_id=optional_text(identifier, DEPOT("ApplicationID")),
    )
