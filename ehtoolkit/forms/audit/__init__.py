"""The audit's page: all keystores and providers, what is wrong with them, and what to do today."""

from __future__ import annotations

from ipywidgets import Widget


def open_audit() -> Widget:
    """Return the audit page of this kernel, to be displayed. What knows databases and tables is loaded with it, and not
    with other pages."""
    from ehtoolkit.forms.audit.page import open_page

    return open_page()


__all__ = ["open_audit"]
