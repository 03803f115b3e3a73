"""The Troubleshoot page: what a file is, what is wrong with it, and what can be saved of it."""

from __future__ import annotations

from ehtoolkit.forms.troubleshoot.page import open_troubleshoot

__all__ = ["open_troubleshoot"]
