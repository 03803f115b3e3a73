"""The pictures of the terminal in the README show what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

from docs import terminal

ROOT = Path(__file__).resolve().parents[2]


def test_they_have_the_words_that_are_printed() -> None:
    made = terminal.pictures()
    there = {path.stem: path.read_text(encoding="utf-8") for path in terminal.IMAGES.glob("terminal-*.svg")}
    assert there.keys() == {f"terminal-{name}" for name in made}, "run python docs/terminal.py"
    for name, drawn in made.items():
        shown = terminal.words(there[f"terminal-{name}"])
        assert shown == terminal.words(drawn), "run python docs/terminal.py"
        assert shown[0].startswith("$ ehtoolkit ")
        assert len(shown) > 5


def test_the_readme_shows_them_and_they_load_nothing() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in terminal.IMAGES.glob("terminal-*.svg"):
        assert f"(docs/images/{path.name})" in readme
        drawn = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@font-face|@import", drawn)
        assert len(drawn) < 100_000
