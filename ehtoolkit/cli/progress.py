"""A bar on standard error for work whose length is known once it has begun; none where nobody watches."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

import click

from ehtoolkit.i18n import Translator


class ProgressBar:
    """Told how far it is by being called; leaves its line when the work ends, however it does."""

    def __init__(self, texts: Translator, key: str, *, quiet: bool = False) -> None:
        self._label = texts.get(key)
        self._shown = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._bar: Any = None
        self._done = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def __call__(self, done: int, of: int) -> None:
        if not self._shown:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=of, label=self._label, show_pos=True, file=sys.stderr, update_min_steps=1 + of // 200
            )
        self._bar.update(done - self._done)
        self._done = done
