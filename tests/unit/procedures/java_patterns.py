"""Patterns in Java's syntax, and which of some texts each fits; Java itself is asked in ``tests/interop``."""

from __future__ import annotations

TEXTS = (
    "",
    "1",
    "a",
    "A",
    "b",
    "_",
    "12",
    "ab",
    "1a",
    "71452079",
    "71452o79",
    "12345678901",
    "0486132722",
    "a-b",
)
EIGHT, ELEVEN, TEN = {"71452079"}, {"12345678901"}, {"0486132722"}
DIGITS = {"1", "12", *EIGHT, *ELEVEN, *TEN}

TABLE: list[tuple[str, set[str]]] = [
    ("[0-9]{8}", EIGHT),
    (r"\d{8}", EIGHT),
    (r"^\d{8}$", EIGHT),
    (r"[\d]{8}", EIGHT),
    (r"\d{8,10}", EIGHT | TEN),
    (r"\d{9,}", ELEVEN | TEN),
    (r"\d{8}\d?\d?", EIGHT | TEN),
    (r"\d+", DIGITS),
    (r"\d*", {"", *DIGITS}),
    (r"7\d{7}", EIGHT),
    (r"\d*9", EIGHT),
    (r"\d{0}1", {"1"}),
    ("[1a]", {"1", "a"}),
    ("[0-9A-Za-z]", {"1", "a", "A", "b"}),
    ("[A-z]", {"a", "A", "b", "_"}),
    ("[a-b]*", {"", "a", "b", "ab"}),
    ("[0-9]+[a-c]", {"1a"}),
    ("", {""}),
    ("^$", {""}),
]

NOT_APPLIED = [
    *(r"\d{8}(\d{3})?", r"\d{8}|\d{10}", "(a|b)*", "|1", r"(?<number>\d{8})", "(?i)A", "(?i:a)b"),
    *(r"\A\d{8}\z", r"\A\d{8}\Z", r"\b\d{8}\b", r"a\Bb", "1^", "$1", "^^1", "1$$"),
    *(r"\d++", r"\d*+9", r"\d?+12", r"7\d{7}+", r"\d*?9", r"\d{8}{2}", "(?>1|12)"),
    *(r"\w", r"\W", r"\s", ".", "a.b", r"a\-b", "a-b", "[a-]-[b]", "[a-][-a]b", "[^a]", "[_]", "é", "[é]"),
    *(
        r"\p{Digit}{10,11}",
        r"\p{Alpha}",
        r"\p{javaUpperCase}",
        r"\p{L}",
        r"\pN",
        r"\P{Alpha}",
        r"[\p{Alpha}_]",
    ),
    *("[a-z&&[^b]]", "[a-b&&b-c]", "[ab[1]]", "[^ab[1]]", r"[\Q1a\E]+", r"\Qa-b\E", r"\x31\u0032", r"\061"),
    *(
        r"(?=7)\d+",
        r"(?!7)\d{8,}",
        r"\d+(?<=79)",
        r"\d+(?<!79)",
        r"(\d)\1",
        "[1-3-5]",
        r"[\d-9]",
        "[a-b]{1,2",
    ),
]
"""Patterns that Java reads and we do not apply."""
