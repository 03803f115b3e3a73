"""The Renew form: a new keystore beside the old one, in the replacement period."""

from __future__ import annotations

from ehtoolkit.forms.renew.pages import open_renew

__all__ = ["open_renew"]
