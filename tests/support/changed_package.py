"""A copy of the package that a test changes as a developer would, and runs in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import hatch_build

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "fr", "nl", "de")


@dataclass
class ChangedPackage:
    """``root``: the folder of the copy. ``changed``: the files that were added or edited."""

    root: Path
    changed: set[str] = field(default_factory=set)

    @classmethod
    def copy(cls, root: Path) -> ChangedPackage:
        shutil.copytree(
            ROOT / "ehtoolkit", root / "ehtoolkit", ignore=shutil.ignore_patterns("__pycache__", "*.mo")
        )
        return cls(root)

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.root / "ehtoolkit" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")
        self.changed.add(file)

    def add(self, file: str, text: str) -> None:
        (self.root / "ehtoolkit" / file).write_text(text, encoding="utf-8")
        self.changed.add(file)

    def translate(self, catalogue: str, key: str, texts: dict[str, str]) -> None:
        """Add a text to a catalogue in all languages."""
        for language in LANGUAGES:
            file = f"locale/{language}/LC_MESSAGES/{catalogue}.po"
            path = self.root / "ehtoolkit" / file
            message = f'\nmsgid "{key}"\nmsgstr "{texts[language]}"\n'
            path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n" + message, encoding="utf-8")
            self.changed.add(file)

    def build(self) -> None:
        hatch_build.compile_catalogues(self.root)

    def python(self, code: str, *arguments: str) -> str:
        """What a program prints that imports the copy."""
        return self._run("-c", code, *arguments)

    def command(self, *arguments: str, code: int = 0) -> str:
        """What the command prints."""
        return self._run("-m", "ehtoolkit", *arguments, code=code)

    def _run(self, *arguments: str, code: int = 0) -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "EHTOOLKIT_HOME": str(self.root / "home"),
            "EHTOOLKIT_LANGUAGE": "en",
        }
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=self.root,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout
