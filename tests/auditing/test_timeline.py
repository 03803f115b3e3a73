"""The time line: which bars there are, and what is drawn of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.auditing.audit import Audit, audit_folder, audit_providers
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.timeline.drawing import drawing, legend
from ehtoolkit.auditing.timeline.timeline import Kind, TimeLine, TimelineBar, TimelineRow, time_line
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.settings import load_settings
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop
from tests.auditing.practice import audited, with_row

EN = Translator("en")
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def line(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeLine]:
    with audited(tmp_path_factory.mktemp("practice"), workshop) as audit:
        yield time_line(audit)


def of(line: TimeLine, name: str) -> TimelineRow:
    return next(row for row in line.rows if row.name == name)


def shapes(line: TimeLine, class_: str) -> list[etree._Element]:
    root = etree.fromstring(str(drawing(line, EN)))
    return [element for element in root.iter() if class_ in (element.get("class") or "").split()]


def test_the_first_certificate_to_expire_is_first(line: TimeLine) -> None:
    names = [row.name for row in line.rows]
    assert names == [
        "Karl Hennes",
        "Élise Vandamme",
        "Claire =HYPERLINK(1+1)",
        "DUBOIS ELISE",
        "Bram Desmedt",
    ]
    assert line.today == TODAY
    assert (line.first, line.last) == (date(2023, 1, 1), date(2030, 12, 31))


def test_a_certificate_and_its_replacement_period(line: TimeLine) -> None:
    row = of(line, "Élise Vandamme")
    assert [(bar.kind, bar.start, bar.end, bar.lane) for bar in row.certificates] == [
        (Kind.CERTIFICATE, date(2024, 2, 28), date(2026, 10, 17), 0),
        (Kind.RENEWAL, date(2026, 10, 18), date(2027, 1, 18), 0),
    ]
    assert [(bar.kind, bar.start, bar.end, bar.lane) for bar in row.periods] == [
        (Kind.UNCONVENTIONED, date(2015, 1, 1), date(2024, 12, 4), 0),
        (Kind.CONVENTIONED, date(2024, 12, 15), None, 0),
    ]
    assert row.keystore is not None
    assert (row.keystore.state, row.keystore.not_after) == ("renewable", date(2027, 1, 18))
    assert row.practice == "@Les Tilleuls"


def test_one_in_no_record_and_both_his_certificates(line: TimeLine) -> None:
    row = of(line, "DUBOIS ELISE")
    assert row.provider is None
    assert [(bar.kind, bar.lane) for bar in row.certificates] == [
        (Kind.EXPIRED, 0),
        (Kind.CERTIFICATE, 1),
        (Kind.RENEWAL, 1),
    ]


def test_a_valid_bar_stands_beside_no_word_of_an_end(workshop: Workshop, tmp_path: Path) -> None:
    """The file that is assigned is over; the newer one beside it is what he has."""
    old = workshop.write(tmp_path / "ks", ELISE, -900, -21, at="20240601-120000")
    new = workshop.write(tmp_path / "ks", ELISE, -60, 900, pair=1, at="20260925-120000")
    with open_registry(load_settings(home=tmp_path / "home")) as registry:
        record = registry.add(Provider("Vandamme", "Élise", niss=ELISE))
        registry.assign(record.id or 0, Assignment(str(old)))
        audit = audit_providers(
            registry, [tmp_path / "ks"], lambda _: PASSWORD, AuditOptions(now=NOW, processes=1)
        )
    (row,) = time_line(audit).rows
    assert row.keystore is not None
    assert (row.keystore.state, row.keystore.file, row.days_left) == ("complete", str(new), 900)
    assert {bar.kind for bar in row.certificates} == {Kind.EXPIRED, Kind.CERTIFICATE, Kind.RENEWAL}
    for language in LANGUAGES:
        drawn = str(drawing(time_line(audit), Translator(language)))
        assert Translator(language).get("export.timeline.over", date="03/11/2026") not in drawn


def test_periods_that_overlap_are_under_each_other(audit_of: Audit) -> None:
    changed = audit_of
    for place, period in enumerate(audit_of.rows.periods):
        if period.name == "Vandamme":
            changed = with_row(changed, "periods", place, start=date(2015, 1, 1))

    row = of(time_line(changed), "Élise Vandamme")
    assert [bar.lane for bar in row.periods] == [0, 1]


@pytest.fixture
def audit_of(workshop: Workshop, tmp_path: Path) -> Iterator[Audit]:
    with audited(tmp_path / "again", workshop) as audit:
        yield audit


def test_every_bar_is_drawn_once_where_it_belongs(line: TimeLine) -> None:
    (today,) = shapes(line, "today")
    for kind, class_ in ((Kind.CERTIFICATE, "cert"), (Kind.RENEWAL, "win"), (Kind.EXPIRED, "gone")):
        bars = [bar for row in line.rows for bar in row.certificates if bar.kind is kind]
        assert len(shapes(line, class_)) == len(bars)
    gone = shapes(line, "gone")
    assert all(
        float(bar.get("x", "nan")) + float(bar.get("width", "nan")) < float(today.get("x1", "nan"))
        for bar in gone
    )
    assert all(0 <= float(shape.get("x", "nan")) <= 982 for shape in shapes(line, "inami conv"))


def test_a_row_that_is_filtered_out_leaves_the_rest_where_it_was(line: TimeLine) -> None:
    organisation_row = line.only(lambda row: row.provider is None)
    assert [row.name for row in organisation_row.rows] == ["DUBOIS ELISE"]
    assert (organisation_row.first, organisation_row.last) == (line.first, line.last)


def test_the_legend_has_the_kinds_that_are_there(line: TimeLine) -> None:
    words = str(legend(line.only(lambda row: row.name == "Karl Hennes"), EN))
    assert "Expired certificate" in words
    assert "partly conventioned" in words
    assert "Certificate in force" not in words


def test_names_are_text(line: TimeLine) -> None:
    nasty = TimeLine(TODAY, line.first, line.last, (TimelineRow("<script>alert(1)</script>"),))
    assert "<script" not in str(drawing(nasty, EN))


def test_nothing_to_draw(tmp_path: Path) -> None:
    empty = time_line(audit_folder([tmp_path]))
    assert empty.rows == ()
    etree.fromstring(str(drawing(empty, EN)))


def test_what_reaches_further_than_the_picture_is_cut() -> None:
    bars = (TimelineBar(Kind.CERTIFICATE, date(1990, 1, 1), date(9999, 12, 31)),)
    line = TimeLine(TODAY, date(2025, 1, 1), date(2027, 12, 31), (TimelineRow("Dubois", certificates=bars),))
    (bar,) = shapes(line, "cert")
    assert float(bar.get("x", "nan")) + float(bar.get("width", "nan")) <= 982
