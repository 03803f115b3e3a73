"""Whose keystore a file is, in words, as far as it can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import Due, shown_number
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import PERSON_TYPE, DistinguishedName, Identifier


def holder_words(due: Due, texts: Translator) -> Iterator[str]:
    """Yield the holder's name, where the keystore was seen or the note of the request has it, the number and the
    application id; nothing where nothing is known."""
    if due.holder is not None:
        yield due.holder
    yield from number_words(due.identifier, due.application_id, texts)


def name_words(name: DistinguishedName, texts: Translator) -> Iterator[str]:
    """Yield name, number and application id of a certificate's holder."""
    yield name.name
    yield from number_words(name.identifier, name.application_id, texts)


def holder_line(name: DistinguishedName, texts: Translator) -> str:
    """Return name, number and application id of a certificate's holder in one line: for a receipt."""
    return ", ".join(name_words(name, texts))


def typed_number(kind: str, number: str, texts: Translator) -> str:
    """Return a number by its type as the platform has them; one of a type that is newer than this program as it is,
    after its type."""
    try:
        return ", ".join(number_words(Identifier(kind, number), None, texts))
    except errors.IdentifierInvalid:
        return f"{kind} {number}"


def number_words(
    identifier: Identifier | None, application_id: str | None, texts: Translator
) -> Iterator[str]:
    """Yield the number as people write it, and the application id; nothing without a number."""
    if identifier is None:
        return
    kind = "person" if identifier.type == PERSON_TYPE else "organisation"
    yield texts.get(f"index.due.{kind}", number=shown_number(identifier), type=identifier.type)
    if application_id is not None:
        yield application_id
