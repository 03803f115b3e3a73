"""The pages of the Revoke form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.choosing_page import asked_for
from ehtoolkit.forms.due import shown_number
from ehtoolkit.forms.environment import confirmed
from ehtoolkit.forms.markup import details, element, join, link, panel, paragraph, show
from ehtoolkit.forms.opening import open_wizard
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.revoke.model import LISTED, RevokeModel
from ehtoolkit.forms.revoke.receipt import done_page
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.steps import CardPages, sign_page, terms_page
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import CheckField, ChoiceField, Option
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Identifier
from ehtoolkit.procedures.holdings import Holding
from ehtoolkit.procedures.revoke import WORDS

NAMES = ("questions", "terms", "card", "choose", "sign")
QUESTIONS = ("other_password", "other_file", "other_profile", "software", "rescue")
"""What may spare the revocation, easiest first."""


@confirmed
def open_revoke() -> Widget:
    """The form of this kernel, to be displayed; ``?keystore=FILE`` proposes the certificate of that file."""
    stage = Stage.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    pages = RevokePages(RevokeModel(toolkit, asked_for(stage)), stage.texts)
    pages.view = open_wizard(
        stage,
        toolkit,
        "revoke",
        pages.model.wizard,
        {step: getattr(pages, step) for step in NAMES},
        lambda: done_page(pages.model, stage.texts),
    )
    pages.view.when_left(pages.model.close)
    return stage.show(pages.view.root)


class RevokePages:
    """One method per step; each gives the page as the model is now."""

    view: WizardView

    def __init__(self, model: RevokeModel, texts: Translator) -> None:
        self.model = model
        self._texts = texts
        self._card = CardPages(model.reading, texts, "revoke", lambda: self.view)

    def questions(self, wizard: Wizard) -> Page:
        get = self._texts.get
        lines = join(element("li", get(f"revoke.question.{one}")) for one in QUESTIONS)
        warning = panel("warn", get("revoke.warning"), get("revoke.warning.text"))
        return Page(
            title=get("revoke.questions.title"),
            lead=get("revoke.questions.lead"),
            body=[
                show(element("ul", lines, class_="eh-bullets")),
                show(paragraph(link(get("revoke.questions.troubleshoot"), "troubleshoot.ipynb"))),
                show(warning),
                CheckField("looked", get("revoke.questions.looked"), value=bool(wizard.values["looked"])),
            ],
            primary=get("wizard.next"),
        )

    def terms(self, wizard: Wizard) -> Page:
        return terms_page(wizard, self._texts, "revoke", ("card", "pin", "file"))

    def card(self, wizard: Wizard) -> Page:
        return self._card.page(wizard, self.model.ask_list)

    def choose(self, wizard: Wizard) -> Page:
        get, model = self._texts.get, self.model
        if not model.revocable:
            nothing = panel("info", get("revoke.none"), get("revoke.none.text"))
            return Page(title=get("revoke.choose.title"), body=[show(nothing), *self._others()])
        options = [
            Option(one.key_id, self._holder(one), "\n".join(self._about(one))) for one in model.revocable
        ]
        reasons = [
            Option(word, get(f"revoke.reason.{word}"), get(f"revoke.reason.{word}.hint")) for word in WORDS
        ]
        return Page(
            title=get("revoke.choose.title"),
            lead=get("revoke.choose.lead"),
            body=[
                ChoiceField(LISTED, get("revoke.choose.label"), options, value=model.proposed),
                *self._others(),
                ChoiceField("reason", get("revoke.reason"), reasons, value=str(wizard.values["reason"])),
            ],
            primary=get("revoke.choose.go"),
            work=lambda _: model.draw_up_contract(),
            busy=get("revoke.choose.busy"),
            failed=get("revoke.choose.failed"),
            field_of=lambda error: LISTED if isinstance(error, errors.NotRevocable) else None,
        )

    def sign(self, _: Wizard) -> Page:
        model = self.model
        if model.contract is None:  # the step before it keeps one
            raise RuntimeError("there is no contract to sign")
        return sign_page(model.contract, model.reading, self._texts, "revoke", model.revoke)

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _holder(self, one: Holding) -> str:
        holder = one.holder
        name = holder.name if one.holder.type != "SSIN" else f"{holder.first_names} {holder.name}".strip()
        number = f"{holder.type} {holder.number}"
        with suppress(errors.IdentifierInvalid):  # a type that is newer than this program
            number = shown_number(Identifier(holder.type, holder.number))
        return " · ".join(part for part in (name, number, holder.application_id) if part)

    def _about(self, one: Holding) -> Iterator[str]:
        get = self._texts.get
        yield get(f"revoke.state.{one.state}")
        if one.not_before is not None and one.not_after is not None:
            yield get("revoke.valid", begin=one.not_before.date(), end=one.not_after.date())
        else:
            yield get("revoke.asked", moment=one.info.requested_at)
        yield get("revoke.no_file") if one.file is None else get("revoke.file", file=one.file.name)

    def _others(self) -> list[Widget]:
        if not self.model.others:
            return []
        get = self._texts.get
        lines = [f"{self._holder(one)} – {get(f'revoke.state.{one.state}')}" for one in self.model.others]
        return [show(details(get("revoke.others", count=len(lines)), get("revoke.others.text"), *lines))]
