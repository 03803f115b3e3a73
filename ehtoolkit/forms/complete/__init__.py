"""The Complete form: from a waiting keystore to one with its certificate and encryption token, also after a
renewal."""

from __future__ import annotations

from ehtoolkit.forms.complete.pages import open_complete, open_complete_renewal

__all__ = ["open_complete", "open_complete_renewal"]
