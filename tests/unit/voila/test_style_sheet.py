"""Every class of the style sheet is given to an element somewhere in the package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import ehtoolkit
from ehtoolkit.finding_html import Look
from ehtoolkit.forms.registry import TOOLS
from ehtoolkit.forms.widgets import Button
from ehtoolkit.settings import EnvironmentName
from ehtoolkit.voila.configuration import jupyter_data

PACKAGE = Path(ehtoolkit.__file__).parent
SHEET = jupyter_data() / "voila/templates/ehtoolkit/static/ehtoolkit.css"
STYLE = re.sub(r"/\*.*?\*/", "", SHEET.read_text(encoding="utf-8"), flags=re.DOTALL)
CLASS = re.compile(r"(?<![\w-])eh-[a-z0-9-]+(?![\w-])")
COMPOSED = {
    *(f"eh-env-{name}" for name in get_args(EnvironmentName)),
    *(f"eh-is-{look}" for look in (*get_args(Look), "off")),
    *(f"eh-{look}" for look in get_args(get_type_hints(Button)["look"])),
    *(f"eh-{name}" for name in TOOLS),
}
"""Classes whose last part is a value."""


@pytest.fixture(scope="module")
def used() -> set[str]:
    files = [
        path
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".js", ".html", ".j2"} and path.is_file()
    ]
    assert len(files) > 100
    return COMPOSED.union(*(CLASS.findall(path.read_text(encoding="utf-8")) for path in files))


def test_no_class_of_the_style_sheet_is_unused(used: set[str]) -> None:
    assert set(re.findall(r"\.(eh-[a-z0-9-]+)", STYLE)) - used == set()
