"""How a page reaches the class: the database of its own training platform, or the training server of the trainer."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Transport
from ehtoolkit.training.state.attendance import PageReport, exchange
from ehtoolkit.training.state.classroom import BOARD_PATH, ClassNews
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase


class ClassLink(ABC):
    """The way to the class."""

    _database: TrainingDatabase | None = None

    @abstractmethod
    def exchange(self, report: PageReport | None) -> ClassNews:
        """Hand in ``report``, and return what a page has to know. Raises an `errors.EhToolkitError` where the class
        cannot be reached."""

    def close(self) -> None:
        if self._database is not None:
            self._database.close()


class LocalClass(ClassLink):
    """The class of the platform in ``folder``; where no platform is there yet, none is made."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / DATABASE_FILE

    def exchange(self, report: PageReport | None) -> ClassNews:
        if self._database is None:
            if not self._path.exists():
                return ClassNews(datetime.now(UTC))
            self._database = TrainingDatabase(self._path)
        return exchange(self._database, TrainingClock(self._database), report)


class RemoteClass(ClassLink):
    """The class of the training server at ``url``. The training clock of this computer follows the server's.

    Args:
        folder: of this computer's platform, which has the clock.
        end: closes the transport.
    """

    def __init__(self, transport: Transport, url: str, folder: Path, end: Callable[[], None]) -> None:
        self._transport = transport
        self._url = url.rstrip("/") + BOARD_PATH
        self._folder = folder
        self._end = end

    def exchange(self, report: PageReport | None) -> ClassNews:
        body = json.dumps({} if report is None else report.to_json()).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = self._transport.post(self._url, body, headers)
        if answer.status != HTTPStatus.OK:
            raise errors.ResponseInvalid(reason="http_status", status=answer.status)
        try:
            news = ClassNews.from_json(json.loads(answer.body))
        except (ValueError, AttributeError, RecursionError) as error:
            raise errors.ResponseInvalid(reason="content") from error
        if self._database is None:
            self._database = TrainingDatabase(self._folder / DATABASE_FILE)
        TrainingClock(self._database).follow(news.now)
        return news

    def close(self) -> None:
        self._end()
        super().close()
