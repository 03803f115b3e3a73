"""The training people: all invented, with valid check digits, each with something that practice knows."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final, Literal

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.identity import Identifier, Niss, Organisation, Person, PostalAddress

LanguageName = Literal["fr", "nl", "de"]
GenderName = Literal["F", "M"]


class Profession(StrEnum):
    """What a training person does; the value is a key for texts."""

    PHYSIOTHERAPIST = "physiotherapist"
    NURSE = "nurse"
    SPEECH_THERAPIST = "speech_therapist"
    GENERAL_PRACTITIONER = "general_practitioner"
    TRAINEE = "trainee"
    PHARMACIST = "pharmacist"
    SECRETARY = "secretary"


@dataclass(frozen=True, slots=True)
class TrainingOrganisation:
    """An organisation with its name in both languages; the one that is asked with goes into a certificate."""

    identifier: Identifier
    name_fr: str
    name_nl: str

    @property
    def organisation(self) -> Organisation:
        return Organisation(self.identifier, self.name_fr)

    def name_in(self, language: str) -> str:
        """Return the name in Dutch, or in French for every other language."""
        return self.name_nl if language == "nl" else self.name_fr


@dataclass(frozen=True, slots=True)
class TrainingPerson:
    """A person, his card and what the platform's registers know of him.

    Attributes:
        name: short and ASCII, for ``--card training:NAME``.
        qualified: the registers know a health care profession.
        card_is_ec: a card of the newer kind.
        certificate_is_ec: his eHealth certificate comes from the issuing authority on P-384.
        card_expired: the certificates on the card are out of date.
        has_photo: one of him comes with the toolkit.
    """

    name: str
    person: Person
    profession: Profession
    language: LanguageName
    gender: GenderName
    birth_place: str
    card_number: str
    address: PostalAddress
    third_name_initial: str = ""
    nationality: str = "Belge"
    qualified: bool = True
    card_is_ec: bool = False
    card_expired: bool = False
    card_has_signature: bool = True
    certificate_is_ec: bool = False
    has_photo: bool = True
    organisations: tuple[TrainingOrganisation, ...] = ()

    @property
    def key_kind(self) -> NewKeyKind:
        """The kind of key that this person's certificates are issued for."""
        return NewKeyKind.EC_P384 if self.certificate_is_ec else NewKeyKind.RSA_2048


def _person(
    niss: str,
    first_names: str,
    surname: str,
    profession: str,
    address: Sequence[str],
    organisations: Sequence[Sequence[str]] = (),
    **rest: Any,
) -> TrainingPerson:
    """Return the person in a table of ``invented_people.toml``."""
    return TrainingPerson(
        person=Person(Niss(niss), first_names, surname),
        profession=Profession(profession),
        address=PostalAddress(*address),
        organisations=tuple(
            TrainingOrganisation(Identifier(kind, number), name_fr, name_nl)
            for kind, number, name_fr, name_nl in organisations
        ),
        **rest,
    )


_DATA: Final = files("ehtoolkit.training.state").joinpath("invented_people.toml").read_text("utf-8")
PEOPLE: Final = tuple(_person(**person) for person in tomllib.loads(_DATA)["people"])
"""The first is the card that is in the reader when none is named."""

FOREIGNER: Final = Person(Niss("81431706470"), "Anaïs Renée", "Delporte-Gómez")
"""Someone who lives abroad, with a BIS number and without a card: for requests that need none."""

DEFAULT: Final = "default"
"""Another name of the first one's card."""


def person_named(name: str, people: Sequence[TrainingPerson] = PEOPLE) -> TrainingPerson:
    """Return the one of ``people`` with that short name, in any case; `DEFAULT` is the first one.

    Raises `errors.CardUnknown`.
    """
    wanted = name.casefold()
    for candidate in people:
        if wanted == candidate.name or (wanted == DEFAULT and candidate is people[0]):
            return candidate
    raise errors.CardUnknown(name=name, known=", ".join(candidate.name for candidate in people))
