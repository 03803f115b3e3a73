"""The live board on the trainer's page: who is in class and where, the stations of the lesson, and a fresh start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ehtoolkit.forms.engine.background import Poller
from ehtoolkit.forms.engine.page_errors import describe_error
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import join, panel, paragraph, show
from ehtoolkit.forms.layout import column, set_visible
from ehtoolkit.forms.trainer.tables import certificate_state_row, effects, speaks_of_tries, trainee_row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.tables import ActionRow, Column, Table
from ehtoolkit.training import TrainingPerson, TrainingPlatform
from ehtoolkit.training.lessons.stations import STATIONS, Station, set_up_next, station_after, station_named
from ehtoolkit.training.state.attendance import Trainee, forget_trainee, trainees
from ehtoolkit.training.state.classroom import close_class, current_station, open_class, read_class_id

_COLUMNS: Final = ("name", "place", "problem", "since", "actions")
_CERTIFICATE_COLUMNS: Final = ("name", "holder", "state", "until")


class BoardPanel:
    """The class on the Trainer page. Rows that have changed are shown within a second.

    Attributes:
        root: the widget to display.
        table: a row for each trainee.
        certificates: a row for each trainee, with their certificate; shown when it is asked for.
    """

    def __init__(
        self,
        training: TrainingPlatform,
        shell: PageShell,
        said: Callable[[str], None],
        real_folders: tuple[Path, ...],
    ) -> None:
        """Make the panel.

        Args:
            said: shows the page anew and says what was done.
            real_folders: of real keystores, which a fresh start leaves alone.
        """
        texts, get = shell.texts, shell.texts.get
        self._training = training
        self._database = training.database
        self._shell = shell
        self._texts = texts
        self._said = said
        self._real_folders = real_folders
        self._asked: Trainee | None = None
        self._shown: Sequence[ActionRow] = ()
        self._shown_state: tuple[bool, Station | None] = (False, None)
        self._closed = self._failed = False
        self._lead = show()
        self._station = show()
        self._steps = shell.buttons(self._act)
        self.table = Table.of("trainer.board", _COLUMNS, texts)
        self.table.on_press(shell.guard(self._press))
        self._question = show()
        self._answers = shell.buttons(self._answer)
        self.certificates = Table(
            get("trainer.board.certificates"),
            [Column(get(f"trainer.board.{name}")) for name in _CERTIFICATE_COLUMNS],
            nothing=get("trainer.board.none"),
        )
        self._list_asked = False
        self._class = column(
            "eh-stack",
            of=(
                self._station,
                self._steps,
                self.table,
                self._question,
                self._answers,
            ),
        )
        # A bar for each, in this order: a button that goes leaves the keyboard's focus to the one before it. Who opens
        # the class is on the button of the first station, and who closes it on the one that opens it again.
        self._opening, self._more = shell.buttons(self._act), shell.buttons(self._act)
        bars = (self._opening, self._more)
        self.root: Any = column("eh-stack", of=(self._lead, self._class, *bars, self.certificates))
        self._poller = Poller(self.look, self._fail, wanted=lambda: not self._closed, seconds=float("inf"))

    def begin(self) -> None:
        """Look once a second from now on, until the page is closed. A class that is open goes on in this page's
        language."""
        if read_class_id(self._database):
            open_class(self._database, self._texts.language)
        self._shell.when_closed(self._close)
        self._poller.begin()

    def look(self) -> Callable[[], None] | None:
        """Return what brings the board to the class as it is now; None where it is so already."""
        if self._failed or self._state() != self._shown_state:
            return self.show
        rows = self._rows()
        return None if rows == self._shown else self._show_rows

    def show(self) -> None:
        """Show the class as it is now."""
        get = self._texts.get
        self._shown_state = is_open, station = self._state()
        self._failed = False
        self._lead.value = str(paragraph(get("trainer.board.open.text" if is_open else "trainer.board.text")))
        set_visible(self._class, is_open)
        if not is_open:
            self._ask(None)
            self._list_asked = False
        self._show_rows()
        following = station_after("" if station is None else station.name)
        self._show_station(station, following)
        words = "hide" if self._list_asked else "list"
        listing = Button("board_list", get(f"trainer.board.{words}"))
        closing = Button("board_close", get("trainer.board.close"), "quiet")
        opening = Button("board_open", get("trainer.board.open"), icon="people")
        self._opening.offer([] if is_open else [opening])
        self._more.offer([listing, closing] if is_open else [])

    def _state(self) -> tuple[bool, Station | None]:
        """Return whether the class is open, and its station."""
        return bool(read_class_id(self._database)), station_named(current_station(self._database))

    def _trainees(self) -> list[tuple[Trainee, TrainingPerson | None]]:
        """Return the trainees, each with the card that was chosen last."""
        people = {person.name: person for person in self._training.people()}
        return [(trainee, people.get(trainee.card)) for trainee in trainees(self._database)]

    def _rows(self) -> list[ActionRow]:
        now = datetime.now(UTC)
        return [
            trainee_row(trainee, card, now, self._texts, self._tries_left(trainee, card))
            for trainee, card in self._trainees()
        ]

    def _tries_left(self, trainee: Trainee, card: TrainingPerson | None) -> int | None:
        """Return the tries that the card has now, where the trainee's last error speaks of them."""
        if card is None or not speaks_of_tries(trainee):
            return None
        return next(
            (state.tries_left for state in self._training.person_states() if state.person == card), None
        )

    def _show_rows(self) -> None:
        self._shown = rows = self._rows()
        self.table.show(rows)
        set_visible(self.certificates, self._list_asked)
        if self._list_asked:
            there, texts = self._training.certificates(), self._texts
            self.certificates.show(
                [certificate_state_row(trainee, card, there, texts) for trainee, card in self._trainees()]
            )

    def _show_station(self, station: Station | None, following: Station | None) -> None:
        get = self._texts.get
        line = get("trainer.board.station.none")
        if station is not None:
            number, title = STATIONS.index(station) + 1, get(f"lesson.{station.name}")
            line = get("trainer.board.station", number=number, count=len(STATIONS), title=title)
        lines = [paragraph(line, "eh-label")]
        if following is not None:
            lines += [paragraph(text, "eh-note") for text in effects(station, following, self._texts)]
        self._station.value = str(join(lines))
        buttons = []
        if following is not None:
            label = get("trainer.board.following", title=get(f"lesson.{following.name}"))
            name = f"board_next {'' if station is None else station.name}"
            buttons = [Button(name, label, icon="next")]
        self._steps.offer(buttons)

    # ── what the trainer does ────────────────────────────────────────────────────────────────────────────
    def _act(self, action: ButtonPress) -> None:
        get, database = self._texts.get, self._database
        name, _, after = action.name.partition(" ")
        if name == "board_open":
            open_class(database, self._texts.language)
            self._said(get("trainer.board.open.said"))
        elif name == "board_close":
            close_class(database)
            self._said(get("trainer.board.close.said"))
        elif name == "board_next":
            station = set_up_next(database, self._training.clock, after)
            if station is not None:
                now = self._training.clock.now()
                self._said(
                    get("trainer.board.following.said", title=get(f"lesson.{station.name}"), moment=now)
                )
        else:
            self._list_asked = not self._list_asked
            self.show()

    def _press(self, visitor: str, action: str) -> None:
        trainee = next((found for found in trainees(self._database) if found.visitor == visitor), None)
        if trainee is None:  # has left meanwhile
            self.show()
        elif action == "reset":
            self._ask(trainee)
        else:
            forget_trainee(self._database, visitor)
            self._said(self._texts.get("trainer.board.forget.said", name=trainee.name))

    def _ask(self, trainee: Trainee | None) -> None:
        """Ask whether ``trainee`` is to start afresh; None: nothing is asked any more."""
        get, self._asked = self._texts.get, trainee
        self._question.value = ""
        self._answers.offer([])
        if trainee is None:
            return
        person = self._training.person(trainee.card).person.full_name
        title = get("trainer.board.reset.sure", name=trainee.name)
        text = get("trainer.board.reset.text", person=person)
        self._question.value = str(panel("warn", title, text, get("trainer.board.reset.kept"), level=3))
        self._answers.offer(
            [
                Button("board_no", get("trainer.board.reset.no")),
                Button("board_yes", get("trainer.board.reset.yes")),
            ]
        )
        self._shell.say(title)

    def _answer(self, action: ButtonPress) -> None:
        trainee = self._asked
        self._ask(None)
        if trainee is None or action.name != "board_yes":
            return
        settings = self._shell.context.settings
        done = self._training.start_afresh(
            trainee.card, also=(settings.home / "notes" / "training",), real_folders=self._real_folders
        )
        person = self._training.person(trainee.card).person.full_name
        facts = {"person": person, "certificates": done.certificates, "files": len(done.files)}
        self._said(self._texts.get("trainer.board.reset.said", **facts))
        folder = self._texts.get("trainer.board.reset.folder", folder=done.folder)
        self._question.value = str(
            panel("info", self._texts.get("trainer.board.reset.said", **facts), folder, level=3)
        )

    def _fail(self, error: Exception) -> None:
        """Show why the board is not up to date, until it is."""
        problem = describe_error(error, self._texts, self._shell.home)
        self._failed = True
        self._lead.value = str(panel("warn", problem.sentence, *problem.notes(self._texts), level=3))
        self._shell.say(problem.sentence)

    def _close(self) -> None:
        self._closed = True
