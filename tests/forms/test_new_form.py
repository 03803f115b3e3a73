"""A page that is added is there: by one file of Python, its catalogue in four languages and its page in the guides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ehtoolkit.i18n import LANGUAGES
from tests.forms import new_tool
from tests.forms.new_form import HERE, grow, run


@pytest.mark.parametrize(
    ("page", "package"),
    [(HERE / "handover.py", "wizards"), (new_tool.HERE / "stocktaking.py", "tools")],
    ids=["form", "tool"],
)
def test_a_page_that_is_added_is_everywhere_and_walks_to_its_end(
    tmp_path: Path, page: Path, package: str
) -> None:
    grow(tmp_path, page, package)

    run(tmp_path, page.parent / "walk.py", tmp_path)

    notebook = tmp_path / "notebooks" / f"{page.stem}.ipynb"
    (cell,) = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert cell["source"][-1] == f"open_{page.stem}()"
    for language in LANGUAGES:
        guides = tmp_path / "docs" / "guide" / "staff" / language
        guide = (guides / f"{page.stem}.md").read_text(encoding="utf-8")
        assert "# " in guide
        assert "[[" not in guide
