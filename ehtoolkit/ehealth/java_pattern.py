"""Regular expressions in Java's syntax, as the platform's list of organisation types has them, applied to numbers.

RE2 applies them, in time that grows with the text and never with the pattern's choices. A pattern that RE2 does not
parse, or reads otherwise than Java, is not applied. Texts are one line of printable ASCII, so that ends of lines and
most differences between kinds of characters do not matter.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 16
"""Of what is judged: numbers have eleven digits at most."""
_MEMORY: Final = 1 << 19
"""Bytes that RE2 may take for one pattern."""

_TOKEN: Final = re.compile(
    r"(?P<quotation>\\Q.*?(?:\\E|\Z))|(?P<escape>\\.)|(?P<flags>\(\?[a-zA-Z-]+)|(?P<fixed>\{\d{1,4}\})\+|(?P<repetition>\{\d{1,4}(?:,\d{0,4})?\})"
    r"|(?P<and>&&)|(?P<opening>\[)|(?P<closing>\])|(?P<brace>\{)|(?P<other>.)",
    re.DOTALL,
)
_OTHER_ESCAPES: Final = frozenset("123456789vCpP")
"""``\\1`` is octal to RE2 and a group to Java, ``\\v`` one character and a class; ``\\C`` is RE2's own; of the names
after ``\\p`` each has others."""
_PLACES: Final = frozenset(("^", "$", r"\b", r"\B", r"\A", r"\z"))
_FLAGS: Final = frozenset("(?imsd-")
"""To both the same; ``U`` is ungreedy to RE2 and Unicode to Java, ``P`` no flag of Java, ``x`` unknown to RE2."""


def fits(pattern: str, text: str) -> bool | None:
    """Return whether the whole ``text`` fits, as Java's `String.matches` says.

    None if that is not known: the pattern is longer than `LONGEST_PATTERN`, not parsed or read otherwise by RE2, or the
    text is not printable ASCII or longer than `LONGEST_TEXT`.
    """
    if (
        len(pattern) > LONGEST_PATTERN
        or len(text) > LONGEST_TEXT
        or not (text.isascii() and text.isprintable())
    ):
        return None
    translated = _for_re2(pattern) if pattern.isascii() else None
    if translated is None:
        return None
    import re2  # takes 20 ms, and few commands judge a number

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.fullmatch(translated, text, options) is not None
    except re2.error:
        return None


def _for_re2(pattern: str) -> str | None:
    """Return ``pattern`` for RE2; None if some of what RE2 parses means something else to Java."""
    in_class = placed = False
    translated = []
    for token in _TOKEN.finditer(pattern):
        kind, sign = token.lastgroup, token[0]
        of_group = pattern[: token.start()].endswith(")")
        # Java ends a repetition at the first time that moves nowhere, even if it has to come more often.
        if kind in ("fixed", "repetition") and placed and of_group:
            return None
        if _is_read_otherwise(kind, sign, in_class):
            return None
        in_class = kind == "opening" or (in_class and kind != "closing")
        placed = placed or (sign in _PLACES and not in_class)
        # Possessive, of one character a fixed number of times: there is nothing that it could give back.
        translated.append(token["fixed"] if kind == "fixed" and not (in_class or of_group) else sign)
    return "".join(translated)


def _is_read_otherwise(kind: str | None, sign: str, in_class: bool) -> bool:
    match kind:
        case "escape":
            return sign[1] in _OTHER_ESCAPES
        case "flags":
            return not _FLAGS.issuperset(sign)
        case "opening" | "and":  # a class within a class, and what two classes have in common, to Java alone
            return in_class
        case "brace":  # one that repeats nothing is an error to Java, and a character to RE2
            return not in_class
        case _:
            return False
