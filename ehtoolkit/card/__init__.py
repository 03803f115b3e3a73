"""Cards: what a Belgian eID can do for us, in software for training and behind PKCS#11.

Names are loaded when they are first used: the processes that hold a card's software need few of them, and none that
knows certificates.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ehtoolkit.card.certificates import check_certificate, check_certificates, check_holder
    from ehtoolkit.card.pkcs11.card import Pkcs11Card
    from ehtoolkit.card.pkcs11.modules import find_module
    from ehtoolkit.card.port import Card, CardFiles, CardIdentity, CardKey, PinEntry
    from ehtoolkit.card.profile import CardProfile, PrivateKey, list_profiles, load_profile, save_profile
    from ehtoolkit.card.readers.card_lister import CardLister, FoundCard
    from ehtoolkit.card.software import SoftwareCard
    from ehtoolkit.card.spec import CardSpec

_MODULES: Final = MappingProxyType(
    {
        "certificates": ("check_certificate", "check_certificates", "check_holder"),
        "pkcs11.card": ("Pkcs11Card",),
        "pkcs11.modules": ("find_module",),
        "port": ("Card", "CardFiles", "CardIdentity", "CardKey", "PinEntry"),
        "profile": ("CardProfile", "PrivateKey", "list_profiles", "load_profile", "save_profile"),
        "readers.card_lister": ("CardLister", "FoundCard"),
        "software": ("SoftwareCard",),
        "spec": ("CardSpec",),
    }
)
_HOMES: Final = MappingProxyType({name: module for module, names in _MODULES.items() for name in names})

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


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
