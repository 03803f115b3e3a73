"""Providers: who works in a practice, under which INAMI numbers, from when to when, and with which keystore."""

from __future__ import annotations

from ehtoolkit.providers.provider import Assignment, Conventioned, Period, Provider
from ehtoolkit.providers.registry import Registry, open_registry
from ehtoolkit.providers.rules import examine as examine_provider

__all__ = [
    "Assignment",
    "Conventioned",
    "Period",
    "Provider",
    "Registry",
    "examine_provider",
    "open_registry",
]
