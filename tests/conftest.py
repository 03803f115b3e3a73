"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.keystore.codec import writer
from tests.keystore.other_programs import Java
from tests.support.keys import FULL, FULL_ROUNDS, DerivedKeys, KeyPack, cheap_rounds
from tests.support.offline import taken

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
NO_SERVICE = ROOT / "no-smart-card-service"
"""No service listens there. Tests with cards in virtual readers use the real service (`tests.support.pcsc`)."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests that passed have printed: figures are there to be read, and a worker's own output goes nowhere."""
    reports = [
        getreport
        for getreport in terminalreporter.getreports("passed")
        if getreport.when == "call" and getreport.capstdout.strip()
    ]
    if reports:
        terminalreporter.section("what the tests found")
    for report in reports:
        terminalreporter.write_line(report.nodeid, bold=True)
        terminalreporter.write_line(report.capstdout.strip("\n"))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The files that tests read: tests/data/README.md says how each was made."""
    return DATA


@pytest.fixture(scope="session")
def schema() -> etree.RelaxNG:
    """The schema of all messages of the three services (tests/data/schema)."""
    return etree.RelaxNG(etree.parse(DATA / "schema" / "messages.rng"))


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory) -> Java:
    return Java.compiled(tmp_path_factory.mktemp("classes"))


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    """The message catalogues, compiled by the build hook itself where one was edited since (or never was)."""
    for po in (ROOT / "ehtoolkit" / "locale").glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            break
    else:
        return
    import hatch_build  # loads Babel and hatchling, which nearly no run needs

    hatch_build.compile_catalogues(ROOT)


@pytest.fixture(scope="session", autouse=True)
def _cheap_rounds() -> Iterator[None]:
    """Keystores that tests write, and that fixtures write for many tests, cost a tenth (`tests.support.keys`)."""
    with cheap_rounds():
        yield


def _folder_of_all(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder for all workers, each of which has one of its own below that of the run."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def _key_pack(tmp_path_factory: pytest.TempPathFactory) -> KeyPack:
    return KeyPack(_folder_of_all(tmp_path_factory, "keys-of-tests"))


@pytest.fixture(scope="session", autouse=True)
def _keys_of_fixtures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures of a wider scope have their RSA keys from a pack that is never begun anew: no two are the same."""
    with pytest.MonkeyPatch.context() as patch:
        KeyPack(_folder_of_all(tmp_path_factory, "keys-of-fixtures")).into(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _derived_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What was derived is there for all workers."""
    with pytest.MonkeyPatch.context() as patch:
        DerivedKeys(_folder_of_all(tmp_path_factory, "derived")).into(patch)
        yield


@pytest.fixture(autouse=True)
def _cheap_keys(request: pytest.FixtureRequest, _key_pack: KeyPack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is dealt the same RSA keys, each once. Fixtures of a wider scope come before, and have other ones."""
    if any(request.node.get_closest_marker(name) for name in FULL_ROUNDS):
        monkeypatch.setattr(writer, "COSTS", FULL)
    if request.node.get_closest_marker("full_cost"):
        DerivedKeys.out_of(monkeypatch)
    _key_pack.take_up()
    _key_pack.into(monkeypatch)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test in turn. Not from the factory: it looks through all that it ever made each time."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> None:
    """No setting and no card reader of the developer's machine reaches a test, and no test the developer's home."""
    for name in list(os.environ):
        if name.startswith("EHTOOLKIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(NO_SERVICE))
    home = next(_homes)
    home.mkdir()
    monkeypatch.setenv("EHTOOLKIT_HOME", str(home / "ehtoolkit"))


@pytest.fixture(autouse=True)
def _offline() -> Iterator[None]:
    """A test that reaches for another computer fails, even when it does not notice (`tests.support.offline`)."""
    yield
    assert taken() == []
