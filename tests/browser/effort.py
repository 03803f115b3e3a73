"""Clicks and fields of a walk, counted, and what the table against the guide says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.browser.hands import Hands

TABLE: Final = Path(__file__).resolve().parents[2] / "docs" / "design" / "GUIDE_STEPS.md"
_LINE: Final = re.compile(r"\| `(\w+)` \| ([\d, ]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|")


@dataclass(frozen=True, slots=True)
class Effort:
    """What somebody does, from the first page to what is sent. ``clicks``: buttons, links, boxes and choices;
    ``fields``: what is typed, each time that it is typed."""

    clicks: int
    fields: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A line of the table. ``steps``: the guide's steps in which it clicks, each as often as it does."""

    steps: tuple[int, ...]
    guide: Effort
    here: Effort


class Counted:
    """Hands whose clicks and fields are counted."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._clicks = self._fields = 0

    def taken(self) -> Effort:
        """What was done since the last time that this was asked."""
        effort = Effort(self._clicks, self._fields)
        self._clicks = self._fields = 0
        return effort

    def press(self, name: str) -> None:
        self._clicks += 1
        self._hands.press(name)

    def tick(self, name: str) -> None:
        self._clicks += 1
        self._hands.tick(name)

    def choose(self, name: str) -> None:
        self._clicks += 1
        self._hands.choose(name)

    def select(self, name: str, option: str) -> None:
        self._clicks += 1
        self._hands.select(name, option)

    def type(self, name: str, text: str) -> None:
        self._fields += 1
        self._hands.type(name, text)


def comparisons() -> dict[str, Comparison]:
    """The table "Clicks and fields", by form."""
    found: dict[str, Comparison] = {}
    for form, steps, *figures in _LINE.findall(TABLE.read_text(encoding="utf-8")):
        theirs, typed, ours, filled = map(int, figures)
        clicked = tuple(int(one) for one in steps.split(","))
        found[form] = Comparison(clicked, Effort(theirs, typed), Effort(ours, filled))
    return found
