"""Uses the new tool in every language, by what a browser would send; run with the program that has it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import ehtoolkit
from ehtoolkit import forms
from ehtoolkit.forms import registry
from ehtoolkit.forms.index import TOOLS
from ehtoolkit.i18n import LANGUAGES
from tests.forms.new_form import check_walk
from tests.gallery import driver as at


def story(driver: at.GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    assert "stocktaking.ipynb" in driver.open("index").html
    yield "index"
    page = driver.open("stocktaking")
    assert page.title == driver.get("stocktaking.title")
    yield "begin"
    page.go("count", name=" ")
    assert [field for _, field in page.problem] == ["name"]
    assert page.error_title == driver.get("stocktaking.failed")
    yield "no-name"
    page.go("count", name="Karl Hennes")
    sentence = driver.get("stocktaking.counted", count=1, name="Karl Hennes")
    assert page.problem == []
    assert sentence in page.html
    assert page.said == sentence
    yield "counted"


def main(folder: Path) -> None:
    assert Path(ehtoolkit.__file__).is_relative_to(folder)
    assert "stocktaking" in registry.TOOLS
    assert forms.open_stocktaking.__name__ == "open_stocktaking"
    assert "stocktaking" in [tool.name for tool in TOOLS]
    check_walk(folder, story, "stocktaking", LANGUAGES)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
