"""The form for providers who live abroad and have no Belgian identity card."""

from __future__ import annotations

from ehtoolkit.forms.foreigner.pages import open_foreigner

__all__ = ["open_foreigner"]
