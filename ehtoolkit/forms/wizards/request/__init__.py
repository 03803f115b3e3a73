"""The Request form: what it knows and does, for whom the certificate is, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.wizards.request.form import REQUEST

__all__ = ["REQUEST"]
