"""What the Request form knows and does, without a widget: its steps, what blocks them, and the procedure behind."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.card import Card, CardIdentity, CardKey, PinEntry, check_certificates
from ehtoolkit.compose import Toolkit
from ehtoolkit.ehealth.certra_messages import ActorQualities, NamedOrganisation
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.forms.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.identity import Actor, ContactData, Identifier, Organisation, require_email, require_phone
from ehtoolkit.keystore import KeystoreFile, Note, check_new_password, find_keystores, read_note
from ehtoolkit.procedures import request as procedure
from ehtoolkit.procedures.outcome import Outcome
from ehtoolkit.procedures.waiting import refuse_a_second
from ehtoolkit.secret import Secret

MYSELF = ""
"""The choice of a certificate for the holder of the card himself."""


@dataclass(frozen=True, slots=True)
class ReadCard:
    """What the form shows of a card, and what is wrong with it."""

    reader: str
    identity: CardIdentity
    problem: errors.CardError | None
    tries_left: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The end of it: what was sent, when, and the password-free facts for the receipt."""

    outcome: Outcome
    at: datetime


class RequestModel:
    """One walk through the form. Methods that talk to card, platform or disk are slow and raise our errors.

    ``resume``: a keystore whose request was never sent; its key pair is used again, and its password is asked
    for in the place of a new one.
    """

    def __init__(self, toolkit: Toolkit, resume: Path | None = None) -> None:
        self.toolkit = toolkit
        self.parts = toolkit.parts
        self._resumed = resume
        self._file: KeystoreFile | None = None
        self._card: Card | None = None
        self._lock = ExitStack()
        self._locked_for: procedure.Wish | None = None
        note = self._note_of(resume)
        self.wizard = Wizard(
            [
                Step("terms", {"accepted": False}, _terms_block),
                Step("card", {"card": toolkit.default_card}),
                Step("who", {"actor": MYSELF}, self._who_blocks),
                Step("contact", _contact_fields(note), self._contact_blocks),
                Step("check", {"insist": False}),
                Step("open", applies=lambda _: self.resumes),
                Step("sign"),
                Step("password", applies=lambda _: not self.resumes),
                Step("send"),
            ]
        )

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def resumes(self) -> bool:
        return self._resumed is not None

    @property
    def resumed_path(self) -> Path | None:
        return self._resumed

    @property
    def card(self) -> ReadCard | None:
        """The card that was read, until another is asked for."""
        found = self.wizard.result("card")
        return found if isinstance(found, ReadCard) else None

    @property
    def qualities(self) -> ActorQualities | None:
        found = self.wizard.result("qualities")
        return found if isinstance(found, ActorQualities) else None

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
        return bool(self.wizard.values["actor"] != MYSELF)

    def pin_entry(self, key: CardKey) -> PinEntry:
        """Who is about to ask for the PIN."""
        return PinEntry.HERE if self._card is None else self._card.pin_entry(key)

    def tries_left(self) -> int | None:
        """How many PINs may still be wrong, as the card says now; None where it does not tell."""
        return None if self._card is None else self._card.pin_tries_left()

    def wish(self) -> procedure.Wish:
        """Who asks for whom, as typed; only after the steps before were confirmed."""
        if self.card is None:
            raise errors.CardAbsent
        values, person = self.wizard.values, self.card.identity.person
        return procedure.Wish(person, self._actor(), _contact(values, with_general=self.for_organisation))

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def read_card(self) -> None:
        """Read the card that is chosen; one that cannot sign is shown all the same, with its problem."""
        self.close_card()
        card = self.toolkit.open_card(self.wizard.values["card"] or None)
        self._card = card
        identity = card.identity()
        problem: errors.CardError | None = None
        try:
            check_certificates(card, self.parts.clock.now())
        except (
            errors.CardCertificateMissing,
            errors.CardCertificateExpired,
            errors.SigningUnsupported,
        ) as error:
            problem = error
        self.wizard.keep("card", ReadCard(card.reader, identity, problem, card.pin_tries_left()))

    def forget_card(self) -> None:
        """Another card is about to be read."""
        self.close_card()
        self.wizard.reopen("card")

    def ask_qualities(self, pin: Secret | None) -> None:
        """First PIN: for whom the holder may ask."""
        self.wizard.keep("qualities", procedure.ask_qualities(self._open_card(), pin, self.parts))

    def draw_up_contract(self) -> None:
        """Take the lock and let the platform write the contract.

        Raises `errors.RequestWaiting` while a keystore of the same holder waits, unless the user insists.
        """
        wish = self.wish()
        self._take_lock(wish)
        if not self.resumes and not self.wizard.values["insist"]:
            refuse_a_second(wish.name, self.parts)
        self.wizard.keep("contract", procedure.draw_up_contract(wish, self.parts))

    def open_resumed(self, password: Secret) -> None:
        """Open the keystore whose request is resumed."""
        if self._resumed is None:
            raise RuntimeError("nothing is resumed")
        file = KeystoreFile.open(self._resumed, password)
        procedure.require_resumable(file, self.parts)
        self._file = file

    def sign(self, pin: Secret | None) -> None:
        """Second PIN."""
        contract, wish = self.contract, self.wish()
        if contract is None:
            raise RuntimeError("there is no contract to sign")
        pair = None if self._file is None else self._file.keystore.authentication.key
        signed = procedure.sign(contract, wish, self._open_card(), pin, self.parts, pair)
        self.wizard.keep("signed", signed)

    def choose_password(self, first: Secret, second: Secret) -> None:
        """The password of the new keystore; kept in this process until the keystore is written."""
        check_new_password(first)
        if first != second:
            raise errors.PasswordsDiffer
        self.wizard.keep("password", first)

    def send(self) -> None:
        """Write the keystore, then send. A second try sends the same message for the same file."""
        signed: procedure.Signed = self.wizard.result("signed")
        if self._file is None:
            self._file = procedure.prepare(signed, self.wizard.result("password"), self.wish(), self.parts)
        self.wizard.seal()
        outcome = procedure.submit(self._file, signed, self.parts)
        self.wizard.keep("sent", Sent(outcome, self.parts.clock.now()))
        self.close()

    def close(self) -> None:
        """Let go of card and lock: the form is done or left."""
        self._lock.close()
        self._locked_for = None
        self.close_card()

    def close_card(self) -> None:
        if self._card is not None:
            self._card.close()
            self._card = None

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def _open_card(self) -> Card:
        if self._card is None:
            raise errors.CardAbsent
        return self._card

    def _take_lock(self, wish: procedure.Wish) -> None:
        if self._locked_for == wish:
            return
        self._lock.close()
        self._lock.enter_context(procedure.one_at_a_time(wish, self.parts))
        self._locked_for = wish

    def _actor(self) -> Actor:
        if self.card is None:
            raise errors.CardAbsent
        chosen = self.wizard.values["actor"]
        listed = () if self.qualities is None else self.qualities.organisations
        for organisation in listed:
            if f"{organisation.type}={organisation.number}" == chosen:
                return Organisation(Identifier(organisation.type, organisation.number), name_of(organisation))
        return self.card.identity.person

    def _who_blocks(self, values: Values) -> Iterable[Blocker]:
        if values["actor"] == MYSELF and self.qualities is not None and not self.qualities.natural_person:
            yield Blocker("request.block.not_qualified", "actor")

    def _contact_blocks(self, values: Values) -> Iterable[Blocker]:
        yield from _block("email", "email", values["email"])
        yield from _block("phone", "phone", values["phone"])
        if self.for_organisation:
            yield from _block("general_email", "email", values["general_email"])
            yield from _block("general_phone", "phone", values["general_phone"])

    def _note_of(self, resume: Path | None) -> Note | None:
        if resume is None:
            return None
        for found in find_keystores(resume.parent):
            if found.path == resume and found.key_ids:
                return read_note(self.parts.notes, found.key_ids[0])
        return None


def name_of(organisation: NamedOrganisation, language: str = "fr") -> str:
    """Its name in ``language``, else in French or Dutch, else in whatever there is."""
    names = organisation.names
    return next(names[one] for one in (language, "fr", "nl", *names) if one in names)


def _terms_block(values: Values) -> Iterable[Blocker]:
    if not values["accepted"]:
        yield Blocker("request.block.terms", "accepted")


def _block(field: str, kind: str, value: str) -> Iterable[Blocker]:
    text = value.strip()
    if not text:
        yield Blocker(f"request.block.{field}.empty", field)
        return
    try:
        (require_email if kind == "email" else require_phone)(text)
    except errors.ContactInvalid:
        yield Blocker(f"request.block.{kind}.form", field)


def _contact_fields(note: Note | None) -> dict[str, str]:
    names = ("email", "phone", "general_email", "general_phone")
    return {name: (getattr(note, name) or "") if note is not None else "" for name in names}


def _contact(values: Values, *, with_general: bool) -> ContactData:
    general = (
        (values["general_email"].strip(), values["general_phone"].strip()) if with_general else (None, None)
    )
    return ContactData(values["email"].strip(), values["phone"].strip(), *general)
