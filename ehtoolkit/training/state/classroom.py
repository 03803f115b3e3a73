"""The class that a trainer has opened: its language, its station of the lesson, and what open pages have to know."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2s
from typing import TYPE_CHECKING, Final

from ehtoolkit.clock import Clock
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.training.state.clock import LATEST
from ehtoolkit.training.state.database import TrainingDatabase, read_setting, write_setting

if TYPE_CHECKING:
    from ehtoolkit.settings import LanguageName

BOARD_PATH: Final = "/board"
"""Where a training server takes the reports of trainees' pages."""
_ID: Final = "class_id"
_LANGUAGE: Final = "class_language"
_STATION: Final = "class_station"
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_WORD: Final = re.compile(r"[0-9a-z-]{0,40}")


@dataclass(frozen=True, slots=True)
class ClassNews:
    """What a page has to know about the platform at one moment.

    Attributes:
        now: the platform's time, aware.
        changes: differs from the value before when the clock was moved or a scenario switched.
        class_id: of the class that is open; empty without one.
        station: of the lesson; empty before the first one.
    """

    now: datetime
    changes: str = ""
    class_id: str = ""
    station: str = ""

    def to_json(self) -> dict[str, str]:
        return {
            "now": self.now.isoformat(),
            "changes": self.changes,
            "class": self.class_id,
            "station": self.station,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, object]) -> ClassNews:
        """Return the news in the answer of a training server. Raises ``ValueError`` for any other answer."""
        now = datetime.fromisoformat(str(given.get("now")))
        words = [str(given.get(name, "")) for name in ("changes", "class", "station")]
        if now.tzinfo is None or not _EARLIEST <= now <= LATEST or not all(map(_WORD.fullmatch, words)):
            raise ValueError(given)
        return cls(now, *words)


def open_class(database: TrainingDatabase, language: LanguageName) -> str:
    """Open a class and return its identifier. The platform writes its e-mails and letters in ``language`` until the
    class ends. A class that is open goes on, in that language."""
    with database.writing():
        class_id = read_class_id(database) or secrets.token_hex(8)
        write_setting(database, _ID, class_id)
        write_setting(database, _LANGUAGE, language)
    return class_id


def close_class(database: TrainingDatabase) -> None:
    """End the class, and delete the names that were typed in it."""
    with database.writing():
        database.write("DELETE FROM setting WHERE name IN (?, ?, ?)", _ID, _LANGUAGE, _STATION)
        database.write("DELETE FROM trainee")


def read_class_id(database: TrainingDatabase) -> str:
    """Return the identifier of the class that is open; empty without one."""
    return read_setting(database, _ID) or ""


def class_language(database: TrainingDatabase) -> LanguageName | None:
    """Return the language of the class that is open; None without one."""
    found = read_setting(database, _LANGUAGE)
    return next((language for language in LANGUAGES if language == found), None)


def set_station(database: TrainingDatabase, station: str) -> None:
    write_setting(database, _STATION, station)


def current_station(database: TrainingDatabase) -> str:
    """Return the station of the lesson; empty before the first one."""
    return read_setting(database, _STATION) or ""


def read_news(database: TrainingDatabase, clock: Clock) -> ClassNews:
    """Return what an open page has to know now."""
    switches = database.rows("SELECT name, person, is_on, value FROM scenario")
    settings = {row["name"]: row["value"] for row in database.rows("SELECT name, value FROM setting")}
    other = sorted(setting for setting in settings.items() if setting[0] not in (_ID, _LANGUAGE, _STATION))
    digest = blake2s(repr((other, [tuple(row) for row in switches])).encode())
    return ClassNews(clock.now(), digest.hexdigest()[:16], settings.get(_ID, ""), settings.get(_STATION, ""))
