"""Java's own regular expressions against ours: the same verdict on every pattern of the table."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ehtoolkit.ehealth.java_pattern import fits
from tests.ehealth.java_patterns import TABLE, TEXTS

PROGRAM = Path(__file__).with_name("Patterns.java")

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def java() -> str:
    found = shutil.which("java")
    if found is None or shutil.which("javac") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Java is not here (default-jdk-headless)")
    return str(found)


def test_java_says_the_same(java: str, tmp_path: Path) -> None:
    pairs = [(pattern, text) for pattern, _ in TABLE for text in TEXTS]
    asked = tmp_path / "pairs"
    asked.write_text("".join(f"{pattern}\n{text}\n" for pattern, text in pairs), encoding="utf-8")
    done = subprocess.run([java, str(PROGRAM), str(asked)], capture_output=True, text=True, check=True)
    verdicts = {"true": True, "false": False}
    theirs = [verdicts[line] for line in done.stdout.splitlines()]
    assert len(theirs) == len(pairs)
    ours = [fits(pattern, text) for pattern, text in pairs]
    different = [pair for pair, one, other in zip(pairs, ours, theirs, strict=True) if one is not other]
    assert different == []
