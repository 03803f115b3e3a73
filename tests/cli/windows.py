"""Windows, as far as a program sees it that runs on another system: its names of the system, functions of POSIX that
are not there, folders that cannot be opened, and patterns that no shell expands."""

from __future__ import annotations

import errno
import os
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from ehtoolkit.cli import run
from ehtoolkit.cli.terminal import expand_patterns

_MISSING: Final = frozenset(
    (
        *(
            "chown",
            "fchmod",
            "fchown",
            "fork",
            "getegid",
            "geteuid",
            "getgid",
            "getpgid",
            "getuid",
            "killpg",
            "lchown",
        ),
        *("mkfifo", "setsid", "uname", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_SYNC"),
    )
)


class _Windows:
    """A module of the standard library with some names of its own, and without some others."""

    def __init__(self, module: ModuleType, missing: frozenset[str] = frozenset(), **own: object) -> None:
        vars(self).update(_module=module, _missing=missing, **own)

    def __getattr__(self, name: str) -> Any:
        if name in self._missing:
            raise AttributeError(f"Windows has no os.{name}")
        return getattr(self._module, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._module, name, value)


def _open(path: Any, flags: int, *more: Any, **named: Any) -> int:
    if Path(path).is_dir():
        raise PermissionError(errno.EACCES, "Permission denied", str(path))
    return os.open(path, flags, *more, **named)


def pretend_windows(patched: pytest.MonkeyPatch) -> None:
    """For every module of ours that is loaded, until ``patched`` is undone; the standard library stays what it is."""
    names = {os: _Windows(os, _MISSING, name="nt", open=_open), sys: _Windows(sys, platform="win32")}
    for module in [module for name, module in sys.modules.items() if name.startswith("ehtoolkit")]:
        for name, value in list(vars(module).items()):
            if value in (os, sys):
                patched.setattr(module, name, names[value])
    patched.setattr(run, "expand_patterns", partial(expand_patterns, windows=True))
