"""The Renew form: a new keystore beside the old one, in the replacement period."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import Due, holder_line
from ehtoolkit.forms.engine.form import FormContext, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.form_model import StepResult
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import Event, SummaryRows, mono, panel, show, with_hint
from ehtoolkit.forms.receipts.receipt import coming
from ehtoolkit.forms.start_obstacles import Obstacle, items_of, renewal_obstacle
from ehtoolkit.forms.steps.card import card_step
from ehtoolkit.forms.steps.contact import contact_data, contact_fields, contact_lines, contact_step
from ehtoolkit.forms.steps.keystore import keystore_step
from ehtoolkit.forms.steps.keystore_import import KeystoreImport
from ehtoolkit.forms.steps.keystore_picker import Candidates, newest_of
from ehtoolkit.forms.steps.new_password import password_step
from ehtoolkit.forms.steps.opened_keystore import KeystoreFormModel
from ehtoolkit.forms.steps.sending import (
    INSIST,
    SignedRequestModel,
    check_step,
    send_step,
    sent_page,
    sent_rows,
)
from ehtoolkit.forms.steps.signing import sign_step
from ehtoolkit.forms.steps.terms import terms_step
from ehtoolkit.keystore.passwords import names_in
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import request as asking
from ehtoolkit.procedures.authorization import require_entitled
from ehtoolkit.procedures.renew import (
    Renewal,
    check_password,
    prepare_renewal,
    renewable,
    require_given_up,
)
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.procedures.request_preconditions import ApplicantInfo, fetch_applicant_info
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit


class RenewModel(KeystoreFormModel, SignedRequestModel):
    """Methods that talk to card, platform or disk are slow and raise our errors.

    Attributes:
        applicant: for whom the holder of the card may ask, and the platform's list of his certificates.
        renewal: the keystore that was opened, and what the platform says of it.
    """

    applicant = StepResult[ApplicantInfo]()
    renewal = StepResult[Renewal]()

    def __init__(self, toolkit: Toolkit, asked: Path | None = None) -> None:
        super().__init__(toolkit, self._pick, asked)
        self.asked = asked
        self.present: Secret | None = None
        self._filled_in: dict[str, str] = {}

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def for_organisation(self) -> bool:
        return not self.renewal.holder.identifier.is_person

    def request(self) -> asking.CertificateRequest:
        contact = contact_data(self.wizard.values, with_general=self.for_organisation)
        return self.renewal.request(self.require_person(), contact)

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def ask_qualities(self, pin: Secret | None) -> None:
        """Ask the platform, with the first PIN, for whom the holder of the card may ask, and which certificates it
        has."""
        self.applicant = fetch_applicant_info(self.reading.card, pin, self.procedure_context)

    def open(self, password: Secret) -> None:
        """Open the keystore that is chosen, and ask the platform whether it can be renewed, by this card.

        Fills in the contact data as the platform has them, unless the user has typed others.
        """
        person = self.require_person()
        file = self.toolkit.open_keystore(self.path, password)
        renewal = renewable(file, self.procedure_context, person, even_unclear=True)
        require_entitled(renewal.holder, person, self.applicant.qualities)
        self.present = password
        self.renewal = renewal
        found = contact_fields(**asdict(renewal.contact))
        # What was typed stays; what came from the platform for another file does not.
        values, before = self.wizard.values, self._filled_in
        self.wizard.fill_in(
            {name: value for name, value in found.items() if values[name] in ("", before.get(name, ""))}
        )
        self._filled_in = found

    def draw_up_contract(self) -> None:
        """Take the lock of this holder and let the platform write the contract.

        Another page or process may have renewed since the file was opened, so that is asked again, as `renewable`
        does. Raises, unless the user insists, `errors.RequestUnclear` where the platform may have a renewal.
        """
        renewal, request = self.renewal, self.request()
        self.hold_lock(renewal.holder, holder_lock(renewal.holder, self.procedure_context))
        again = renewable(renewal.old, self.procedure_context, request.signer, even_unclear=True)
        require_given_up(again, self.applicant, insist=bool(self.wizard.values[INSIST]))
        self._given_up = tuple(each.path for each in again.unclear)
        require_entitled(again.holder, request.signer, self.applicant.qualities)
        self.contract = asking.fetch_contract(request, self.procedure_context)

    def sign(self, pin: Secret | None) -> None:
        """Sign the contract and the request with the second PIN."""
        card, context = self.reading.card, self.procedure_context
        self.signed = asking.sign(self.contract, self.request(), card, pin, context)

    def choose_password(self, password: Secret) -> None:
        """Keep the password of the new keystore in this process, for the file that `send` writes. Raises as
        `check_password` does."""
        check_password(
            password, self.renewal, self.request(), self.applicant.qualities, self.procedure_context
        )
        self.password = password

    def _write(self) -> KeystoreFile:
        context = self.procedure_context
        return prepare_renewal(self.signed, self.password, self.renewal, context, present=self.present)

    def close(self) -> None:
        """Release card, lock and passwords: the form is done or left."""
        self.present = None
        super().close()

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def _pick(self, due: Sequence[Due]) -> Candidates:
        """Return the files with a certificate, of the card's holder or of organisations; the holder's own newest is
        proposed."""
        fit = [
            keystore for keystore in due if keystore.state is not State.WAITING and self._may_be_his(keystore)
        ]
        offered = tuple(sorted(fit, key=lambda keystore: keystore.file.moment, reverse=True))
        holders = ((keystore, keystore.file.identifier) for keystore in offered)
        mine = [keystore for keystore, holder in holders if holder is not None and holder.is_person]
        if self.reading.identity is None or not mine:
            return Candidates(offered)
        return Candidates(offered, newest_of(mine), "renew.why.newest")

    def _may_be_his(self, due: Due) -> bool:
        """Return whether the file may be of the card's holder or of an organisation: it is no personal keystore of
        someone else, as far as can be seen."""
        identity, holder = self.reading.identity, due.file.identifier
        if identity is None or holder is None or not holder.is_person:
            return True
        return holder.value == identity.niss.digits


Context = FormContext[RenewModel]


def _known_before(context: Context) -> Obstacle | None:
    """Return what the files of the folder, or the one that was asked for, tell without a card."""
    model = context.model
    asked = [keystore for keystore in model.choosing.offered if keystore.file.path == model.asked]
    return _obstacle(context, asked or None)


def _known_of_holder(context: Context) -> Obstacle | None:
    """Return the obstacle that the files on offer tell of, once it is known whose card it is; None where they tell of
    none."""
    context.model.choosing.look()
    return _obstacle(context, context.model.choosing.offered)


def _obstacle(context: Context, due: Sequence[Due] | None) -> Obstacle | None:
    with suppress(errors.FileUnreadable):  # the step of the keystore says so
        return renewal_obstacle(items_of(context.model.procedure_context, due), context.texts)
    return None


def _rows(context: Context) -> SummaryRows:
    """Return the holder, the file, the contact data and the environment."""
    get, model = context.get, context.model
    request, renewal = model.request(), model.renewal
    until = "" if renewal.not_after is None else get("summary.until", date=renewal.not_after)
    rows: SummaryRows = [
        (get("summary.name"), holder_line(renewal.holder, context.texts)),
        (get("summary.old"), with_hint(mono(renewal.old.path.name), until)),
        (get("summary.environment"), context.environment),
        (get("summary.contact"), contact_lines(request.contact)),
    ]
    if model.for_organisation:
        rows.insert(1, (get("summary.signer"), request.signer.full_name))
    return rows


def _untouched(context: Context) -> list[Widget]:
    return [show(panel("info", context.get("send.old"), context.get("send.old.text")))]


def _done(context: Context) -> Page:
    """Return what was done, what comes next, the papers and the copy."""
    get, texts, sent = context.get, context.texts, context.model.sent
    keystore = sent.outcome.keystore
    rows = [*_rows(context), *sent_rows(context)]
    verdict = panel("ok", get("done.when", moment=sent.at), get("done.old"))
    holder = holder_line(context.model.renewal.holder, texts)
    then = FormLink.to("complete-renewal", "renew.next.complete.link", keystore.name)
    return sent_page(context, verdict, _events(context), rows, holder, then)


def _events(context: Context) -> list[Event]:
    get, sent = context.get, context.model.sent
    delay = "person" if sent.outcome.state is State.VALIDATING else "machine"
    email = context.model.request().contact.email
    return [
        Event(get("next.mails"), [get(f"next.mails.{delay}", email=email)], "mail"),
        *coming(context, complete="download", load="people"),
    ]


RENEW: Final = WizardForm(
    "renew",
    lambda toolkit, stage: RenewModel(toolkit, stage.keystore_named()),
    steps=[
        terms_step(
            "card",
            "pin",
            "keystore",
            "time",
            conditions="terms.renew",
            before=_known_before,
            elsewhere=lambda context: [KeystoreImport(context).panel()],
        ),
        card_step(RenewModel.ask_qualities, _known_of_holder),
        keystore_step(),
        contact_step(lambda model: model.for_organisation),
        check_step(
            _rows,
            RenewModel.draw_up_contract,
            changes={"summary.old": "choose", "summary.contact": "contact"},
            insist=lambda error: isinstance(error, errors.RequestUnclear),
        ),
        sign_step(RenewModel.sign, _rows),
        password_step(
            RenewModel.choose_password,
            lead=lambda context: context.get("password.lead"),
            present=lambda model: model.present,
            known=lambda model: names_in(model.renewal.holder, model.renewal.old.path),
            applies=lambda model: model.asks_password,
        ),
        send_step(_rows, notes=_untouched),
    ],
    done=_done,
    menu=MenuPlace("renewal", 1, "index.renew"),
)
