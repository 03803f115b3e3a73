"""The trainer's page. Everything on it happens at once, so each act is followed by showing again what there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertStatus, EtkStatus
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.html import Markup, element, join, link, panel, paragraph, show, svg, with_hint
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.trainer.add_person import FIELDS, NewPersonForm
from ehtoolkit.forms.trainer.board_panel import BoardPanel
from ehtoolkit.forms.trainer.mandates_panel import MandatesPanel
from ehtoolkit.forms.trainer.sample_panel import SamplePanel
from ehtoolkit.forms.trainer.scenarios_panel import ScenariosPanel
from ehtoolkit.forms.trainer.tables import certificate_row, mail_rows, person_row
from ehtoolkit.forms.trainer.training_messages import FILE, PASSWORD, SealedMessagesPanel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.sample import Sample
from ehtoolkit.training.state.mailbox import Mail

JUMPS: Final = ("+1h", "+1d", "+10d", "+1mo", "+12mo")
RENEWAL: Final = "renewal"
"""The jump to the first day on which someone can renew."""
_NEXT_DAY: Final = "+1d"


@dataclass(frozen=True, slots=True)
class TrainerModel:
    """What the trainer's page works with.

    Attributes:
        real: the folder of real keystores, which a reset leaves alone; None where training is the environment.
    """

    training: TrainingPlatform
    sample: Sample
    real: Path | None = None


class TrainerPage(ToolPage[TrainerModel]):
    """The trainer's page."""

    def __init__(self, model: TrainerModel, shell: PageShell) -> None:
        super().__init__(model, shell)
        self.training = training = model.training
        texts, sample = self.texts, model.sample
        self._real = () if model.real is None else (model.real,)
        get = texts.get
        self._clock = show()
        self._jumps = shell.buttons(self._jump)
        self.people = Table.of("trainer.people", _PEOPLE_COLUMNS, texts)
        self.people.on_press(shell.guard(self._handle_card))
        self._newcomers = NewPersonForm(training, shell, self._show)
        self.board = BoardPanel(training, shell, self._show, self._real)
        self._mandates = MandatesPanel(training, shell, self._show)
        self._messages = SealedMessagesPanel(training, shell, self._show)
        self._providers = SamplePanel(sample, shell)
        self.scenarios = ScenariosPanel(training, shell, self._show)
        self.certificates = Table.of("trainer.held", _HELD_COLUMNS, texts)
        self.certificates.on_press(shell.guard(self._decide))
        self._mails = show()
        self._refresh = shell.buttons(
            lambda _: self._show(get("trainer.looked")), Button("look", get("trainer.look"), icon="again")
        )
        self._reset = shell.buttons(self._handle_reset)
        self._question = show()

    def begin(self) -> None:
        self._offer_reset(asked=False)
        self._show()
        self.board.begin()

    def body(self) -> Sequence[Widget]:
        pin, reset = self.texts.get("trainer.people.pin"), self.texts.get("trainer.reset.text")
        sections: dict[str, Sequence[Widget]] = {
            "clock": [self._clock_card()],
            "board": [self.board.root],
            "mails": [self._mails],
            "held": [self.certificates, self._refresh],
            "people": [self.people, show(paragraph(pin, "eh-note")), self._newcomers.root],
            "mandates": [self._mandates.root],
            "scenarios": [self.scenarios.root],
            "letters": [self._messages.root],
            "sample": [self._providers.root],
            "reset": [show(paragraph(reset)), self._question, self._reset],
        }
        if self.model.sample.is_refused:  # the registry is a shared database, which gets no invented people
            del sections["sample"]
        return [
            show(self._contents(sections)),
            *(self._section(name, widgets) for name, widgets in sections.items()),
        ]

    def _section(self, name: str, widgets: Sequence[Widget]) -> Any:
        title = element(
            "h2", self.texts.get(f"trainer.{name}"), class_="eh-h2", id=f"eh-at-{name}", tabindex="-1"
        )
        return form_column("eh-stack", "eh-section", of=(show(title), *widgets))

    def _contents(self, names: Iterable[str]) -> Markup:
        """Return links to the sections: the page is long."""
        items = join(
            element("li", link(self.texts.get(f"trainer.{name}"), f"#eh-at-{name}")) for name in names
        )
        return element(
            "nav",
            element("ul", items, class_="eh-jumps"),
            aria_label=self.texts.get("trainer.contents"),
        )

    def _clock_card(self) -> Any:
        label = show(paragraph(self.texts.get("trainer.clock.move"), "eh-label"))
        return row("eh-card", "eh-clock", of=(self._clock, column(of=(label, self._jumps))))

    # ── what the trainer does ────────────────────────────────────────────────────────────────────────────
    def _jump(self, action: ButtonPress) -> None:
        target = action.name
        if target == RENEWAL:
            start = self.renewal
            if start is None:
                return
            target = start.isoformat()
        now = self.training.clock.move(target)
        self._show(self.texts.get("trainer.clock.said", moment=now))

    def _handle_card(self, name: str, action: str) -> None:
        if action == "block":
            self.training.switch("blocked-pin", True, name)
        elif action == "unblock":
            self.training.unblock(name)
        elif action == "plug":
            self.training.card(name).plug()
        elif action == "unplug":
            self.training.card(name).unplug()
        self._show(self.texts.get("trainer.people.done"))

    def _decide(self, key_id: str, decision: str) -> None:
        """Deliver or refuse a request, or confirm it instead of its holder."""
        if decision == "confirm":
            self.training.confirm_request(key_id)
            done = True
        else:
            done = self.training.decide(key_id, deliver=decision == "deliver")
        self._show(self.texts.get(f"trainer.held.done.{decision if done else 'nothing'}"))

    def _handle_reset(self, action: ButtonPress) -> None:
        if action.name == "reset_all":
            self._offer_reset(asked=True)
            return
        said = ""
        if action.name != "no":
            notes = self.shell.context.settings.home / "notes" / "training"
            done = self.training.reset(also=(notes,), real_folders=self._real)
            if action.name == "yes_keep":
                self.model.sample.remove()
            else:
                self.model.sample.clear()
            self.scenarios.reset()
            said = self.texts.get("trainer.reset.done", folder=done.folder)
        self._offer_reset(asked=False)
        self._show(said)

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    @property
    def renewal(self) -> datetime | None:
        """The first moment from which someone can renew, if that is still to come."""
        now = self.training.clock.now()
        starts = [
            certificate.replacement_start
            for certificate in self.training.certificates()
            if certificate.status == CertStatus.VALID_ACTIVE and certificate.replacement_start is not None
        ]
        return min((start for start in starts if start > now), default=None)

    @property
    def unfinished(self) -> int:
        """How many certificates were delivered, and are not installed, or their ETK is not active."""
        return sum(
            certificate.status == CertStatus.VALID_ACTIVE
            and certificate.token_status != EtkStatus.VALID_ACTIVE
            for certificate in self.training.certificates()
        )

    def _duration(self, hours: int) -> str:
        """Return ``hours`` in days and hours, without those that are none."""
        texts = self.texts
        days = texts.counted("trainer.clock.days", hours // 24)
        rest = texts.counted("trainer.clock.hours", hours % 24)
        if hours % 24 == 0:
            return days
        return rest if hours < 24 else texts.get("trainer.clock.both", days=days, hours=rest)

    def _show(self, said: str = "") -> None:
        self.shell.clear_errors()
        self._providers.show()
        self.shell.confirm(said)
        self.refresh()

    def refresh(self) -> None:
        get, training = self.texts.get, self.training
        now, offset = training.clock.now(), training.clock.offset
        hours = round(offset.total_seconds() / 3600)
        moved = get("trainer.clock.today")
        if hours:
            moved = get("trainer.clock.moved", time=self._duration(hours))
        date = Markup("{}<small>{:%H:%M} · {}</small>").format(
            self.texts.date(now), now.astimezone(BRUSSELS), moved
        )
        self._jumps.offer(self._jump_buttons())
        states = training.person_states()
        self.people.show([person_row(state, self.texts) for state in states])
        self._mandates.show(states)
        self.scenarios.show(states)
        self.certificates.show([certificate_row(issued, self.texts) for issued in training.certificates()])
        self._mails.value = str(self._mailbox(training.mails()))
        self._messages.show()
        self.board.show()
        # Show the clock last: once it is visible the user may move it again.
        lines = [element("p", date, class_="eh-clock-date")]
        if self.unfinished:
            lines.append(
                paragraph(self.texts.counted("trainer.clock.unfinished", self.unfinished), "eh-note")
            )
        self._clock.value = str(join(lines))

    def _mailbox(self, mails: Sequence[Mail]) -> Markup:
        """Return how many e-mails there are, the newest, and the way to its page."""
        get = self.texts.get
        if not mails:
            return paragraph(get("trainer.mails.none"), "eh-note")
        newest = mail_rows(mails[:1], self.texts)[0]
        lines = (
            paragraph(self.texts.counted("trainer.mails", len(mails))),
            paragraph(with_hint(element("span", newest.subject, lang=newest.language), newest.about)),
            paragraph(link(svg("mail") + get("trainer.mails.open"), "mailbox.ipynb", class_="eh-button")),
        )
        return element("div", join(lines), class_="eh-stack")

    def _jump_buttons(self) -> list[Button]:
        get = self.texts.get
        # What a trainer waits for most: a renewal, and before there is one, what is delivered the next day. While
        # somebody has to finish a request, a jump of years is not proposed.
        main = _NEXT_DAY if self.renewal is None or self.unfinished else RENEWAL
        buttons = [
            Button(jump, get(f"trainer.jump.{jump.removeprefix('+')}"), "primary" if jump == main else "")
            for jump in JUMPS
        ]
        if self.renewal is not None:
            words = get("trainer.jump.renewal", date=self.texts.date(self.renewal))
            buttons.append(Button(RENEWAL, words, "primary" if main == RENEWAL else "", "calendar"))
        return [*buttons, Button("reset", get("trainer.jump.reset"), "quiet")]

    def _offer_reset(self, *, asked: bool) -> None:
        get = self.texts.get
        if asked:
            own = self.model.sample.state().own
            more = [get("trainer.reset.sure.own", count=own)] if own else []
            self._question.value = str(
                panel("warn", get("trainer.reset.sure"), get("trainer.reset.sure.text"), *more)
            )
            keep = [Button("yes_keep", get("trainer.reset.yes_keep"))] if own else []
            self._reset.offer(
                [
                    Button("no", get("trainer.reset.no")),
                    *keep,
                    Button("yes", get("trainer.reset.yes"), "remove"),
                ]
            )
            self.shell.say(get("trainer.reset.sure"))
        else:
            self._question.value = ""
            self._reset.offer([Button("reset_all", get("trainer.reset.do"), "remove")])

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────
    def field_of(self, error: errors.EhToolkitError) -> str | None:
        if type(error) is errors.InputInvalid:
            return FIELDS.get(error.reason or "")
        return next((field for kind, field in _FIELDS.items() if isinstance(error, kind)), None)


_FIELDS: Final = {
    errors.IdentifierInvalid: "mandate_number",
    errors.DistinguishedNameInvalid: "mandate_name",
    errors.KeystorePasswordWrong: PASSWORD,
    errors.NoOldKey: FILE,
}
"""The field that an error is about."""
_PEOPLE_COLUMNS: Final = ("person", "card", "tries", "mandates", "scenarios", "actions")
_HELD_COLUMNS: Final = ("holder", "certificate", "token", "when", "actions")
