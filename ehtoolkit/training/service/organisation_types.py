"""The types of organisations that the training platform certifies, as its live list names them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from ehtoolkit.i18n import Translator
from ehtoolkit.identity import PERSON_TYPE
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS
from ehtoolkit.training.service.answers import LANGUAGES

ORGANISATION_TYPES: Final = tuple(kind for kind in IDENTIFIER_LENGTHS if kind != PERSON_TYPE)
BASE_SERVICES: Final = ("tsa", "consultrn", "codage", "other")

_DIFFERENT: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    files("ehtoolkit.training.service").joinpath("organisation_types.toml").read_text("utf-8")
)


def names_of(kind: str) -> Mapping[str, str]:
    """Return the platform's names of a type, by language."""
    shown = [Translator(language).get(f"actors.type.{kind}") for language in LANGUAGES]
    return dict(zip(LANGUAGES, _own(kind).get("names", shown), strict=True))


def rule_of(kind: str) -> tuple[str, Sequence[str]]:
    """Return the regular expression of a type's numbers, in Java's syntax, and their check-digit algorithms."""
    own, default = _own(kind), f"[0-9]{{{IDENTIFIER_LENGTHS[kind]}}}"
    return own.get("pattern", default), own.get("check_digits", ())


def base_services_of(kind: str) -> Sequence[str]:
    """Return the base services that a certificate of this type may ask for: all of them for a person, and for a type
    without a list of its own."""
    services: Sequence[str] = _own(kind).get("base_services", BASE_SERVICES)
    return services


def _own(kind: str) -> Mapping[str, Any]:
    """Return what the list says of a type where that is not the default."""
    return _DIFFERENT.get(kind, {})
