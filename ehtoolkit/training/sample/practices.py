"""The six invented practices of the sample, each with a folder of keystores of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit.settings import LanguageName


@dataclass(frozen=True, slots=True)
class Practice:
    """``folder``: what its folder is called. ``enterprise_number``: with valid check digits, above all numbers that
    are given out in that block."""

    name: str
    folder: str
    language: LanguageName
    enterprise_number: str


PHYSIOTHERAPISTS: Final = Practice(
    "Kinésithérapie Les Trois Saules, Namur", "trois-saules", "fr", "0999120190"
)
GROUP: Final = Practice("Groepspraktijk De Zilverbeek, Aalst", "zilverbeek", "nl", "0999230355")
MEDICAL_HOUSE: Final = Practice("Maison médicale du Vieux Lavoir, Dinant", "vieux-lavoir", "fr", "0999340520")
RAVEL: Final = Practice("Praxis am Ravelweg, Eupen", "ravelweg", "de", "0999450683")
PHARMACY: Final = Practice("Apotheek De Vuurtorenkaai, Oostende", "vuurtorenkaai", "nl", "0999560848")
DENTISTS: Final = Practice(
    "Cabinet dentaire de l'Écluse fleurie, Liège", "ecluse-fleurie", "fr", "0999670023"
)

PRACTICES: Final = (PHYSIOTHERAPISTS, GROUP, MEDICAL_HOUSE, RAVEL, PHARMACY, DENTISTS)
