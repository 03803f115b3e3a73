"""The types of organisations that the training platform certifies, as its live list names them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ehtoolkit.i18n import Translator
from ehtoolkit.identity import IDENTIFIER_LENGTHS, PERSON_TYPE
from ehtoolkit.training.service.answers import LANGUAGES

ORGANISATION_TYPES: Final = tuple(kind for kind in IDENTIFIER_LENGTHS if kind != PERSON_TYPE)
_NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "CBE": ("Numéro d’entreprise", "Ondernemingsnummer"),
        "NIHII": ("Numéro INAMI", "RIZIV-nummer"),
        "NIHII11": ("Numéro INAMI complet", "Volledig RIZIV-nummer"),
        "NIHII-HOME_SERVICES": ("Services intégrés à domicile", "Geïntegreerde thuisdiensten"),
        "NIHII-LEGAL_PSY": ("Psychologie légale", "Forensische psychologie"),
    }
)
"""In French and Dutch, where the platform's names are not those that ehtoolkit shows."""
BASE_SERVICES: Final = ("tsa", "consultrn", "codage", "other")

_MOD97: Final = ("MOD97",)
"""The real list names its algorithms too; their names are not public."""
_NIHII: Final = ("[0-9]{8}", _MOD97)
_ENTERPRISE: Final = (r"[01]\d{9}", _MOD97)
_RULES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "CBE": _ENTERPRISE,
        "CBE-TREAT_CENTER": _ENTERPRISE,
        "CBE-CONSORTIUM": _ENTERPRISE,
        "SITE": (r"\p{Digit}{4}+", ()),
        "SITESMUR": (r"[\d&&[^9]]\d{9}", ()),
        "SITEPIT": (r"[\d&&[^9]]\d{9}", ()),
        "NIHII": _NIHII,
        "NIHII11": (r"\d{11}", _MOD97),
        "NIHII-PHARMACY": ("[0-9]{8}", _MOD97),
        "NIHII-LABO": (r"^8\d{7}$", _MOD97),
        "NIHII-HOSPITAL": ("7[0-9]{7}", _MOD97),
        "NIHII-RETIREMENT": (r"7\d{7}", _MOD97),
        "NIHII-OFFICE_DENTISTS": _NIHII,
        "NIHII-OFFICE_DOCTORS": _NIHII,
        "NIHII-MEDICAL_HOUSE": _NIHII,
        # Groups have pseudo-numbers, whose check digits follow a rule of their own.
        "NIHII-GROUP": ("[0-9]{8}", ("PSEUDO_NIHII",)),
        "NIHII-GROUP_DOCTORS": (r"\d{8}", ("PSEUDO_NIHII",)),
        "NIHII-GROUP_MIDWIVES": (r"\d{8}", ("MOD97", "PSEUDO_NIHII")),
        # A back reference is more than a client has to understand.
        "NIHII-BELRAI": (r"(\d)(?!\1{7})\d{7}", ()),
    }
)
"""Regular expressions in Java's syntax, and algorithms; a type that is not here has a length and nothing else."""
_FEWER_SERVICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CBE": ("tsa", "codage", "other"),
        "CBE-CONSORTIUM": ("tsa", "other"),
        "NIHII-LABO": ("consultrn", "codage", "other"),
        "NIHII-BELRAI": ("other",),
        "NIHII-BELRAI_SCREEN": (),
    }
)


def names_of(kind: str) -> Mapping[str, str]:
    """Return the platform's names of a type, by language."""
    shown = [Translator(language).get(f"actors.type.{kind}") for language in LANGUAGES]
    return dict(zip(LANGUAGES, _NAMES.get(kind, shown), strict=True))


def rule_of(kind: str) -> tuple[str, tuple[str, ...]]:
    """Return the regular expression of a type's numbers, in Java's syntax, and their check-digit algorithms."""
    return _RULES.get(kind, (f"[0-9]{{{IDENTIFIER_LENGTHS[kind]}}}", ()))


def base_services_of(kind: str) -> tuple[str, ...]:
    """Return the base services that a certificate of this type may ask for: all of them for a person, and for a type
    without a list of its own."""
    return _FEWER_SERVICES.get(kind, BASE_SERVICES)
