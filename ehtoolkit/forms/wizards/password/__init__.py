"""The Password form: a model without widgets, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.wizards.password.form import PASSWORD

__all__ = ["PASSWORD"]
