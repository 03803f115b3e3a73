"""The store of deleted keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit.cli.session import Session

if TYPE_CHECKING:
    from ehtoolkit.training.lessons.discarded_keys import DiscardedKeys


PATH = click.Path(path_type=Path)


def open_discarded_keys(session: Session) -> DiscardedKeys:
    keystores = session.settings.keystores if session.settings.environment == "training" else None
    return session.training.discarded_keys(keystores)
