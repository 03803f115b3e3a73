"""A keystore that lies elsewhere than in the keystore folder: its bytes, and a drive that holds a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.keystore.conftest import KeystoreMaker
from tests.support.mounted_drives import mount_drives

NAME = "SSIN=79031421872 20261124-130000.p12"
PASSWORD = Secret("Kine-2026")


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings(home=tmp_path / "home", training_delivery=0.0))
    yield toolkit
    toolkit.close()


@pytest.fixture
def data(keystore_maker: KeystoreMaker) -> bytes:
    return write_pkcs12(keystore_maker.complete.contents, PASSWORD)


@pytest.fixture
def stick(tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drive with a copy of a keystore in a folder of its own, and the one place that is offered."""
    stick = tmp_path / "stick"
    (stick / "2026").mkdir(parents=True)
    (stick / "2026" / f"Copy of {NAME}").write_bytes(data)
    (stick / "letter.txt").write_text("Dear Élise")
    # The drives that are there; no folder of a home.
    mount_drives(monkeypatch, stick)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return stick
