"""The Request form: a model without widgets, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.request.pages import open_request

__all__ = ["open_request"]
