"""A new column is one field and its title; a new format is one module and one entry of `FORMATS`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from tests.auditing.conftest import PASSWORD, Workshop
from tests.support.changed_package import ChangedPackage

MOST_FILES = 8
"""That a column or a format may touch, with catalogues and generated files."""
TABLES = """
import json, sys
from pathlib import Path
import ehtoolkit

folder, *languages = sys.argv[1:]
audit = ehtoolkit.audit(folder, processes=1)
for language in languages:
    audit.to_excel(Path(folder).parent / f"{language}.xlsx", language=language)
row, = json.loads(audit.to_json())["keystores"]
print(json.dumps({"dtype": str(audit.merged["parent"].dtype), "json": row["parent"]}))
"""
FORMATS = """
import sys
import ehtoolkit
from ehtoolkit.auditing.export.formats import OF_PAGES, OF_REPORTS

print(ehtoolkit.audit(sys.argv[1], processes=1).to_paths(), end="")
print(*OF_PAGES)
print(*OF_REPORTS)
"""
TITLES = {"en": "Folder", "fr": "Dossier", "nl": "Map", "de": "Ordner"}


@pytest.fixture
def folder(workshop: Workshop, tmp_path: Path) -> Path:
    workshop.write(tmp_path / "tilleuls")
    (tmp_path / "password").write_text(PASSWORD.reveal())
    return tmp_path / "tilleuls"


@pytest.fixture
def package(tmp_path: Path) -> ChangedPackage:
    return ChangedPackage.copy(tmp_path / "copy")


def test_a_column_is_a_field_and_its_title(package: ChangedPackage, folder: Path) -> None:
    rows = "auditing/tables/rows.py"
    package.replace(
        rows,
        "        practice: of the provider that it is assigned to\n",
        "        practice: of the provider that it is assigned to\n        parent: name of its folder\n",
    )
    package.replace(rows, "    practice: str | None\n\n    @classmethod\n    def of(cls, seen",
                    "    practice: str | None\n    parent: str\n\n    @classmethod\n    def of(cls, seen")  # fmt: skip
    package.replace(
        rows,
        "            practice=practice,\n",
        "            practice=practice,\n            parent=seen.folder.name,\n",
    )
    package.translate("export", "export.column.parent", TITLES)
    package.build()

    options = ("--password-file", str(folder.parent / "password"), "--no-registry")
    shown = package.command("audit", str(folder), *options, "--format", "csv", "--table", "keystores")
    assert [row["parent"] for row in csv.DictReader(io.StringIO(shown), delimiter=";")] == ["tilleuls"]
    made = json.loads(package.python(TABLES, str(folder), *TITLES))
    assert (made["dtype"], made["json"]) == ("str", "tilleuls")
    for language, title in TITLES.items():
        sheets = openpyxl.load_workbook(folder.parent / f"{language}.xlsx").worksheets
        cells = [
            [sheet.cell(row, sheet.max_column).value for row in (1, 2)] for sheet in (sheets[1], sheets[-1])
        ]
        assert cells == [[title, "tilleuls"]] * 2

    generated = {"tests/data/contracts.json"}
    assert len(package.changed | generated) <= MOST_FILES, package.changed


def test_a_format_is_a_module_and_an_entry(package: ChangedPackage, folder: Path) -> None:
    package.add(
        "auditing/export/paths.py",
        """\"\"\"The files of an audit, one a line.\"\"\"

from __future__ import annotations

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.export.formats import ExportOptions
from ehtoolkit.auditing.masking import masked
from ehtoolkit.i18n import Translator


def paths_text(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    \"\"\"Return a line for each keystore.\"\"\"
    return "".join(f"{row.file if options.full else masked(row.file)}\\n" for row in audit.rows.keystores)
""",
    )
    formats = "auditing/export/formats.py"
    package.replace(
        formats,
        '        ExportFormat("prometheus"',
        "        ExportFormat(\n"
        '            "paths", _lazy("paths", "paths_text"), media_type="text/plain", ending="lst", for_reports=True\n'
        "        ),\n"
        '        ExportFormat("prometheus"',
    )
    package.translate("audit_page", "audit_page.export.paths", dict.fromkeys(TITLES, "Paths"))
    package.build()

    package.command("audit", str(folder), "--full", "-o", str(folder.parent / "files.lst"))
    assert (folder.parent / "files.lst").read_text().splitlines() == list(map(str, folder.iterdir()))
    method, pages, reports = package.python(FORMATS, str(folder)).splitlines()
    assert method.endswith("tilleuls/SSIN=790314***** 20260816-120000.p12")
    assert (pages, reports) == ("csv json xlsx ics html paths", "html paths xlsx")

    generated = {"tests/data/contracts.json"}
    assert len(package.changed | generated) <= MOST_FILES, package.changed
