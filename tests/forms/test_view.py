"""The view without a browser: what a click does to the wizard and to what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import HTML

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import SubmittedForm, run_inline
from ehtoolkit.forms.engine.page_errors import fields
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Blocker, Phase, Step, Values, Wizard
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar
from ehtoolkit.forms.widgets.fields import SecretField, TextField
from ehtoolkit.forms.widgets.page_parts import ErrorSummary, StepHead, Stepper
from ehtoolkit.i18n import Translator
from tests.support.ipywidgets_internals import send_to


def has_email(values: Values) -> Iterable[Blocker]:
    if "@" not in values["email"]:
        yield Blocker("error.contact_invalid.email", "email")


class Form:
    """Two steps and an end, with the browser's part played by `press`."""

    def __init__(self, home: Path) -> None:
        self.wizard = Wizard([Step("contact", {"email": ""}, has_email), Step("sign")])
        self.work: Callable[[SubmittedForm], None] = lambda submission: None
        self.pressed: list[str] = []
        self.arrived = 0
        self.trouble: Exception | None = None
        self.unready: Exception | None = None
        self.stop: Callable[[], None] | None = None
        self.view = WizardView(
            self.wizard,
            {"contact": self.contact, "sign": self.sign},
            self.done,
            texts=Translator("en"),
            home=home,
            caption="Proof",
            names={"contact": "Contact", "sign": "Sign"},
            cancel="Leave",
            runner=run_inline,
        )

    def make(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def contact(self) -> Page:
        self.make()
        return Page(
            title="Your address",
            lead="Where to",
            body=[TextField("email", "E-mail", value=self.wizard.values["email"])],
            primary="Go on",
        )

    def sign(self) -> Page:
        self.make()

        def arrive() -> None:
            self.arrived += 1
            if self.unready is not None:
                raise self.unready

        return Page(
            title="Sign",
            body=[SecretField("pin", "PIN", pin=True)],
            primary="Sign",
            work=lambda submission: self.work(submission),
            failed="Not signed",
            field_of=lambda error: "pin" if isinstance(error, errors.PinError) else None,
            arrive=arrive,
            stop=self.stop,
            more=[Button("other", "Other")],
            acts={"other": lambda action: self.pressed.append(action.name)},
        )

    def done(self) -> Page:
        self.make()
        return Page(title="Done")

    def press(self, action: str, serial: int | None = None, **held: Any) -> None:
        """What the browser sends when a button is pressed."""
        bar = self.actions if action != "back" else self.part(ButtonBar)
        message = {"action": action, "serial": bar.serial if serial is None else serial}
        send_to(bar, {**message, **held})

    def part(self, kind: type[Any]) -> Any:
        return next(widget for widget in everything(self.view.root) if isinstance(widget, kind))

    @property
    def actions(self) -> Any:
        """The buttons below the step; above its title is the one that goes back."""
        _, actions = (widget for widget in everything(self.view.root) if isinstance(widget, ButtonBar))
        return actions

    def buttons(self) -> list[str]:
        bars = (self.part(ButtonBar), self.actions)
        return [button["name"] for bar in bars for button in bar.buttons]


def everything(widget: Any) -> Iterable[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


@pytest.fixture
def form(tmp_path: Path) -> Form:
    return Form(tmp_path)


def test_it_shows_the_first_step(form: Form) -> None:
    head = form.part(StepHead)

    assert (head.caption, head.title, head.lead) == ("Proof", "Your address", "Where to")
    assert head.tab == "Your address – Proof – ehtoolkit"
    assert head.focused == 0
    assert form.buttons() == ["next", "cancel"]
    assert [(step["title"], step["state"], step["link"]) for step in form.part(Stepper).steps] == [
        ("Contact", "now", False),
        ("Sign", "later", False),
    ]
    assert form.part(Stepper).now == "Step 1 of 2"
    assert form.part(Stepper).then == "then: Sign"


def test_a_blocker_is_a_sentence_at_its_field_and_in_the_summary(form: Form) -> None:
    form.press("next", values={"email": "nowhere"})

    summary = form.part(ErrorSummary)
    assert summary.items == [{"text": Translator("en").get("error.contact_invalid.email"), "field": "email"}]
    assert form.part(TextField).error == summary.items[0]["text"]
    assert form.part(TextField).error_word == "Error:"
    assert summary.focused == 1
    assert form.part(StepHead).tab == "Error: Your address – Proof – ehtoolkit"
    assert form.wizard.current.name == "contact"


def test_going_on_shows_the_next_step_and_moves_the_focus(form: Form) -> None:
    form.press("next", values={"email": "a@example.test"})

    assert form.part(StepHead).title == "Sign"
    assert form.part(StepHead).focused == 1
    assert form.buttons() == ["back", "next", "other", "cancel"]
    assert form.part(Stepper).steps[0]["link"]
    assert form.part(Stepper).then == ""
    assert form.arrived == 1


def test_a_step_with_a_failing_page_is_not_opened(form: Form) -> None:
    form.trouble = errors.CardRemoved()
    form.press("next", values={"email": "a@example.test"})

    assert (form.part(StepHead).title, form.wizard.current.name) == ("Your address", "contact")
    assert form.part(ErrorSummary).items[0]["text"] == Translator("en").error(form.trouble)
    form.trouble = None
    form.press("next", values={"email": "a@example.test"})
    assert form.part(StepHead).title == "Sign"


def test_nor_is_one_behind_a_seal_or_the_end(form: Form) -> None:
    """Where Back leads nowhere."""
    form.press("next", values={"email": "a@example.test"})
    form.work = lambda submission: form.wizard.seal()
    form.trouble = errors.CardRemoved()
    form.press("next")

    assert (form.part(StepHead).title, form.wizard.current.name) == ("Sign", "sign")
    assert (form.wizard.phase, form.wizard.is_confirmed("sign")) == (Phase.OPEN, False)
    assert form.part(ErrorSummary).items[0]["text"] == Translator("en").error(form.trouble)
    form.trouble = None
    form.press("next")
    assert (form.part(StepHead).title, form.wizard.phase) == ("Done", Phase.DONE)


def test_a_sealed_step_is_not_left_for_a_failing_page(form: Form) -> None:
    form.wizard.edit({"email": "a@example.test"})
    form.wizard.seal()
    form.trouble = errors.CardRemoved()
    form.press("next")

    assert (form.part(StepHead).title, form.wizard.current.name) == ("Your address", "contact")
    form.trouble = None
    form.press("next")
    assert (form.part(StepHead).title, form.wizard.current.name) == ("Sign", "sign")


def go(form: Form, step: str) -> None:
    send_to(form.part(Stepper), {"action": "go", "step": step, "values": {}})


@pytest.mark.parametrize("way", [lambda form: form.press("back"), lambda form: go(form, "contact")])
def test_nor_does_any_other_way_lead_there(form: Form, way: Callable[[Form], None]) -> None:
    form.press("next", values={"email": "a@example.test"})
    form.trouble = errors.CardRemoved()
    way(form)

    assert (form.part(StepHead).title, form.wizard.current.name) == ("Sign", "sign")
    form.trouble = None
    way(form)
    assert (form.part(StepHead).title, form.wizard.current.name) == ("Your address", "contact")


def test_the_shown_page_stays_the_current_step_after_a_failure(form: Form) -> None:
    form.unready = errors.CardRemoved()
    form.press("next", values={"email": "a@example.test"})

    assert (form.part(StepHead).title, form.wizard.current.name) == ("Sign", "sign")
    assert form.part(ErrorSummary).items[0]["text"] == Translator("en").error(form.unready)


def test_back_shows_what_was_typed(form: Form) -> None:
    form.press("next", values={"email": "a@example.test"})

    form.press("back")

    assert form.part(TextField).value == "a@example.test"


def test_the_stepper_leads_back(form: Form) -> None:
    form.press("next", values={"email": "a@example.test"})

    go(form, "contact")

    assert form.wizard.current.name == "contact"


def test_a_click_on_a_page_that_is_gone_does_nothing(form: Form) -> None:
    old = form.actions.serial
    form.press("next", values={"email": "a@example.test"})

    form.press("next", serial=old, values={"email": "b@example.test"})

    assert form.wizard.current.name == "sign"
    assert form.wizard.values["email"] == "a@example.test"


def test_only_the_work_gets_the_secret(form: Form) -> None:
    got: list[str] = []
    form.work = lambda submission: got.append(submission.secrets["pin"].reveal())
    form.press("next", values={"email": "a@example.test"})

    form.press("next", secrets={"pin": "730915"})

    assert got == ["730915"]
    assert form.wizard.phase is Phase.DONE
    assert form.part(StepHead).title == "Done"
    for widget in everything(form.view.root):
        assert "730915" not in repr(widget.get_state())


def test_an_error_of_the_work_is_its_sentence_at_its_field(form: Form) -> None:
    def refuse(submission: SubmittedForm) -> None:
        raise errors.PinWrong(tries_left=2)

    form.work = refuse
    form.press("next", values={"email": "a@example.test"})
    form.press("next", secrets={"pin": "1111"})

    summary = form.part(ErrorSummary)
    texts = Translator("en")
    assert summary.title == "Not signed"
    assert summary.items == [{"text": texts.error(errors.PinWrong(tries_left=2)), "field": "pin"}]
    assert summary.notes == [texts.next_step(errors.PinWrong(tries_left=2))]
    assert form.part(SecretField).error == summary.items[0]["text"]
    assert form.wizard.current.name == "sign"
    assert form.wizard.phase is Phase.OPEN
    assert form.actions.busy == ""


def test_an_unexpected_error_shows_a_general_sentence_and_a_report(form: Form, tmp_path: Path) -> None:
    def burst(submission: SubmittedForm) -> None:
        raise ValueError("the PIN was 1111")

    form.work = burst
    form.press("next", values={"email": "a@example.test"})
    form.press("next", secrets={"pin": "1111"})

    summary = form.part(ErrorSummary)
    texts = Translator("en")
    assert summary.items == [{"text": texts.error(errors.EhToolkitError()), "field": ""}]
    (report,) = (tmp_path / "reports").iterdir()
    assert summary.notes[-1] == f"Report number: {report.stem}"
    assert "1111" not in report.read_text(encoding="utf-8")


def test_an_exception_of_a_listener_stays_inside(form: Form) -> None:
    def burst(action: object) -> None:
        raise RuntimeError("hidden")

    form.view.guard(burst)(None)

    assert form.part(ErrorSummary).title == "There is something to correct"


def test_an_error_is_gone_after_a_good_try(form: Form) -> None:
    def refuse(submission: SubmittedForm) -> None:
        raise errors.PinWrong(tries_left=2)

    form.press("next", values={"email": "a@example.test"})
    form.work = refuse
    form.press("next", secrets={"pin": "1111"})
    form.press("other")

    assert form.pressed == ["other"]
    assert form.part(ErrorSummary).title == ""


def test_other_work_can_run_on_a_page(form: Form) -> None:
    form.press("next", values={"email": "a@example.test"})
    seen: list[object] = []

    form.view.run(
        lambda submission: seen.append(form.actions.busy),
        lambda: seen.append("then"),
        busy="Looking…",
    )

    assert seen == ["Looking…", "then"]
    assert form.wizard.current.name == "sign"


def test_no_second_work_begins_while_one_goes_on(form: Form) -> None:
    seen: list[str] = []

    def outer(submission: SubmittedForm) -> None:
        form.view.run(lambda _: seen.append("inner"), lambda: None)
        form.press("next", secrets={"pin": "2222"})
        form.press("back")

    form.press("next", values={"email": "a@example.test"})
    form.view.run(outer, lambda: seen.append("then"))

    assert seen == ["then"]
    assert form.wizard.current.name == "sign"


def test_stop_reaches_the_work(form: Form) -> None:
    stopped: list[bool] = []
    form.stop = lambda: stopped.append(True)

    def wait(submission: SubmittedForm) -> None:
        form.press("stop")

    form.press("next", values={"email": "a@example.test"})
    form.view.run(wait, lambda: None, stop=form.stop)

    assert stopped == [True]


def test_an_error_meanwhile_does_not_end_the_work_that_goes_on(form: Form) -> None:
    """A card that cannot be told to stop waiting, for one."""
    seen: list[object] = []

    def fail() -> None:
        raise errors.CardRemoved

    def wait(submission: SubmittedForm) -> None:
        form.press("stop")
        seen.extend([form.part(ErrorSummary).items[0]["text"], form.actions.busy, form.wizard.phase])
        form.view.run(lambda _: seen.append("another"), lambda: None)

    form.stop = fail
    form.press("next", values={"email": "a@example.test"})
    form.view.run(wait, lambda: seen.append("then"), busy="Waiting…", stop=fail)

    assert seen == [Translator("en").error(errors.CardRemoved()), "Waiting…", Phase.BUSY, "then"]
    assert (form.wizard.phase, form.actions.busy) == (Phase.OPEN, "")


def test_old_pages_are_closed(form: Form) -> None:
    old = form.part(TextField)
    form.press("next", values={"email": "a@example.test"})

    assert old.comm is None


def test_fields_are_found_at_any_depth(form: Form) -> None:
    from ipywidgets import VBox

    field = TextField("email", "E-mail")

    assert list(fields([HTML("x"), VBox([VBox([field])])])) == [field]


def test_a_refusal_of_the_platform_is_called_one(form: Form) -> None:
    """What a page says of its failed work may be that nobody knows; of a refusal everything is known."""

    def refuse(_: SubmittedForm) -> None:
        raise errors.NewKeyRefused(
            code="KEY_UNFIT", detail="No.", kind="EC P-384", other="RSA-2048", option="rsa-2048"
        )

    form.press("next", values={"email": "elise@example.test"})
    form.work = refuse
    form.press("next")
    assert form.part(ErrorSummary).title == "eHealth refused"
    assert "EC P-384" in str(form.part(ErrorSummary).items)
