"""Requests by training people for their organisations."""

from __future__ import annotations

from ehtoolkit.card.port import Card
from ehtoolkit.identity import ContactData, Identifier, Organisation
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from tests.procedures.conftest import PIN, Road

PRACTICE = Identifier("CBE", "0486132722")
OTHER = Secret("Praxis-2026")
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42", "praxis@example.be", "+32 4 555 01 43")


def card_of(road: Road, name: str = "default") -> Card:
    return road.toolkit.open_card(f"training:{name}")


def ask(
    road: Road,
    organisation: Identifier | None = PRACTICE,
    application_id: str | None = None,
    *,
    name: str = "default",
    password: Secret = OTHER,
    insist: bool = False,
) -> ProcedureResult:
    """A request by one of the training people, for an organisation or for himself."""
    card = card_of(road, name)
    person = card.identity().person
    actor = person if organisation is None else Organisation(organisation, "Les Tilleuls")
    requested = CertificateRequest(person, actor, CONTACT, application_id)
    context = road.toolkit.context
    return request(requested, card, lambda _: PIN, password, context, show=lambda _: None, insist=insist)
