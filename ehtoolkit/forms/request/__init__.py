"""The Request form: a model without widgets, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.request.pages import request_page

__all__ = ["request_page"]
