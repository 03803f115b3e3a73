"""Errors of watches, of their messages, and of a cluster that reads files."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.arguments import InputInvalid
from ehtoolkit.errors.base import EhToolkitError


class WatchUnknown(InputInvalid):
    """There is no watch with that name (facts: name, known)."""

    name: str
    known: str


class WatchExists(InputInvalid):
    """There is a watch with that name already (facts: name)."""

    name: str


class WatchInvalid(InputInvalid):
    """A watch cannot have this value (facts: reason = name | mail_address | mail_server | mail_insecure | mail_login |
    webhook_address | webhook_insecure | heartbeat_address | heartbeat_insecure, value)."""

    reason: Literal[
        "name",
        "mail_address",
        "mail_server",
        "mail_insecure",
        "mail_login",
        "webhook_address",
        "webhook_insecure",
        "heartbeat_address",
        "heartbeat_insecure",
    ]
    value: str


class CredentialMissing(InputInvalid):
    """A password is not in the keyring of the operating system (facts: service, user, reason = package | backend |
    entry)."""

    service: str
    user: str
    reason: Literal["package", "backend", "entry"]


class SchedulerInsecure(InputInvalid):
    """The connection to a scheduler or a worker needs TLS and has none (facts: address)."""

    address: str


class WatchRunning(EhToolkitError):
    """Another process is running this watch (facts: name)."""

    exit_code = 6
    name: str


class WatchStopped(EhToolkitError):
    """This run of a watch was ended from outside (facts: name)."""

    exit_code = 6
    name: str


class DeliveryFailed(EhToolkitError):
    """A message could not be sent (facts: host, code, reason = connect | timeout | untrusted | starttls | login |
    recipient | deferred | refused | redirect | status | answer, address = that the mail server refuses for good, or for
    now with the reason deferred)."""

    exit_code = 6
    host: str
    code: int | str | None = None
    reason: Literal[
        "connect",
        "timeout",
        "untrusted",
        "starttls",
        "login",
        "recipient",
        "deferred",
        "refused",
        "redirect",
        "status",
        "answer",
    ]
    address: str | None = None


class SchedulerUnreachable(EhToolkitError):
    """A cluster cannot be used (facts: address, reason = address | package | tls | connect | workers |
    version | lost, worker, version = of ehtoolkit there, ours)."""

    exit_code = 6
    address: str | None = None
    reason: Literal["address", "package", "tls", "connect", "workers", "version", "lost"]
    worker: str | None = None
    version: str | None = None
    ours: str | None = None
