"""Cards: what a Belgian eID can do for us, in software for training and behind PKCS#11."""

from __future__ import annotations

from ehtoolkit.card.certificates import check_certificate, check_certificates
from ehtoolkit.card.modules import find_module
from ehtoolkit.card.pkcs11 import Pkcs11Card
from ehtoolkit.card.port import Card, CardFiles, CardIdentity, CardKey, PinEntry
from ehtoolkit.card.profile import CardProfile, PrivateKey, list_profiles, load_profile, save_profile
from ehtoolkit.card.software import SoftwareCard

__all__ = [
    "Card",
    "CardFiles",
    "CardIdentity",
    "CardKey",
    "CardProfile",
    "PinEntry",
    "Pkcs11Card",
    "PrivateKey",
    "SoftwareCard",
    "check_certificate",
    "check_certificates",
    "find_module",
    "list_profiles",
    "load_profile",
    "save_profile",
]
