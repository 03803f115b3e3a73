"""The Revoke form: a certificate is ended, also one whose file or password is lost."""

from __future__ import annotations

from ehtoolkit.forms.revoke.pages import open_revoke

__all__ = ["open_revoke"]
