"""Watches: audits that run by themselves, compare with the last time, and send a message when something is due."""

from __future__ import annotations

from ehtoolkit.watch.configuration import MailTarget, WatchConfig, WebhookTarget
from ehtoolkit.watch.runner import RunResult, WatchRunner
from ehtoolkit.watch.state import edit_watch
from ehtoolkit.watch.store import WatchStore

__all__ = [
    "MailTarget",
    "RunResult",
    "WatchConfig",
    "WatchRunner",
    "WatchStore",
    "WebhookTarget",
    "edit_watch",
]
