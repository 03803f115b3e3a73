"""Errors in arguments: numbers, names, passwords, options, settings."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.base import EhToolkitError


class InputInvalid(EhToolkitError):
    """An argument cannot be used (facts: reason = alias | birth_date | characters | certificate | gender |
    key_type | name | revocation_reason). ``element``: the part of a message with the characters."""

    exit_code = 2
    element: str | None = None
    reason: str | None = None


class IdentifierInvalid(InputInvalid):
    """A number is not valid.

    (facts: kind, reason = length | characters | check_digits | date | type | pattern | unlisted | first_digit |
    not_bis)
    """

    kind: str
    reason: Literal[
        "length",
        "characters",
        "check_digits",
        "date",
        "type",
        "pattern",
        "unlisted",
        "first_digit",
        "not_bis",
    ]


class DistinguishedNameInvalid(InputInvalid):
    """Not the name of an eHealth certificate (facts: reason = name | application_id | syntax | form)."""

    reason: Literal["name", "application_id", "syntax", "form"]


class ContactInvalid(InputInvalid):
    """Contact data have the wrong form.

    (facts: field = email | phone, reason = at | blank | accent | comma | character | name | dots | domain | long,
    character). ``reason`` and ``character`` are about an e-mail address: what is wrong, and the forbidden character.
    """

    character: str | None = None
    field: Literal["email", "phone"]
    reason: (
        Literal["at", "blank", "accent", "comma", "character", "name", "dots", "domain", "long"] | None
    ) = None


class PasswordNotAllowed(InputInvalid):
    """A new password is not allowed.

    (facts: reason = empty | characters: not printable ASCII | short | blank: a space at an end | same: the old one |
    common | pattern: a run or a repetition | personal: from the file's name or the holder, limit)
    """

    key = "password_unfit"
    limit: int | None = None
    reason: Literal["empty", "characters", "short", "blank", "same", "common", "pattern", "personal"]


class PasswordsDiffer(InputInvalid):
    """The password and its repetition differ."""


class PasswordReused(InputInvalid):
    """The password opens the same person's keystore for the other use (facts: path, kind = personal | organisation)."""

    key = "password_shared"
    path: str
    kind: Literal["personal", "organisation"]


class PasswordTableInvalid(InputInvalid):
    """The file is not a password table.

    (facts: path, reason = empty | header | encoding | format | rows | pattern, found = its first line, line = number of
    the line with the pattern, limit = of lines, or of characters of a pattern)
    """

    path: str
    found: str | None = None
    line: int | None = None
    limit: int | None = None
    reason: Literal["empty", "header", "encoding", "format", "rows", "pattern"]


class SavedAuditInvalid(InputInvalid):
    """The file is not a saved audit (facts: path, reason = format | columns, missing)."""

    path: str
    reason: Literal["format", "columns"]
    missing: str | None = None


class ApplicationIdTaken(InputInvalid):
    """The organisation has a certificate under this application id (facts: application_id, reason = none)."""

    application_id: str
    reason: Literal["none"] | None = None


class ClaimsUnfit(InputInvalid):
    """A keystore of this type has no session with these claims (facts: quality, type = of the keystore's number)."""

    quality: str
    type: str


class TermsNotAccepted(InputInvalid):
    """The conditions of use were not accepted."""


class OptionMissing(InputInvalid):
    """A required option is missing, and there is no terminal to ask on.

    (facts: option, several with commas between; reason = terminal: none that could show what was asked for, needed:
    it is never asked for)
    """

    option: str
    reason: Literal["terminal", "needed"] | None = None


class SettingInvalid(InputInvalid):
    """The value of a setting is not allowed.

    (facts: setting, reason = proxy_password | database_password | database_insecure | shared_environment |
    shared_card | page_port, port)
    """

    setting: str
    reason: (
        Literal[
            "proxy_password",
            "database_password",
            "database_insecure",
            "shared_environment",
            "shared_card",
            "page_port",
        ]
        | None
    ) = None
    port: int | None = None
