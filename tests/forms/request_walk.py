"""Walks through the form of a request, by its model."""

from __future__ import annotations

from collections.abc import Callable

from ehtoolkit.forms.wizards.request.form import REQUEST
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.keystore.state import State
from ehtoolkit.secret import Secret
from tests.procedures.conftest import PIN, Road

OTHER = Secret("Praxis-2026")
CONTACT = {
    "email": "elise@example.be",
    "phone": "+32 4 555 01 42",
    "general_email": "praxis@example.be",
    "general_phone": "+32 4 555 01 43",
}


class Walk:
    """Somebody who goes through the form, without widgets."""

    def __init__(self, road: Road, card: str = "default", **options: object) -> None:
        self.model = REQUEST.walk(RequestModel(road.toolkit, **options))  # type: ignore[arg-type]
        self.wizard = self.model.wizard
        self.wizard.edit({"accepted": True, "card": f"training:{card}"})

    def to_who(self) -> Walk:
        assert self.wizard.confirm()
        self.model.reading.read(self.wizard)
        self.model.ask_choices(PIN)
        assert self.wizard.confirm()
        assert self.wizard.current.name == "who"
        return self

    def to_organisation(self, actor: str, **typed: str) -> Walk:
        self.to_who()
        self.wizard.edit({"actor": actor})
        assert self.wizard.confirm()
        self.wizard.edit(typed)
        return self

    def rest(self, password: Secret = OTHER, *, after_signing: Callable[[], object] = lambda: None) -> State:
        """From the contact data to the end."""
        self.wizard.edit(CONTACT)
        assert self.wizard.confirm()
        self.model.draw_up_contract()
        assert self.wizard.confirm()
        self.model.sign(PIN)
        after_signing()
        assert self.wizard.confirm()
        self.model.choose_password(password)
        assert self.wizard.confirm()
        self.model.send()
        return self.model.sent.outcome.state

    @property
    def blocked(self) -> list[tuple[str | None, str]]:
        return [(blocker.field, blocker.key) for blocker in self.wizard.blockers()]
