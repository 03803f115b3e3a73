"""A request that has gone: what a form keeps for its last page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Sent:
    """``at``: when, by the clock of the environment; ``file``: the keystore that waits for its certificate now, still
    open to be copied."""

    outcome: Outcome
    at: datetime
    file: KeystoreFile
