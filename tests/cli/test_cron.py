"""The crontab lines of the documentation, run as cron does: by ``sh``, without the variables of a shell of the user."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.identity import ISSUERS, Environment
from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import ELISE, PASSWORD, Workshop, days_to_today, workshop
from tests.keystore.conftest import keystore_maker

__all__ = ["keystore_maker", "workshop"]

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = "/opt/ehtoolkit/bin/ehtoolkit"
ENTRY = re.compile(r"^    (?:\S+ ){5} *(?P<command>\S*ehtoolkit .*)$", re.MULTILINE)
VARIABLE = re.compile(r"^    ([A-Z_]+)=(\S+)$", re.MULTILINE)


def entries(document: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the commands of the crontabs in a document, with the variables that stand above them."""
    for block in (DOCS / document).read_text(encoding="utf-8").split("\n\n"):
        for match in ENTRY.finditer(block):
            yield match["command"], dict(VARIABLE.findall(block))


@pytest.fixture
def places(tmp_path: Path, workshop: Workshop) -> dict[str, str]:
    """The paths that the documentation names, and those that take their place."""
    today = days_to_today()
    production = next(name for name, place in ISSUERS.items() if place is Environment.PRODUCTION)
    workshop.write(tmp_path / "keystores", ELISE, today - 900, today + 20, issuer=production)
    table = tmp_path / "passwords.csv"
    table.write_text(f"pattern,password\n*,{PASSWORD.reveal()}\n", encoding="utf-8")
    return {
        PROGRAM: str(Path(sys.executable).with_name("ehtoolkit")),
        "/srv/keystores": str(tmp_path / "keystores"),
        "/etc/ehtoolkit/passwords.csv": str(table),
        "/home/consultant/ehtoolkit": str(tmp_path / "home"),
    }


@pytest.mark.parametrize(
    ("document", "shown"),
    [("AUDIT.md", "Vervalt binnenkort|certificaat"), ("MONITORING.md", "Expires on")],
)
def test_a_crontab_prints_what_is_due(
    document: str, shown: str, places: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", places["/home/consultant/ehtoolkit"])
    passwords = places["/etc/ehtoolkit/passwords.csv"]
    add = ["watch", "add", "tilleuls", "--folder", places["/srv/keystores"], "--passwords", passwords]
    assert run([*add, "--lang", "en"]) == 0
    ((command, variables),) = entries(document)
    assert command.startswith(PROGRAM), "cron does not know the PATH of a user"
    assert "%" not in command, "a line end in a crontab"
    for named, place in places.items():
        command = command.replace(named, place)
        variables = {name: value.replace(named, place) for name, value in variables.items()}
    environment = {
        "HOME": str(tmp_path),
        "LOGNAME": "consultant",
        "SHELL": "/bin/sh",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={**environment, **variables},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(shown, done.stdout)
    assert ELISE not in done.stdout
    if document == "MONITORING.md":
        assert WatchStore(tmp_path / "home" / "watch").last_run("tilleuls") is not None
