"""The Password form: a model without widgets, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.password.pages import open_password

__all__ = ["open_password"]
