"""``audit`` for monitoring systems: metrics in a file, and a plug-in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES
from tests.auditing.conftest import ELISE, KARL, NOW, PASSWORD, Workshop, days_to_today, workshop
from tests.keystore.conftest import keystore_maker

__all__ = ["keystore_maker", "workshop"]

GUIDELINES = re.compile(
    r"EHEALTH (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+"
    r"( \| [^\s'=|]+=-?\d+(;[\d:~@]*){0,2}(;\d*){0,2}( [^\s'=|]+=-?\d+(;[\d:~@]*){0,2}(;\d*){0,2})*)?\n"
)
"""A line of a plug-in: status, words, and figures as 'label'=value;warn;crit;min;max."""
Plugin = Callable[..., tuple[str, str]]
CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "passwords.csv"
    path.write_text(f"pattern,password\n*,{PASSWORD.reveal()}\n", encoding="utf-8")
    return path


@pytest.fixture
def plugin(capsys: pytest.CaptureFixture[str]) -> Plugin:
    """Status and line of a plug-in; the exit code is that of the status, and there is nothing else."""

    def call(*arguments: object) -> tuple[str, str]:
        capsys.readouterr()
        code = run(["audit", "--nagios", *map(str, arguments)])
        out = capsys.readouterr().out
        found = GUIDELINES.fullmatch(out)
        assert found, out
        assert CODES[found[1]] == code
        return found[1], out

    return call


def test_each_status(plugin: Plugin, workshop: Workshop, table: Path, tmp_path: Path) -> None:
    folder, day = tmp_path / "ks", days_to_today()
    folder.mkdir()
    limits = ("-w", "90d", "-c", "30", "--passwords", table)
    assert plugin(folder, *limits)[0] == "UNKNOWN"  # nothing is there
    workshop.write(folder, KARL, day - 100, day + 900, pair=2)
    status, line = plugin(folder, *limits)
    assert status == "OK"
    assert "days=900;91:;31: keystores=1;;;0" in line
    workshop.write(folder, ELISE, day - 900, day + 60)
    assert plugin(folder, *limits)[0] == "WARNING"
    assert plugin(folder, "-w", "59d", "-c", "30d", "--passwords", table)[0] == "OK"
    assert plugin(folder, "-w", "90d", "-c", "60d", "--passwords", table)[0] == "CRITICAL"
    (folder / "rubbish.p12").write_bytes(bytes(range(256)))
    assert plugin(folder, *limits)[0] == "UNKNOWN"  # hides what may be worse than the warning
    assert plugin(folder, "-w", "90d", "-c", "60d", "--passwords", table)[0] == "CRITICAL"
    (folder / "rubbish.p12").unlink()
    assert plugin(folder)[0] == "UNKNOWN"  # without passwords no end is seen
    workshop.write(folder, ELISE, day - 900, (datetime.now(UTC) - NOW) / timedelta(days=1) - 0.5)
    assert plugin(folder, *limits, "-c", "0d")[1].startswith("EHEALTH CRITICAL - Expired: ")
    workshop.write(folder, ELISE, day - 900, day - 1)
    status, line = plugin(folder, *limits)
    assert (status, "days=-1;91:;31:" in line) == ("CRITICAL", True)
    assert ELISE not in line
    # A newer one beside it: the old one counts for nothing.
    workshop.write(folder, ELISE, day - 10, day + 800, pair=1, at="20261001-000000")
    assert plugin(folder, *limits)[0] == "OK"


def test_what_has_expired_is_not_counted_as_expiring_soon(
    plugin: Plugin, workshop: Workshop, table: Path, tmp_path: Path
) -> None:
    day = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, day - 900, day - 400)
    workshop.write(tmp_path / "ks", KARL, day - 900, day + 20, pair=2)
    line = plugin(tmp_path / "ks", "-w", "30d", "-c", "10d", "--passwords", table)[1]
    assert "Within 30 days: 1 of 2." in line
    assert "near=1;" in line


def test_no_days_at_all_are_a_limit_too(
    plugin: Plugin, workshop: Workshop, table: Path, tmp_path: Path
) -> None:
    """CRITICAL, or either, only once it is over."""
    day = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, day - 900, day + 20)
    common = (tmp_path / "ks", "--passwords", table)
    status, line = plugin(*common, "-w", "90d", "-c", "0d")
    assert (status, "days=20;91:;1:" in line) == ("WARNING", True)
    assert plugin(*common, "-w", "0d", "-c", "0d")[0] == "OK"


def test_an_etk_that_is_missing_is_critical(
    plugin: Plugin, workshop: Workshop, table: Path, tmp_path: Path
) -> None:
    day = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, day - 1, day + 900, stage="installed")
    status, line = plugin(tmp_path / "ks", "--passwords", table)
    assert (status, "without=1;" in line) == ("CRITICAL", True)


def test_a_request_that_is_not_completed_is_a_warning(
    plugin: Plugin, workshop: Workshop, table: Path, tmp_path: Path
) -> None:
    day = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, day - 1, day + 900, stage="complete")
    workshop.write(tmp_path / "other", ELISE, day - 1, day + 900, stage="prepared", pair=1)
    status, line = plugin(tmp_path / "ks", tmp_path / "other", "--passwords", table)
    assert (status, line.count(": 1. ")) == ("WARNING", 1), line


def test_what_keeps_it_from_its_work_is_unknown(plugin: Plugin, tmp_path: Path, table: Path) -> None:
    tmp_path.joinpath("ks").mkdir()
    assert "Dit argument ontbreekt: 'FOLDER...'." in plugin("-c", "30d", "--lang", "nl")[1]
    for arguments in (
        ("-c", "30d"),  # no folder
        (tmp_path, "-w", "soon"),
        (tmp_path, "-w", "10d", "-c", "30d"),
        (tmp_path, "--passwords", tmp_path / "absent.csv"),
        (tmp_path, "--format", "csv"),
        (tmp_path, "--environment", "nowhere"),
        (tmp_path / "gone", "--passwords", table),
    ):
        assert plugin(*arguments)[0] == "UNKNOWN", arguments


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_is_in_four_languages(
    plugin: Plugin, workshop: Workshop, table: Path, tmp_path: Path, language: str
) -> None:
    """And a name of a file that looks like figures ends nothing."""
    day = days_to_today()
    workshop.write(
        tmp_path / "ks", ELISE, day - 900, day - 1, name="a | b=1;2 'c'\n.p12" if os.name != "nt" else None
    )
    lines = [
        plugin(tmp_path / "ks", "--passwords", table, "--lang", chosen)[1] for chosen in (language, "nl")
    ]
    assert (lines[0] == lines[1]) is (language == "nl")
    assert "a / b=1;2" in lines[0]


def test_w_and_c_are_for_the_plug_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(tmp_path), "-c", "30d"]) == 2
    assert "--nagios" in capsys.readouterr().err


def test_metrics_go_to_the_file_of_the_collector(workshop: Workshop, table: Path, tmp_path: Path) -> None:
    day = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, day - 900, day + 20)
    out = tmp_path / "ehtoolkit.prom"
    arguments = ["audit", str(tmp_path / "ks"), "--passwords", str(table), "--quiet"]
    assert run([*arguments, "-o", str(out)]) == 1
    text = out.read_text(encoding="utf-8")
    assert text.endswith("# EOF\n")
    assert ELISE not in text
    # The recipe of the guide: anew every time, in one step.
    fresh = tmp_path / "ehtoolkit.prom.new"
    assert run([*arguments, "--format", "prometheus", "-o", str(fresh)]) == 1
    shutil.move(fresh, out)
    keystores = re.compile(r'keystore="(\w+)"')
    assert keystores.findall(out.read_text(encoding="utf-8")) == keystores.findall(text)
