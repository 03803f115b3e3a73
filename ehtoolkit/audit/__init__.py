"""The audit of a practice: folders of keystores and the registry of providers, held against each other.

What audits imports pandas, which takes its time; so names are loaded when they are first used, and the processes that
only read files do without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ehtoolkit.audit.audit import Audit, AuditOptions, audit_folder, audit_providers

__all__ = ["Audit", "AuditOptions", "audit_folder", "audit_providers"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("ehtoolkit.audit.audit"), name)
