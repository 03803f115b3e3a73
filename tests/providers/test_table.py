"""Providers to and from CSV: what is written is read again, whatever spreadsheet program had it in between."""

from __future__ import annotations

import csv
import errno
import io
import os
import subprocess
import sys
from collections.abc import Generator
from dataclasses import replace
from datetime import date
from inspect import getgeneratorstate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Assignment, Conventioned, Period, Provider, open_registry
from ehtoolkit.providers.exporting import export_file, write_table
from ehtoolkit.providers.importing import RejectedRow, open_table
from ehtoolkit.providers.provider import KNOWN, type_table
from ehtoolkit.providers.table_file import neutral, read_date, restored
from ehtoolkit.settings import LanguageName, load_settings

TEXT = st.text(
    st.characters(categories=["L", "N", "P", "S"], include_characters=" ") | st.sampled_from("=+-@'\";,|%\t"),
    max_size=20,
).filter(lambda text: text.replace(" ", "").isprintable())


def read(path: Path) -> list[Provider | RejectedRow]:
    return list(open_table(path, KNOWN))


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


PERIOD = st.builds(
    Period,
    st.sampled_from(sorted(KNOWN)),
    st.dates(date(1950, 1, 1)),
    st.none() | st.dates(date(1950, 1, 1)),
    st.text("0123456789", max_size=11),
    st.none() | st.sampled_from(Conventioned),
)
RECORD = st.builds(
    Provider,
    name=TEXT.filter(str.strip),
    first_names=TEXT,
    birth_date=st.none() | st.dates(date(1000, 1, 1)),
    language=st.none() | st.sampled_from(LANGUAGES),
    niss=st.text("0123456789", min_size=1, max_size=11),
    inami=st.text("0123456789", max_size=11),
    recognition_number=TEXT,
    enterprise_number=st.text("0123456789", max_size=10),
    practice=TEXT,
    types=st.lists(st.sampled_from(sorted(KNOWN)), unique=True).map(tuple),
    periods=st.lists(PERIOD, max_size=4, unique=True).map(tuple),
)


@given(st.lists(RECORD, unique_by=lambda provider: provider.niss, max_size=4), st.sampled_from(";,"))
def test_what_is_written_is_read_again(records: list[Provider], separator: str) -> None:
    import tempfile

    tidy = [record.tidy() for record in records]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "providers.csv"
        assert export_file(tidy, path, separator=separator) == len(tidy)
        back = [row.tidy() for row in read(path) if isinstance(row, Provider)]
    assert back == tidy


def test_keystores_come_along(tmp_path: Path, elise: Provider) -> None:
    record = replace(elise.tidy(), keystore=Assignment("C:\\ehealth\\keystore\\SSIN=1.p12", "ABCD"))
    export_file([record], tmp_path / "p.csv")
    assert read(tmp_path / "p.csv") == [record]


@given(TEXT)
def test_no_cell_is_a_formula_and_each_comes_back(text: str) -> None:
    cell = neutral(text)
    assert cell[:1] not in set("=+-@|%\t\r\n")
    assert restored(cell) == text


def test_names_with_an_apostrophe_stay(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", "name;niss\n't Hooft;1\n'=1+1;2\n''@x;3\n")
    assert [row.name for row in read(path) if isinstance(row, Provider)] == ["'t Hooft", "=1+1", "'@x"]
    target = io.StringIO()
    write_table([Provider("'t Hooft"), Provider("=1+1")], target)
    rows = list(csv.reader(io.StringIO(target.getvalue()), delimiter=";"))
    assert [row[0] for row in rows] == ["name", "'t Hooft", "'=1+1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_as_other_programs_write_it(tmp_path: Path, encoding: str, separator: str) -> None:
    text = "Naam;INSZ;Begin;Einde;Type;RIZIV-nummer;Geconventioneerd;Extra\r\nDe Préter;79.03.14-218.72;01/02/2020;"
    text += '31-12-2021;Kinesitherapeut;5/38861/71/521;Gedeeltelijk;"x"\r\n\r\n'
    path = written(tmp_path / "p.csv", text.replace(";", separator), encoding)
    (record,) = read(path)
    assert isinstance(record, Provider)
    assert (record.name, record.niss) == ("De Préter", "79031421872")
    assert record.periods == (
        Period("physiotherapist", date(2020, 2, 1), date(2021, 12, 31), "53886171521", Conventioned.PARTLY),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_in_each_language(tmp_path: Path, language: LanguageName) -> None:
    texts = Translator(language)
    heads = [
        texts.get(f"registry.column.{name}") for name in ("name", "niss", "start", "type", "conventioned")
    ]
    word = texts.get("registry.type.midwife")
    path = written(
        tmp_path / "p.csv",
        f"{';'.join(heads)}\nA;1;2020-1-2;{word};{texts.get('registry.conventioned.no')}\n",
    )
    (record,) = read(path)
    assert isinstance(record, Provider)
    assert record.periods == (Period("midwife", date(2020, 1, 2), conventioned=Conventioned.NO),)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("separator", ["/", " | "])
def test_several_types_by_their_words(tmp_path: Path, language: LanguageName, separator: str) -> None:
    """A slash is between them, and within some."""
    words = [Translator(language).get(f"registry.type.{kind}") for kind in KNOWN]
    for number, some in enumerate((words, words[::-1])):
        path = written(tmp_path / f"{number}.csv", f"name;niss;types\nA;1;{separator.join(some)}/\n")
        (record,) = read(path)
        assert isinstance(record, Provider)
        assert list(record.types) == (list(KNOWN) if some is words else list(KNOWN)[::-1])


@pytest.mark.parametrize(
    ("heading", "inami", "periods"),
    [
        ("Nom;Prénoms;NISS;Numéro INAMI", "18765432110", 0),
        ("Naam;Voornamen;INSZ;RIZIV-nummer", "18765432110", 0),
        ("Nom;Prénoms;NISS;Numéro INAMI;Type;Début", "", 1),
        ("Nom;Prénoms;NISS;Numéro INAMI;Numéro INAMI principal", "18765432110", 1),
    ],
)
def test_a_table_without_a_first_day_has_the_main_number(
    tmp_path: Path, heading: str, inami: str, periods: int
) -> None:
    """As people write it: only a table with periods has the number of a period."""
    cells = {"Début": "2020-01-01", "Type": "nurse", "Numéro INAMI principal": "18765432110"}
    row = ["Peeters", "An", "1", "18765432110"] + [cells[name] for name in heading.split(";")[4:]]
    if "Numéro INAMI principal" in heading:
        heading, row = f"{heading};Type;Début", [*row, "nurse", "2020-01-01"]
    (record,) = read(written(tmp_path / "p.csv", f"{heading}\n{';'.join(row)}\n"))
    assert isinstance(record, Provider)
    assert (record.inami, len(record.periods)) == (inami, periods)
    assert [period.inami for period in record.periods] == ["18765432110"] * periods


def test_rows_of_one_provider_are_one_record(tmp_path: Path) -> None:
    path = written(
        tmp_path / "p.csv",
        "name,niss,practice,start,period_inami,type\nA,1,,2020-01-01,5,nurse\nA,1,P,2021-01-01,6,nurse\n"
        "B,2,,,,\nA,1,,2022-01-01,7,nurse\n",
    )
    records = [row for row in read(path) if isinstance(row, Provider)]
    assert [(record.name, len(record.periods), record.practice) for record in records] == [
        ("A", 2, "P"),
        ("B", 0, ""),
        ("A", 1, ""),
    ]
    with open_registry(load_settings(home=tmp_path)) as registry:
        registry.merge(records)
        assert len(registry.find("A").periods) == 3


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (";1;;;;;", "name", "name"),
        ("A;1;31/02/2020;;;;", "date", "birth_date"),
        ("A;1;1/2/80;;;;", "date", "birth_date"),
        ("A;1;;es;;;", "language", "language"),
        ("A;1;;;01-01-2020;maybe;nurse", "conventioned", "conventioned"),
        ("A;1;;;2020-01-01;;astronaut", "type", "type"),
        ("A;1;;;2020-01-01;yes;", "period_type", "type"),
        ("A;1;;;;yes;nurse", "start", "start"),
        (f"{'A' * 201};1;;;;;", "long", None),
        ("A\x07;1;;;;;", "characters", None),
        ("A;1;;;;;;surplus", "cells", None),
        ('"A;1;;;;;' + "x" * 200_000, "quote", None),
        ("A;1;;;;;" + "x" * 200_000, "quote", None),
        ("A;9,00314E+10;;;;;", "scientific", "niss"),
        ("A;9.00314e10;;;;;", "scientific", "niss"),
        ('A;1;;;;;"' + "x\n" * 70_000 + '"', "quote", None),
    ],
)
def test_a_wrong_row_is_reported_and_the_others_offered(
    tmp_path: Path, row: str, reason: str, column: str | None
) -> None:
    heading = "name;niss;birth_date;language;start;conventioned;type"
    path = written(tmp_path / "p.csv", f"{heading}\nBefore;7;;;;;\n{row}\n\nAfter;8;;;;;\n")
    back = read(path)
    assert RejectedRow(3, reason, column) in back
    names = [row.name for row in back if isinstance(row, Provider)]
    assert names[0] == "Before"
    assert names[-1] == "After" or row.endswith('"')
    for language in LANGUAGES:
        assert Translator(language).get(f"registry.row.{reason}")


@pytest.mark.parametrize(
    "path",
    [r"\\server\share\x.p12", "//server/share/x.p12", r"\/server\x.p12", r"\\?\UNC\server\x.p12"],
)
def test_a_table_names_no_keystore_of_a_server(tmp_path: Path, path: str) -> None:
    """An audit would look at it unasked."""
    table = written(
        tmp_path / "p.csv", f"name;niss;keystore\nA;7;{path}\nB;8;C:\\keystores\\x.p12\nC;9;/srv/x.p12\n"
    )
    refused, *taken = read(table)
    assert refused == RejectedRow(2, "network_path", "keystore")
    kept = [row.keystore and row.keystore.path for row in taken if isinstance(row, Provider)]
    assert kept == ["C:\\keystores\\x.p12", "/srv/x.p12"]
    for language in LANGUAGES:
        assert Translator(language).get("registry.row.network_path")


def test_the_heading_is_none_of_the_rows_that_are_allowed(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", "name;niss\nA;7\nB;8\n")
    assert [row.name for row in open_table(path, most=2) if isinstance(row, Provider)] == ["A", "B"]
    with pytest.raises(errors.NotAProviderTable) as raised:
        open_table(path, most=1)
    assert raised.value.facts["reason"] == "rows"


def test_a_type_of_the_settings_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", "name;niss;types\nA;1;osteopath/nurse\n")
    (record,) = list(open_table(path, type_table({"osteopath": ()})))
    assert isinstance(record, Provider)
    assert record.types == ("osteopath", "nurse")
    assert read(path) == [RejectedRow(2, "type", "types")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "workbook"),
        (b"\x7fELF\0\0\0", "binary"),
        (b"Patient;Montant\nx;1\n", "foreign"),
        (b"name;first_names\nx;y\n", "foreign"),
        (b"one column only\n", "foreign"),
    ],
)
def test_what_is_no_table_of_providers(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(data)
    with pytest.raises(errors.NotAProviderTable) as raised:
        open_table(path)
    assert raised.value.facts["reason"] == reason
    if data.startswith(b"Patient"):
        assert raised.value.facts["columns"] == "patient, montant"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(errors.FileUnreadable):
            open_table(path)


def test_a_file_is_not_written_over_and_not_left_half(tmp_path: Path, elise: Provider) -> None:
    path = tmp_path / "p.csv"
    assert export_file([elise], path) == 1
    assert path.stat().st_mode & 0o777 == 0o600

    def broken() -> Generator[Provider]:
        """More than a buffer holds: that much is on disk before the last record is read."""
        yield from [elise] * 1000
        (unfinished,) = set(tmp_path.iterdir()) - {path}
        assert unfinished.stat().st_size > 50_000
        raise errors.RegistryBusy(place="x")

    unread = broken()
    with pytest.raises(errors.FileExists):
        export_file(unread, path)
    with pytest.raises(errors.FolderMissing):
        export_file(unread, tmp_path / "none" / "p.csv")
    assert getgeneratorstate(unread) == "GEN_CREATED"
    with pytest.raises(errors.RegistryBusy):
        export_file(unread, tmp_path / "q.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_a_full_disk_is_reported(tmp_path: Path, elise: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(_: Path, __: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(os, "rename", link)
    with pytest.raises(errors.DiskFull) as raised:
        export_file([elise], tmp_path / "p.csv")
    assert raised.value.facts["folder"] == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_excel_does_to_numbers(tmp_path: Path) -> None:
    """A zero in front that it took away is put back where the check digits prove it; a column of its own is named."""
    path = written(
        tmp_path / "p.csv", "Nom;NISS;N° entreprise;Couleur\nA;5010112385;486132722;x\nB;1;486132723;\n"
    )
    table = open_table(path, KNOWN)
    first, second = table
    assert isinstance(first, Provider)
    assert isinstance(second, Provider)
    assert (first.niss, first.enterprise_number) == ("05010112385", "0486132722")
    assert second.enterprise_number == "486132723", "that is not proven"
    assert table.passed_over == ("couleur",)


@pytest.mark.parametrize(
    "cell", ["31/12/2026", "31.12.2026", "31-12-2026", "2026-12-31", " 2026-12-31 ", "31/12/2026 00:00"]
)
def test_a_day_in_all_its_forms(cell: str) -> None:
    assert read_date(cell) == date(2026, 12, 31)


def test_many_rows_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    """Read in a process of its own, whose greatest size is compared with that for a hundred rows."""
    program = (
        "import resource, sys; from pathlib import Path; from ehtoolkit.providers.importing import open_table;"
        "n = sum(1 for _ in open_table(Path(sys.argv[1])));"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    sizes = []
    for count in (100, 20_000):
        path = tmp_path / f"{count}.csv"
        with path.open("w") as file:
            file.write("name;niss;start;period_inami;type\n")
            file.writelines(f"N{index}{'x' * 180};{index};2020-01-01;5;nurse\n" for index in range(count))
        done = subprocess.run(
            [sys.executable, "-c", program, path], check=True, capture_output=True, text=True
        )
        providers, size = map(int, done.stdout.split())
        assert providers == count
        sizes.append(size)
    assert sizes[1] < sizes[0] * 1.15
