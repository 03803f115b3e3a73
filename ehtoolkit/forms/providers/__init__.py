"""The providers' page: a list with a search, and a record with its periods and its keystore."""

from __future__ import annotations

from ehtoolkit.forms.providers.page import open_providers

__all__ = ["open_providers"]
