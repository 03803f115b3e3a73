"""The table of passwords by pattern."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.passwords import Passwords
from ehtoolkit.secret import Secret


@pytest.mark.parametrize(
    "text",
    [
        "pattern,password\nSSIN=79*,Kine-2026\n*,other\n",
        "pattern;password\r\nSSIN=79*;Kine-2026\r\n*;other\r\n",
        "\ufeffpattern,password\nSSIN=79*,Kine-2026\n*,other",
        'password,pattern\n"Kine-2026","SSIN=79*"\nother,*\n',
    ],
)
def test_the_first_pattern_that_fits_counts(text: str, tmp_path: Path) -> None:
    (tmp_path / "passwords.csv").write_text(text, encoding="utf-8", newline="")
    found = Passwords.read(str(tmp_path / "passwords.csv"))
    assert found.of(Path("folder/SSIN=79031421872 20261124-101204.p12")) == Secret("Kine-2026")
    assert found.of(Path("CBE=0486132722 20261124-101204.p12")) == Secret("other")


def test_quotes_delimiters_and_blanks_in_a_password_stay() -> None:
    found = Passwords.parse('pattern,password\n*," a,""b"" "\n', "-")
    assert found.of(Path("x.p12")) == Secret(' a,"b" ')


def test_without_a_pattern_that_fits_there_is_no_password() -> None:
    assert Passwords.parse("pattern,password\nCBE=*,x\n", "-").of(Path("SSIN=1.p12")) is None
    assert Passwords().of(Path("SSIN=1.p12")) is None


def test_an_empty_password_is_one() -> None:
    assert Passwords.parse("pattern,password\n*,\n", "-").of(Path("x.p12")) == Secret("")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeffpattern;password\n*;geheim\n"))
    assert Passwords.read("-").of(Path("x.p12")) == Secret("geheim")


@pytest.mark.parametrize("text", ["", "name,word\n*,x\n", "just a line"])
def test_another_kind_of_file(text: str) -> None:
    with pytest.raises(errors.FileUnreadable):
        Passwords.parse(text, "list.csv")


def test_it_does_not_show_what_it_holds() -> None:
    assert "geheim" not in repr(Passwords.parse("pattern,password\n*,geheim\n", "-"))
