"""The training people: all invented, with valid check digits, each with something that practice knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

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


def _organisation(kind: str, number: str, name_fr: str, name_nl: str) -> TrainingOrganisation:
    return TrainingOrganisation(Identifier(kind, number), name_fr, name_nl)


_PRACTICE: Final = _organisation("CBE", "0486132722", "Cabinet Les Tilleuls", "Praktijk De Linden")
_PHARMACY: Final = _organisation(
    "NIHII-PHARMACY", "71452079", "Pharmacie de l'Été & fils", "Apotheek De Zomer & zonen"
)
_PHARMACY_CBE: Final = _organisation(
    "CBE", "0812345603", "Pharmacie de l'Été & fils", "Apotheek De Zomer & zonen"
)
_HOSPITAL: Final = _organisation(
    "NIHII-HOSPITAL", "72201355", "Clinique Sainte-Hélène", "Sint-Helenaziekenhuis"
)

PEOPLE: Final[tuple[TrainingPerson, ...]] = (
    TrainingPerson(
        name="elise",
        person=Person(Niss("79031421872"), "Élise Marie", "Vandamme"),
        profession=Profession.PHYSIOTHERAPIST,
        language="fr",
        gender="F",
        birth_place="Namur",
        card_number="592104418763",
        address=PostalAddress("Rue des Trois Pinsons 12", "5000", "Namur"),
        organisations=(_PRACTICE,),
    ),
    TrainingPerson(
        name="karl",
        person=Person(Niss("68053041155"), "Karl", "Hennes"),
        profession=Profession.NURSE,
        language="de",
        gender="M",
        birth_place="Eupen",
        card_number="593220175529",
        address=PostalAddress("Alter Malmedyer Pfad 7", "4700", "Eupen"),
        card_is_ec=True,
    ),
    TrainingPerson(
        name="claire",
        person=Person(Niss("01072314243"), "Claire Noëlle", "Noirhomme"),
        profession=Profession.SPEECH_THERAPIST,
        language="fr",
        gender="F",
        birth_place="Dinant",
        card_number="592771500404",
        address=PostalAddress("Chemin du Vieux Lavoir 3 bte 2", "5500", "Dinant"),
        third_name_initial="A",
        certificate_is_ec=True,
    ),
    TrainingPerson(
        name="bram",
        person=Person(Niss("85110230740"), "Bram Jozef", "Desmedt"),
        profession=Profession.PHYSIOTHERAPIST,
        language="nl",
        gender="M",
        birth_place="Aalst",
        card_number="592330098817",
        address=PostalAddress("Zilverbeekdreef 41", "9300", "Aalst"),
        nationality="Belg",
    ),
    TrainingPerson(
        name="rita",
        person=Person(Niss("62113001873"), "Rita", "D'Hondt"),
        profession=Profession.GENERAL_PRACTITIONER,
        language="nl",
        gender="F",
        birth_place="Oostende",
        card_number="591006274135",
        address=PostalAddress("Oude Vuurtorenkaai 18 bus 5", "8400", "Oostende"),
        nationality="Belg",
        card_expired=True,
    ),
    TrainingPerson(
        name="lina",
        person=Person(Niss("10091812624"), "Lina", "Çelik"),
        profession=Profession.TRAINEE,
        language="fr",
        gender="F",
        birth_place="Liège",
        card_number="592904417752",
        address=PostalAddress("Rue de l'Écluse Fleurie 60", "4000", "Liège"),
        card_has_signature=False,
    ),
    TrainingPerson(
        name="ines",
        person=Person(Niss("73120244644"), "Inès Sofie", "Østergaard-Œuvrard"),
        profession=Profession.PHARMACIST,
        language="nl",
        gender="F",
        birth_place="Gent",
        card_number="592618830946",
        address=PostalAddress("Sint-Lievensbrug 9", "9000", "Gent"),
        nationality="Belg",
        organisations=(_PHARMACY, _PHARMACY_CBE),
    ),
    TrainingPerson(
        name="wim",
        person=Person(Niss("68071107703"), "Wim", "Van den Broeck"),
        profession=Profession.SECRETARY,
        language="nl",
        gender="M",
        birth_place="Mechelen",
        card_number="592507713368",
        address=PostalAddress("Kantwerkstersplein 24", "2800", "Mechelen"),
        nationality="Belg",
        qualified=False,
        card_is_ec=True,
        certificate_is_ec=True,
        organisations=(_HOSPITAL,),
    ),
)
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
