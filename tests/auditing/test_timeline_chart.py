"""The time line in a notebook: a picture that stands alone, without a whole NISS, and a frame with the same bars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from lxml import etree

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.timeline.chart import TimelineChart
from ehtoolkit.auditing.timeline.timeline import time_line
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from tests.auditing.conftest import Workshop
from tests.auditing.practice import audited

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def audit(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    with audited(tmp_path_factory.mktemp("practice"), workshop) as found:
        yield found


def test_a_notebook_gets_a_picture_that_needs_nothing_else(audit: Audit) -> None:
    shown = audit.timeline()._repr_mimebundle_()
    assert set(shown) == {"image/svg+xml", "text/plain"}
    root = etree.fromstring(shown["image/svg+xml"])
    assert root.tag == f"{SVG}svg"
    assert not re.search(
        r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import|<script|<image", shown["image/svg+xml"]
    )
    classes = {word for element in root.iter() for word in (element.get("class") or "").split()}
    style = root.findtext(f"{SVG}style", "")
    assert {class_ for class_ in classes if f".{class_}" not in style} == set(), "drawn without a colour"


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_key_is_in_the_picture(audit: Audit, language: LanguageName) -> None:
    """Whole, under the bars."""
    chart = audit.timeline(language=language)
    root = etree.fromstring(chart.svg)
    width, height = float(root.get("width", "nan")), float(root.get("height", "nan"))
    (key,) = root.findall(f"{SVG}g")
    moved = [float(coordinate) for coordinate in re.findall(r"[\d.]+", key.get("transform", ""))]
    texts = [
        (element.text or "", float(element.get("x", "nan")), float(element.get("y", "nan")))
        for element in key.findall(f"{SVG}text")
    ]
    translator = Translator(language)
    kinds = dict.fromkeys(audit.timeline().bars["kind"])
    assert {words for words, _, _ in texts} == {translator.get(f"export.timeline.{kind}") for kind in kinds}
    for words, left, y in texts:
        assert moved[0] + left + 7 * len(words) < width, words
        assert moved[1] + y < height


def test_the_frame_has_the_bars_of_the_picture(audit: Audit) -> None:
    chart = audit.timeline()
    bars = [bar for row in chart.line.rows for bar in (*row.certificates, *row.periods)]
    assert len(chart.bars) == len(bars) > 5
    assert [str(dtype) for dtype in chart.bars.dtypes[["start", "end"]]] == ["datetime64[s]"] * 2
    assert chart.bars["end"].isna().sum() == sum(bar.end is None for bar in bars) > 0
    assert set(chart.bars["kind"]) == {str(bar.kind) for bar in bars}


def test_one_practice_alone(audit: Audit) -> None:
    """Whatever its accents and capitals; holders without a record are in none."""
    practices = audit.providers["practice"].dropna().unique()
    for practice in practices:
        shown = audit.timeline(practice=practice.upper()).line
        assert {row.practice for row in shown.rows} == {practice}
    assert not audit.timeline(practice="nobody's").line.rows
    assert "<svg" in audit.timeline(practice="nobody's").svg


def test_no_whole_niss_is_shown(audit: Audit) -> None:
    """A holder whose name nobody knows is called by his number."""
    line = time_line(audit)
    unknown = replace(line.rows[0], name="SSIN=79031421872")
    chart = TimelineChart(replace(line, rows=(unknown,)), Translator("en"))
    assert "790314" in chart.svg
    assert "79031421872" not in chart.svg + repr(chart)
