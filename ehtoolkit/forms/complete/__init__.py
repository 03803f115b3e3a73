"""The Complete form: a model without widgets, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.complete.pages import complete_page

__all__ = ["complete_page"]
