"""Findings about a card; their sentences are in the catalogue ``card``."""

from __future__ import annotations

from ehtoolkit.finding import Fact, Finding, Severity

CATALOGUE = "card"


def error(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.ERROR, facts, CATALOGUE)


def warning(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.WARNING, facts, CATALOGUE)


def info(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.INFO, facts, CATALOGUE)


def ok(key: str, /, **facts: Fact) -> Finding:
    return Finding(key, Severity.OK, facts, CATALOGUE)
