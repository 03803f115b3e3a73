"""The findings of a diagnosis: `ehtoolkit.finding` with the sentences of keystores."""

from __future__ import annotations

from ehtoolkit.finding import MANY, Fact, Finding, Severity, calendar_day, worst_first

__all__ = [
    "MANY",
    "Fact",
    "Finding",
    "Severity",
    "calendar_day",
    "error",
    "info",
    "ok",
    "warning",
    "worst_first",
]


def error(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.ERROR, facts)


def warning(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.WARNING, facts)


def info(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.INFO, facts)


def ok(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.OK, facts)
