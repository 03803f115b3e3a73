"""The audit of a practice: folders of keystores and the registry of providers, held against each other.

Imports pandas, which takes its time: only what audits imports this package.
"""

from __future__ import annotations

from ehtoolkit.audit.audit import Audit, Wish, audit_folder, audit_providers

__all__ = ["Audit", "Wish", "audit_folder", "audit_providers"]
