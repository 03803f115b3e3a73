"""What the Request form knows and does, without a widget: its steps, what blocks them, and the procedure behind."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.forms.request.prefill import Prefill
from ehtoolkit.forms.request.whom import (
    MYSELF,
    chosen_actor,
    chosen_application_id,
    chosen_name,
    listed_choice,
    organisation_blocks,
    organisation_fields,
    settled_choice,
    whom_blocks,
    whom_field,
)
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
from ehtoolkit.identity import Actor, Person
from ehtoolkit.keystore import KeystoreFile, Note, find_keystores, read_note
from ehtoolkit.procedures import request as procedure
from ehtoolkit.procedures.actors import Choices, ListedOrganisation, choices_of
from ehtoolkit.procedures.belonging import require_requested_for
from ehtoolkit.procedures.in_the_way import replaces_one
from ehtoolkit.procedures.organisation import Checked, check_organisation
from ehtoolkit.procedures.password_apart import require_password_apart
from ehtoolkit.secret import Secret


class RequestModel:
    """One walk through the form. Methods that talk to card, platform or disk are slow and raise our errors.

    ``resume``: a keystore whose request was never sent; its key pair is used again, and its password is asked
    for in the place of a new one. ``prefill``: what is known before anybody typed; of a request that is resumed,
    what was noted about it. ``language``: that of an organisation's name, where it has several.
    """

    def __init__(
        self,
        toolkit: Toolkit,
        resume: Path | None = None,
        prefill: Prefill | None = None,
        language: str = "fr",
    ) -> None:
        self.toolkit = toolkit
        self.parts = toolkit.parts
        self.reading = CardReading(toolkit)
        self._resumed = resume
        self._language = language
        self._file: KeystoreFile | None = None
        self._first_try = FirstTry()
        self._lock = ExitStack()
        self._locked_for: procedure.Wish | None = None
        note = self._note_of(resume)
        known = Prefill.of_note(note) if note is not None else prefill or Prefill()
        contact = contact_fields(
            email=known.email,
            phone=known.phone,
            general_email=known.general_email,
            general_phone=known.general_phone,
        )
        self.wizard = Wizard(
            [
                Step("terms", {"accepted": False}, terms_block),
                self.reading.step,
                Step("who", whom_field(known), lambda values: whom_blocks(values, self.choices)),
                Step(
                    "organisation",
                    organisation_fields(known),
                    lambda values: organisation_blocks(values, self.choices),
                    lambda values: values["actor"] != MYSELF,
                ),
                Step("contact", contact, self._contact_blocks),
                Step("check", {"insist": False}),
                Step("open", applies=lambda _: self.resumes),
                Step("sign"),
                Step("password", applies=lambda _: not self.resumes and not self._first_try.gave_password),
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
    def choices(self) -> Choices | None:
        """For whom the card's holder may ask; None until he has identified himself."""
        found = self.wizard.result("choices")
        return found if isinstance(found, Choices) else None

    @property
    def listed(self) -> ListedOrganisation | None:
        """The listed organisation that is chosen."""
        return listed_choice(self.wizard.values, self.choices)

    @property
    def checked(self) -> Checked | None:
        """What the organisation was held against."""
        found = self.wizard.result("checked")
        return found if isinstance(found, Checked) else None

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

    def wish(self) -> procedure.Wish:
        """Who asks for whom, as typed; only after the steps before were confirmed."""
        values, found = self.wizard.values, self._choices()
        actor = self._actor()
        return procedure.Wish(
            self._person(),
            actor,
            contact_data(values, with_general=self.for_organisation),
            chosen_application_id(values),
            found.types.base_services(actor.identifier.type),
        )

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def ask_choices(self, pin: Secret | None) -> None:
        """First PIN: for whom the holder may ask, and what he has already."""
        asked = procedure.ask(self.reading.card, pin, self.parts)
        found = choices_of(asked.qualities, self.parts)
        self.wizard.edit({"actor": settled_choice(self.wizard.values, found)})
        self.wizard.keep("choices", found)
        self.wizard.keep("held", asked.held)

    def check_organisation(self) -> None:
        """Hold number and application id against what the platform says at this moment.

        Raises `errors.ApplicationIdTaken`, and what `Identifier` and the platform's rules raise.
        """
        name = chosen_name(self._actor(), self.wizard.values)
        checked = check_organisation(name, self.parts, even_if_taken=True)
        self.wizard.keep("checked", checked)
        # The application id of a request that is resumed may be that of the certificate that it renews.
        if checked is not None and not (self.resumes or replaces_one(name, self.wizard.result("held"))):
            checked.ids.require_free(name.application_id)

    def draw_up_contract(self) -> None:
        """Take the lock and let the platform write the contract.

        Raises, unless the user insists, what stands in the way: see `InTheWay`.
        """
        wish = self.wish()
        self._take_lock(wish)
        if not self.resumes:
            asked = procedure.Asked(self._choices().qualities, self.wizard.result("held"))
            insist = bool(self.wizard.values["insist"])
            procedure.check_preconditions(wish, self.parts, lambda: asked, insist=insist)
        self.wizard.keep("contract", procedure.draw_up_contract(wish, self.parts))

    def open_resumed(self, password: Secret) -> None:
        """Open the keystore whose request is resumed.

        Raises `errors.DifferentKeystoreHolder` when it was made for somebody else than who is asked for.
        """
        if self._resumed is None:
            raise RuntimeError("nothing is resumed")
        file = self.toolkit.open_keystore(self._resumed, password)
        procedure.require_resumable(file, self.parts)
        require_requested_for(file, self.wish().name, self.parts)
        self._file = file

    def sign(self, pin: Secret | None) -> None:
        """Second PIN."""
        contract = self._contract()
        pair = None if self._file is None else self._file.keystore.authentication.key
        signed = procedure.sign(contract, self.wish(), self.reading.card, pin, self.parts, pair)
        self.wizard.keep("signed", signed)

    def choose_password(self, password: Secret) -> None:
        """The password of the new keystore; kept in this process until the keystore is written.

        Raises `errors.PasswordReused` when it is that of the same person's keystore for the other use.
        """
        wish = self.wish()
        require_password_apart(password, wish.signer, wish.actor, self._choices().qualities, self.parts)
        self.wizard.keep("password", password)

    def send(self) -> None:
        """Write the keystore, then send. A second try sends the same message for the same file."""
        signed: procedure.Signed = self.wizard.result("signed")
        if self._file is None:
            password = self._first_try.password or self.wizard.result("password")
            self._file = procedure.prepare(signed, password, self.wish(), self.parts)
        elif self.resumes:
            key_id = self._file.keystore.key_id
            procedure.note_request(key_id, self._contract(), self.wish(), self.parts)
        self.wizard.seal()
        outcome = procedure.submit(self._file, signed, self.parts)
        procedure.put_away(self._first_try.file)
        self.wizard.keep("sent", Sent(outcome, self.parts.clock.now(), self._file))
        self.close()

    def take_other_key(self, kind: NewKeyKind) -> None:
        """After a refusal: ask again for the same, with a key of ``kind``. The second PIN is asked anew, and in the
        place of the password of a request that was resumed a new one."""
        self._first_try = FirstTry(self.wizard.result("password"), self._file)
        self._file = self._resumed = None
        self.parts = self.parts.asking_for(kind)
        self.wizard.release("sign")

    def close(self) -> None:
        """Let go of card and lock: the form is done or left."""
        self._lock.close()
        self._locked_for = None
        self._first_try.forget_password()
        self.reading.close()

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def _actor(self) -> Actor:
        return chosen_actor(self.wizard.values, self._choices(), self._person(), self._language)

    def _person(self) -> Person:
        read = read_card_of(self.wizard)
        if read is None:
            raise errors.CardAbsent
        return read.identity.person

    def _choices(self) -> Choices:
        if self.choices is None:
            raise errors.CardAbsent
        return self.choices

    def _contract(self) -> Contract:
        if self.contract is None:
            raise RuntimeError("there is no contract to sign")
        return self.contract

    def _take_lock(self, wish: procedure.Wish) -> None:
        if self._locked_for == wish:
            return
        self._lock.close()
        self._lock.enter_context(procedure.one_at_a_time(wish, self.parts))
        self._locked_for = wish

    def _contact_blocks(self, values: Values) -> Iterable[Blocker]:
        return contact_blocks(values, with_general=self.for_organisation)

    def _note_of(self, resume: Path | None) -> Note | None:
        if resume is None:
            return None
        for found in find_keystores(resume.parent):
            key_id = found.authentication_id if found.path == resume else None
            if key_id is not None:
                return read_note(self.parts.notes, key_id)
        return None
