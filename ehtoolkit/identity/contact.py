"""How the platform reaches the holder: e-mail addresses and telephone numbers, by its rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors

EMAIL_LIMIT: Final = 320

_EMAIL: Final = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE: Final = re.compile(r"[+0-9][0-9 ]*")


def require_email(text: str) -> str:
    """``text`` when it is an address that the platform takes: ASCII, a dot in the domain, at most 320 long.

    Raises `errors.ContactInvalid` (field ``email``).
    """
    if len(text) > EMAIL_LIMIT or not _EMAIL.fullmatch(text):
        raise errors.ContactInvalid(field="email")
    return text


def require_phone(text: str) -> str:
    """``text`` when it is a number that the platform takes: digits and blanks, a plus sign only in front.

    Raises `errors.ContactInvalid` (field ``phone``).
    """
    if not _PHONE.fullmatch(text):
        raise errors.ContactInvalid(field="phone")
    return text


@dataclass(frozen=True, slots=True)
class ContactData:
    """The holder's own e-mail and telephone; for an organisation perhaps the general ones too.

    What is not there is None, never empty. Raises `errors.ContactInvalid` (field ``email`` or ``phone``).
    """

    email: str
    phone: str
    general_email: str | None = None
    general_phone: str | None = None

    def __post_init__(self) -> None:
        require_email(self.email)
        require_phone(self.phone)
        if self.general_email is not None:
            require_email(self.general_email)
        if self.general_phone is not None:
            require_phone(self.general_phone)
