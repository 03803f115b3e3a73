"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with schemas, vectors and the keystore corpus, which is beside the checkout and does not ship."""
    if not SHARED.is_dir():
        message = "the folder ../shared (schemas, vectors, corpus) is not here"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return SHARED


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of the developer's machine reaches a test, and no test reaches the developer's home."""
    for name in list(os.environ):
        if name.startswith("EHTOOLKIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path_factory.mktemp("home") / "ehtoolkit"))
