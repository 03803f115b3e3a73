"""ehtoolkit: eHealth certificates of Belgian health care, from Python, a shell or the browser.

The public face is flat; names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ehtoolkit.version import __version__

if TYPE_CHECKING:
    from ehtoolkit import errors
    from ehtoolkit.audit import audit_folder, audit_providers
    from ehtoolkit.face import (
        activate_etk,
        certificate_status,
        complete_certificate,
        list_certificates,
        read_card,
        renew_certificate,
        request_certificate,
        request_foreign_certificate,
        revoke_certificate,
        seal,
        unseal,
    )
    from ehtoolkit.i18n import Translator
    from ehtoolkit.identity import (
        ContactData,
        DistinguishedName,
        Identifier,
        Nihii,
        Niss,
        Organisation,
        Person,
    )
    from ehtoolkit.keystore import Keystore, find_keystores, open_keystore
    from ehtoolkit.procedures.outcome import Outcome, State
    from ehtoolkit.providers import Period, Provider, examine_provider, open_registry
    from ehtoolkit.secret import Secret
    from ehtoolkit.settings import Settings, load_settings

_MODULES: Final = MappingProxyType(
    {
        "ehtoolkit.audit": ("audit_folder", "audit_providers"),
        "ehtoolkit.errors": ("errors",),
        "ehtoolkit.face": (
            *("activate_etk", "certificate_status", "complete_certificate"),
            *("read_card", "renew_certificate", "request_certificate", "list_certificates"),
            *("request_foreign_certificate", "revoke_certificate", "seal", "unseal"),
        ),
        "ehtoolkit.identity": (
            *("ContactData", "DistinguishedName", "Identifier", "Nihii", "Niss", "Organisation", "Person"),
        ),
        "ehtoolkit.keystore": ("Keystore", "find_keystores", "open_keystore"),
        "ehtoolkit.procedures.outcome": ("Outcome", "State"),
        "ehtoolkit.providers": ("Period", "Provider", "examine_provider", "open_registry"),
        "ehtoolkit.secret": ("Secret",),
        "ehtoolkit.settings": ("Settings", "load_settings"),
        "ehtoolkit.i18n": ("Translator",),
    }
)
_HOMES: Final = MappingProxyType({name: module for module, names in _MODULES.items() for name in names})

__all__ = [
    "ContactData",
    "DistinguishedName",
    "Identifier",
    "Keystore",
    "Nihii",
    "Niss",
    "Organisation",
    "Outcome",
    "Period",
    "Person",
    "Provider",
    "Secret",
    "Settings",
    "State",
    "Translator",
    "__version__",
    "activate_etk",
    "audit_folder",
    "audit_providers",
    "certificate_status",
    "complete_certificate",
    "errors",
    "examine_provider",
    "find_keystores",
    "list_certificates",
    "load_settings",
    "open_keystore",
    "open_registry",
    "read_card",
    "renew_certificate",
    "request_certificate",
    "request_foreign_certificate",
    "revoke_certificate",
    "seal",
    "unseal",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'ehtoolkit' has no attribute {name!r}")
    module = import_module(_HOMES[name])
    return module if name == "errors" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
