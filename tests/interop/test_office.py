"""The workbook of an audit in LibreOffice: dates are dates there, numbers numbers, and no text is computed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import date

import pytest
from lxml import etree

from ehtoolkit.auditing.export.xlsx import excel
from ehtoolkit.i18n import Translator
from tests.auditing.conftest import Workshop, workshop
from tests.auditing.practice import FORMULA, audited
from tests.keystore.conftest import keystore_maker

__all__ = ["keystore_maker", "workshop"]

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"

Value = tuple[str | None, str]
"""What LibreOffice takes a cell for (date, float, boolean, string), and what it is then."""


@pytest.fixture(scope="module")
def book(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> etree._Element:
    """The workbook after LibreOffice has opened it, computed it and written it out as XML."""
    program = shutil.which("soffice")
    assert program is not None, "LibreOffice is not here: apt-get install libreoffice-calc-nogui"
    place = tmp_path_factory.mktemp("office")
    with audited(place / "practice", workshop) as audit:
        (place / "audit.xlsx").write_bytes(excel(audit, Translator("en")))
    subprocess.run(
        [
            *(program, f"-env:UserInstallation={(place / 'profile').as_uri()}", "--headless", "--norestore"),
            *("--convert-to", "fods", "--outdir", place, place / "audit.xlsx"),
        ],
        capture_output=True,
        check=True,
        timeout=110,
    )
    return etree.parse(str(place / "audit.fods")).getroot()


def rows(book: etree._Element, sheet: str) -> list[dict[str, Value]]:
    """The cells of a sheet by their headings."""
    (table,) = (element for element in book.iter(f"{TABLE}table") if element.get(f"{TABLE}name") == sheet)
    head, *body = ([*_cells(row)] for row in table.iter(f"{TABLE}table-row"))
    names = [text for _, text in head if text]
    return [dict(zip(names, row, strict=False)) for row in body if any(text for _, text in row[: len(names)])]


def _cells(row: etree._Element) -> Iterator[Value]:
    for cell in row.iter(f"{TABLE}table-cell"):
        kind = cell.get(f"{OFFICE}value-type")
        attribute = {"date": "date-value", "float": "value", "boolean": "boolean-value"}.get(
            kind or "", "string-value"
        )
        text = cell.get(f"{OFFICE}{attribute}") or "\n".join(
            str(paragraph.xpath("string()")) for paragraph in cell
        )
        for _ in range(min(int(cell.get(f"{TABLE}number-columns-repeated", "1")), 50)):
            yield kind, text


def test_it_opens_every_sheet(book: etree._Element) -> None:
    sheets = [element.get(f"{TABLE}name") for element in book.iter(f"{TABLE}table")]
    counts = [len(rows(book, str(name))) for name in sheets]
    tables = ["Findings", "Keystores", "Providers", "NIHII periods", "Providers and keystores"]
    assert sheets == [*tables, "About this audit"]
    assert counts[0] > 10
    assert counts[1:-1] == [6, 4, 3, 7]
    assert counts[-1] > 5


def test_values_have_their_types(book: etree._Element) -> None:
    found = rows(book, "Keystores")
    ends = [row["Expires"] for row in found]
    assert {kind for kind, _ in ends[:-1]} == {"date"}
    assert [date.fromisoformat(text) for _, text in ends[:-1]] == [
        *(date(2026, 11, 3), date(2026, 11, 14), date(2027, 1, 18), date(2029, 5, 12), date(2030, 1, 24))
    ]
    assert [row["Days left"] for row in found[:2]] == [("float", "-21"), ("float", "-10")]
    assert {row["Opened"] for row in found} == {("boolean", "true"), ("boolean", "false")}


def test_no_text_is_computed(book: etree._Element) -> None:
    formulas = {element.get(f"{TABLE}formula") for element in book.iter(f"{TABLE}table-cell")}
    assert formulas <= {None, "of:=TRUE()", "of:=FALSE()"}  # how LibreOffice writes true and false
    names = {row["Name"] for row in rows(book, "Providers")}
    assert names == {("string", name) for name in ("Vandamme", "Hennes", "Desmedt", FORMULA)}
