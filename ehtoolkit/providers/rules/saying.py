"""How these rules say what they find: in a catalogue of their own, with types by name."""

from __future__ import annotations

from typing import Final

from ehtoolkit.finding import Fact, Finding, Severity, Word

CATALOGUE: Final = "registry"


def error(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.ERROR, facts, CATALOGUE)


def warning(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.WARNING, facts, CATALOGUE)


def info(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.INFO, facts, CATALOGUE)


def ok(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.OK, facts, CATALOGUE)


def type_word(kind: str) -> Word:
    return Word(f"{CATALOGUE}.type.{kind}")
