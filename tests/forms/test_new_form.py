"""A form that is added is there: by one file of Python, its catalogue in four languages and its page in the guides."""

from __future__ import annotations

import json
from pathlib import Path

from ehtoolkit.i18n import LANGUAGES
from tests.forms.new_form import HERE, grow, run


def test_a_form_that_is_added_is_everywhere_and_walks_to_its_end(tmp_path: Path) -> None:
    grow(tmp_path)

    run(tmp_path, HERE / "walk.py", tmp_path)

    (cell,) = json.loads((tmp_path / "notebooks" / "handover.ipynb").read_text(encoding="utf-8"))["cells"]
    assert cell["source"][-1] == "open_handover()"
    for language in LANGUAGES:
        guide = (tmp_path / "docs" / "guide" / "staff" / language / "handover.md").read_text(encoding="utf-8")
        assert "# " in guide
        assert "[[" not in guide
