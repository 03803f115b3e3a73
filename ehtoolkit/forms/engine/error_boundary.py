"""Turn exceptions in callbacks into sentences: where exceptions end and text begins.

An exception that leaves a widget's callback shows nothing in the page, but its text goes to the browser in an
error message. So none leaves: ours become their sentences, others a general one and a report on disk.
"""

from __future__ import annotations

import logging
import platform
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.system.files import create_private
from ehtoolkit.system.private_folder import make_private_folder
from ehtoolkit.version import __version__

P = ParamSpec("P")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What happened, what to do, and for the unexpected the number of the report about it."""

    sentence: str
    next_step: str
    error: errors.EhToolkitError
    report: str | None = None

    def notes(self, texts: Translator) -> list[str]:
        """Return what is said under the sentence."""
        if self.report is None:
            return [self.next_step]
        return [self.next_step, texts.get("wizard.report", number=self.report)]


def guard(listener: Callable[P, None], fail: Callable[[Exception], None]) -> Callable[P, None]:
    """Return ``listener`` inside the error boundary: what it raises goes to ``fail``, and nothing leaves it."""

    def inside(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            listener(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # the boundary: every error becomes a sentence
            fail(error)

    return inside


def describe_error(error: BaseException, texts: Translator, home: Path) -> Problem:
    """Return the problem that ``error`` is to the user; write a report under ``home`` for one of another library."""
    if isinstance(error, errors.EhToolkitError):
        return Problem(texts.error(error), texts.next_step(error), error)
    unexpected = errors.EhToolkitError()
    return Problem(
        texts.error(unexpected), texts.next_step(unexpected), unexpected, write_report(error, home)
    )


def write_report(error: BaseException, home: Path) -> str | None:
    """Write where ``error`` came from to ``home/reports/<number>.txt`` and return the number.

    Names of exceptions, files, lines and functions only: the exceptions' own texts may quote what was typed.
    """
    number = secrets.token_hex(4)
    lines = [
        f"report {number}",
        f"time {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"ehtoolkit {__version__}, Python {platform.python_version()}, {platform.platform()}",
    ]
    for cause in _causes(error):
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        frames = traceback.extract_tb(cause.__traceback__)
        lines += [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    folder = home / "reports"
    try:
        make_private_folder(folder)
        with create_private(folder / f"{number}.txt") as file:
            file.write(("\n".join(lines) + "\n").encode())
    except OSError:
        _log.warning("no report could be written in %s", folder)
        return None
    return number


def _causes(error: BaseException) -> list[BaseException]:
    """Return ``error`` and what led to it, each once."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
