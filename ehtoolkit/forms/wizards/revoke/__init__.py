"""The Revoke form: what it knows and does, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.wizards.revoke.form import REVOKE

__all__ = ["REVOKE"]
