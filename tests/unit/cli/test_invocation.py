"""The same command for another environment: what was typed stays as it was."""

from __future__ import annotations

import shlex

import pytest

from ehtoolkit.cli.invocation import Invocation


@pytest.mark.parametrize(
    ("typed", "repeated"),
    [
        ("doctor a.p12", "doctor a.p12 --environment production"),
        ("doctor --environment training a.p12", "doctor a.p12 --environment production"),
        ("doctor --environment=training a.p12 --json", "doctor a.p12 --json --environment production"),
        ("doctor -- -a.p12", "doctor --environment production -- -a.p12"),
        ("doctor a.p12 --says 'it is « x »'", "doctor a.p12 --says 'it is « x »' --environment production"),
        ("keystore diagnose a.p12 b.p12 ./c.p12", "keystore diagnose a.p12 --environment production"),
        ("keystore diagnose -- b.p12 a.p12", "keystore diagnose --environment production -- a.p12"),
    ],
)
def test_the_same_command_in_production(typed: str, repeated: str) -> None:
    given = Invocation(tuple(shlex.split(typed)))
    assert given.in_environment("production", without=["b.p12", "c.p12"]).line == f"ehtoolkit {repeated}"
