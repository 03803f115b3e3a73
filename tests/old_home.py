"""The home that the first version wrote (tests/data/home-first), copied to a folder that may be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

SOURCE = Path(__file__).parent / "data" / "home-first"
PLACEHOLDER = b"/HOME"
ELISE = "SSIN=79031421872 20261130-001322.p12"
RENEWED = "SSIN=79031421872 20291001-001400.p12"
BRAM = "SSIN=85110230740 20291001-001409.p12"
PASSWORD = "Kine-2026"


def copy_home(home: Path) -> Path:
    """Copy the home, whose JSON files then name the folder where it is, with a file for the PIN of its cards."""
    shutil.copytree(SOURCE, home)
    for file in home.rglob("*.json"):
        file.write_bytes(file.read_bytes().replace(PLACEHOLDER, str(home).encode()))
    (home / "pin.txt").write_text("1234", encoding="utf-8")
    for path in (home, *home.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return home
