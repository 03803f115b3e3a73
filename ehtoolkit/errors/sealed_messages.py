"""Errors of sealed messages."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.base import EhToolkitError


class MessageError(EhToolkitError):
    """An error of a sealed message."""


class RecipientUnusable(MessageError):
    """The message cannot be sealed for this recipient.

    (facts: recipient = TYPE=ID, a file or a serial number, reason = none | several | untrusted | unbound | expired |
    early | unfit | certificate, where the signed token is needed | missing, for a message without a recipient)
    """

    recipient: str | None = None
    reason: Literal[
        "none", "several", "untrusted", "unbound", "expired", "early", "unfit", "certificate", "missing"
    ]


class SenderUnusable(MessageError):
    """The keystore's key cannot sign messages (facts: reason = expired | early | usage | unfit | no_token)."""

    reason: Literal["expired", "early", "usage", "unfit", "no_token"]


class MessageTooLarge(MessageError):
    """The file is too large (facts: path, reason = content | message, limit in megabytes)."""

    path: str
    reason: Literal["content", "message"]
    limit: int
