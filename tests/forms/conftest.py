"""What the tests of the forms take from those of keystores, and the keystore folder that the forms look in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit.settings import load_settings
from tests.keystore.conftest import keystore_maker, samples, sound

__all__ = ["keystore_maker", "keystores", "samples", "sound"]


@pytest.fixture
def keystores() -> Path:
    """The keystore folder of this test's own home, empty."""
    folder = load_settings().home / "training" / "keystore"
    folder.mkdir(parents=True)
    return folder
