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
PROGRAM = """
import json, sys
from pathlib import Path
import ehtoolkit
from ehtoolkit.auditing.export.formats import OF_PAGES, OF_REPORTS

folder, *languages = sys.argv[1:]
audit = ehtoolkit.audit(folder, Path(folder).with_name("passwords"), processes=1)
for language in languages:
    audit.to_excel(Path(folder).parent / f"{language}.xlsx", language=language)
row, = json.loads(audit.to_json())["keystores"]
print(json.dumps({
    "csv": audit.to_csv(table="keystores"),
    "dtype": str(audit.merged["parent"].dtype),
    "json": row["parent"],
    "paths": audit.to_paths(),
    "pages": OF_PAGES,
    "reports": OF_REPORTS,
}))
"""
GENERATED = {"tests/data/contracts.json"}
TITLES = {"en": "Folder", "fr": "Dossier", "nl": "Map", "de": "Ordner"}


@pytest.fixture
def folder(workshop: Workshop, tmp_path: Path) -> Path:
    workshop.write(tmp_path / "tilleuls")
    (tmp_path / "passwords").write_text(f"pattern;password\n*.p12;{PASSWORD.reveal()}\n")
    return tmp_path / "tilleuls"


def test_a_column_and_a_format(folder: Path, tmp_path: Path) -> None:
    package = ChangedPackage.copy(tmp_path / "copy")
    _add_column(package)
    assert len(package.changed | GENERATED) <= MOST_FILES, package.changed
    package.changed.clear()
    _add_format(package)
    assert len(package.changed | GENERATED) <= MOST_FILES, package.changed
    package.build()

    made = json.loads(package.python(PROGRAM, str(folder), *TITLES))
    rows = csv.DictReader(io.StringIO(made["csv"]), delimiter=";")
    assert [(row["parent"], row["opened"]) for row in rows] == [("tilleuls", "yes")]
    assert (made["dtype"], made["json"]) == ("str", "tilleuls")
    for language, title in TITLES.items():
        sheets = openpyxl.load_workbook(folder.parent / f"{language}.xlsx").worksheets
        cells = [
            [sheet.cell(row, sheet.max_column).value for row in (1, 2)] for sheet in (sheets[1], sheets[-2])
        ]
        assert cells == [[title, "tilleuls"]] * 2

    assert made["paths"].endswith("tilleuls/SSIN=790314***** 20260816-120000.p12\n")
    assert made["pages"] == ["csv", "json", "xlsx", "ics", "html", "paths"]
    assert made["reports"] == ["html", "paths", "xlsx"]
    package.command("audit", str(folder), "--full", "-o", str(folder.parent / "files.lst"))
    assert (folder.parent / "files.lst").read_text().splitlines() == list(map(str, folder.iterdir()))


def _add_column(package: ChangedPackage) -> None:
    rows = "auditing/tables/rows.py"
    package.replace(
        rows,
        "        practice: of the provider that it is assigned to\n",
        "        practice: of the provider that it is assigned to\n        parent: name of its folder\n",
    )
    package.replace(rows, "    acknowledged: bool\n\n    @classmethod\n    def of(cls, seen",
                    "    acknowledged: bool\n    parent: str\n\n    @classmethod\n    def of(cls, seen")  # fmt: skip
    package.replace(
        rows,
        "            practice=practice,\n",
        "            practice=practice,\n            parent=seen.folder.name,\n",
    )
    package.translate("export", "export.column.parent", TITLES)


def _add_format(package: ChangedPackage) -> None:
    package.add(
        "auditing/export/paths.py",
        """\"\"\"The files of an audit, one a line.\"\"\"

from __future__ import annotations

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.export.formats import ExportOptions
from ehtoolkit.i18n import Translator


def paths_text(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    \"\"\"Return a line for each keystore.\"\"\"
    return "".join(f"{options.hide(row.file)}\\n" for row in audit.rows.keystores)
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
