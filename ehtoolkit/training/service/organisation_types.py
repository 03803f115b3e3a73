"""The types of organisations that the training platform certifies, as its live list names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ehtoolkit.identity import IDENTIFIER_LENGTHS, PERSON_TYPE

_NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "CBE": ("Numéro d’entreprise", "Ondernemingsnummer"),
        "CBE-TREAT_CENTER": ("Centre de traitement", "Behandelcentrum"),
        "CBE-CONSORTIUM": ("Consortium", "Consortium"),
        "EHP": ("Partenaire eHealth", "eHealth-partner"),
        "EHP-CTRL_ORGANISM": ("Organisme de contrôle", "Controleorganisme"),
        "SITESMUR": ("Site SMUR", "MUG-site"),
        "SITEPIT": ("Site PIT", "PIT-site"),
        "SITE": ("Site hospitalier", "Ziekenhuissite"),
        "NIHII": ("Numéro INAMI", "RIZIV-nummer"),
        "NIHII11": ("Numéro INAMI complet", "Volledig RIZIV-nummer"),
        "NIHII-PHARMACY": ("Pharmacie", "Apotheek"),
        "NIHII-LABO": ("Laboratoire", "Laboratorium"),
        "NIHII-RETIREMENT": ("Maison de repos", "Rusthuis"),
        "NIHII-OTD_PHARMACY": ("Office de tarification", "Tariferingsdienst"),
        "NIHII-HOSPITAL": ("Hôpital", "Ziekenhuis"),
        "NIHII-GROUP": ("Groupement d’infirmiers", "Groepering van verpleegkundigen"),
        "NIHII-PALLIATIVE_CARE": ("Équipe de soins palliatifs", "Palliatief team"),
        "NIHII-OFFICE_DENTISTS": ("Cabinet dentaire", "Tandartspraktijk"),
        "NIHII-MEDICAL_HOUSE": ("Maison médicale", "Wijkgezondheidscentrum"),
        "NIHII-OFFICE_DOCTORS": ("Cabinet de médecins", "Artsenpraktijk"),
        "NIHII-GROUP_DOCTORS": ("Groupe de médecins", "Artsengroep"),
        "NIHII-OF_BAND": ("Bandagiste", "Bandagist"),
        "NIHII-PSYCH_HOUSE": ("Maison de soins psychiatriques", "Psychiatrisch verzorgingstehuis"),
        "NIHII-PROT_ACC": ("Habitation protégée", "Beschut wonen"),
        "NIHII-HOME_SERVICES": ("Services intégrés à domicile", "Geïntegreerde thuisdiensten"),
        "NIHII-OF_PHYSIOS": ("Cabinet de kinésithérapeutes", "Kinesitherapiepraktijk"),
        "NIHII-GUARD_POST": ("Poste de garde", "Wachtpost"),
        "NIHII-BELRAI": ("BelRAI", "BelRAI"),
        "NIHII-BELRAI_SCREEN": ("BelRAI Screener", "BelRAI Screener"),
        "NIHII-GROUP_MIDWIVES": ("Groupe de sages-femmes", "Groep vroedvrouwen"),
        "NIHII-AMBU_SERVICE": ("Service d’ambulances", "Ambulancedienst"),
        "NIHII-LEGAL_PSY": ("Psychologie légale", "Forensische psychologie"),
        "NIHII-REEDUCATION": ("Centre de rééducation", "Revalidatiecentrum"),
        "NIHII-SORTING_CENTER": ("Centre de triage", "Triagecentrum"),
    }
)
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


@dataclass(frozen=True, slots=True)
class CertifiedOrganisationType:
    """``pattern``: a regular expression in Java syntax."""

    type: str
    name_fr: str
    name_nl: str
    pattern: str
    check_digit_algorithms: tuple[str, ...]
    base_services: tuple[str, ...]


def organisation_types() -> tuple[CertifiedOrganisationType, ...]:
    """Return all types but the one of persons."""
    return tuple(_type(kind, length) for kind, length in IDENTIFIER_LENGTHS.items() if kind != PERSON_TYPE)


def base_services_of(kind: str) -> tuple[str, ...]:
    """Return the base services that a certificate of this type may ask for: all of them for a person, and for a type
    without a list of its own."""
    return _FEWER_SERVICES.get(kind, BASE_SERVICES)


def _type(kind: str, length: int) -> CertifiedOrganisationType:
    pattern, algorithms = _RULES.get(kind, (f"[0-9]{{{length}}}", ()))
    return CertifiedOrganisationType(kind, *_NAMES[kind], pattern, algorithms, base_services_of(kind))
