"""Identities: numbers with check digits, persons, organisations, distinguished names, issuers."""

from __future__ import annotations

from ehtoolkit.identity.actor import (
    PERSON_TYPE,
    Actor,
    ContactData,
    Identifier,
    Organisation,
    Person,
    PostalAddress,
)
from ehtoolkit.identity.distinguished_name import DistinguishedName
from ehtoolkit.identity.issuers import ISSUERS, Environment
from ehtoolkit.identity.numbers import Cbe, Nihii, Niss

__all__ = [
    "ISSUERS",
    "PERSON_TYPE",
    "Actor",
    "Cbe",
    "ContactData",
    "DistinguishedName",
    "Environment",
    "Identifier",
    "Nihii",
    "Niss",
    "Organisation",
    "Person",
    "PostalAddress",
]
