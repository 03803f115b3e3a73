"""The Complete form, also for renewals: its model without widgets, and its pages."""

from __future__ import annotations

from ehtoolkit.forms.wizards.complete.form import COMPLETE, COMPLETE_RENEWAL

__all__ = ["COMPLETE", "COMPLETE_RENEWAL"]
