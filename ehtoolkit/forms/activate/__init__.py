"""The Activate form: the depot gives out the token of a renewed keystore from now on."""

from __future__ import annotations

from ehtoolkit.forms.activate.pages import open_activate

__all__ = ["open_activate"]
