"""Every class of the style sheet is given to an element somewhere in the package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import ehtoolkit
from ehtoolkit.finding_html import Look
from ehtoolkit.forms.registry import TOOLS
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.tables import Column
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
    *(f"eh-cell-{place}" for place in get_args(get_type_hints(Column)["place"]) if place),
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


SIZES = {"text-xs": 13, "text-s": 15, "text": 17, "h2": 22, "h1": 32, "figure": 28}
"""Of letters, in pixels at the browser's usual size: five of text, and that of a large number."""
ON_SCREEN = STYLE.partition("@media print")[0]


def test_letters_have_five_sizes_and_a_large_number_one() -> None:
    for name, pixels in SIZES.items():
        assert f"--eh-{name}: {pixels / 16:g}rem".replace(" 0.", " .") in ON_SCREEN
    declared = re.findall(r"font-size: ([^;}]+)|font: [^;}]*? ([^ ;}]+)/", ON_SCREEN)
    allowed = {*(f"var(--eh-{name})" for name in SIZES), "inherit", "0", ".88em"}
    assert {size or short for size, short in declared} <= allowed


def test_letters_have_three_weights() -> None:
    assert set(re.findall(r"(?:font-weight|font): (\d+)", ON_SCREEN)) == {"400", "600", "700"}
