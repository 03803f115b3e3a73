"""Distinguished names of eHealth certificates, and the grammar of RFC 4514."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.identity.actor import Actor, Identifier, Organisation, Person

if TYPE_CHECKING:
    from cryptography import x509

PLATFORM: Final = "eHealth-platform Belgium"
GOVERNMENT: Final = "Federal Government"
COUNTRY: Final = "BE"

_UNITS_WITHOUT_APPLICATION: Final = 3
_MARKS: Final = re.compile("[\u0300-\u036f]")
_APPLICATION_ID: Final = re.compile(r"[0-9A-Z_-]{1,30}")
_PRINTABLE: Final = re.compile(r"[A-Za-z0-9 '()+,\-./:=?]*")
_TYPES: Final = {"CN": "2.5.4.3", "OU": "2.5.4.11", "O": "2.5.4.10", "C": "2.5.4.6"}


def normalise_name(text: str) -> str:
    """Return ``text`` as eHealth certificates hold names: upper case, NFD, without the marks U+0300 to U+036F.

    ``Zoé Müßig`` gives ``ZOE MUSSIG``; letters that do not decompose (``Ø``, ``Œ``, ``Ł``) stay. Runs of
    blanks become one, which only touches names that were typed.
    """
    return " ".join(_MARKS.sub("", unicodedata.normalize("NFD", text.upper())).split())


def normalise_application_id(text: str) -> str:
    """Return ``text`` normalised like a name, which must then be 1 to 30 of ``0-9A-Z_-``.

    Raises `errors.DistinguishedNameInvalid` (reason ``application_id``).
    """
    application_id = normalise_name(text)
    _require_application_id(application_id)
    return application_id


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """Type and number, name and perhaps application id of a certificate's holder.

    ``name`` is kept as the platform or a certificate has it; `for_person` and `for_organisation` normalise.
    Raises `errors.DistinguishedNameInvalid` (reason ``name`` or ``application_id``).

    >>> from ehtoolkit import DistinguishedName, Niss, Person
    >>> person = Person(Niss("79031421872"), "Élise Marie", "Vandamme")
    >>> DistinguishedName.for_person(person).name
    'VANDAMME ELISE MARIE'
    """

    identifier: Identifier
    name: str
    application_id: str | None = None

    def __post_init__(self) -> None:
        if not self.name or any(unicodedata.category(character) in ("Cc", "Cs") for character in self.name):
            raise errors.DistinguishedNameInvalid(reason="name")
        if self.application_id is not None:
            _require_application_id(self.application_id)

    @property
    def has_bis_number(self) -> bool:
        """Whether the holder is a person outside the national register, who has no eID card."""
        return self.identifier.has_bis_number

    @classmethod
    def for_person(cls, person: Person) -> DistinguishedName:
        """Return the name of ``person``, last name first, as a client writes it itself; on a request the contract has
        the last word."""
        return cls(person.identifier, normalise_name(f"{person.name} {person.first_names}"))

    @classmethod
    def for_organisation(
        cls, organisation: Organisation, application_id: str | None = None
    ) -> DistinguishedName:
        """Return the name of ``organisation``, with its ``application_id`` normalised."""
        wanted = None if application_id is None else normalise_application_id(application_id)
        return cls(organisation.identifier, normalise_name(organisation.name), wanted)

    @classmethod
    def for_actor(cls, actor: Actor, application_id: str | None = None) -> DistinguishedName:
        """Return the name of a person, without ``application_id``, or of an organisation."""
        if isinstance(actor, Person):
            return cls.for_person(actor)
        return cls.for_organisation(actor, application_id)

    @classmethod
    def parse(cls, text: str) -> DistinguishedName:
        """Read a name from text, common name first or country first, escaped in whatever way.

        Raises `errors.DistinguishedNameInvalid` (reason ``syntax`` for what is no name at all, ``form`` for
        one that is not of an eHealth certificate).
        """
        return cls._from_attributes(parse_attributes(text))

    @classmethod
    def of_name(cls, name: x509.Name) -> DistinguishedName:
        """Read the name of a certificate or of a certificate request.

        Raises `errors.DistinguishedNameInvalid` (reason ``form``).
        """
        return cls._from_attributes(_attributes_of(name))

    @classmethod
    def of_subject(cls, name: x509.Name) -> DistinguishedName:
        """Read the name of a certificate's holder: as `of_name`, and for subjects, too, whose application id stands in
        the common name alone, without the unit that repeats it. Some certificates in the field are so.

        Raises `errors.DistinguishedNameInvalid` (reason ``form``).
        """
        attributes = _attributes_of(name)
        common_names = [value for kind, value in attributes if kind == "CN"]
        units = [value for kind, value in attributes if kind == "OU"]
        if len(common_names) == 1 and len(units) == _UNITS_WITHOUT_APPLICATION:
            number, comma, application_id = common_names[0].partition(", ")
            if comma and number in units:
                last = attributes.index(("OU", number))
                after = 0 if attributes[-1][0] == "CN" else 1
                attributes.insert(last + after, ("OU", application_id))
        return cls._from_attributes(attributes)

    @classmethod
    def of_holder(cls, certificate: x509.Certificate) -> DistinguishedName | None:
        """Read the name of a certificate's holder; None for a name of another form, as on an identity card."""
        try:
            return cls.of_subject(certificate.subject)
        except (errors.DistinguishedNameInvalid, ValueError):  # ValueError: a name that cannot be read
            return None

    @property
    def text(self) -> str:
        """``CN=TYPE=ID[\\, APPID], OU=eHealth-platform Belgium, OU=NAME, OU=TYPE=ID[, OU=APPID], O=…, C=…``,
        the way the platform writes it in a contract."""
        return ", ".join(f"{kind}={escape(value)}" for kind, value in self._attributes())

    def to_name(self) -> x509.Name:
        """Return the name for a certificate: country first, one attribute per RDN, PrintableString where all characters
        allow it, else UTF8String."""
        from cryptography import x509

        relative_names = (
            der.set_of(der.sequence(der.object_identifier(_TYPES[kind]), _encoded(value)))
            for kind, value in reversed(self._attributes())
        )
        return x509.Name.from_bytes(der.sequence(*relative_names))

    def same_holder(self, other: DistinguishedName) -> bool:
        """Return whether type, number and application id agree; names are the server's business."""
        return (self.identifier, self.application_id) == (other.identifier, other.application_id)

    def __str__(self) -> str:
        return self.text

    def _attributes(self) -> Sequence[Attribute]:
        common_name = self.identifier.text
        units = [PLATFORM, self.name, self.identifier.text]
        if self.application_id is not None:
            common_name += f", {self.application_id}"
            units.append(self.application_id)
        return [("CN", common_name), *(("OU", unit) for unit in units), ("O", GOVERNMENT), ("C", COUNTRY)]

    @classmethod
    def _from_attributes(cls, attributes: Sequence[Attribute]) -> DistinguishedName:
        ordered = attributes if attributes and attributes[0][0] == "CN" else attributes[::-1]
        units = [value for kind, value in ordered if kind == "OU"]
        # A name may look like an identifier, so the units are distinguished by their place; building the name
        # again then proves that every other attribute is the one that belongs there.
        if len(units) not in (3, 4):
            raise errors.DistinguishedNameInvalid(reason="form")
        kind, _, number = units[2].partition("=")
        try:
            found = cls(Identifier(kind, number), units[1], *units[3:])
        except errors.InputInvalid as error:
            raise errors.DistinguishedNameInvalid(reason="form") from error
        if list(found._attributes()) != list(ordered):
            raise errors.DistinguishedNameInvalid(reason="form")
        return found


def _encoded(value: str) -> bytes:
    return der.printable_string(value) if _PRINTABLE.fullmatch(value) else der.utf8_string(value)


def _attributes_of(name: x509.Name) -> list[Attribute]:
    attributes: list[Attribute] = []
    for rdn in name.rdns:
        for attribute in rdn:
            if len(rdn) != 1 or not isinstance(attribute.value, str):
                raise errors.DistinguishedNameInvalid(reason="form")
            attributes.append((attribute.rfc4514_attribute_name, attribute.value))
    return attributes


def _require_application_id(text: str) -> None:
    if not _APPLICATION_ID.fullmatch(text):
        raise errors.DistinguishedNameInvalid(reason="application_id")


# ── RFC 4514: the grammar ────────────────────────────────────────────────────────────────────────────────
Attribute = tuple[str, str]
"""The short name of an attribute's type (``CN``, ``OU``, ``O``, ``C``) and its value."""

_BLANKS: Final = " \t\r\n"
_TYPE: Final = re.compile(
    rf"[{_BLANKS}]*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)[{_BLANKS}]*=[{_BLANKS}]*"
)
_QUOTED: Final = re.compile(rf'"((?:[^"\\]|\\.)*)"[{_BLANKS}]*', re.DOTALL)
_PLAIN: Final = re.compile(r"(?:[^\\,;+\"]|\\.)*", re.DOTALL)
_ESCAPED: Final = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)
_SPECIAL: Final = re.compile(r'[\\,+"<>;]|^[ #]|(?<=.) $', re.DOTALL)


def escape(value: str) -> str:
    """Return ``value`` with a backslash before what would end or change it; ``=`` stays, as on the platform."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), value)


def parse_attributes(text: str) -> Sequence[Attribute]:
    """Return the attributes of ``text`` in their order; one attribute between commas (or semicolons).

    Understands backslashes before any character, hexadecimal pairs, values in double quotes (as .NET and Java
    write them) and blanks around the separators. Raises `errors.DistinguishedNameInvalid` (``syntax``).
    """
    attributes: list[Attribute] = []
    position = 0
    while True:
        kind = _TYPE.match(text, position)
        if kind is None:
            raise errors.DistinguishedNameInvalid(reason="syntax")
        quoted = _QUOTED.match(text, kind.end())
        if quoted is not None:
            value, position = _unescape(quoted.group(1)), quoted.end()
        else:
            plain = _PLAIN.match(text, kind.end())
            raw = plain.group() if plain is not None else ""
            value, position = _unescape(_stripped(raw)), kind.end() + len(raw)
        attributes.append((kind.group(1).upper(), value))
        if position == len(text):
            return attributes
        if text[position] not in ",;":
            raise errors.DistinguishedNameInvalid(reason="syntax")
        position += 1


def _stripped(raw: str) -> str:
    # A blank at the end counts only behind a backslash; one in front was taken with the equals sign.
    stripped = raw.rstrip(_BLANKS)
    escaped = (len(stripped) - len(stripped.rstrip("\\"))) % 2 == 1
    return raw[: len(stripped) + 1] if escaped else stripped


def _unescape(raw: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group(2)
        return bytes.fromhex(match.group(1).replace("\\", "")).decode("utf-8")

    try:
        return _ESCAPED.sub(plain, raw)
    except UnicodeDecodeError as error:
        raise errors.DistinguishedNameInvalid(reason="syntax") from error
