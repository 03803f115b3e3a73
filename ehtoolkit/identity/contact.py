"""Contact data by the platform's rules: e-mail addresses and telephone numbers.

What people type is written anew: ``0475/12.34.56`` is ``0475 12 34 56``. What cannot be reached is refused, since the
two e-mails of a request would never arrive. The rules are our own: of a library for all the world's numbers only the
Belgian plan would count here, and that is a few lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.type_errors import instance_of, optional_instance_of

EMAIL_LIMIT: Final = 320

_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
_NOT_IN_DOMAIN: Final = re.compile(r"[^A-Za-z0-9.-]")
_DOMAIN: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])")

_TYPED: Final = re.compile(r"(\+|00)?[0-9 ]+")
_BELGIUM: Final = "32"
_BETWEEN: Final = re.compile(r"[\s/.()‐‑–-]+")
_TRUNK: Final = re.compile(r"^((?:\+|00)[0-9\s]*)\(0\)")
"""The zero that is dialled inside a country alone, as in +32 (0)2."""
_SHORTEST, _LONGEST = 7, 15
"""Digits of a number with its country's (E.164)."""
_MOBILE: Final = re.compile(r"4[5-9][0-9]{7}")
_FIXED: Final = re.compile(r"[1-9][0-9]{7}")
_CUT_SHORT: Final = re.compile(r"4[5-9]")
_GROUPS: Final = (
    (_MOBILE, (3, 2, 2, 2)),
    (re.compile(r"800|90"), (3, 2, 3)),
    (re.compile(r"[2349]"), (1, 3, 2, 2)),
    (re.compile(r""), (2, 2, 2, 2)),
)
"""How Belgian numbers are written, by how they begin: without the zero in front."""


def require_email(text: str) -> str:
    """``text`` without the blanks around it when it is an address that the platform takes: ASCII, a dot in the
    domain, at most 320 long.

    Raises `errors.ContactInvalid` (field ``email``), which says what is wrong with it.
    """
    address = text.strip()
    name, at, domain = address.partition("@")
    if not at or "@" in domain:
        raise errors.ContactInvalid(field="email", reason="at")
    _require_characters(name, domain)
    if not name:
        raise errors.ContactInvalid(field="email", reason="name")
    if any(one.startswith(".") or one.endswith(".") or ".." in one for one in (name, domain)):
        raise errors.ContactInvalid(field="email", reason="dots")
    if not _DOMAIN.fullmatch(domain):
        raise errors.ContactInvalid(field="email", reason="domain")
    if len(address) > EMAIL_LIMIT:
        raise errors.ContactInvalid(field="email", reason="long")
    return address


def _require_characters(name: str, domain: str) -> None:
    both = name + domain
    if any(one.isspace() or not one.isprintable() for one in both):
        raise errors.ContactInvalid(field="email", reason="blank")
    if not both.isascii():
        raise errors.ContactInvalid(field="email", reason="accent")
    if "," in both or ";" in both:
        raise errors.ContactInvalid(field="email", reason="comma")
    found = _NOT_IN_NAME.search(name) or _NOT_IN_DOMAIN.search(domain)
    if found is not None:
        raise errors.ContactInvalid(field="email", reason="character", character=found.group())


def require_phone(text: str) -> str:
    """The number in ``text`` as the platform takes it, digits and blanks with a plus sign only in front, and as people
    write it: ``0475 12 34 56``, ``+32 2 555 01 42``. One that begins with a zero is Belgian; of another country's, the
    groups stay as they were typed.

    Raises `errors.ContactInvalid` (field ``phone``) for what cannot be one.
    """
    grouped = _BETWEEN.sub(" ", _TRUNK.sub(r"\1 ", text.strip())).strip()
    if not _TYPED.fullmatch(grouped):
        raise errors.ContactInvalid(field="phone")
    digits = grouped.replace(" ", "")
    if digits.startswith(("+", "00")):
        return _abroad(digits.removeprefix("+") if digits[0] == "+" else digits[2:], grouped)
    if digits.startswith("0"):
        return "0" + _belgian(digits[1:], grouped.removeprefix("0"))
    if _MOBILE.fullmatch(digits):  # a table of rows loses the zero in front
        return "0" + _belgian(digits, grouped)
    raise errors.ContactInvalid(field="phone")


def _abroad(digits: str, grouped: str) -> str:
    """``digits``: with the country's; ``grouped``: the same as typed, with the plus sign or the zeros."""
    if digits.startswith(_BELGIUM):
        rest = digits.removeprefix(_BELGIUM).removeprefix("0")
        typed = re.sub(r"^(?:\+|0 ?0) ?3 ?2 ?0? ?", "", grouped)
        return f"+{_BELGIUM} {_belgian(rest, typed)}"
    if digits.startswith("0") or not _SHORTEST <= len(digits) <= _LONGEST:
        raise errors.ContactInvalid(field="phone")
    return "+" + re.sub(r"^(?:\+|0 ?0) ?", "", grouped)


def _belgian(digits: str, grouped: str) -> str:
    """In groups. ``digits``: without the zero in front; ``grouped``: as they were typed."""
    # A mobile number that lacks a digit looks like one of Liège, whose zone is written apart.
    short = _CUT_SHORT.match(digits) and not re.match(r" ?4 ", grouped)
    if not (_MOBILE.fullmatch(digits) or (_FIXED.fullmatch(digits) and not short)):
        raise errors.ContactInvalid(field="phone")
    sizes = next(groups for begin, groups in _GROUPS if begin.match(digits))
    parts, rest = [], digits
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class ContactData:
    """The holder's own e-mail and telephone; for an organisation perhaps the general ones too, each written as
    `require_email` and `require_phone` do.

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
        put(self, "phone", require_phone(self.phone))
        if self.general_email is not None:
            put(self, "general_email", require_email(self.general_email))
        if self.general_phone is not None:
            put(self, "general_phone", require_phone(self.general_phone))
