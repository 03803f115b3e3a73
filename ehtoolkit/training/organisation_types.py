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
_CHECKED: Final = ("CBE", "NIHII", "NIHII11")
"""Types whose check digits have a public rule. The name of the algorithm in the real list is not public."""


@dataclass(frozen=True, slots=True)
class OrganisationType:
    """``pattern``: a regular expression in Java syntax."""

    type: str
    name_fr: str
    name_nl: str
    pattern: str
    check_digit_algorithms: tuple[str, ...]
    base_services: tuple[str, ...]


def organisation_types() -> tuple[OrganisationType, ...]:
    """All types but the one of persons."""
    return tuple(
        OrganisationType(
            type=kind,
            name_fr=_NAMES[kind][0],
            name_nl=_NAMES[kind][1],
            pattern=f"[0-9]{{{length}}}",
            check_digit_algorithms=("MOD97",) if kind in _CHECKED else (),
            base_services=("tsa", "consultrn", "codage", "other"),
        )
        for kind, length in IDENTIFIER_LENGTHS.items()
        if kind != PERSON_TYPE
    )
