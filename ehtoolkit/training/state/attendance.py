"""Who is in class: what each trainee's page reports, and the rows of the trainer's board."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ehtoolkit.clock import Clock
from ehtoolkit.system.text_safety import REPLACEMENT, printable
from ehtoolkit.training.state.classroom import ClassNews, read_class_id, read_news
from ehtoolkit.training.state.database import TrainingDatabase, from_text, to_text

LARGEST_REPORT: Final = 2_000
"""Bytes of the longest report; genuine ones have less than 500."""
LARGEST_CLASS: Final = 100
"""Trainees on the board at once."""
LONGEST_NAME: Final = 40
AWAY: Final = timedelta(seconds=10)
"""A trainee whose pages have been silent for so long has left, or looks at another window."""
_GONE: Final = timedelta(minutes=1)
"""A trainee who has been silent for so long gives way to others when the board is full."""
_RENEWED: Final = timedelta(seconds=4)
"""How old the time of the last report may be: a report that says nothing new is not written before."""

_FORMS: Final = {
    "class_id": re.compile(r"[0-9a-f]{16}"),
    "visitor": re.compile(r"[0-9a-f]{32}"),
    "page": re.compile(r"[a-z-]{0,40}"),
    "step": re.compile(r"[a-z_]{0,40}"),
    "problem": re.compile(r"[A-Za-z0-9_.-]{0,120}"),
    "card": re.compile(r"[a-z0-9_-]{0,60}"),
}


@dataclass(frozen=True, slots=True)
class PageReport:
    """What a page reports about its user. Nothing else leaves the page.

    Attributes:
        class_id: of the class that the user has entered.
        visitor: a random number of the browser.
        name: as the user typed it, on entering the class.
        page: the name of its notebook.
        step: of a form; empty on other pages.
        problem: the key of the sentence that was shown last as an error; empty after the next step.
        card: the short name of the invented person whose training card was chosen last.
    """

    class_id: str
    visitor: str
    name: str
    page: str = ""
    step: str = ""
    problem: str = ""
    card: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, object]) -> PageReport:
        """Return the report of a page that may be anybody's. Raises ``ValueError`` for what is none."""
        values = {name: given.get(name, "") for name in _FORMS}
        name = given.get("name")
        if not isinstance(name, str) or not (name := clean_name(name)):
            raise ValueError("name")
        for field, value in values.items():
            if not isinstance(value, str) or not _FORMS[field].fullmatch(value):
                raise ValueError(field)
        return cls(name=name, **{field: str(value) for field, value in values.items()})


@dataclass(frozen=True, slots=True)
class Trainee:
    """A row of the board.

    Attributes:
        changed_at: since when the page and the step are the same, by the computer's clock.
        seen_at: of the last report, by the computer's clock.
    """

    visitor: str
    name: str
    page: str
    step: str
    problem: str
    card: str
    changed_at: datetime
    seen_at: datetime

    def is_here(self, moment: datetime) -> bool:
        return moment - self.seen_at < AWAY


def clean_name(typed: str) -> str:
    """Return a typed name on one line, without characters that are not seen, of at most `LONGEST_NAME` characters.
    Raises ``ValueError`` for half a character."""
    line = " ".join(typed[: 4 * LONGEST_NAME].split())
    return printable(line).replace(REPLACEMENT, "")[:LONGEST_NAME].strip()


def read_report(body: bytes) -> PageReport | None:
    """Return the report in a message; None in one that only asks for the news. Raises ``ValueError`` for any other
    message."""
    if len(body) > LARGEST_REPORT:
        raise ValueError("size")
    try:
        given: Any = json.loads(body)
    except RecursionError as error:
        raise ValueError("depth") from error
    if not isinstance(given, dict):
        raise ValueError("object")
    return PageReport.from_json(given) if given else None


def take_report(database: TrainingDatabase, report: PageReport, moment: datetime) -> bool:
    """Write a report on the board; return False where its class is not open, or the board is full.

    ``moment``: the computer's time.
    """
    before = _row(database, report.visitor)
    says_nothing_new = before is not None and replace(before, seen_at=moment) == _after(
        before, report, moment
    )
    if before is not None and says_nothing_new and moment - before.seen_at < _RENEWED:
        return True
    with database.writing():
        if read_class_id(database) != report.class_id:
            return False
        before = _row(database, report.visitor)
        if before is None and not _has_room(database, moment):
            return False
        after = _after(before, report, moment)
        row = asdict(after) | {"changed_at": to_text(after.changed_at), "seen_at": to_text(moment)}
        database.write("INSERT OR REPLACE INTO trainee VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row.values())
    return True


def _after(before: Trainee | None, report: PageReport, moment: datetime) -> Trainee:
    """Return the row of a trainee after a report. ``before``: the row that there is; None without one."""
    stays = before is not None and (before.page, before.step) == (report.page, report.step)
    return Trainee(
        visitor=report.visitor,
        name=report.name,
        page=report.page,
        step=report.step,
        problem=report.problem,
        card=report.card or ("" if before is None else before.card),
        changed_at=before.changed_at if before is not None and stays else moment,
        seen_at=moment,
    )


def trainees(database: TrainingDatabase) -> tuple[Trainee, ...]:
    """Return the class, by name."""
    found = map(_from_row, database.rows("SELECT * FROM trainee"))
    return tuple(sorted(found, key=lambda trainee: (trainee.name.casefold(), trainee.visitor)))


def forget_trainee(database: TrainingDatabase, visitor: str) -> None:
    """Take a trainee off the board; a page of theirs that is still open puts them on it again."""
    database.write("DELETE FROM trainee WHERE visitor = ?", visitor)


def exchange(database: TrainingDatabase, clock: Clock, report: PageReport | None) -> ClassNews:
    """Take the report of a page, where there is one, and return what a page has to know."""
    if report is not None:
        take_report(database, report, datetime.now(UTC))
    return read_news(database, clock)


def _row(database: TrainingDatabase, visitor: str) -> Trainee | None:
    row = database.row("SELECT * FROM trainee WHERE visitor = ?", visitor)
    return None if row is None else _from_row(row)


def _from_row(row: Any) -> Trainee:
    moments = {name: from_text(row[name]) for name in ("changed_at", "seen_at")}
    return Trainee(**{**dict(row), **moments})


def _has_room(database: TrainingDatabase, moment: datetime) -> bool:
    if _size(database) >= LARGEST_CLASS:
        database.write("DELETE FROM trainee WHERE seen_at < ?", to_text(moment - _GONE))
    return _size(database) < LARGEST_CLASS


def _size(database: TrainingDatabase) -> int:
    return len(database.rows("SELECT visitor FROM trainee"))
