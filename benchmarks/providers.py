"""The registry with 5,000 providers and 20,000 periods: rules, reading, importing; and a table of a million rows.

``providers.py [PROVIDERS [ROWS]]``: other numbers of both.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ehtoolkit.identity import Nihii, Niss
from ehtoolkit.providers import Period, Provider, examine_provider, open_registry
from ehtoolkit.settings import Settings, load_settings

PROVIDERS, ROWS = 5_000, 1_000_000
PERIODS_EACH = 4
ROUNDS = 5
NOW = datetime(2026, 11, 25, tzinfo=UTC)
MEMORY = (
    "import resource, sys; from pathlib import Path; from ehtoolkit.providers.importing import open_table;"
    "n = sum(1 for _ in open_table(Path(sys.argv[1])));"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
)


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def records(count: int = PROVIDERS) -> list[Provider]:
    source, made = random.Random(20261125), []  # noqa: S311
    for number in range(count):
        born = date(1950, 1, 1) + timedelta(days=source.randrange(18_000))
        head = f"{born:%y%m%d}{number % 997 + 1:03d}"
        inami = f"5{number:05d}"
        inami += f"{97 - int(inami) % 97:02d}521"
        first = date(2010, 1, 1)
        periods = []
        for _ in range(PERIODS_EACH):
            last = first + timedelta(days=source.randrange(300, 3000))
            periods.append(Period("physiotherapist", first, last, inami))
            first = last + timedelta(days=source.choice((1, 1, 1, 0, 30)))
        niss = f"{head}{97 - int(head) % 97:02d}"
        made.append(
            Provider(
                f"Name{number}",
                "Invented",
                born,
                "fr",
                niss,
                inami,
                types=("physiotherapist",),
                periods=tuple(periods),
            )
        )
    return list({provider.niss: provider for provider in made}.values())


def checks(some: list[Provider]) -> None:
    """The floor of the rules: the check digits of every number, and nothing else."""
    for provider in some:
        Niss.parse(provider.niss)
        Nihii.parse(provider.inami)
        for period in provider.periods:
            Nihii.parse(period.inami)


def bare_reading(settings: Settings) -> None:
    """The floor of reading: the same rows, by the driver alone."""
    with closing(sqlite3.connect(settings.provider_file)) as connection:
        for table in ("provider", "provider_type", "period", "assignment"):
            connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608


def ratio(work: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and the median of the ratios, pair by pair."""
    pairs = [(seconds(work), seconds(floor)) for _ in range(ROUNDS)]
    return statistics.median(took for took, _ in pairs), statistics.median(
        took / least for took, least in pairs
    )


def table(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write("name;niss;start;period_inami;type\n")
        file.writelines(f"N{index // 4};{index // 4};2020-01-01;5;nurse\n" for index in range(rows))
    return path


def memory(path: Path) -> int:
    """MB that reading a table takes at most, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", MEMORY, path], check=True, capture_output=True, text=True)
    return int(done.stdout)


def main(count: int = PROVIDERS, rows: int = ROWS) -> None:
    some = records(count)
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder))
        with open_registry(settings) as registry:
            took = seconds(lambda: registry.merge(some))
            print(f"import of {len(some)} providers in one transaction    {took:6.2f} s")
            took, by = ratio(lambda: list(registry.providers()), lambda: bare_reading(settings))
            print(f"reading all of them                {took:6.2f} s, {by:5.1f} × sqlite3 alone")
        took, by = ratio(lambda: [examine_provider(provider, NOW) for provider in some], lambda: checks(some))
        print(
            f"rules                              {took:6.2f} s, {by:5.1f} × the check digits alone (aim ≤ 1 s)"
        )
        few, many = (
            memory(table(Path(folder) / "few.csv", 1_000)),
            memory(table(Path(folder) / "many.csv", rows)),
        )
        print(f"reading a table of {rows} rows   {many} MB (of 1,000 rows: {few} MB)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
