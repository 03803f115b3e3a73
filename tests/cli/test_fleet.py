"""A fleet is counted once: table, metrics, watch, reports and a Dask cluster say the same of the same folders."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dask
import distributed  # before a setting of Dask is made: it brings the defaults along
import openpyxl
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ehtoolkit.cli.run import run
from ehtoolkit.cli.table import state_word
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.settings import load_settings
from tests.auditing.cluster import RunningCluster, as_environment, running_cluster, write_certificates
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop
from tests.watch.conftest import keystore_maker, workshop

__all__ = ["distributed", "keystore_maker", "workshop"]

EN = Translator("en")
PRACTICES = 400


@dataclass(frozen=True)
class Fleet:
    """``arguments``: folders, and where the passwords are."""

    home: Path
    arguments: tuple[str, ...]
    practices: int


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """The forty invented providers of training."""
    home = tmp_path_factory.mktemp("sample") / "home"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out:
        patch.setenv("EHTOOLKIT_HOME", str(home))
        assert run(["training", "sample", "--json", "--quiet"]) == 0
        made = json.loads(out.getvalue())
        with open_registry(load_settings()) as registry:
            practices = len({provider.practice for provider in registry.providers()} - {""})
    return Fleet(home, (*made["folders"], "--passwords", made["passwords"]), practices)


@pytest.fixture(scope="module")
def generated(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Four hundred practices with a folder and a provider each, and keystores in every state."""
    place = tmp_path_factory.mktemp("generated")
    today = (datetime.now(UTC) - NOW) / timedelta(days=1)
    made = [
        workshop.write(
            place / "made", niss, today + begins, today + ends, stage=stage, pair=pair, name=f"{pair}.p12"
        )
        for pair, (niss, begins, ends, stage) in enumerate(
            (
                (ELISE, -100.0, 900.0, "complete"),
                (KARL, -1000.0, 20.5, "complete"),
                (CLAIRE, -1187.0, -21.0, "complete"),
                (ELISE, -10.0, 900.0, "installed"),
                (KARL, 0.0, 0.0, "prepared"),
            )
        )
    ]
    contents = [*(path.read_bytes() for path in made), bytes(range(256))]
    settings = load_settings(home=place / "home")
    clients = settings.training_folder / "clients"  # of training, or an audit would not read its registry
    with open_registry(settings) as registry:
        for number in range(PRACTICES):
            folder = clients / f"{number:03}"
            folder.mkdir(parents=True)
            first = folder / "a 20260816-120000.p12"
            first.write_bytes(contents[number % len(contents)])
            if number % 3 == 0:
                (folder / "b 20260816-120000.p12").write_bytes(contents[number // 3 % len(contents)])
                (folder / "notes.txt").write_text("x")
            record = registry.add(Provider(f"Provider {number}", practice=f"Practice {number:03}"))
            registry.assign(record.id or 0, Assignment(str(first)))
    table = place / "passwords.csv"
    table.write_text(f"pattern,password\n*,{PASSWORD.reveal()}\n", encoding="utf-8")
    table.chmod(0o600)
    return Fleet(settings.home, (str(clients), "--passwords", str(table)), PRACTICES)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    place = tmp_path_factory.mktemp("cluster")
    settings = write_certificates(place)
    with (
        running_cluster(place / "cluster", "tls", as_environment(settings), 2) as running,
        dask.config.set(settings),
    ):
        yield running


def printed(*arguments: object, codes: tuple[int, ...] = (0, 1)) -> str:
    with redirect_stdout(io.StringIO()) as out:
        assert run([*map(str, arguments), "--lang", "en"]) in codes
    return out.getvalue()


def in_table(fleet: Fleet) -> Counter[str]:
    """By the column of states: lines with tabs, where nothing is drawn."""
    words = {state_word(state, EN): state for state in STATES}
    cells = [
        cell for line in printed("audit", *fleet.arguments).splitlines() for cell in line.split("\t")[2:3]
    ]
    return Counter(words[cell] for cell in cells if cell in words)


def in_metrics(text: str) -> Counter[str]:
    return Counter(
        {
            sample.labels["state"]: int(sample.value)
            for family in text_string_to_metric_families(text)
            if family.name == "ehtoolkit_keystores"
            for sample in family.samples
            if sample.value
        }
    )


def in_watch(fleet: Fleet) -> Counter[str]:
    *folders, option, passwords = fleet.arguments
    named = [word for folder in folders for word in ("--folder", folder)]
    target = ("--webhook", "http://127.0.0.1:9/nobody")  # refused: the report is kept all the same
    printed("watch", "add", "fleet", *named, option, passwords, *target)
    printed("watch", "run", "fleet", codes=(0, 1, 6))
    report = json.loads((fleet.home / "watch" / "fleet" / "report.json").read_bytes())
    return Counter(report["counts"]["standing"])


def in_reports(fleet: Fleet, folder: Path) -> Counter[str]:
    printed("audit", *fleet.arguments, "--per-practice", "-o", folder, "--format", "xlsx")
    files = list(folder.iterdir())
    assert len(files) == fleet.practices + 1
    words = {EN.get(f"export.state.{state}"): state for state in STATES}
    found: Counter[str] = Counter()
    for path in files:
        rows = list(openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)["Keystores"].values)
        place = rows[0].index(EN.get("export.column.state"))
        found.update(words[str(row[place])] for row in rows[1:])
    return found


STATES = (
    *("unreadable", "expired", "closed", "no_etk", "prepared", "renewable", "not_yet_valid", "complete"),
    "replaced",
)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["sample", pytest.param("generated", marks=pytest.mark.long)])
def test_the_counts_are_the_same_everywhere(
    name: str,
    secure: RunningCluster,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fleet: Fleet = request.getfixturevalue(name)
    monkeypatch.setenv("EHTOOLKIT_HOME", str(fleet.home))
    counts = in_table(fleet)
    print(f"{name}: {dict(counts)}")
    assert len(counts) >= 5
    metrics = printed("audit", *fleet.arguments, "--format", "prometheus")
    assert in_metrics(metrics) == counts
    assert in_watch(fleet) == counts
    assert in_reports(fleet, tmp_path / "reports") == counts
    # Without what was seen before, or the cluster would have nothing to open.
    (fleet.home / "audit" / "readings.json").unlink()
    by_cluster = ("audit", *fleet.arguments, "--executor", secure.address, "--format", "json")
    assert in_metrics(printed(*by_cluster[:-1], "prometheus")) == counts
    at_home = json.loads(printed("audit", *fleet.arguments, "--format", "json"))
    (fleet.home / "audit" / "readings.json").unlink()
    in_cluster = json.loads(printed(*by_cluster))
    assert in_cluster["audit"].pop("now") > at_home["audit"].pop("now")
    assert in_cluster == at_home
