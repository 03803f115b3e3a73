"""What is asked of an audit. The command, watches, Python and the page ask by this one model."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.identity import Environment


def _from_days(given: object) -> object:
    """Return a whole number as that many days: pydantic would take it for seconds."""
    return timedelta(days=given) if isinstance(given, int) and not isinstance(given, bool) else given


def _days(duration: timedelta) -> int:
    return duration.days


Days = Annotated[timedelta, BeforeValidator(_from_days), PlainSerializer(_days, int, when_used="json")]
"""A duration; in JSON a whole number of days."""


class AuditRequest(BaseModel):
    """What is asked of an audit. The request of a result says what was done: ``registry`` whether a registry was read,
    ``revocation`` whether issuers were asked.

    Attributes:
        folders: of keystores; also those within.
        environment: which one the files are for; None: any.
        due_within: when the end of a certificate is near.
        practice: includes only the providers of this practice. Keystores that are assigned only to other providers, or
            have one of them as their holder, are left out, also where they lie in the folders. None: all.
        registry: whether the keystores are compared with the records of the registry of providers.
        revocation: whether issuers are asked what is revoked.
        follow_links: also those that lead out of the folders. No password is tried on what is behind them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folders: tuple[Path, ...] = ()
    environment: Environment | None = None
    due_within: Days = DUE_WITHIN
    practice: str | None = None
    registry: bool = True
    revocation: bool = False
    follow_links: bool = False
