"""The home that the first version wrote (tests/data/home-first), copied to a folder that may be changed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "data" / "home-first"
PLACEHOLDER = b"/HOME"
ELISE, RENEWED, BRAM = sorted(path.name for path in (SOURCE / "training" / "keystore").glob("*.p12"))
PASSWORD = "Kine-2026"
MOMENT = datetime(2029, 9, 30, 22, 16, tzinfo=UTC)
"""What the clock of its platform said when the home was written. The platform keeps how far its clock is ahead."""


def copy_home(home: Path) -> Path:
    """Copy the home, whose JSON files then name the folder where it is, with a file for the PIN of its cards."""
    shutil.copytree(SOURCE, home)
    for file in home.rglob("*.json"):
        file.write_bytes(file.read_bytes().replace(PLACEHOLDER, str(home).encode()))
    (home / "pin.txt").write_text("1234", encoding="utf-8")
    ahead = (MOMENT - datetime.now(UTC)).total_seconds()
    with closing(sqlite3.connect(home / "training" / "platform.sqlite3")) as platform, platform:
        platform.execute("UPDATE setting SET value = ? WHERE name = 'clock_offset'", (repr(ahead),))
    for path in (home, *home.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return home
