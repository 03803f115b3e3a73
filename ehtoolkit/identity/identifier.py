"""A number with its type, as the eHealth platform writes it: ``SSIN=79031421872``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity.normalisation import bare
from ehtoolkit.identity.numbers import Cbe, Nihii, Niss, require_digits

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

# The rules of the other types are not public: of those the length is all that can be checked.
_PARSERS: Final = MappingProxyType(
    {PERSON_TYPE: Niss.parse, "CBE": Cbe.parse, "NIHII": Nihii.parse, "NIHII11": Nihii.parse}
)
_KINDS: Final = MappingProxyType({PERSON_TYPE: "niss", "CBE": "cbe", "NIHII": "nihii", "NIHII11": "nihii"})


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
        require_digits(self.value, (IDENTIFIER_LENGTHS[self.type],), _KINDS.get(self.type, "identifier"))

    @classmethod
    def parse(cls, text: str) -> Identifier:
        """Read ``TYPE=NUMBER``, the type in any case, the number with or without blanks, dots and dashes."""
        kind, equals, number = text.partition("=")
        if not equals:
            raise errors.IdentifierInvalid(kind="identifier", reason="type")
        identifier = cls(kind.strip().upper(), bare(number))
        parser = _PARSERS.get(identifier.type)
        if parser is not None:
            parser(identifier.value)
        return identifier

    @property
    def text(self) -> str:
        return f"{self.type}={self.value}"

    @property
    def is_person(self) -> bool:
        return self.type == PERSON_TYPE

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
