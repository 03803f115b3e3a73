"""The lower bounds in pyproject.toml are true: with the lowest versions that they allow, the program works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.keystore.other_programs import missing

ROOT = Path(__file__).resolve().parents[2]
EXTRAS: Final = ("cluster", "keyring", "postgresql")
"""Without `card`, which is built on Linux."""
TOOLS: Final = (
    *("pytest", "pytest-timeout", "pytest-xdist", "hypothesis", "openpyxl", "aiosmtpd", "jsonschema"),
    "python-stdnum",
)
"""What the tests import; their own bounds are not tested."""
TESTS: Final = ("tests/unit/test_api.py", "tests/cli/test_help.py", "tests/cli/test_audit.py")
IMPORTS: Final = """
import importlib, pkgutil
import ehtoolkit

for module in pkgutil.walk_packages(ehtoolkit.__path__, "ehtoolkit."):
    if not module.name.endswith("__main__") and ".migrations.versions" not in module.name:
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name != "PyKCS11":
                raise
"""

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the lowest versions of what pyproject.toml names."""
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        missing("uv in the environment of the tests (dev.py)")
    folder = tmp_path_factory.mktemp("lowest")
    pins, environment = folder / "lowest.txt", folder / "venv"
    found = environment / "bin" / "python"
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    compiled = ("pip", "compile", "-q", "--resolution", "lowest-direct", "--python", sys.executable)
    install = ("pip", "install", "-q", "--python", found)
    for command in (
        [*compiled, *extras, ROOT / "pyproject.toml", "-o", pins],
        ["venv", "-q", "--python", sys.executable, environment],
        [*install, "-r", pins],
        [*install, "-c", pins, *TOOLS],
    ):
        done = subprocess.run([uv, *command], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return found


def run(python: Path, *arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([python, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-5_000:]}\n{done.stderr[-5_000:]}"


def test_everything_can_be_imported(python: Path) -> None:
    run(python, "-c", IMPORTS)


@pytest.mark.parametrize("file", TESTS)
def test_functions_commands_and_the_audit_work(python: Path, file: str) -> None:
    """Among them the help of every command."""
    no_command = "not the_shell_runs_it"  # nothing is installed under the name that shells complete
    run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", no_command, file)
