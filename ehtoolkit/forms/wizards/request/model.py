"""The model of the Request form, without a widget: steps, blockers, and the procedure behind."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.engine.form_model import OptionalResult, StepResult
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.start_obstacles import OwnCertificate, own_certificate
from ehtoolkit.forms.steps.contact import contact_data, contact_fields
from ehtoolkit.forms.steps.sending import SignedRequestModel
from ehtoolkit.forms.wizards.request.holder_choice import (
    MYSELF,
    chosen_actor,
    chosen_application_id,
    chosen_name,
    listed_choice,
    settled_choice,
)
from ehtoolkit.identity import Actor
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.passwords import check_new_password, names_in
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import RequestRecord, read_request_record, write_request_record
from ehtoolkit.procedures import request as procedure
from ehtoolkit.procedures.allowed_holders import (
    EligibleActors,
    ListedOrganisation,
    OrganisationCheck,
    check_organisation,
    eligible_actors,
)
from ehtoolkit.procedures.authorization import check_not_reused, require_requested_for
from ehtoolkit.procedures.request import holder_lock, require_resumable
from ehtoolkit.procedures.request_preconditions import (
    ApplicantInfo,
    check_preconditions,
    fetch_applicant_info,
    is_replacement,
)
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit


class RequestModel(SignedRequestModel):
    """Methods that talk to card, platform or disk are slow and raise our errors.

    Attributes:
        resumed: the keystore whose request is resumed; None without one.
        choices: for whom the card's holder may ask; None until he has identified himself.
        applicant: what the platform says of him: which certificates it has, too.
        own: what he has already, as far as it can be known without a PIN.
        checked: what the organisation was held against.

    Args:
        resume: a keystore whose request was never sent; its key pair is used again, and its password is asked for in
            the place of a new one.
        prefill: what is known before anybody typed; of a request that is resumed, what was noted about it.
        language: that of an organisation's name, where it has several.
    """

    choices = OptionalResult[EligibleActors]()
    applicant = StepResult[ApplicantInfo]()
    own = OptionalResult[OwnCertificate]()
    checked = OptionalResult[OrganisationCheck]()

    def __init__(
        self,
        toolkit: Toolkit,
        resume: Path | None = None,
        prefill: Prefill | None = None,
        language: str = "fr",
    ) -> None:
        super().__init__(toolkit)
        self.asks_password = resume is None
        self.resumed = resume
        self._language = language
        note = self._note_of(resume)
        self.prefill = Prefill.of_note(note) if note is not None else prefill or Prefill()

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def listed(self) -> ListedOrganisation | None:
        """The listed organisation that is chosen."""
        return listed_choice(self.wizard.values, self.choices)

    @property
    def known_contact(self) -> dict[str, str]:
        """How to be reached, before anybody typed."""
        return contact_fields(**asdict(self.prefill))

    @property
    def for_organisation(self) -> bool:
        return bool(self.wizard.values["actor"] != MYSELF)

    def request(self) -> procedure.CertificateRequest:
        values, found = self.wizard.values, self._choices()
        actor = self._actor()
        return procedure.CertificateRequest(
            self.require_person(),
            actor,
            contact_data(values, with_general=self.for_organisation),
            chosen_application_id(values),
            found.types.allowed_services(actor.identifier.type),
        )

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def ask_choices(self, pin: Secret | None) -> None:
        """Ask the platform, with the first PIN, for whom the holder may ask, and what they have already."""
        asked = fetch_applicant_info(self.reading.card, pin, self.procedure_context)
        found = eligible_actors(asked.qualities, self.procedure_context)
        self.wizard.fill_in({"actor": settled_choice(self.wizard.values, found)})
        self.choices, self.applicant = found, asked

    def look_for_certificate(self) -> None:
        """Find the certificate, or the pending request, that the card's holder has already; no PIN is needed."""
        if self.resumed is None:
            self.own = own_certificate(self.procedure_context, self.require_person().niss)

    def check_organisation(self) -> None:
        """Hold number and application id against what the platform says at this moment.

        Raises `errors.ApplicationIdTaken`, and what `Identifier` and the platform's rules raise.
        """
        name = chosen_name(self._actor(), self.wizard.values)
        checked = self.checked = check_organisation(name, self.procedure_context, even_if_taken=True)
        # The application id of a request that is resumed may be that of the certificate that it renews.
        if (
            checked is not None
            and self.resumed is None
            and not is_replacement(name, self.applicant.certificates)
        ):
            checked.ids.require_free(name.application_id)

    def draw_up_contract(self) -> None:
        """Take the lock and let the platform write the contract.

        Raises, unless the user insists, what stands in the way: see `check_preconditions`.
        """
        request = self.request()
        self.hold_lock(request, holder_lock(request.name, self.procedure_context))
        if self.resumed is None:
            insist = bool(self.wizard.values["insist"])
            self._given_up = check_preconditions(
                request.name, self.procedure_context, lambda: self.applicant, insist=insist
            ).unclear
        self.contract = procedure.fetch_contract(request, self.procedure_context)

    def open_resumed(self, password: Secret) -> None:
        """Open the keystore whose request is resumed.

        Raises `errors.DifferentKeystoreHolder` when it was made for someone else than who is asked for.
        """
        if self.resumed is None:
            raise RuntimeError("nothing is resumed")
        file = self.toolkit.open_keystore(self.resumed, password)
        require_resumable(file, self.procedure_context, self.applicant)
        require_requested_for(file, self.request().name, self.procedure_context)
        self._file = file

    def sign(self, pin: Secret | None) -> None:
        """Sign the contract with the second PIN, for a new key pair, or for that of the keystore that was opened to
        resume."""
        pair = None if self._file is None else self._file.keystore.authentication.key
        self.signed = procedure.sign(
            self.contract,
            self.request(),
            self.reading.card,
            pin,
            self.procedure_context,
            pair,
            replaced=self._replaced,
        )

    def choose_password(self, password: Secret) -> None:
        """Keep the password of the new keystore in this process, for the file that `send` writes.

        Raises `errors.PasswordNotAllowed`, and `errors.PasswordReused` when it is that of the same person's keystore
        for the other use.
        """
        request = self.request()
        check_new_password(password, names_in(request.name))
        check_not_reused(
            password, request.signer, request.actor, self._choices().qualities, self.procedure_context
        )
        self.password = password

    def send(self) -> None:
        if self._file is not None and self.resumed is not None:
            write_request_record(self.procedure_context.notes, self.signed.record)
        super().send()

    def _write(self) -> KeystoreFile:
        name, context = self.request().name, self.procedure_context
        return procedure.write_keystore(self.signed, self.password, name, context, replaced=self._replaced)

    def _submit(self, file: KeystoreFile, *, retry: bool) -> ProcedureResult:
        insist = bool(self.wizard.values["insist"]) and self.resumed is None
        try:
            return procedure.submit_new(file, self.signed, self.procedure_context, insist=insist, retry=retry)
        except errors.PlatformRefused:
            if not file.path.exists():  # in the archive: the second try writes it again
                self._file = None
            raise

    def take_other_key(self, kind: NewKeyKind) -> None:
        """Ask again for the same after a refusal, with a key of ``kind``. The second PIN is asked again, and in the
        place of the password of a request that was resumed a new one."""
        self.resumed = None
        super().take_other_key(kind)

    @property
    def _replaced(self) -> Keystore | None:
        """The keystore whose key was refused first: perhaps a renewal that was resumed."""
        return self._refused[0].keystore if self._refused else None

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def _actor(self) -> Actor:
        return chosen_actor(self.wizard.values, self._choices(), self.require_person(), self._language)

    def _choices(self) -> EligibleActors:
        if self.choices is None:
            raise errors.CardAbsent
        return self.choices

    def _note_of(self, resume: Path | None) -> RequestRecord | None:
        key_id = None if resume is None else FoundKeystore.at_path(resume).authentication_id
        return None if key_id is None else read_request_record(self.procedure_context.notes, key_id)
