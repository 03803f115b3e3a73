"""Who a certificate is for: typed numbers, persons, organisations, and how they are reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity.numbers import Niss, bare, parse_number, require_digits
from ehtoolkit.result_display import Displayed
from ehtoolkit.system.text_safety import tidy
from ehtoolkit.type_errors import instance_of, optional_instance_of

PERSON_TYPE: Final = "SSIN"

_NIHII_ORGANISATIONS: Final = (
    "PHARMACY LABO RETIREMENT OTD_PHARMACY HOSPITAL GROUP PALLIATIVE_CARE OFFICE_DENTISTS MEDICAL_HOUSE "
    "OFFICE_DOCTORS GROUP_DOCTORS OF_BAND PSYCH_HOUSE PROT_ACC HOME_SERVICES OF_PHYSIOS GUARD_POST BELRAI "
    "BELRAI_SCREEN GROUP_MIDWIVES AMBU_SERVICE LEGAL_PSY REEDUCATION SORTING_CENTER"
)

IDENTIFIER_LENGTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        PERSON_TYPE: 11,
        "CBE": 10,
        "CBE-TREAT_CENTER": 10,
        "CBE-CONSORTIUM": 10,
        "EHP": 10,
        "EHP-CTRL_ORGANISM": 10,
        "SITESMUR": 10,
        "SITEPIT": 10,
        "NIHII": 8,
        "NIHII11": 11,
        "SITE": 4,
        **{f"NIHII-{kind}": 8 for kind in _NIHII_ORGANISATIONS.split()},
    }
)
"""The types that are known, with the number of digits of each. The platform's own list may be longer."""

NUMBER_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {PERSON_TYPE: "niss", "CBE": "cbe", "NIHII": "nihii", "NIHII11": "nihii"}
)
"""The types whose check digits have a public rule, and the kind of number of each, as `parse_number` reads it. Of the
other types the length is all that can be checked."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A type of `IDENTIFIER_LENGTHS` and a number of that many digits.

    The constructor takes what a certificate or a message says and looks at type and form alone; `parse` takes
    what a person types and checks the check digits too, where their rule is public. Raises
    `errors.IdentifierInvalid` (kind ``niss``, ``nihii``, ``cbe`` or ``identifier``).

    >>> from ehtoolkit import Identifier
    >>> pharmacy = Identifier.parse("NIHII-PHARMACY=71452079")
    >>> pharmacy.type, pharmacy.is_person
    ('NIHII-PHARMACY', False)
    """

    type: str
    value: str

    def __post_init__(self) -> None:
        if self.type not in IDENTIFIER_LENGTHS:
            raise errors.IdentifierInvalid(kind="identifier", reason="type")
        require_digits(
            self.value, (IDENTIFIER_LENGTHS[self.type],), NUMBER_KINDS.get(self.type, "identifier")
        )

    @classmethod
    def parse(cls, text: str) -> Identifier:
        """Read ``TYPE=NUMBER``, the type in any case, the number with or without blanks, dots and dashes."""
        kind, equals, number = text.partition("=")
        if not equals:
            raise errors.IdentifierInvalid(kind="identifier", reason="type")
        identifier = cls(kind.strip().upper(), bare(number))
        if identifier.type in NUMBER_KINDS:
            parse_number(NUMBER_KINDS[identifier.type], identifier.value)
        return identifier

    @property
    def text(self) -> str:
        return f"{self.type}={self.value}"

    @property
    def is_person(self) -> bool:
        return self.type == PERSON_TYPE

    @property
    def has_bis_number(self) -> bool:
        """Whether it is that of a person outside the national register, who has no eID card."""
        return self.is_person and Niss(self.value).is_bis

    def __str__(self) -> str:
        return self.text


_PERSON_NUMBER: Final = re.compile(r"(?=([0-9]{11}))")
"""Eleven digits, wherever they begin."""


def has_person_number(text: str) -> bool:
    """Return whether there is a NISS in ``text``, however it is written."""
    return any(_is_niss(found[1]) for found in _PERSON_NUMBER.finditer(bare(text)))


def _is_niss(text: str) -> bool:
    try:
        Niss.parse(text)
    except errors.IdentifierInvalid:
        return False
    return True


# ── Persons and organisations ──────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, repr=False)
class Person(Displayed):
    """A person with his names verbatim as the card has them, case and accents too (the platform compares).

    ``first_names`` holds all first given names, with blanks between, without the initial of the third.

    >>> from ehtoolkit import Niss, Person
    >>> person = Person(Niss("79031421872"), "Élise Marie", "Vandamme")
    >>> person.full_name
    'Élise Marie Vandamme'
    >>> person  # a notebook shows and saves this
    Person(niss='790314*****', first_names='Élise Marie', name='Vandamme')
    """

    niss: Niss
    first_names: str
    name: str

    def __post_init__(self) -> None:
        instance_of("niss", self.niss, Niss)
        instance_of("first_names", self.first_names, str)
        instance_of("name", self.name, str)

    @property
    def identifier(self) -> Identifier:
        return Identifier(PERSON_TYPE, self.niss.digits)

    @property
    def full_name(self) -> str:
        return f"{self.first_names} {self.name}".strip()


@dataclass(frozen=True, slots=True, repr=False)
class Organisation(Displayed):
    """An organisation with the name that the platform knows. Raises `errors.IdentifierInvalid` (reason
    ``type``) for the type of persons.

    >>> from ehtoolkit import Identifier, Organisation
    >>> Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Étang").identifier.text
    'NIHII-PHARMACY=71452079'
    """

    identifier: Identifier
    name: str

    def __post_init__(self) -> None:
        instance_of("identifier", self.identifier, Identifier)
        instance_of("name", self.name, str)
        if self.identifier.is_person:
            raise errors.IdentifierInvalid(kind="identifier", reason="type")


Actor = Person | Organisation


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Three lines of text without further rules: the register has addresses that fit none."""

    street_and_number: str
    zip_code: str
    municipality: str


# ── Contact data ───────────────────────────────────────────────────────────────────────────────────────
EMAIL_LIMIT: Final = 320

_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
_NOT_IN_DOMAIN: Final = re.compile(r"[^A-Za-z0-9.-]")
_DOMAIN: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])")


def require_email(text: str) -> str:
    """Return ``text`` without the blanks around it when it is an address that the platform takes: ASCII, a dot in the
    domain, at most 320 characters.

    Raises `errors.ContactInvalid` (field ``email``), which says what is wrong with it.
    """
    address = tidy(text)
    name, at, domain = address.partition("@")
    if not at or "@" in domain:
        raise errors.ContactInvalid(field="email", reason="at")
    _require_characters(name, domain)
    if not name:
        raise errors.ContactInvalid(field="email", reason="name")
    if any(half.startswith(".") or half.endswith(".") or ".." in half for half in (name, domain)):
        raise errors.ContactInvalid(field="email", reason="dots")
    if not _DOMAIN.fullmatch(domain):
        raise errors.ContactInvalid(field="email", reason="domain")
    if len(address) > EMAIL_LIMIT:
        raise errors.ContactInvalid(field="email", reason="long")
    return address


def _require_characters(name: str, domain: str) -> None:
    both = name + domain
    if any(character.isspace() or not character.isprintable() for character in both):
        raise errors.ContactInvalid(field="email", reason="blank")
    if not both.isascii():
        raise errors.ContactInvalid(field="email", reason="accent")
    if "," in both or ";" in both:
        raise errors.ContactInvalid(field="email", reason="comma")
    found = _NOT_IN_NAME.search(name) or _NOT_IN_DOMAIN.search(domain)
    if found is not None:
        raise errors.ContactInvalid(field="email", reason="character", character=found.group())


_HOME: Final = "BE"
_BELGIUM: Final = 32
_TYPED: Final = re.compile(r"\+?[0-9 ]+")
_BETWEEN: Final = re.compile(r"[\s/.()\u2010\u2011\u2013-]+")
_TRUNK: Final = re.compile(r"^((?:\+|00)[0-9\s]*)\(0\)")
"""The zero that is dialled inside a country alone, as in +32 (0)2: libphonenumber knows it of some countries."""
_UNASSIGNED: Final = re.compile(r"[1-9][0-9]{7}")
_CUT_SHORT: Final = re.compile(r"4[5-9]")


def normalise_phone(text: str) -> str:
    """Return the number in ``text`` as the platform takes it, digits and blanks with a plus sign only in front, and as
    it is written in its country: ``0475 12 34 56``, ``+32 2 555 01 42``. Without the sign of another country it is
    Belgian.

    One that libphonenumber does not know as assigned is taken, with the groups in which it was typed, where it has
    the length of one: the plans of numbers grow, and the library that is installed grows old.
    Raises `errors.ContactInvalid` (field ``phone``) for what cannot be one.
    """
    import phonenumbers  # no command but those with contact data needs it

    grouped = tidy(_BETWEEN.sub(" ", _TRUNK.sub(r"\1 ", tidy(text))))
    if not _TYPED.fullmatch(grouped):
        raise errors.ContactInvalid(field="phone")
    if re.match(r"0 ?0", grouped):  # the library wants the two zeros side by side
        grouped = "+" + re.sub(r"^0 ?0 ?", "", grouped)
    try:
        number = phonenumbers.parse(grouped, _HOME)
    except phonenumbers.NumberParseException as error:
        raise errors.ContactInvalid(field="phone") from error
    if phonenumbers.is_valid_number(number):
        abroad = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        style = abroad if grouped.startswith("+") else phonenumbers.PhoneNumberFormat.NATIONAL
        return tidy(re.sub(r"[^0-9+]+", " ", phonenumbers.format_number(number, style)))
    digits = phonenumbers.national_significant_number(number)
    if number.country_code == _BELGIUM:
        possible = _is_unassigned_in_belgium(digits, grouped)
    else:
        possible = phonenumbers.is_possible_number(number)
    if not possible:
        raise errors.ContactInvalid(field="phone")
    return grouped


def _is_unassigned_in_belgium(digits: str, grouped: str) -> bool:
    """Return whether an unassigned number could be assigned: ``digits`` without the zero in front, ``grouped`` as they
    were typed. A mobile one that lacks a digit looks like one of Liège, whose zone is written apart."""
    zone_apart = re.match(r"(?:\+ ?3 ?2 ?)?0?4 ", grouped)
    return bool(_UNASSIGNED.fullmatch(digits) and (zone_apart or not _CUT_SHORT.match(digits)))


@dataclass(frozen=True, slots=True)
class ContactData:
    """The holder's own e-mail and telephone; for an organisation perhaps the general ones too, each written as
    `require_email` and `normalise_phone` do.

    What is not there is None, never empty. Raises `errors.ContactInvalid` (field ``email`` or ``phone``).

    >>> from ehtoolkit import ContactData
    >>> ContactData("elise@example.be", "02/555.01.42").phone
    '02 555 01 42'
    """

    email: str
    phone: str
    general_email: str | None = None
    general_phone: str | None = None

    def __post_init__(self) -> None:
        for name in ("email", "phone"):
            instance_of(name, getattr(self, name), str)
            optional_instance_of(f"general_{name}", getattr(self, f"general_{name}"), str)
        put = object.__setattr__  # the only way into what is frozen
        put(self, "email", require_email(self.email))
        put(self, "phone", normalise_phone(self.phone))
        if self.general_email is not None:
            put(self, "general_email", require_email(self.general_email))
        if self.general_phone is not None:
            put(self, "general_phone", normalise_phone(self.general_phone))
