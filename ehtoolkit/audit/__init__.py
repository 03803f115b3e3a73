"""The audit of a practice: folders of keystores and the registry of providers, held against each other.

The package is also the function ``ehtoolkit.audit(folder, passwords, …)``, which is what most programs need:

>>> import ehtoolkit
>>> found = ehtoolkit.audit(passwords="Kine-2026", processes=1, language="en")
>>> found.is_due
False

What audits imports pandas, which takes its time; so names are loaded when they are first used, and the processes that
only read files do without it.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ehtoolkit.audit.audit import Audit, AuditOptions, audit_folder, audit_providers

__all__ = ["Audit", "AuditOptions", "audit_folder", "audit_providers"]


def __getattr__(name: str) -> Any:
    if name == "Wish":
        warnings.warn("ehtoolkit.audit.Wish is now AuditOptions", DeprecationWarning, stacklevel=2)
        name = "AuditOptions"
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("ehtoolkit.audit.audit"), name)


class _Callable(ModuleType):
    """A package that can be called: importing one of its modules puts it in the place of the function ``audit``."""

    def __call__(self, *arguments: Any, **options: Any) -> Audit:
        """Call `ehtoolkit.api.audit`, and return its audit. The functions stand above this package, and are looked for
        when they are called."""
        found: Audit = import_module("ehtoolkit.api").audit(*arguments, **options)
        return found


sys.modules[__name__].__class__ = _Callable
