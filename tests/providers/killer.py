"""Writes records into a registry, killed at any moment (SIGKILL), and checks what is left each time.

A program of its own, since it forks: ``killer.py HOME DATABASE-URL-OR-DASH ROUNDS``. In each round a child opens the
registry and adds, changes and merges records, and says through a pipe what was done once it is; then it is killed. What
was said has to be there, whole; what was not may be there, but whole. Prints one JSON object with what was found.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from ehtoolkit.providers import Period, Provider, Registry, open_registry
from ehtoolkit.settings import Settings, load_settings
from tests.faults.kill_moments import KillMoments

PERIODS = 12
STEP = 7
"""Records that are said in one step of a child."""


def record(name: str, practice: str) -> Provider:
    """Its periods all bear the name of its practice, so that halves of two versions show."""
    first = date(2010, 1, 1)
    periods = tuple(
        Period("doctor", first + timedelta(days=100 * number), None, f"{practice}{number}")
        for number in range(PERIODS)
    )
    return Provider(name, niss=name, practice=practice, periods=periods)


def child(settings: Settings, tell: int, number: int) -> None:
    with open_registry(settings) as registry:
        step = 0
        while True:
            step += 1
            name = f"N{number + 10:03}S{step:04}"  # whose digits alone are a NISS, which no other record may have
            added = registry.add(record(name, "A"))
            os.write(tell, f"{name} A\n".encode())
            changed = record(name, "B")
            registry.save(replace(added, practice="B", periods=changed.periods))
            os.write(tell, f"{name} B\n".encode())
            registry.merge([record(f"{name}M{index}", "C") for index in range(5)])
            os.write(tell, "".join(f"{name}M{index} C\n" for index in range(5)).encode())


def said_in(data: bytes) -> dict[str, str]:
    """The last practice that each record was said to have."""
    return dict(line.split() for line in data.decode().splitlines())


def one_round(settings: Settings, number: int, moment: float = 0.0) -> dict[str, str]:
    """What a child said that was killed after ``moment`` seconds; without, when it has done a step."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            child(settings, write, number)
        finally:
            traceback.print_exc()  # it has no end of its own: something is wrong, and the failure has to say what
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        first = b"" if moment else b"".join(pipe.readline() for _ in range(STEP))
        time.sleep(moment)
        os.kill(process, signal.SIGKILL)
        data = first + pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    return said_in(data)


def check(registry: Registry, said: dict[str, str], found: Counter[str]) -> None:
    there = {provider.name: provider for provider in registry.providers()}
    for name, practice in said.items():
        assert there[name].practice >= practice, name
    for provider in there.values():
        assert len(provider.periods) == PERIODS, provider.name
        assert {period.inami[0] for period in provider.periods} == {provider.practice}, provider.name
        assert provider.types == ("doctor",), provider.name
    merged = Counter(name.partition("M")[0] for name in there if "M" in name)
    assert set(merged.values()) <= {5}  # all of a merge, or none
    found["records"] = len(there)
    found["said"] += len(said)


def main() -> None:
    home, url, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    settings = load_settings(home=home, provider_database=None if url == "-" else url)
    found: Counter[str] = Counter()
    one_round(settings, -1)  # it makes the tables, which takes longer
    began = time.perf_counter()
    one_round(settings, -2)
    moments = KillMoments(time.perf_counter() - began)
    for number in count():
        if number >= rounds and found["said"] > rounds and found["silent"]:
            break
        said = one_round(settings, number, moments.choose())
        moments.learn(is_late=any("M" in name for name in said))
        found["silent"] += not said
        with open_registry(settings) as registry:
            check(registry, said, found)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
