"""The stages of a procedure that takes a while, for a display of its progress."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """What is being done."""

    ASK = "ask"
    ETK = "etk"
    ACTIVATE = "activate"
    PROVE = "prove"


Progress = Callable[[Stage], None]


def no_progress(stage: Stage) -> None:
    """Do nothing: for callers that do not watch the progress."""
