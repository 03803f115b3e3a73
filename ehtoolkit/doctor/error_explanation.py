"""An error of other software: how it is recognised, what it means and who can help."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ehtoolkit.i18n import Translator


class Contact(StrEnum):
    """Who can help."""

    NOBODY = "nobody"
    """The user can solve it without help."""
    MUNICIPALITY = "municipality"
    VENDOR = "vendor"
    """Of the practice software."""
    EHEALTH = "ehealth"
    """The contact centre of the platform."""
    CONSULTANT = "consultant"
    """The person who looks after the computer."""
    REGISTERS = "registers"
    """Who keeps the registers of professions."""


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error of other software, and how it is recognised.

    Attributes:
        key: its sentences are ``advice.<key>`` (the cause) and ``advice.<key>.next`` (the cure).
        codes, words: what it is recognised by.
        alone: words that say it where nothing else is recognised, and beside something else say nothing.
        certificate: whether eHealth certificate or keystore may be the cause.
    """

    key: str
    contact: Contact
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    certificate: bool = False

    def cause(self, texts: Translator) -> str:
        return texts.get(f"advice.{self.key}")

    def cure(self, texts: Translator) -> str:
        return texts.get(f"advice.{self.key}.next")

    def call(self, texts: Translator) -> str:
        """Return who can help, and with what in hand."""
        return texts.get(f"doctor.call.{self.contact}")

    def symptom(self, texts: Translator) -> str:
        """Return what a user sees; only of `SYMPTOMS`."""
        return texts.get(f"advice.{self.key}.symptom")
