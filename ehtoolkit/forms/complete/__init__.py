"""The Complete form: a model without widgets, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.complete.pages import open_complete

__all__ = ["open_complete"]
