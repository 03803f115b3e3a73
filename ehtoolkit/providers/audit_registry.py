"""Decide whether an audit reads the registry of providers, and check the practice that it is limited to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.i18n import search_key
from ehtoolkit.identity import Environment
from ehtoolkit.providers.provider import Provider
from ehtoolkit.settings import Settings

NowFor = Callable[[str, Environment | None], datetime]
"""Returns the time by which a keystore is judged, by its path and its environment, if that is known."""


def named_environment(settings: Settings) -> Environment | None:
    """Return the environment that the user named; None where it is only the default."""
    return Environment(settings.environment) if "environment" in settings.model_fields_set else None


def reads_registry(settings: Settings, folders: Iterable[Path]) -> bool:
    """Return whether an audit of ``folders`` reads the registry of ``settings``. One that does not exist is not
    created.

    The training registry holds invented people. It is read for folders of the training platform; for other folders
    only when training was named.
    """
    if settings.provider_database is not None:
        return True
    if not settings.provider_file.exists():
        return False
    if settings.environment != "training" or named_environment(settings) is not None:
        return True
    return all(_is_of_training(folder, settings) for folder in folders)


def uses_training_clock(settings: Settings, folders: Iterable[Path]) -> bool:
    """Return whether an audit of ``folders`` uses the training clock: training was named, or one of them is of the
    training platform and no environment was named."""
    chosen = named_environment(settings)
    if chosen is not None:
        return chosen is Environment.TRAINING
    return any(_is_of_training(folder, settings) for folder in folders)


def training_clock_for(settings: Settings, training_now: datetime) -> NowFor:
    """Return what gives the time for a keystore of an audit that uses the training clock: ``training_now`` for a
    keystore of training, the computer's time for one of another environment. Where the environment is unknown, see
    `Settings.is_by_training_clock`."""
    now = SystemClock().now()

    def now_for(file: str, environment: Environment | None) -> datetime:
        trains = environment is Environment.TRAINING
        if environment is None:
            trains = settings.is_by_training_clock(Path(file), _is_inside)
        return training_now if trains else now

    return now_for


def _is_of_training(folder: Path, settings: Settings) -> bool:
    return _is_inside(folder, settings.training_folder)


def _is_inside(path: Path, folder: Path) -> bool:
    """Compare paths without resolving them: a drive that hangs would block the audit."""
    return path.absolute().is_relative_to(folder.absolute())


def require_practice(name: str, records: Sequence[Provider] | None) -> None:
    """Check that one of ``records`` is of the practice ``name``: an audit of other practices, or of no provider, would
    look like its own. None: no registry is read. Raises `errors.PracticeUnknown`."""
    if records is None:
        raise errors.PracticeUnknown(name=name, reason="registry")
    known = sorted({record.practice for record in records if record.practice}, key=search_key)
    if not known:
        raise errors.PracticeUnknown(name=name, reason="empty")
    if search_key(name) not in map(search_key, known):
        raise errors.PracticeUnknown(name=name, known=", ".join(known))
