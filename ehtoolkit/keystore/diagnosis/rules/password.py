"""The password: wrong, with harmless hints, or right and yet one that other programs do not take.

Hints only say what the password that was typed looks like. Nothing is ever tried in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.finding import Finding, error, info, warning
from ehtoolkit.secret import Secret

_MOVED_KEYS: Final = frozenset("aqzwmAQZWM")
"""Letters that are elsewhere on the other one of the Belgian (AZERTY) and the American (QWERTY) keyboard."""


def wrong_password(password: Secret) -> Iterator[Finding]:
    """Report that this password does not open the file, which is sound as far as it can be seen, with hints at what the
    password looks like."""
    yield error("password_wrong")
    text = password.reveal()
    if not text:
        yield info("password_hint_empty")
    if text != text.strip():
        yield info("password_hint_blanks")
    if _looks_like_caps_lock(text):
        yield info("password_hint_capitals")
    if _MOVED_KEYS & set(text):
        yield info("password_hint_keyboard")
    if not text.isascii():
        yield info("password_hint_accents")


def right_password(password: Secret) -> Iterator[Finding]:
    """Report a password that opens the file and that not every other program takes."""
    text = password.reveal()
    if not text:
        yield warning("password_empty")
    elif not (text.isascii() and text.isprintable()):
        yield warning("password_not_portable")


def _looks_like_caps_lock(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    if len(letters) < 2:
        return False
    # Caps lock makes "Kine" either "KINE" or "kINE".
    return all(map(str.isupper, letters[1:]))
