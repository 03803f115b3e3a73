"""Contact data by the platform's rules: e-mail addresses and telephone numbers.

What people type is written again: ``0475/12.34.56`` is ``0475 12 34 56``. What cannot be reached is refused, since the
two e-mails of a request would never arrive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity.normalisation import normalise_phone, tidy
from ehtoolkit.type_errors import instance_of, optional_instance_of

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
