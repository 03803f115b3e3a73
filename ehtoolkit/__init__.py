"""eHealth certificates of Belgian health care: request, complete, renew, revoke and inspect them.

Without settings, everything runs on the embedded training platform: invented people, no card, nothing is sent. A first
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
    Every method of the connection is also a function that connects for one call, for example ``ehtoolkit.read_card()``.

    certificates
        `read_card`, `request_certificate`, `complete_certificate`, `certificate_status`, `test_certificate`,
        `renew_certificate`, `finish_certificate`, `activate_etk`, `list_certificates`, `revoke_certificate`,
        `request_foreign_certificate`
    keystores
        `find_keystores`, `open_keystore`, `read_passwords`, `diagnose`, `convert_keystore`, `rescue_keystore`,
        `change_password`, `rename_key`, `import_keys`
    messages
        `seal`, `unseal`, `save_etk`
    practices
        `open_registry`, `examine_provider`, `audit`, `compare_audits`, `masked_frame`
    settings
        `connect`, `load_settings`

Arguments
    A path is a ``str`` or an ``os.PathLike``; `diagnose`, `find_keystores` and `audit` take one or many. A password is
    a ``str`` or a `Secret`, which is never printed; for many files, a `Path` of a password table or a ``dict`` by file
    name or pattern. A PIN is a ``str``, a `Secret`, a function that returns it for each key, or None when the reader
    asks. A wrong type raises `TypeError`, an empty path or an unknown name `ValueError`; both name the argument.

Results
    Functions return values with attributes: `ProcedureResult`, `Keystore` and others. They are printed on one line, and
    as a table in a notebook, without passwords or whole NISS numbers. Words such as the `State` of a certificate are
    ``str`` too, and do not depend on the language.

Errors
    Every error is an `errors.EhToolkitError` with a stable ``key`` and facts. `Translator` makes a sentence and a next
    step from it, and from every finding, in French, Dutch, German and English.

Names are loaded at first use, so importing the package is quick. Recipes: docs/guide/consultants/cookbook.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ehtoolkit.version import __version__ as __version__

if TYPE_CHECKING:
    from ehtoolkit import errors as errors
    from ehtoolkit.api.client import Client as Client
    from ehtoolkit.api.client import connect as connect
    from ehtoolkit.api.functions import activate_etk as activate_etk
    from ehtoolkit.api.functions import audit as audit
    from ehtoolkit.api.functions import certificate_status as certificate_status
    from ehtoolkit.api.functions import change_password as change_password
    from ehtoolkit.api.functions import complete_certificate as complete_certificate
    from ehtoolkit.api.functions import convert_keystore as convert_keystore
    from ehtoolkit.api.functions import diagnose as diagnose
    from ehtoolkit.api.functions import finish_certificate as finish_certificate
    from ehtoolkit.api.functions import import_keys as import_keys
    from ehtoolkit.api.functions import list_certificates as list_certificates
    from ehtoolkit.api.functions import read_card as read_card
    from ehtoolkit.api.functions import rename_key as rename_key
    from ehtoolkit.api.functions import renew_certificate as renew_certificate
    from ehtoolkit.api.functions import request_certificate as request_certificate
    from ehtoolkit.api.functions import request_foreign_certificate as request_foreign_certificate
    from ehtoolkit.api.functions import rescue_keystore as rescue_keystore
    from ehtoolkit.api.functions import revoke_certificate as revoke_certificate
    from ehtoolkit.api.functions import save_etk as save_etk
    from ehtoolkit.api.functions import seal as seal
    from ehtoolkit.api.functions import test_certificate as test_certificate
    from ehtoolkit.api.functions import unseal as unseal
    from ehtoolkit.api.offline import compare_audits as compare_audits
    from ehtoolkit.api.offline import find_keystores as find_keystores
    from ehtoolkit.api.offline import open_keystore as open_keystore
    from ehtoolkit.api.offline import read_passwords as read_passwords
    from ehtoolkit.auditing.audit import Audit as Audit
    from ehtoolkit.auditing.tables.frames import masked_frame as masked_frame
    from ehtoolkit.i18n import Translator as Translator
    from ehtoolkit.identity import ContactData as ContactData
    from ehtoolkit.identity import DistinguishedName as DistinguishedName
    from ehtoolkit.identity import Identifier as Identifier
    from ehtoolkit.identity import Nihii as Nihii
    from ehtoolkit.identity import Niss as Niss
    from ehtoolkit.identity import Organisation as Organisation
    from ehtoolkit.identity import Person as Person
    from ehtoolkit.keystore.keystore import Keystore as Keystore
    from ehtoolkit.keystore.state import State as State
    from ehtoolkit.procedures.result import ProcedureResult as ProcedureResult
    from ehtoolkit.providers import Period as Period
    from ehtoolkit.providers import Provider as Provider
    from ehtoolkit.providers import examine_provider as examine_provider
    from ehtoolkit.providers import open_registry as open_registry
    from ehtoolkit.secret import Secret as Secret
    from ehtoolkit.settings import Settings as Settings
    from ehtoolkit.settings import load_settings as load_settings
    from ehtoolkit.training.sample import Sample as Sample
else:
    # By module: the names that are imported from it at first use; type checkers read those above.
    _NAMES = {
        "api.client": "Client connect",
        "api.functions": (
            "activate_etk audit certificate_status change_password complete_certificate convert_keystore diagnose "
            "finish_certificate import_keys list_certificates read_card rename_key renew_certificate "
            "request_certificate request_foreign_certificate rescue_keystore revoke_certificate save_etk seal "
            "test_certificate unseal"
        ),
        "api.offline": "compare_audits find_keystores open_keystore read_passwords",
        "auditing.audit": "Audit",
        "auditing.tables.frames": "masked_frame",
        "i18n": "Translator",
        "identity": "ContactData DistinguishedName Identifier Nihii Niss Organisation Person",
        "keystore.keystore": "Keystore",
        "keystore.state": "State",
        "procedures.result": "ProcedureResult",
        "providers": "Period Provider examine_provider open_registry",
        "secret": "Secret",
        "settings": "Settings load_settings",
        "training.sample": "Sample",
    }
    _MODULES = {name: f"ehtoolkit.{module}" for module, names in _NAMES.items() for name in names.split()}
    __all__ = ["__version__", "errors", *_MODULES]

    def __getattr__(name: str) -> object:
        if name == "errors":
            return import_module("ehtoolkit.errors")
        if name not in _MODULES:
            raise AttributeError(f"module 'ehtoolkit' has no attribute {name!r}")
        return getattr(import_module(_MODULES[name]), name)

    def __dir__() -> list[str]:
        return sorted(__all__)
