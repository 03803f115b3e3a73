"""What belongs to the command line, and is on no page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from ehtoolkit.cli.app import app
from ehtoolkit.i18n import Translator
from tests.forms.player import Player

EXPLICIT: Final = frozenset(
    {
        "doctor.service_stopped_linux.next",
        "environment.practise",
        "error.delivery_failed.next",
        "error.delivery_failed.recipient.next",
        "error.delivery_failed.starttls.next",
        "error.setting_invalid.page_port.next",
        "error.watch_exists.next",
        "error.watch_invalid.mail_insecure.next",
        "error.watch_invalid.mail_login.next",
        "error.watch_unknown.next",
    }
)
"""Sentences that say that they name a command: to start a service of the system, or these pages, for training or on
another port, which is said where no page could be served; and of watches, which no page has."""
_GROUPS: Final = "|".join(sorted(app.list_commands(None)))  # type: ignore[arg-type]  # it asks for no context
_BARE: Final = rf"(?<![\w-])--[a-z]|\behtoolkit (?:{_GROUPS})\b"
_QUOTED: Final = rf"[“«„‘]\s*(?:ehtoolkit )?(?:{_GROUPS})(?: [a-z][^”»“’]*)?\s*[”»“’]"
COMMAND_LINE: Final = re.compile(f"{_BARE}|{_QUOTED}")
"""An option, a command with the name of the program, or one in quotation marks."""
_TAG: Final = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)


def shown_commands(root: Any, texts: Translator) -> Iterator[str]:
    """What of the command line the widgets of a page show."""
    explicit = tuple(texts.get(key) for key in sorted(EXPLICIT))
    for widget in Player(root).everything():
        for value in widget.get_state().values():
            for text in _strings(value):
                if words := _shown_command(text, explicit):
                    yield words


@cache
def _shown_command(text: str, explicit: Sequence[str]) -> str:
    """The words in which a text names a command, without the sentences that may; empty if it names none."""
    words = _TAG.sub("|", text)
    for sentence in explicit:
        words = words.replace(sentence, "")
    return words if COMMAND_LINE.search(words) else ""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _strings(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _strings(member)
