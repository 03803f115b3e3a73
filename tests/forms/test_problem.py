"""The report about what nobody foresaw: where it happened, and none of what was typed."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.forms.engine.page_errors import describe_error, write_report
from ehtoolkit.i18n import Translator


def raised() -> BaseException:
    try:
        try:
            raise OSError("/home/elise/secret.p12")
        except OSError as error:
            raise ValueError("password Zo-Geheim_42") from error
    except ValueError as error:
        return error


def test_it_names_exceptions_and_places_and_quotes_nothing(tmp_path: Path) -> None:
    number = write_report(raised(), tmp_path)

    path = tmp_path / "reports" / f"{number}.txt"
    text = path.read_text(encoding="utf-8")
    assert "builtins.ValueError" in text
    assert "builtins.OSError" in text
    assert "test_problem.py" in text
    assert "raised" in text
    assert "Zo-Geheim_42" not in text
    assert "elise" not in text
    assert path.stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_written_costs_the_report_only(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file where the folder should be", encoding="utf-8")

    problem = describe_error(raised(), Translator("en"), tmp_path)

    assert problem.report is None
    assert problem.sentence == Translator("en").error(errors.EhToolkitError())


def test_our_own_errors_need_no_report(tmp_path: Path) -> None:
    problem = describe_error(errors.CardAbsent(), Translator("nl"), tmp_path)

    assert problem.sentence == Translator("nl").error(errors.CardAbsent())
    assert problem.next_step == Translator("nl").next_step(errors.CardAbsent())
    assert problem.report is None
    assert not (tmp_path / "reports").exists()


def test_an_exception_that_is_its_own_cause_ends(tmp_path: Path) -> None:
    error = ValueError()
    error.__context__ = OSError()
    error.__context__.__context__ = error

    assert write_report(error, tmp_path) is not None
