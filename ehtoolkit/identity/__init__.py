"""Identities: numbers with check digits, persons, organisations, distinguished names, issuers."""

from __future__ import annotations

from ehtoolkit.identity.actor import (
    IDENTIFIER_LENGTHS,
    PERSON_TYPE,
    Actor,
    ContactData,
    Identifier,
    Organisation,
    Person,
    PostalAddress,
    normalise_phone,
    require_email,
)
from ehtoolkit.identity.distinguished_name import (
    DistinguishedName,
    normalise_application_id,
    normalise_name,
)
from ehtoolkit.identity.issuers import ISSUERS, TRAINING_ISSUERS, Environment
from ehtoolkit.identity.numbers import Cbe, Nihii, Niss

__all__ = [
    "IDENTIFIER_LENGTHS",
    "ISSUERS",
    "PERSON_TYPE",
    "TRAINING_ISSUERS",
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
    "normalise_application_id",
    "normalise_name",
    "normalise_phone",
    "require_email",
]
