"""Try ehtoolkit in an environment with other versions: ``python -m tests.support.versions {python|lowest} [--all]``.

python  the newest other Python that pyproject.toml names and this computer has, with locks/tests.lock
lowest  the lowest versions that pyproject.toml allows, with this Python: locks/lowest.lock

In each, every module is imported, every command shows its help, and some of the quick tests are run; with ``--all``,
all quick tests. The environments stay in .cache/versions until their lock changes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.support.suite import BIN, environment_of_tools
from tests.support.timing import ROOT, known_durations, quick_files

UV: Final = BIN / "uv"
FOLDER: Final = ROOT / ".cache" / "versions"
API: Final = "tests/unit/test_api.py"
NOT_FOUND: Final = "No interpreter found"
"""What uv writes when there is no such Python; other failures have other words, and the same exit code."""
SECONDS: Final = 5.0
"""How long the chosen tests may take, by their durations."""
IMPORTS: Final = """
import importlib, pkgutil
import ehtoolkit

for module in pkgutil.walk_packages(ehtoolkit.__path__, "ehtoolkit."):
    if not module.name.endswith("__main__") and ".migrations." not in module.name:
        importlib.import_module(module.name)
"""
HELP: Final = """
import click
from ehtoolkit.cli.app import app
from ehtoolkit.cli.run import run

def show(command, *words):
    assert run([*words, "--help"]) == 0, words
    for name, below in getattr(command, "commands", {}).items():
        show(below, *words, name)

show(app)
"""
"""A program each, which ends with an error when something fails."""
PYTEST: Final = (
    "-m",
    "pytest",
    "-q",
    "--quick",
    "-p",
    "no:cacheprovider",
    "-W",
    "ignore:unclosed database:ResourceWarning",
)
"""Python 3.13 warns of a connection to SQLite that the garbage collector closes; older ones say nothing."""


def claimed_versions() -> Sequence[str]:
    """Return the Pythons that pyproject.toml claims to support, newest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    words = [line.rpartition(" ")[2] for line in project["classifiers"] if ":: Python ::" in line]
    return sorted(words, key=lambda version: tuple(map(int, version.split("."))), reverse=True)


def other_python() -> str | None:
    """Return the newest claimed Python but this one; where this computer has none, the newest that uv can bring."""
    own = ".".join(map(str, sys.version_info[:2]))
    others = [version for version in claimed_versions() if version != own]
    for version in others:
        done = asked_uv("python", "find", "--system", "--no-python-downloads", version)
        if done.returncode == 0:
            return done.stdout.strip()
        if NOT_FOUND not in done.stderr:
            sys.exit(f"uv failed ({done.returncode}): {done.stderr.strip()}")
    brought = asked_uv("python", "install", "-q", others[0])
    if brought.returncode:
        print(f"uv could not install Python {others[0]}: {brought.stderr.strip()}")
        return None
    return others[0]


def asked_uv(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([UV, *words], capture_output=True, text=True, env=environment_of_tools())


def environment(name: str, python: str) -> Path:
    """Return the interpreter of the environment with this lock, made now unless it is there."""
    lock = ROOT / "locks" / ("lowest.lock" if name == "lowest" else "tests.lock")
    folder, mark = FOLDER / name, FOLDER / f"{name}.made-from"
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made_from = f"{python} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    if not mark.exists() or mark.read_text(encoding="utf-8") != made_from:
        install = ("pip", "install", "-q", "--system-certs", "--no-deps", "--python", interpreter)
        run(UV, "venv", "-q", "--clear", "--python", python, folder)
        run(UV, *install, "--require-hashes", "-r", lock)
        run(UV, *install, "--no-build-isolation", "-e", ROOT)
        mark.write_text(made_from, encoding="utf-8")
    return interpreter


def sample(seconds: float) -> list[str]:
    """Return quick test files from all over the tests, which take about ``seconds`` together."""
    durations = known_durations()
    quick = quick_files(durations)
    return quick[:: max(1, round(sum(durations[file] for file in quick) / seconds))]


def run(*command: str | Path) -> str:
    """Run a command in the checkout and return its output; when it fails, print that and end."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment_of_tools(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{done.stdout[-10_000:]}\nfailed ({done.returncode}): {' '.join(map(str, command))}")
    return done.stdout


def main(name: str, *, everything: bool) -> None:
    python = other_python() if name == "python" else sys.executable
    if python is None:
        print("not tested: this computer has no other Python that ehtoolkit supports")
        sys.exit(1 if os.environ.get("TESTS_SKIP_NOTHING") else 0)  # like a test that skips
    interpreter = environment(name, python)
    run(interpreter, "-c", IMPORTS)
    run(interpreter, "-c", HELP)
    files = ["tests", "notebooks"] if everything else [API, *sample(SECONDS)]
    outcome = run(interpreter, *PYTEST, *files)
    version = run(interpreter, "-c", "import platform; print(platform.python_version())").strip()
    print(f"{name}, Python {version}: {outcome.splitlines()[-1]}")


if __name__ == "__main__":
    main(sys.argv[1], everything="--all" in sys.argv)
