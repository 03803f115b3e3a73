"""No test and no notebook run by pytest ever touches what the user of this computer keeps."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _home_of_this_run() -> Iterator[None]:
    """A home for the whole run, also for the kernels of notebooks; tests have one of their own on top."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("EHTOOLKIT_")}
    with tempfile.TemporaryDirectory() as home:
        os.environ["EHTOOLKIT_HOME"] = home
        yield
    del os.environ["EHTOOLKIT_HOME"]
    os.environ.update(kept)
