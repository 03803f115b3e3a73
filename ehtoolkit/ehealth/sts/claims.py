"""Claims of a session per quality of its holder, asserted and requested: one table.

Source: the lists of public clients, as ``STS.md`` of the protocol notes has them. That of a pharmacist as a person was
found nowhere: it is assumed to be as a physiotherapist's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import Identifier

PERSON: Final = "urn:be:fgov:person:ssin"
ORGANISATION: Final = "urn:be:fgov:ehealth:1.0"
HOLDER: Final = f"{ORGANISATION}:certificateholder"
RECOGNISED_ORGANISATION: Final = f"{HOLDER}:recognisedorganization:boolean"
_FLAG: Final = ":boolean"


class Quality(StrEnum):
    """As what a holder asks for a session; the values are the words of the command line."""

    NONE = "none"
    DOCTOR = "doctor"
    NURSE = "nurse"
    PHYSIOTHERAPIST = "physiotherapist"
    MIDWIFE = "midwife"
    LOGOPEDIST = "logopedist"
    DIETICIAN = "dietician"
    CLINICALPSYCHOLOGIST = "clinicalpsychologist"
    PHARMACIST = "pharmacist"
    DENTIST = "dentist"
    OPTICIAN = "optician"
    PODOLOGIST = "podologist"
    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"
    MEDICALHOUSE = "medicalhouse"
    GUARDPOST = "guardpost"
    SORTINGCENTER = "sortingcenter"
    OFFICEDOCTORS = "officedoctors"
    GROUPOFNURSES = "groupofnurses"
    REEDUCATION = "reeducation"
    ENTERPRISE = "enterprise"
    EHP = "ehp"


@dataclass(frozen=True, slots=True)
class Claim:
    """An attribute in a token request.

    Attributes:
        uri: how the attribute is called.
        value: what is asserted of oneself; None asks the platform.
    """

    uri: str
    value: str | None = None


def is_right(uri: str) -> bool:
    """Return whether a no to the flag of that name leaves the holder without something. The one of `usersession` tells
    how the session was opened."""
    return uri.endswith(_FLAG) and not uri.endswith(f":usersession{_FLAG}")


ORGANISATIONS: Final[Mapping[str, Quality]] = MappingProxyType(
    {
        "NIHII-HOSPITAL": Quality.HOSPITAL,
        "NIHII-PHARMACY": Quality.PHARMACY,
        "NIHII-MEDICAL_HOUSE": Quality.MEDICALHOUSE,
        "NIHII-GUARD_POST": Quality.GUARDPOST,
        "NIHII-SORTING_CENTER": Quality.SORTINGCENTER,
        "NIHII-OFFICE_DOCTORS": Quality.OFFICEDOCTORS,
        "NIHII-GROUP": Quality.GROUPOFNURSES,
        "NIHII-REEDUCATION": Quality.REEDUCATION,
        "CBE": Quality.ENTERPRISE,
        "EHP": Quality.EHP,
    }
)
"""What an organisation is, by the type of the number in its certificate."""

_NAMES: Final = (f"{PERSON}:ehealth:1.0:givenname", f"{PERSON}:ehealth:1.0:surname")


def _of_profession(word: str) -> tuple[str, ...]:
    return (
        f"{PERSON}:ehealth:1.0:professional:{word}{_FLAG}",
        f"{PERSON}:ehealth:1.0:nihii:{word}:nihii11",
        f"{PERSON}:ehealth:1.0:fpsph:{word}{_FLAG}",
    )


def _number_alone(word: str) -> tuple[str, ...]:
    return (f"{PERSON}:ehealth:1.0:nihii:{word}:nihii11",)


_OF_PERSONS: Final[Mapping[Quality, tuple[str, ...]]] = MappingProxyType(
    {
        Quality.NONE: (),
        Quality.DOCTOR: (
            *_NAMES,
            f"{PERSON}:doctor{_FLAG}",
            f"{PERSON}:ehealth:1.0:doctor:nihii11",
            f"{PERSON}:ehealth:1.0:fpsph:doctor{_FLAG}",
        ),
        Quality.NURSE: (
            *_NAMES,
            f"{PERSON}:nurse{_FLAG}",
            f"{PERSON}:ehealth:1.0:nurse:nihii11",
            f"{PERSON}:ehealth:1.0:nihii:nurse:nihii11",
            f"{PERSON}:ehealth:1.0:fpsph:nurse{_FLAG}",
        ),
        Quality.PHYSIOTHERAPIST: (
            *_NAMES,
            *_of_profession("physiotherapist"),
            f"{HOLDER}:person:ssin:usersession{_FLAG}",
        ),
        Quality.MIDWIFE: (*_NAMES, *_of_profession("midwife")),
        Quality.LOGOPEDIST: (*_NAMES, *_of_profession("logopedist")),
        Quality.DIETICIAN: (*_NAMES, *_of_profession("dietician")),
        Quality.CLINICALPSYCHOLOGIST: (*_NAMES, *_of_profession("clinicalpsychologist")),
        Quality.PHARMACIST: (*_NAMES, *_of_profession("pharmacist")),
        Quality.DENTIST: _of_profession("dentist"),
        Quality.OPTICIAN: _number_alone("optician"),
        Quality.PODOLOGIST: _number_alone("podologist"),
    }
)
"""What each asks for."""


def quality_of(holder: Identifier) -> Quality:
    """Return the quality in which the holder of a certificate asks when nothing else is said: an organisation as what
    it is, a person in none."""
    return Quality.NONE if holder.is_person else ORGANISATIONS.get(holder.type, Quality.NONE)


def claims_of(quality: Quality, holder: Identifier) -> tuple[Claim, ...]:
    """Return the claims of a session of ``holder`` as ``quality``: what is asserted of the holder first.

    Raises `errors.ClaimsUnfit` where the two do not go together.
    """
    asserted: tuple[str, ...]
    if holder.is_person:
        if quality not in _OF_PERSONS:
            raise errors.ClaimsUnfit(quality=quality.value, type=holder.type)
        asserted, asked = (f"{HOLDER}:person:ssin", PERSON), _OF_PERSONS[quality]
    else:
        kind = ORGANISATIONS.get(holder.type)
        if kind is None or quality not in (Quality.NONE, kind):
            raise errors.ClaimsUnfit(quality=quality.value, type=holder.type)
        asserted, asked = _of_organisation(kind)
        asked = () if quality is Quality.NONE else asked
    return (*(Claim(uri, holder.value) for uri in asserted), *(Claim(uri) for uri in asked))


def _of_organisation(kind: Quality) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what an organisation asserts, its number, and what it asks for."""
    number, holder = f"{ORGANISATION}:{kind}:nihii-number", f"{HOLDER}:{kind}:nihii-number"
    flag, nihii11 = f"recognised{kind}{_FLAG}", f"recognised{kind}:nihii11"
    asked: tuple[str, ...]
    match kind:
        case Quality.ENTERPRISE:
            number = f"{HOLDER}:enterprise:cbe-number"
            authorized = f"{number}:ehealth:1.0:cbe_daas_authorized{_FLAG}"
            return (number,), (
                authorized,
                RECOGNISED_ORGANISATION,
                "urn:be:fgov:kbo-bce:organization:cbe-number",
            )
        case Quality.EHP:
            number, holder = (f"{urn}:organization:ehp-number" for urn in (ORGANISATION, HOLDER))
            asked = (f"{number}:{flag}",)
        case Quality.HOSPITAL:
            asked = (f"{holder}:{flag}", f"{number}:{nihii11}")
        case Quality.PHARMACY:
            asked = (f"{number}:{flag}", f"{number}:person:ssin:ehealth:1.0:pharmacy-holder{_FLAG}")
        case Quality.GROUPOFNURSES:
            asked = (f"{number}:{nihii11}", f"{holder}:{flag}")
        case Quality.REEDUCATION:
            asked = (f"{number}:{nihii11}", f"{number}:{flag}", f"{holder}:{flag}", RECOGNISED_ORGANISATION)
        case Quality.OFFICEDOCTORS:
            asked = (f"{number}:{nihii11}", f"{number}:{flag}")
        case _:
            asked = (f"{number}:{nihii11}", f"{number}:{flag}", RECOGNISED_ORGANISATION)
    return (number, holder), asked
