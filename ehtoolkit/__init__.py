"""eHealth certificates of Belgian health care: asked for, completed, renewed, revoked, and looked into.

Without settings everything happens in the embedded training platform: invented people, no card, nothing sent. A first
certificate, from the card to the complete keystore:

>>> import ehtoolkit
>>> with ehtoolkit.connect(environment="training") as eh:
...     contact = ehtoolkit.ContactData("elise@example.be", "+32 2 555 01 42")
...     asked = eh.request_certificate(
...         contact,
...         password="Kine-2026",
...         pin="1234",
...         card="training:bram",
...         agree=lambda contract: None,  # a program for people shows contract.texts["fr"]
...     )
...     _ = eh.training.clock.move("+1d")
...     done = eh.complete_certificate(asked.keystore, "Kine-2026")
>>> print(done.state, "→", done.next)
complete → use

Functions
    Every method of the connection is also a function that connects for one call, ``ehtoolkit.read_card()`` for one.

    certificates   read_card, request_certificate, complete_certificate, certificate_status, test_certificate,
                   renew_certificate, activate_etk, list_certificates, revoke_certificate, request_foreign_certificate
    keystores      find_keystores, open_keystore, diagnose, change_password
    messages       seal, unseal
    practices      open_registry, examine_provider, audit, masked_frame
    settings       connect, load_settings

What is handed over
    A path is a ``str`` or an ``os.PathLike``; `diagnose`, `find_keystores` and `audit` take one or many. A password is
    a ``str`` or a `Secret`, which shows itself nowhere; where there are many, a `Path` of a password table or a
    ``dict`` by file name or pattern. A PIN is the same as a password, a function that gives it for each key, or None
    where the reader asks. A wrong type is a `TypeError`, an empty path or an unknown name a `ValueError`; both name the
    argument.

What comes back
    Values with attributes: `ProcedureResult`, `Keystore` and others. They show themselves in one line, as a table in a
    notebook, and no line or table has a password or a whole NISS. Words such as the `State` of a certificate are
    ``str`` too, and do not depend on the language.

What goes wrong
    Is an `errors.EhToolkitError` with a stable ``key`` and facts; `Translator` makes the sentence and the next step of
    it, and of every finding, in French, Dutch, German and English.

Names are loaded when they are first used, so that importing the package costs nothing. Recipes:
docs/guide/consultants/cookbook.md.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ehtoolkit.version import __version__

if TYPE_CHECKING:
    from ehtoolkit import errors
    from ehtoolkit.api import (
        activate_etk,
        audit,
        certificate_status,
        change_password,
        complete_certificate,
        diagnose,
        find_keystores,
        list_certificates,
        open_keystore,
        read_card,
        renew_certificate,
        request_certificate,
        request_foreign_certificate,
        revoke_certificate,
        seal,
        test_certificate,
        unseal,
    )
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.tables.frames import masked_frame
    from ehtoolkit.client import Client, connect
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
    from ehtoolkit.keystore.keystore import Keystore
    from ehtoolkit.procedures.result import ProcedureResult, State
    from ehtoolkit.providers import Period, Provider, examine_provider, open_registry
    from ehtoolkit.secret import Secret
    from ehtoolkit.settings import Settings, load_settings
    from ehtoolkit.training.sample import Sample

_MODULES: Final = MappingProxyType(
    {
        "ehtoolkit.client": ("Client", "connect"),
        "ehtoolkit.errors": ("errors",),
        "ehtoolkit.api": (
            *(
                "activate_etk",
                "audit",
                "certificate_status",
                "change_password",
                "complete_certificate",
                "diagnose",
            ),
            *(
                "find_keystores",
                "open_keystore",
                "read_card",
                "renew_certificate",
                "request_certificate",
                "list_certificates",
            ),
            *("request_foreign_certificate", "revoke_certificate", "seal", "test_certificate", "unseal"),
        ),
        "ehtoolkit.identity": (
            *("ContactData", "DistinguishedName", "Identifier", "Nihii", "Niss", "Organisation", "Person"),
        ),
        "ehtoolkit.keystore.keystore": ("Keystore",),
        "ehtoolkit.procedures.result": ("ProcedureResult", "State"),
        "ehtoolkit.providers": ("Period", "Provider", "examine_provider", "open_registry"),
        "ehtoolkit.secret": ("Secret",),
        "ehtoolkit.settings": ("Settings", "load_settings"),
        "ehtoolkit.i18n": ("Translator",),
        "ehtoolkit.auditing.audit": ("Audit",),
        "ehtoolkit.auditing.tables.frames": ("masked_frame",),
        "ehtoolkit.training.sample": ("Sample",),
    }
)
_HOMES: Final = MappingProxyType({name: module for module, names in _MODULES.items() for name in names})

__all__ = [
    "Audit",
    "Client",
    "ContactData",
    "DistinguishedName",
    "Identifier",
    "Keystore",
    "Nihii",
    "Niss",
    "Organisation",
    "Period",
    "Person",
    "ProcedureResult",
    "Provider",
    "Sample",
    "Secret",
    "Settings",
    "State",
    "Translator",
    "__version__",
    "activate_etk",
    "audit",
    "certificate_status",
    "change_password",
    "complete_certificate",
    "connect",
    "diagnose",
    "errors",
    "examine_provider",
    "find_keystores",
    "list_certificates",
    "load_settings",
    "masked_frame",
    "open_keystore",
    "open_registry",
    "read_card",
    "renew_certificate",
    "request_certificate",
    "request_foreign_certificate",
    "revoke_certificate",
    "seal",
    "test_certificate",
    "unseal",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'ehtoolkit' has no attribute {name!r}")
    module = import_module(_HOMES[name])
    return module if name == "errors" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
