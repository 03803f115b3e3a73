"""What the Renew form knows and does, without a widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.certra_messages import ActorQualities
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.forms.choosing import Choosing, Pick, newest_of
from ehtoolkit.forms.due import Due, DueKind
from ehtoolkit.forms.steps import (
    CardReading,
    FirstTry,
    Sent,
    contact_blocks,
    contact_data,
    contact_fields,
    read_card_of,
    terms_block,
)
from ehtoolkit.forms.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures import request as asking
from ehtoolkit.procedures.renew import Renewal, check_password, check_renewal, prepare_renewal
from ehtoolkit.secret import Secret


class RenewModel:
    """One walk through the form. Methods that talk to card, platform or disk are slow and raise our errors."""

    def __init__(self, toolkit: Toolkit, asked: Path | None = None) -> None:
        self.toolkit = toolkit
        self.parts = toolkit.parts
        self.reading = CardReading(toolkit)
        self.choosing = Choosing(self.parts.keystores, self.parts.notes, self._pick, asked)
        self.present: Secret | None = None
        self._file: KeystoreFile | None = None
        self._first_try = FirstTry()
        self._lock = ExitStack()
        self._locked_for: DistinguishedName | None = None
        self.wizard = Wizard(
            [
                Step("terms", {"accepted": False}, terms_block),
                self.reading.step,
                self.choosing.step("choose"),
                Step("contact", contact_fields(), self._contact_blocks),
                Step("check"),
                Step("sign"),
                Step(
                    "password",
                    {"keep_password": True},
                    applies=lambda _: not self._first_try.gave_password,
                ),
                Step("send"),
            ]
        )

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def renewal(self) -> Renewal | None:
        """The keystore that was opened, and what the platform says of it."""
        found = self.wizard.result("renewal")
        return found if isinstance(found, Renewal) else None

    @property
    def contract(self) -> Contract | None:
        found = self.wizard.result("contract")
        return found if isinstance(found, Contract) else None

    @property
    def sent(self) -> Sent | None:
        found = self.wizard.result("sent")
        return found if isinstance(found, Sent) else None

    @property
    def for_organisation(self) -> bool:
        return self.renewal is not None and not self.renewal.holder.identifier.is_person

    def wish(self) -> asking.Wish:
        """Who asks for whom, with the contact data as typed; only after the steps before were confirmed."""
        read = read_card_of(self.wizard)
        if read is None:
            raise errors.CardAbsent
        contact = contact_data(self.wizard.values, with_general=self.for_organisation)
        return self._renewal().wish(read.identity.person, contact)

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def ask_qualities(self, pin: Secret | None) -> None:
        """First PIN: for whom the holder of the card may ask."""
        self.wizard.keep("qualities", asking.ask_qualities(self.reading.card, pin, self.parts))

    def open(self, password: Secret) -> None:
        """Open the keystore that is chosen, and ask the platform whether it can be renewed, by this card.

        Fills in the contact data as the platform has them.
        """
        read = read_card_of(self.wizard)
        if read is None:
            raise errors.CardAbsent
        person = read.identity.person
        qualities: ActorQualities = self.wizard.result("qualities")
        file = self.toolkit.open_keystore(self.choosing.path(self.wizard.values), password)
        renewal, _ = check_renewal(file, self.parts, person, lambda: qualities)
        self.present = password
        self.wizard.keep("renewal", renewal)
        known = renewal.contact
        self.wizard.edit(
            contact_fields(
                email=known.email,
                phone=known.phone,
                general_email=known.general_email,
                general_phone=known.general_phone,
            )
        )

    def draw_up_contract(self) -> None:
        """Take the lock of this holder and let the platform write the contract.

        Another page or process may have renewed since the file was opened, so that is asked again, as `renewable`
        does.
        """
        renewal, wish = self._renewal(), self.wish()
        self._take_lock(renewal.holder)
        qualities: ActorQualities = self.wizard.result("qualities")
        check_renewal(renewal.old, self.parts, wish.signer, lambda: qualities)
        self.wizard.keep("contract", asking.draw_up_contract(wish, self.parts))

    def sign(self, pin: Secret | None) -> None:
        """Second PIN."""
        if self.contract is None:
            raise RuntimeError("there is no contract to sign")
        signed = asking.sign(self.contract, self.wish(), self.reading.card, pin, self.parts)
        self.wizard.keep("signed", signed)

    def choose_password(self, password: Secret) -> None:
        """The password of the new keystore; kept in this process until that is written. Raises as
        `check_password` does."""
        qualities: ActorQualities = self.wizard.result("qualities")
        check_password(password, self._renewal(), self.wish(), qualities, self.parts)
        self.wizard.keep("password", password)

    def send(self) -> None:
        """Write the new keystore, then send. A second try sends the same message for the same file."""
        signed: asking.Signed = self.wizard.result("signed")
        if self._file is None:
            password = self._first_try.password or self.wizard.result("password")
            wish = self.wish()
            self._file = prepare_renewal(signed, password, self._renewal(), wish, self.parts)
        self.wizard.seal()
        outcome = asking.submit(self._file, signed, self.parts)
        asking.put_away(self._first_try.file)
        self.wizard.keep("sent", Sent(outcome, self.parts.clock.now(), self._file))
        self.close()

    def take_other_key(self, kind: NewKeyKind) -> None:
        """After a refusal: ask again for the same, with a key of ``kind``. The second PIN is asked anew."""
        self._first_try = FirstTry(self.wizard.result("password"), self._file)
        self._file = None
        self.parts = self.parts.asking_for(kind)
        self.wizard.release("sign")

    def close(self) -> None:
        """Let go of card, lock and password: the form is done or left."""
        self._lock.close()
        self._locked_for = None
        self.present = None
        self._first_try.forget_password()
        self.reading.close()

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def _take_lock(self, holder: DistinguishedName) -> None:
        """Of this holder alone: another keystore may have been chosen since."""
        if self._locked_for == holder:
            return
        self._lock.close()
        self._lock.enter_context(asking.one_at_a_time(holder, self.parts))
        self._locked_for = holder

    def _renewal(self) -> Renewal:
        if self.renewal is None:
            raise RuntimeError("no keystore was opened")
        return self.renewal

    def _pick(self, due: Sequence[Due]) -> Pick:
        """Files with a certificate, of the card's holder or of organisations; his own newest is proposed."""
        fit = [one for one in due if one.kind is not DueKind.WAITING and self._may_be_his(one)]
        offered = tuple(sorted(fit, key=lambda one: one.found.moment, reverse=True))
        mine = [one for one in offered if one.identifier is not None and one.identifier.is_person]
        if self.reading.identity is None or not mine:
            return Pick(offered)
        return Pick(offered, newest_of(mine), "renew.why.newest")

    def _may_be_his(self, due: Due) -> bool:
        """Not a personal keystore of somebody else, as far as can be seen."""
        identity = self.reading.identity
        if identity is None or due.identifier is None or not due.identifier.is_person:
            return True
        return due.identifier.value == identity.niss.digits

    def _contact_blocks(self, values: Values) -> Iterable[Blocker]:
        return contact_blocks(values, with_general=self.for_organisation)
