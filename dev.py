#!/usr/bin/env python3
"""Set up this checkout and run it: ``python3.11 dev.py demo`` or ``python3.11 dev.py test``.

demo      make .venv, install ehtoolkit into it and open the training demo in the browser
test      the same with all that the tests use (system packages by apt-get, npm packages), then the gates and the tests,
          and some of them with another Python; with --all, also with the lowest versions (tests/support/versions.py)
affected  run the tests that the change since main can affect, at most three minutes (tests/support/affected.py)
setup     make .venv with the test tools, without system packages and what is built with them
docs      build the documentation in four languages into docs/_build (docs/build_site.py)
gates     format, lint, types and layers, in the .venv that is there; pre-commit runs the same
lock      write locks/ anew after a change in pyproject.toml; with --upgrade, newer versions
release   go through the checklist of a release (docs/RELEASE.md) and leave in dist/ what is to be published

`test` takes `--quick` for a run without system packages, of seven minutes of processor time, `--all` for the long run
(docs/TESTING.md), and `--coverage`. It passes everything else on to pytest.

Only the standard library is used, since nothing is installed when it starts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from tests.support.suite import (
    BIN,
    PARALLEL,
    PYTHON,
    ROOT,
    SEARCH_PATH,
    SECONDS,
    Command,
    gates,
    run,
    stage,
    test,
    tests,
)

VENV = BIN.parent
LOCKS = ROOT / "locks"
OLDEST_PYTHON = (3, 11)
"""The locks have versions for it and for newer ones."""
COMPILE = (
    *(BIN / "uv", "pip", "compile", "--quiet", "--system-certs", "--universal", "--generate-hashes"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
    *("--python-version", ".".join(map(str, OLDEST_PYTHON))),
)
UNCONSTRAINED = frozenset({"tests", "lowest", "uv"})
"""Locks that do not take their versions from tests.lock."""


# ── Setting up ───────────────────────────────────────────────────────────────────────────────────────────
def set_up_tests(options: Collection[str]) -> None:
    if "--quick" in options:
        make_venv("tests")
        return
    install_system_packages(long="--all" in options)
    make_venv("tests", "readers", "docs")
    install_node_packages()


def install_system_packages(*, long: bool) -> None:
    rows = system_packages(long=long)
    missing = {package: "optional" in more for package, sign, *more in rows if not is_installed(sign)}
    needed = [package for package, optional in missing.items() if not optional]
    if not missing:
        return
    print(f"dev.py: the tests use these programs, which are not installed: {', '.join(missing)}", flush=True)
    if shutil.which("apt-get") is None:
        print("dev.py: install them, or the tests that need them are skipped", flush=True)
        return
    print(
        "dev.py: installing them by apt-get. To go without, run `dev.py setup` and pytest in .venv",
        flush=True,
    )
    # For optional packages, do not ask for a password.
    administrator = [] if os.geteuid() == 0 else ["sudo"] if needed else ["sudo", "-n"]
    apt = (*administrator, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q")
    run(*apt, "update", may_fail=not needed)
    for packages in ([needed] if needed else []) + [[name] for name in missing if name not in needed]:
        run(*apt, "install", "-y", "--no-install-recommends", *packages, may_fail=packages is not needed)


def system_packages(*, long: bool) -> list[list[str]]:
    """Return the rows of the table that a run needs; ``long``: also those of the long run alone."""
    lines = (LOCKS / "system-packages.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return [row for row in rows if long or "long" not in row[2:]]


def is_installed(sign: str) -> bool:
    return Path(sign).exists() if sign.startswith("/") else shutil.which(sign, path=SEARCH_PATH) is not None


def make_venv(*locks: str) -> None:
    """Make the environment of these locks: by uv, in a third of pip's time; by pip where uv cannot be had."""
    if not any(BIN.glob("python*")):
        run(sys.executable, "-m", "venv", VENV)
    pip: Command = (PYTHON, "-m", "pip", "install", "-q")
    # With the system's certificate authorities, as behind the proxy of an organisation.
    uv: Command = (BIN / "uv", "pip", "install", "-q", "--system-certs", "--python", PYTHON)
    by_uv = [fetching_uv(pip), *installing(locks, uv)]
    if not all(run(*command, may_fail=True) for command in by_uv):
        for command in installing(locks, pip):
            run(*command)


def fetching_uv(pip: Command) -> Command:
    return (*pip, "--require-hashes", "--no-deps", "-r", LOCKS / "uv.lock")


def installing(locks: Sequence[str], install: Command) -> tuple[Command, Command]:
    """Return the command that installs what these locks have, and the one that installs the checkout."""
    files = [argument for lock in locks for argument in ("-r", LOCKS / f"{lock}.lock")]
    return (
        (*install, "--require-hashes", "--no-deps", *files),
        (*install, "--no-deps", "--no-build-isolation", "-e", ROOT),
    )


def install_node_packages() -> None:
    folder, lock = ROOT / ".cache" / "npm", "package-lock.json"
    installed = folder / "node_modules/axe-core/axe.min.js"
    if installed.exists() and (folder / lock).read_bytes() == (LOCKS / lock).read_bytes():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", lock):
        shutil.copyfile(LOCKS / name, folder / name)
    run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", ".cache/npm")


def write_locks(options: Sequence[str]) -> None:
    import tomllib  # an older Python, which has none, gets as far as `complaint_about`

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name, sources in project["tool"]["ehtoolkit"]["locks"].items():
        constraints = () if name in UNCONSTRAINED else ("--constraints", LOCKS / "tests.lock")
        file = LOCKS / f"{name}.lock"
        if name == "lowest":
            file.unlink(missing_ok=True)  # uv prefers the versions of an earlier lock to lower ones
        run(*COMPILE, *constraints, *options, *sources, "--output-file", file)


def release(arguments: Sequence[str]) -> None:
    """Go through the checklist of a release, with tools from an environment of their own."""
    folder = ROOT / ".cache" / "release" / "venv"
    python = folder / BIN.name / "python"
    run(sys.executable, "-m", "venv", folder)
    run(python, "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCKS / "release.lock")
    if not PYTHON.exists():
        make_venv("tests", "readers", "docs")  # for the trial, if the tests are left out
    run(python, "docs/release.py", *arguments)


def complaint_about(version: tuple[int, ...]) -> str:
    """Return what to say of a Python that is too old for the locks; empty for one that is new enough."""
    if version >= OLDEST_PYTHON:
        return ""
    oldest, found = (".".join(map(str, numbers)) for numbers in (OLDEST_PYTHON, version))
    return (
        f"dev.py: the pinned packages need Python {oldest} or newer; this is {found}. Nothing was installed. "
        "Start dev.py with a newer Python, or install without pins: pip install . (Python 3.11 or newer)"
    )


def main() -> None:
    if complaint := complaint_about(sys.version_info[:3]):
        sys.exit(complaint)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "task", choices=["demo", "test", "affected", "setup", "docs", "gates", "lock", "release"]
    )
    parser.add_argument("--coverage", action="store_true", help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    try:
        with stage("all"):
            perform(options.task, rest, coverage=options.coverage)
    finally:
        for name, seconds in SECONDS.items():
            print(f"{seconds:8.1f} s  {name}", flush=True)


def perform(task: str, rest: Sequence[str], *, coverage: bool) -> None:
    if task == "demo":
        make_venv("build", "card" if sys.platform == "linux" else "program")
        run(BIN / "ehtoolkit", "demo", *rest)
    elif task == "setup":
        make_venv("tests")
    elif task == "affected":
        if not any(BIN.glob("python*")):
            sys.exit("dev.py: there is no .venv; run `dev.py setup` first")
        command = [str(PYTHON), "-m", "tests.support.affected"]
        listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if listed.returncode:
            sys.exit(listed.returncode)  # it has said why
        tests([*PARALLEL, *listed.stdout.splitlines(), *rest], coverage=coverage)
    elif task == "test":
        with stage("set-up"):
            set_up_tests(rest)
        test(rest, coverage=coverage)
    elif task == "docs":
        make_venv("tests", "docs")
        install_node_packages()
        run(PYTHON, "docs/build_site.py")
    elif task == "gates":
        gates()
    else:
        {"lock": write_locks, "release": release}[task](rest)


if __name__ == "__main__":
    main()
