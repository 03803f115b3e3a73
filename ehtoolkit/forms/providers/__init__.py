"""The providers' page: a list with a search, and a record with its periods and its keystore."""

from __future__ import annotations

from ipywidgets import Widget


def open_providers() -> Widget:
    """Return the providers' page of this kernel, to be displayed. What knows databases is loaded with it, and not with
    other pages."""
    from ehtoolkit.forms.providers.page import open_page

    return open_page()


__all__ = ["open_providers"]
