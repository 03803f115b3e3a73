"""Services that the page offers to the view of one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ehtoolkit.forms.engine.background import Runner
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.i18n import Translator

T = TypeVar("T")
About = Callable[[BaseException], str | None]
"""Tells which field an error concerns."""


def no_field(error: BaseException) -> str | None:
    """Return None, for work whose errors concern no field."""
    return None


@dataclass(frozen=True, slots=True)
class PageServices:
    """What the panels of a file need from their page.

    Attributes:
        home: the folder for reports about what nobody foresaw.
        pages: the forms that are there.
        changed: a file is another one now, or there is one more.
        close: take one off.
        say: to a screen reader.
    """

    model: TroubleshootModel
    texts: Translator
    home: Path
    pages: frozenset[str]
    runner: Runner
    changed: Callable[[], None]
    close: Callable[[ExaminedFile], None]
    say: Callable[[str], None]

    def run(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Do ``work`` beside the page, then ``done`` with its result, or ``failed`` with what it raised, also when
        ``done`` raises it."""
        results: list[T] = []

        def outcome(raised: BaseException | None) -> None:
            try:
                if raised is None:
                    done(results[0])
                else:
                    failed(raised)
            except Exception as error:  # noqa: BLE001  # the boundary: whatever it is becomes a sentence
                failed(error)

        self.runner(lambda: results.append(work()), outcome)
