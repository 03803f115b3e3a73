"""Print how many files of ehtoolkit run functions for a few commands, training's own not counted.

``python docs/files_of_command.py [--list]``; ``--list`` names them. A file that is only imported does not count.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType

import ehtoolkit
from ehtoolkit.cli.run import run

PACKAGE = Path(ehtoolkit.__file__).parent
TRAINING = "training"


class FileRecorder:
    """Record the files of the package whose functions are called outside of imports."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self._foreign: set[str] = set()

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        name = frame.f_code.co_filename
        if event != "call" or name in self.files or name in self._foreign:
            return
        if not name.startswith(str(PACKAGE)):
            self._foreign.add(name)
        elif frame.f_code.co_flags & CO_OPTIMIZED and not _imports(frame):
            self.files.add(name)

    @property
    def counted(self) -> list[str]:
        names = (Path(name).relative_to(PACKAGE) for name in self.files)
        return sorted(name.as_posix() for name in names if name.parts[0] != TRAINING)


def _imports(frame: FrameType) -> bool:
    """Return whether an import is the reason for a call."""
    caller: FrameType | None = frame
    while caller is not None:
        if caller.f_code.co_name == "<module>" and caller.f_code.co_filename.startswith(str(PACKAGE)):
            return True
        caller = caller.f_back
    return False


def files_of(*arguments: str) -> list[str]:
    """Run a command and return the files whose functions it calls."""
    recorder, output = FileRecorder(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        sys.setprofile(recorder)
        try:
            code = run([*arguments, "--json", "--quiet"])
        finally:
            sys.setprofile(None)
    if code:
        raise SystemExit(f"{' '.join(arguments)} ended with {code}: {output.getvalue()}")
    return recorder.counted


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EHTOOLKIT_HOME"] = folder
        pin, password = Path(folder) / "pin", Path(folder) / "password"
        pin.write_text("1234\n", encoding="utf-8")
        password.write_text("Kine-2026\n", encoding="utf-8")
        signs = ("--accept-terms", "--pin-file", str(pin))
        opens = ("--password-file", str(password))
        contact = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
        files_of("certificate", "request", *contact, *signs, "--new-password-file", str(password))
        (keystore,) = (str(path) for path in Path(folder).rglob("*p12"))
        files_of("training", "clock", "+1d")
        files_of("certificate", "complete", keystore, *opens)
        counted = {
            "certificate test": files_of("certificate", "test", keystore, *opens),
            "keystore diagnose": files_of("keystore", "diagnose", keystore, *opens),
        }
        files_of("training", "clock", "+34mo")
        counted["certificate renew"] = files_of("certificate", "renew", keystore, *signs, *opens)
    for name, files in counted.items():
        names = files if "--list" in sys.argv else []
        sys.stdout.write("\n    ".join((f"{name}: {len(files)} files", *names)) + "\n")


if __name__ == "__main__":
    main()
