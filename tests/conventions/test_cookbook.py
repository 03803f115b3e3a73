"""docs/guide/consultants/cookbook.md: every recipe runs as it stands there, from top to bottom, and prints what follows
it."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "consultants" / "cookbook.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_recipes_run_and_print_the_shown_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``...`` stands for what depends on the day, as in a doctest."""
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(FENCE.finditer(text))
    assert len(blocks) > 20
    names: dict[str, Any] = {"__name__": "cookbook"}
    printed = ""
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 1
        kind, body = block.groups()
        if kind == "python":
            assert printed == "", f"line {line}: the recipe before prints, and nothing says what"
            output = io.StringIO()
            code = "\n" * line + body  # an exception names the line of the page
            with contextlib.redirect_stdout(output):
                exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102  # that is what is tested
            printed = output.getvalue()
        else:
            fits = doctest.OutputChecker().check_output(
                body, printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            )
            assert fits, f"line {line}: the recipe prints\n{printed}"
            printed = ""
    assert printed == ""
