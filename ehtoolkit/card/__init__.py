"""Cards: what a Belgian eID can do for us, in software for training and behind PKCS#11."""

from __future__ import annotations

from ehtoolkit.card.certificates import check_certificate, check_certificates, check_holder
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.pkcs11.modules import find_module
from ehtoolkit.card.port import Card, CardFiles, CardIdentity, CardKey, PinEntry
from ehtoolkit.card.profile import CardProfile, PrivateKey, list_profiles, load_profile, save_profile
from ehtoolkit.card.readers.card_lister import CardLister, FoundCard
from ehtoolkit.card.software import SoftwareCard
from ehtoolkit.card.spec import CardSpec

__all__ = [
    "Card",
    "CardFiles",
    "CardIdentity",
    "CardKey",
    "CardLister",
    "CardProfile",
    "CardSpec",
    "FoundCard",
    "PinEntry",
    "Pkcs11Card",
    "PrivateKey",
    "SoftwareCard",
    "check_certificate",
    "check_certificates",
    "check_holder",
    "find_module",
    "list_profiles",
    "load_profile",
    "save_profile",
]
