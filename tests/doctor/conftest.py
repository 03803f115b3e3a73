"""Cards, short folders for sockets, and what the tests of the doctor read of lines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ehtoolkit.doctor import CheckResult
from ehtoolkit.i18n import LANGUAGES, Translator
from tests.procedures.conftest import road, warm_home
from tests.support.card_fixtures import authorities, profiles, softhsm_token

__all__ = ["authorities", "profiles", "road", "softhsm_token", "warm_home"]


@pytest.fixture(autouse=True)
def _no_ipython(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No folder of IPython of the developer's."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "no-ipython"))


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="eh") as folder:
        yield Path(folder)


def keys(lines: Iterable[CheckResult]) -> list[tuple[str, str, str]]:
    """What each line is about, its severity and its key."""
    return [(str(line.about), str(line.severity), line.key) for line in lines]


def one(lines: Iterable[CheckResult], key: str) -> CheckResult:
    """The line of that key, whose sentences are there in every language."""
    (found,) = (line for line in lines if line.key == key)
    for language in LANGUAGES:
        texts = Translator(language)
        assert "{" not in found.message(texts)
        assert bool(found.next_step(texts)) is (found.severity.rank < 3)
    return found
