"""The table of passwords by pattern."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import lists, text

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.api.arguments import passwords_of
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.passwords import LONGEST_PATTERN, PasswordPatterns, fits
from ehtoolkit.secret import Secret

KINE = Secret("Kine-2026")


@pytest.mark.parametrize(
    "text",
    [
        "pattern,password\nSSIN=79*,Kine-2026\n*,other\n",
        "pattern;password\r\nSSIN=79*;Kine-2026\r\n*;other\r\n",
        "\ufeffpattern,password\nSSIN=79*,Kine-2026\n*,other",
        'password,pattern\n"Kine-2026","SSIN=79*"\nother,*\n',
        "Pattern,Password\nSSIN=79*,Kine-2026\n*,other\n",
        "pattern\tpassword\nSSIN=79*\tKine-2026\n*\tother\n",
        "PATTERN , PASSWORD , remark\nSSIN=79*, Kine-2026,her own\n*, other,\n",
    ],
)
def test_patterns_in_their_order(text: str, tmp_path: Path) -> None:
    (tmp_path / "passwords.csv").write_text(text, encoding="utf-8", newline="")
    found = PasswordPatterns.read(tmp_path / "passwords.csv")
    both = Path("folder/SSIN=79031421872 20261124-101204.p12")
    assert found.of(both) == KINE
    assert found.all_of(both) == (KINE, Secret("other"))
    assert found.of(Path("CBE=0486132722 20261124-101204.p12")) == Secret("other")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_as_excel_and_powershell_write_it(encoding: str, tmp_path: Path) -> None:
    table = tmp_path / "passwords.csv"
    table.write_text("pattern;password\r\nHélène*;Été-2026€\r\n", encoding=encoding, newline="")
    assert ehtoolkit.read_passwords(table).of(Path("Hélène.p12")) == Secret("Été-2026€")


def test_tables_of_python_are_tried_in_their_order(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("pattern,password\nSSIN=79*,Kine-2026\n")
    second.write_text("pattern,password\n*,other\n")
    file = tmp_path / "SSIN=79031421872.p12"
    tables = ehtoolkit.read_passwords([str(first), second])
    assert tables.all_of(file) == (KINE, Secret("other"))
    assert list(passwords_of("passwords", tables)(file)) == [KINE, Secret("other")]
    with pytest.raises(TypeError, match=r"table\[1\]"):
        ehtoolkit.read_passwords([first, KINE])  # type: ignore[list-item]


def test_quotes_delimiters_and_blanks_in_a_password_stay() -> None:
    found = PasswordPatterns.parse('pattern,password\n*," a,""b"" "\n', "-")
    assert found.of(Path("x.p12")) == Secret(' a,"b" ')


def test_a_blank_after_the_separator_is_not_part_of_a_password() -> None:
    assert PasswordPatterns.parse("pattern, password\n*, Kine-2026\n", "-").of(Path("x.p12")) == KINE
    assert PasswordPatterns.parse('pattern, password\n*, " Kine"\n', "-").of(Path("x")) == Secret(" Kine")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\u00a0\n"])
@pytest.mark.parametrize("cell", ["Kine-2026 ", "Kine-2026\t", '"Kine-2026 "'])
def test_a_blank_after_a_password_may_be_one_of_it_or_not(cell: str, line_end: str) -> None:
    """It is not seen, and a spreadsheet quotes neither the one nor the other."""
    found = PasswordPatterns.parse(f"pattern;password{line_end}SSIN=79*;{cell}{line_end}*;other", "-")
    written, without, other = found.all_of(Path("SSIN=79031421872.p12"))
    assert written.reveal().startswith("Kine-2026")
    assert written.reveal()[-1].isspace()
    assert (without, other) == (KINE, Secret("other"))
    assert found.idle([]) == ("SSIN=79*", "*")


def test_folders_in_a_pattern(tmp_path: Path) -> None:
    """Forty folders with a ``keystore.p12`` each."""
    first, two = tmp_path / "practice one" / "keystore.p12", tmp_path / "practice two" / "keystore.p12"
    found = PasswordPatterns.parse(
        f"pattern,password\npractice one/*.p12,first\npractice two\\keystore.p12,second\n{tmp_path}/*,third\n",
        "-",
    )
    assert found.all_of(first) == (Secret("first"), Secret("third"))
    assert found.all_of(two) == (Secret("second"), Secret("third"))
    assert found.of(Path("/elsewhere/practice one.p12")) is None


def test_patterns_that_fit_nothing_are_known() -> None:
    found = PasswordPatterns.parse("pattern,password\nSSIN=79*,x\nSSlN=85*,x\n", "-")
    assert found.idle([Path("SSIN=79031421872.p12")]) == ("SSlN=85*",)


def test_without_a_pattern_that_fits_there_is_no_password() -> None:
    assert PasswordPatterns.parse("pattern,password\nCBE=*,x\n", "-").of(Path("SSIN=1.p12")) is None
    assert PasswordPatterns().of(Path("SSIN=1.p12")) is None


def test_an_empty_password_is_one() -> None:
    assert PasswordPatterns.parse("pattern,password\n*,\n", "-").of(Path("x.p12")) == Secret("")
    assert PasswordPatterns.parse("pattern,password\n*\n", "-").of(Path("x.p12")) == Secret("")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"pattern;password\n*;\x8f\n", "encoding"),  # no letter of Windows-1252
        (b"p\0a\0t\0t\0e\0r\0n\0", "encoding"),
        (b"\xff\xfep", "encoding"),
        (b"\xff\xfe", "empty"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty"),
        (b"name,word\n*,x\n", "header"),
        (b"just a line", "header"),
        (b"pattern,password,password\n*,x,y\n", "header"),
        (b"pattern,password\n" + b"a" * 200_000 + b",x\n", "format"),
        (b'pattern,password\nSSIN=79*,"Kine-2026\n*,other\n', "format"),
        (b'pattern,password\nSSIN=79*,"Kine-2026\n*,"other"\n', "format"),
        (b"pattern,password\n" + b"*,x\n" * 20_000, "rows"),
        (b"pattern,password\n" + b"\n" * 5_000_000, "rows"),
    ],
)
def test_errors_in_a_table_are_reported(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "passwords.csv").write_bytes(data)
    with pytest.raises(errors.PasswordTableInvalid) as caught:
        PasswordPatterns.read(tmp_path / "passwords.csv")
    assert caught.value.facts["reason"] == reason
    for language in LANGUAGES:
        assert "passwords.csv" in Translator(language).error(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SSIN=79031421872*;Geheim-2026\n", "…;…"),
        ("Geheim-2026\n", "…"),
        ("pattern;Geheim-2026\n*;x\n", "pattern;…"),
        ("Pattern,password,PASSWORD\n*,x,y\n", "pattern,password,password"),
    ],
)
def test_a_table_without_a_heading_does_not_show_its_first_password(text: str, shown: str) -> None:
    with pytest.raises(errors.PasswordTableInvalid) as caught:
        PasswordPatterns.parse(text, "passwords.csv")
    assert caught.value.facts["found"] == shown
    for language in LANGUAGES:
        said = Translator(language).error(caught.value)
        assert shown in said
        assert "Geheim" not in said + str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.FileUnreadable):
        PasswordPatterns.read(tmp_path / "passwords.csv")


def test_it_does_not_show_what_it_holds() -> None:
    assert "geheim" not in repr(PasswordPatterns.parse("pattern,password\n*,geheim\n", "-"))


def test_a_name_with_brackets_fits_itself(tmp_path: Path) -> None:
    patterns = PasswordPatterns.parse("pattern,password\nkeystore [1].p12,a\nold/keystore [2].p12,b\n", "x")
    first, second = tmp_path / "keystore [1].p12", tmp_path / "old" / "keystore [2].p12"
    assert [found.reveal() for found in patterns.all_of(first)] == ["a"]
    assert [found.reveal() for found in patterns.all_of(second)] == ["b"]
    assert patterns.names(first)
    assert patterns.names(second)
    assert patterns.idle([first, second]) == ()
    assert fits("keystore [12].p12", tmp_path / "keystore 1.p12"), "still a pattern"


def test_a_pattern_that_is_too_long_is_refused_with_its_line() -> None:
    long = "[" * (LONGEST_PATTERN + 1)
    with pytest.raises(errors.PasswordTableInvalid) as found:
        PasswordPatterns.parse(f"pattern,password\n*,a\n{long},b\n", "table.csv")
    assert found.value.facts == {
        "path": "table.csv",
        "reason": "pattern",
        "line": 3,
        "limit": LONGEST_PATTERN,
    }
    assert not fits(long, Path(long)), "one that is typed on the page fits no file"


@pytest.mark.parametrize(
    "pattern", ["[" * 500, "]" + "[" * 499, "[!" * 250, "[]" * 250, "*[" * 250, "*" * 500]
)
def test_a_pattern_of_brackets_costs_little(pattern: str) -> None:
    before = time.process_time()
    for number in range(100):
        fits(pattern, Path(f"keystore {number}.p12"))
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    "pattern", ["practice {}/keystores/*.p12", "{}" + "-*" * 200, "*{}*.p12", "SSIN={} x.p12"]
)
def test_many_patterns_cost_little(pattern: str) -> None:
    patterns = PasswordPatterns(
        tuple((pattern.format(f"{number:011d}"), KINE) for number in range(20_000, 40_000))
    )
    fitting = [
        Path(f"/practice {number:011d}/keystores/SSIN={number:011d} x.p12")
        for number in range(20_000, 20_010)
    ]
    before = time.process_time()
    found = [patterns.all_of(path) for path in fitting]
    idle, named = patterns.idle(fitting), [patterns.names(path) for path in fitting]
    assert time.process_time() - before < 2
    is_hopeless, is_name = "-*" in pattern, "*" not in pattern
    assert found == [() if is_hopeless else (KINE,)] * 10
    assert len(idle) == (20_000 if is_hopeless else 19_990)
    assert named == [is_name] * 10


@given(
    patterns=lists(text("ab*?[]/\\.", min_size=1, max_size=8), max_size=8),
    names=lists(text("ab[]*/.", min_size=1, max_size=8), min_size=1, max_size=3),
)
def test_every_pattern_that_fits_is_found(patterns: list[str], names: list[str]) -> None:
    table = PasswordPatterns(tuple((pattern, Secret(str(place))) for place, pattern in enumerate(patterns)))
    files = [Path("/ab") / name for name in names]
    for file in files:
        expected = [str(place) for place, pattern in enumerate(patterns) if fits(pattern, file)]
        assert [password.reveal() for password in table.all_of(file)] == expected
    idle = tuple(pattern for pattern in patterns if not any(fits(pattern, file) for file in files))
    assert table.idle(files) == idle
