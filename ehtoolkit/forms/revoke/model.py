"""What the Revoke form knows and does, without a widget."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.forms.request.prefill import Prefill
from ehtoolkit.forms.steps import CardReading, read_card_of, terms_block
from ehtoolkit.forms.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.procedures.holdings import Holding, holdings
from ehtoolkit.procedures.revoke import (
    WORDS,
    Revoked,
    draw_up_revocation,
    one_at_a_time_for,
    reason_of,
    send_revocation,
)
from ehtoolkit.secret import Secret

LISTED: Final = "certificate"
"""The name of the field that holds the key identifier of the chosen certificate."""


@dataclass(frozen=True, slots=True)
class Done:
    """The end of it."""

    revoked: Revoked
    at: datetime


class RevokeModel:
    """One walk through the form. Methods that talk to card or platform are slow and raise our errors.

    ``asked``: the keystore that the page's address names; its certificate is proposed.
    """

    def __init__(self, toolkit: Toolkit, asked: Path | None = None) -> None:
        self.toolkit = toolkit
        self.parts = toolkit.parts
        self.reading = CardReading(toolkit)
        self._asked = asked
        self._lock = ExitStack()
        self._locked_for = ""
        self.wizard = Wizard(
            [
                Step("questions", {"looked": False}, _looked_block),
                Step("terms", {"accepted": False}, terms_block),
                self.reading.step,
                Step("choose", {LISTED: "", "reason": ""}, self._choice_blocks),
                Step("sign"),
            ]
        )

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def listed(self) -> tuple[Holding, ...]:
        """What the platform has for the holder of the card, newest first."""
        found: tuple[Holding, ...] = self.wizard.result("listed") or ()
        return found

    @property
    def revocable(self) -> tuple[Holding, ...]:
        return tuple(one for one in self.listed if one.revocable)

    @property
    def others(self) -> tuple[Holding, ...]:
        """What the platform does not let be revoked: ended already, or not delivered yet."""
        return tuple(one for one in self.listed if not one.revocable)

    @property
    def proposed(self) -> str:
        """The key identifier to show as chosen: what was chosen, that of the file asked for, or the only one."""
        keys = [one.key_id for one in self.revocable]
        if self.wizard.values[LISTED] in keys:
            return str(self.wizard.values[LISTED])
        asked = [one.key_id for one in self.revocable if self._asked is not None and self._asked in one.files]
        return asked[0] if asked else keys[0] if len(keys) == 1 else ""

    @property
    def chosen(self) -> Holding:
        """The certificate that is chosen. Raises `errors.CertificateNotListed`."""
        wanted = str(self.wizard.values[LISTED])
        for one in self.revocable:
            if one.key_id == wanted:
                return one
        raise errors.CertificateNotListed(key_id=wanted)

    @property
    def contract(self) -> Contract | None:
        found = self.wizard.result("contract")
        return found if isinstance(found, Contract) else None

    @property
    def done(self) -> Done | None:
        found = self.wizard.result("done")
        return found if isinstance(found, Done) else None

    @property
    def prefill(self) -> Prefill:
        """What is known for the new request that usually follows."""
        return Prefill() if self.done is None else Prefill.of_again(self.done.revoked.again)

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def ask_list(self, pin: Secret | None) -> None:
        """First PIN: what the platform has."""
        self.wizard.keep("listed", holdings(self.reading.card, pin, self.parts))

    def draw_up_contract(self) -> None:
        """Take the lock of this holder and let the platform write the contract of the revocation."""
        read, chosen = read_card_of(self.wizard), self.chosen
        if read is None:
            raise errors.CardAbsent
        if self._locked_for != chosen.key_id:
            self._lock.close()
            self._lock.enter_context(one_at_a_time_for(chosen, self.parts))
            self._locked_for = chosen.key_id
        reason = reason_of(str(self.wizard.values["reason"]))
        contract = draw_up_revocation(chosen, read.identity.person, reason, self.parts)
        self.wizard.keep("contract", contract)

    def revoke(self, pin: Secret | None) -> None:
        """Second PIN: sign and send, once."""
        if self.contract is None:
            raise RuntimeError("there is no contract to sign")
        revoked = send_revocation(self.chosen, self.contract, self.reading.card, pin, self.parts)
        self.wizard.seal()
        self.wizard.keep("done", Done(revoked, self.parts.clock.now()))
        self.close()

    def close(self) -> None:
        """Let go of card and lock: the form is done or left."""
        self._lock.close()
        self._locked_for = ""
        self.reading.close()

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def _choice_blocks(self, values: Values) -> Iterable[Blocker]:
        if values[LISTED] not in {one.key_id for one in self.revocable}:
            yield Blocker("revoke.block.certificate", LISTED)
        if values["reason"] not in WORDS:
            yield Blocker("revoke.block.reason", "reason")


def _looked_block(values: Values) -> Iterable[Blocker]:
    if not values["looked"]:
        yield Blocker("revoke.block.looked", "looked")
