"""Regular expressions in Java's syntax, as the platform's list of organisation types has them, applied to numbers.

The package `regex` applies them. A pattern is written anew for it, token by token, so that nothing is left standing
that has another meaning there; one with a token that is not known here is not applied. Texts are one line of printable
ASCII: the ends of lines, the flags about them and most differences between kinds of characters do not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 16
"""Of what is judged: numbers have eleven digits at most."""
_DEEPEST: Final = 40
"""Groups within groups, or classes within classes."""
_LARGEST: Final = 10_000
"""Characters of a pattern in which what must come n times stands n times: `regex` makes that of it before it looks at
the clock, and recurses into it in C."""
_SECONDS: Final = 0.5

_QUOTATION: Final = re.compile(r"\\Q(.*?)(?:\\E|\Z)|(\\?.)", re.DOTALL)
_CHARACTER: Final = (
    r"(?:\\x[0-9A-Fa-f]{2}|\\x\{[0-9A-Fa-f]{1,5}\}|\\u[0-9A-Fa-f]{4}|\\0(?:[0-3][0-7]{0,2}|[4-7][0-7]?)"
    r"|\\[tnrf]|\\[^A-Za-z0-9]|[^\\])"
)
_KIND: Final = r"(?P<kind>\\[dDsSwWhH]|\\[pP](?:\{\w+\}|[LN]))"
_TOKEN: Final = re.compile(
    r"(?P<opening>\((?:\?(?:[:=!>]|<[=!]|<[A-Za-z][A-Za-z0-9]*>))?(?!\?))"
    r"|(?P<flags>\(\?(?P<on>[idms]*)(?:-(?P<off>[idms]+))?(?P<scope>[:)]))"
    r"|(?P<closing>\))|(?P<choice>\|)|(?P<any>\.)|(?P<edge>\^|\$|\\[AzZGbB])|(?P<set>\[)"
    r"|(?P<repetition>(?:[*+?]|\{(?P<least>\d{1,9})(?:,\d{0,9})?\})(?P<greed>[?+]?))"
    rf"|{_KIND}|(?P<character>(?![(*+?{{]){_CHARACTER})",
    re.ASCII | re.DOTALL,
)
# Java has readings of its own for && before & or ^, and for a range that ends in a kind.
_MEMBER: Final = re.compile(
    rf"(?P<set>\[)|(?P<end>\])|(?P<and>&&(?![&^]))|{_KIND}"
    rf"|(?P<range>(?P<first>{_CHARACTER})-(?![\[\]&])(?P<last>{_CHARACTER}))"
    rf"|(?P<character>(?!&&){_CHARACTER}(?!-[^\[\]]))",
    re.ASCII | re.DOTALL,
)
_IN_LOOK_BEHIND: Final = frozenset({"closing", "choice", "any", "set", "kind", "character"})
_CONTROLS: Final = MappingProxyType({"t": "\t", "n": "\n", "r": "\r", "f": "\f"})
_EDGES: Final = MappingProxyType({"^": r"\A", "$": r"\Z", r"\z": r"\Z", r"\G": r"\A"})
_BLANK: Final = MappingProxyType({r"\h": r"\x20", r"\H": r"[^\x20]"})
_SAME_NAMES: Final = "ASCII Alnum Alpha Blank Cntrl Digit Graph L Ll Lower Lu N Nd Print Space Upper XDigit"
_NAMES: Final = MappingProxyType(
    {name: name for name in _SAME_NAMES.split()}
    | {"IsL": "L", "IsLl": "Ll", "IsLu": "Lu", "IsN": "N", "IsNd": "Nd", "InBasicLatin": "ASCII"}
    | {"IsAlphabetic": "L", "IsLetter": "L", "IsLowercase": "Ll", "IsUppercase": "Lu"}
    | {"javaDigit": "Nd", "javaLetter": "L", "javaLetterOrDigit": "Alnum"}
    | {"javaLowerCase": "Ll", "javaUpperCase": "Lu"}
    | {"IsWhite_Space": "Space", "javaWhitespace": "Space", "Punct": "PosixPunct"}
)
"""Of ``\\p{…}``: how `regex` calls the same characters, as far as ASCII goes."""
_CASES: Final = frozenset({"Ll", "Lu", "Lower", "Upper"})


class _NotUnderstood(Exception):
    """The pattern has something whose meaning for both is not known here."""


def fits(pattern: str, text: str) -> bool | None:
    """Whether the whole ``text`` fits, as Java's `String.matches` says; None when that is not known: the pattern is
    not understood or takes too long, or the text is not printable ASCII or longer than `LONGEST_TEXT`."""
    if len(pattern) > LONGEST_PATTERN or len(text) > LONGEST_TEXT:
        return None
    if not (text.isascii() and text.isprintable()):
        return None
    import regex  # takes 30 ms, and few commands judge a number

    try:
        anew = _Translation(_QUOTATION.sub(_unquoted, pattern)).whole()
        return regex.fullmatch(anew, text, regex.V1 | regex.ASCII, timeout=_SECONDS) is not None
    except (_NotUnderstood, regex.error, TimeoutError, RecursionError):
        return None


@dataclass(slots=True)
class _Part:
    """What a repetition can be about. ``start``: its index in what is written; ``length``: its characters, see
    `_LARGEST`; ``placed``: something in it is about the place where it stands; ``behind``: it is a look behind."""

    start: int
    length: int = 0
    placed: bool = False
    behind: bool = False


class _Translation:
    """One pattern, its quotations gone. ``_groups``: those that are open, the whole as the first; ``_last``: what a
    repetition would be about, if it came next; ``_any_case``, ``_lines``: the flags i and m were set somewhere;
    ``_cases``: something is about capitals or small letters."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._position = 0
        self._written: list[str] = []
        self._groups = [_Part(0)]
        self._last: _Part | None = None
        self._any_case = False
        self._cases = False
        self._lines = False

    def whole(self) -> str:
        """Raises `_NotUnderstood`."""
        while self._position < len(self._pattern):
            token = self._take(_TOKEN)
            # Java tries a look behind from its beginning, regex from its end: the same where nothing can be chosen.
            if self._groups[-1].behind and token.lastgroup not in _IN_LOOK_BEHIND:
                raise _NotUnderstood
            self._write(token)
        # Java's releases differ in what (?i)\p{Lower} is.
        if len(self._groups) > 1 or (self._any_case and self._cases):
            raise _NotUnderstood
        return "".join(self._written)

    def _take(self, tokens: re.Pattern[str]) -> re.Match[str]:
        token = tokens.match(self._pattern, self._position)
        if token is None:
            raise _NotUnderstood
        self._position = token.end()
        return token

    def _write(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "opening":
                self._open(token[0])
            case "flags":
                self._flag(token)
            case "closing":
                self._close()
            case "choice":
                self._written.append("|")
                self._last = None
            case "repetition":
                self._repeat(token)
            case "edge":
                # With (?m), Java has no beginning of a line at the end of the text.
                empty_too = token[0] != "^" or not self._lines
                self._add(_EDGES.get(token[0], token[0]) if empty_too else r"(?:\A(?!\Z))", placed=True)
            case "kind":
                self._add(self._kind(token[0]))
            case "set":
                self._add(self._set(1))
            case _:
                self._add("." if token["any"] else _character(token[0]))

    def _add(self, text: str, placed: bool = False) -> None:
        self._last = _Part(len(self._written), len(text), placed)
        self._written.append(text)
        self._count(self._last)

    def _count(self, part: _Part, times: int = 1) -> None:
        group = self._groups[-1]
        group.length += part.length * times
        group.placed = group.placed or part.placed
        if group.length > _LARGEST:
            raise _NotUnderstood

    def _open(self, sign: str) -> None:
        """Groups do not capture: back references are not read, and names mean nothing else."""
        if len(self._groups) > _DEEPEST:
            raise _NotUnderstood
        look = sign.endswith(("=", "!"))
        self._groups.append(_Part(len(self._written), len(sign), placed=look, behind=look and "<" in sign))
        self._written.append(sign if look or sign == "(?>" else "(?:")
        self._last = None

    def _flag(self, token: re.Match[str]) -> None:
        on, off = token["on"], token["off"] or ""
        if "m" in on + off:
            if off or token["scope"] == ":" or len(self._groups) > 1:
                raise _NotUnderstood
            self._lines = True
        self._any_case = self._any_case or "i" in on
        sign = "(?-i" if "i" in off else "(?i" if "i" in on else "(?"
        if token["scope"] == ":":
            self._open("(?:")
            self._written[-1] = sign + ":"
        elif sign != "(?":
            self._written.append(sign + ")")
        self._last = None

    def _close(self) -> None:
        if len(self._groups) == 1:
            raise _NotUnderstood
        self._last = self._groups.pop()
        self._written.append(")")
        self._count(self._last)

    def _repeat(self, token: re.Match[str]) -> None:
        part, least = self._last, int(token["least"] or 0)
        # Java ends a repetition at the first time that moves nowhere, even if it has to come more often.
        if part is None or (least > 1 and part.placed):
            raise _NotUnderstood
        self._count(part, max(least - 1, 0))
        # In Java each time is possessive, in regex only those that are not necessary.
        if token["greed"] == "+":
            self._written[part.start] = "(?>" + self._written[part.start]
            self._written.append(")")
        self._written.append(token[0])
        self._last = None

    def _kind(self, sign: str) -> str:
        if sign[1] not in "pP":
            return _BLANK.get(sign, sign)
        name = _NAMES.get(sign[2:].strip("{}"))
        if name is None:
            raise _NotUnderstood
        self._cases = self._cases or name in _CASES
        return rf"\{sign[1]}{{{name}}}"

    def _set(self, depth: int) -> str:
        """A class, whose bracket was read, as choices and looks ahead: `regex` has sets of sets too, but makes other
        ones of ``(?i)[^a&&[b]]`` and of ``[^\\d\\D]``."""
        if depth > _DEEPEST:
            raise _NotUnderstood
        negative = self._pattern.startswith("^", self._position)
        self._position += negative
        sides: list[list[str]] = [[]]
        while (token := self._take(_MEMBER)).lastgroup != "end":
            match token.lastgroup:
                case "and":
                    sides.append([])
                case "set":
                    sides[-1].append(self._set(depth + 1))
                case "kind":
                    sides[-1].append(self._kind(token[0]))
                case "range":
                    sides[-1].append(f"[{_character(token['first'])}-{_character(token['last'])}]")
                case _:
                    sides[-1].append(_character(token[0]))
        # A set beside anything else on the right of && is read by Java as nobody would.
        mixed = [side for side in sides[1:] if len(side) > 1 and any(one[:2] == "(?" for one in side)]
        if mixed or not all(sides):
            raise _NotUnderstood
        *others, last = [f"(?>{'|'.join(side)})" for side in sides]
        whole = "".join(f"(?={side})" for side in others) + last
        return f"(?:(?!{whole}).)" if negative else f"(?:{whole})"


def _unquoted(found: re.Match[str]) -> str:
    """``\\Q…\\E`` with each character as its code, anything else as it is."""
    return found[2] or "".join(rf"\x{{{ord(character):x}}}" for character in found[1])


def _character(sign: str) -> str:
    """One character that is written out, in a way in which it can be nothing else."""
    character = sign
    if sign.startswith("\\"):
        character = _CONTROLS.get(sign[1], sign[1])
        if sign[1] in "xu":
            character = chr(int(sign[2:].strip("{}"), 16))
        elif sign[1] == "0":
            character = chr(int(sign[2:], 8))
    return rf"\U{ord(character):08x}"
