"""The trainer's page: clock, people and cards, scenarios, mailbox, what the platform holds, reset."""

from __future__ import annotations

from ehtoolkit.forms.trainer.mailbox import open_mailbox
from ehtoolkit.forms.trainer.page import open_trainer

__all__ = ["open_mailbox", "open_trainer"]
