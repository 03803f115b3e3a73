"""Errors of the training platform: its clock, scenarios and messages."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.arguments import InputInvalid
from ehtoolkit.errors.keystore import KeystoreError


class ClockMoveInvalid(InputInvalid):
    """The training clock cannot be moved there (facts: reason = form | backwards | too_far, text)."""

    text: str
    reason: Literal["form", "backwards", "too_far"]


class ValidationImpossible(InputInvalid):
    """The training platform has no request to confirm at this address.

    (facts: reason = unknown | expired | refused | taken)
    """

    reason: Literal["unknown", "expired", "refused", "taken"]


class ScenarioUnknown(InputInvalid):
    """The training platform has no scenario of that name (facts: name, known)."""

    name: str
    known: str


class ScenarioUnfit(InputInvalid):
    """The scenario cannot be switched like this (facts: name, person, reason = everybody | certificate | withheld |
    seconds)."""

    name: str
    person: str | None
    reason: Literal["everybody", "certificate", "withheld", "seconds"]


class TrainingMessageUnknown(InputInvalid):
    """No colleague has sent a sealed message with that number (facts: number, known)."""

    number: int
    known: str


class NoOldKey(KeystoreError):
    """In training: this keystore's holder has no old key to throw away (facts: path, reason = none | foreign)."""

    path: str
    reason: Literal["none", "foreign"]


class ResetRefused(KeystoreError):
    """Real keystores lie inside the training folder, so nothing there is deleted (facts: path)."""

    path: str
