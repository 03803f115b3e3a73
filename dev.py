#!/usr/bin/env python3
"""Sets up this checkout and runs it: ``python3.11 dev.py demo`` or ``python3.11 dev.py test``.

Only the standard library is used, since nothing is installed yet when it starts.

demo    makes .venv, installs ehtoolkit into it and opens the training demo in the browser
test    the same with the test tools (system packages by apt-get, axe-core and a proxy by npm), then every gate of CI
gates   the gates only, in the .venv that is there: format, lint, types, imports, tests
release goes through the checklist of a release (docs/RELEASE.md), and leaves in dist/ what is to be published
lock    writes locks/ anew, from pyproject.toml and constraints.txt: after a change in one of them

`test` and `gates` take `--all` for the long run (docs/TESTING.md), `--coverage` to measure the lines and branches of
ehtoolkit/ that the tests reach, and hand everything else on to pytest.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
INSTALL = (BIN / "python", "-m", "pip", "install", "-q")
INSTALL_BY_UV = (BIN / "uv", "pip", "install", "-q", "--python", BIN / "python")
LOCKS = ROOT / "locks"
"""What is installed, with the hashes of its files, so that a package index, or who stands before it, can slip in no
other file. In parts that do not overlap, each with all that it needs beyond those before it."""
PARTS = ("run", "build", "card", "dev", "binder")
"""The program; what builds it; the extras of the same name; what Binder needs beside the program."""
EDITABLE = ("editables~=0.3",)
"""What hatchling asks for besides, to install a checkout as it stands."""
BINDER = ("jupyter-server-proxy",)
HUB = ("jupyterhub>=6.1", *BINDER)
"""Beside the program and its extra `postgresql`, for many users (docs/JUPYTERHUB.md): in an environment of its own,
whose lock adds to those of the program, of what builds it, and of Binder."""
RELEASE = ("build>=1.2", "cyclonedx-bom>=7", "pip-audit>=2.10", "twine>=6.1")
"""What a release is checked with, beside what builds it: in an environment and a lock of its own."""
UV = "uv==0.13.9"
"""What installs, in a third of pip's time or less, and what writes the locks."""
AS_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
"""Settings of pip, in files or variables, and the variables by which uv, which reads none of these, has the same."""
OLDEST_PYTHON = "3.11.5"
"""What some of the versions in constraints.txt need (soupsieve)."""

# What the tests drive, and the command or file that shows that it is there.
SYSTEM_PACKAGES = {
    "chromium": "chromium",
    # Chromium without its windows: the same engine, at three quarters of the processor.
    "chromium-headless-shell": "chromium-headless-shell",
    "softhsm2": "softhsm2-util",
    "opensc": "opensc-tool",
    "pcscd": "pcscd",
    "vsmartcard-vpcd": "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
    # pyscard has no wheels for Linux, and is built when it is installed.
    "gcc": "gcc",
    "swig": "swig",
    "libpcsclite-dev": "/usr/include/PCSC/winscard.h",
    "xmlsec1": "xmlsec1",
    "opensaml-tools": "samlsign",
    "opensaml-schemas": "/usr/share/xml/opensaml/cs-sstc-schema-assertion-1.1.xsd",
    "xmltooling-schemas": "/usr/share/xml/xmltooling/soap-envelope.xsd",
    "openssl": "openssl",
    "libnss3-tools": "pk12util",
    "gnutls-bin": "certtool",
    "libbcprov-java": "/usr/share/java/bcprov.jar",
    "libbcpkix-java": "/usr/share/java/bcpkix.jar",
    "mono-mcs": "mcs",
    "libmono-security4.0-cil": "/usr/lib/mono/4.5/Mono.Security.dll",
    "strace": "strace",
    "default-jdk-headless": "keytool",
    "postgresql": "pg_createcluster",
    "prometheus": "promtool",
    "libreoffice-calc-nogui": "soffice",
    # Completion is tried in the shells themselves.
    "zsh": "zsh",
    "fish": "fish",
    "nodejs": "node",
    "npm": "npm",
    "fonts-noto-core": "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
}
SPARED = frozenset({"chromium-headless-shell"})
"""What tests do without where a distribution does not have it."""


Command = Sequence[str | Path]


def run(*command: str | Path, **environment: str) -> None:
    """Run a command from the root of the checkout; the first that fails ends everything."""
    if code := _call(command, environment):
        sys.exit(f"dev.py: this failed ({code}): {' '.join(map(str, command))}")


def succeeds(*command: str | Path, **environment: str) -> bool:
    """Run a command that may fail."""
    if code := _call(command, environment):
        print(f"dev.py: this failed ({code}), and is done without", flush=True)
    return code == 0


def _call(command: Command, environment: Mapping[str, str]) -> int:
    print(f"── {' '.join(map(str, command))}", flush=True)
    begin = time.monotonic()
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment})
    print(f"   {time.monotonic() - begin:.1f} s", flush=True)
    return done.returncode


def is_there(sign: str) -> bool:
    return Path(sign).exists() if sign.startswith("/") else shutil.which(sign, path=search_path()) is not None


EVERYTHING = (
    *("--numprocesses", str((os.cpu_count() or 1) + 2), "--dist", "loadfile", "--no-loadscope-reorder"),
    *("--durations", "50"),
    *("--nbval-lax", "tests", "notebooks"),
)
"""What pytest is given for all tests: a file at a time to each worker, in the order of `tests/timing.py`.

There are two workers more than there are processors, since tests wait a part of their time: for a drive that hangs, a
card, a page. Of two processors three workers left a twenty-fifth unused, and four leave an eightieth.
"""

COVERAGE_CONFIGURATION = """\
[run]
branch = true
parallel = true
patch = subprocess
source = ehtoolkit
data_file = {data}
disable_warnings = no-data-collected, module-not-imported
"""
"""`patch`: programs that a test starts (the command line, servers, kernels) are measured like the test itself."""


def search_path() -> str:
    """PATH with the folders of administrators' programs (pcscd), which a user's PATH often lacks."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


TESTS = {"PATH": search_path(), "PYTHONDONTWRITEBYTECODE": ""}
"""Variables for the tests. They start Python a thousand times; where a container's image forbids to keep what is
compiled, each would compile ehtoolkit anew: a command takes 0.43 s then instead of 0.31, and collecting the tests 18 s
instead of 7."""


MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
ROOM = 6 * 1024**3
"""Bytes: what a run of all tests writes at its most is a third of it."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[dict[str, str]]:
    """Name a folder in memory to the tests for what they write, where there is room for it; it is gone afterwards.

    They write a hundred thousand files, most of which have to be on the disk before the next step: a fifth of what
    their processors do, and more where a disk is slow.
    """
    if not is_roomy():
        yield {}
        return
    # A short name: what a socket is called has 107 letters at most.
    with tempfile.TemporaryDirectory(prefix="eh-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # some tests are somebody else, and look into folders in it
        yield {"TMPDIR": folder}


def is_roomy() -> bool:
    """Whether `MEMORY` is there and large enough, and programs can be started from it, as tests do."""
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(MEMORY).free >= ROOM and free_memory() >= ROOM


def free_memory() -> int:
    """Bytes that processes can still have; none where Linux does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return 1024 * next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), 0)


def install_system_packages() -> None:
    missing = [package for package, sign in SYSTEM_PACKAGES.items() if not is_there(sign)]
    if not missing:
        return
    if shutil.which("apt-get") is None:
        print(f"dev.py: not installed, tests that need them will say so: {', '.join(missing)}", flush=True)
        return
    needed = [one for one in missing if one not in SPARED]
    # For what can be spared nobody is asked for a password.
    administrator = [] if os.geteuid() == 0 else ["sudo"] if needed else ["sudo", "-n"]
    apt = (*administrator, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
    install = (*apt, "install", "-y", "-q", "--no-install-recommends")
    if needed:
        run(*apt, "update", "-q")
        run(*install, *needed)
    elif not succeeds(*apt, "update", "-q"):
        return
    for one in SPARED.intersection(missing):
        succeeds(*install, one)


def make_venv(parts: Sequence[str]) -> None:
    """Make the environment. ``parts``: of `PARTS`.

    By pip alone where there is no uv for this computer, or where it does not find what pip finds.
    """
    if not (BIN / "python").exists() and not (BIN / "python.exe").exists():
        run(sys.executable, "-m", "venv", VENV)
    if succeeds(*fetching_uv()):
        settings = settings_of_pip()
        if all(succeeds(*one, **settings) for one in installing(parts, INSTALL_BY_UV)):
            return
    for one in installing(parts, INSTALL):
        run(*one)


def fetching_uv() -> Command:
    return (*INSTALL, "--require-hashes", "--no-deps", "-r", LOCKS / "uv.lock")


def installing(parts: Sequence[str], install: Command) -> tuple[Command, Command]:
    """The command that installs these parts, and the one that installs the checkout, by ``install``."""
    locks = [argument for part in parts for argument in ("-r", LOCKS / f"{part}.lock")]
    return (
        (*install, "--require-hashes", "--no-deps", *locks),
        # Nothing is fetched for the checkout: what builds it was installed with the rest.
        (*install, "--no-deps", "--no-build-isolation", "-e", ROOT),
    )


def settings_of_pip() -> dict[str, str]:
    """Where pip has packages from on this computer, as `AS_PIP` says."""
    listed = subprocess.run([*INSTALL[:3], "config", "list"], capture_output=True, text=True).stdout
    found = {}
    # Variables, which pip lists as of the section ``:env:``, count more than files.
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        if (variable := AS_PIP.get(name.rpartition(".")[2])) is not None:
            between = "," if variable == "UV_FIND_LINKS" else " "
            found[variable] = between.join(ast.literal_eval(value).split())
    return found


def install_node_packages() -> None:
    folder = ROOT / ".cache/npm"
    lock = "package-lock.json"
    installed = folder / "node_modules/axe-core/axe.min.js"
    if installed.exists() and (folder / lock).read_bytes() == (LOCKS / lock).read_bytes():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", lock):
        shutil.copyfile(LOCKS / name, folder / name)
    run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", ".cache/npm")


def write_locks() -> None:
    """Write every file of locks/ but npm's: the versions of constraints.txt for all systems, and their hashes."""
    folder = ROOT / ".cache" / "lock"
    tools = folder / "venv"
    run(sys.executable, "-m", "venv", tools)
    tool = tools / BIN.name
    run(tool / "python", "-m", "pip", "install", "-q", UV)
    known = ROOT / "constraints.txt"
    # The whole first: parts then have the same versions of what is needed on other systems alone.
    before: set[str] = set()
    for number in (len(PARTS), *range(1, len(PARTS) + 1)):
        parts = PARTS[:number]
        found = _compiled(tool / "uv", folder, parts, known)
        if known.parent == ROOT:
            known = folder / "whole.txt"
            known.write_text("".join(f"{one.split()[0]}\n" for one in found), encoding="utf-8")
            continue
        heading = f"# {parts[-1]}, written by dev.py lock.\n"
        there = {one.split()[0] for one in before}  # whatever their condition: no package is in two locks
        text = heading + "\n".join(sorted(one for one in found if one.split()[0] not in there)) + "\n"
        (LOCKS / f"{parts[-1]}.lock").write_text(text, encoding="utf-8")
        before = found
    _write_uv_lock(tool / "uv", folder)
    _write_release_lock(tool / "uv", folder, known)
    _write_hub_lock(tool / "uv", folder, known)


def _compiled(uv: Path, folder: Path, parts: Sequence[str], known: Path) -> set[str]:
    """What these parts need, each with its hashes."""
    project = _project()
    more = [*project["build-system"]["requires"], *EDITABLE] if "build" in parts else []
    more += BINDER if "binder" in parts else ()
    wanted, written = folder / "more.in", folder / "compiled.txt"
    wanted.write_text("\n".join(more), encoding="utf-8")
    extras = [argument for one in ("card", "dev") if one in parts for argument in ("--extra", one)]
    run(*_compiling(uv), "--constraints", known, *extras, "pyproject.toml", wanted, "--output-file", written)
    return _entries(written)


def _compiling(uv: Path) -> tuple[str | Path, ...]:
    """How uv is asked for a lock."""
    return (
        *(uv, "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST_PYTHON, "--upgrade"),
        *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
    )


def _write_uv_lock(uv: Path, folder: Path) -> None:
    """Write the one version of uv, which no other lock has."""
    wanted, written = folder / "uv.in", folder / "uv.txt"
    wanted.write_text(UV, encoding="utf-8")
    run(*_compiling(uv), wanted, "--output-file", written)
    text = "# uv, written by dev.py lock.\n" + "\n".join(sorted(_entries(written))) + "\n"
    (LOCKS / "uv.lock").write_text(text, encoding="utf-8")


def _write_release_lock(uv: Path, folder: Path, known: Path) -> None:
    """What `release` needs, whole: nothing of it is in the environment of the tests."""
    wanted, written = folder / "release.in", folder / "release.txt"
    wanted.write_text("\n".join((*_project()["build-system"]["requires"], *RELEASE)), encoding="utf-8")
    run(*_compiling(uv), "--constraints", known, wanted, "--output-file", written)
    text = "# release, written by dev.py lock.\n" + "\n".join(sorted(_entries(written))) + "\n"
    (LOCKS / "release.lock").write_text(text, encoding="utf-8")


def _write_hub_lock(uv: Path, folder: Path, known: Path) -> None:
    """What the tests with a hub need beyond the parts that Binder has too."""
    wanted, written = folder / "hub.in", folder / "hub.txt"
    wanted.write_text("\n".join((*_project()["build-system"]["requires"], *HUB)), encoding="utf-8")
    extra = ("--extra", "postgresql", "pyproject.toml")
    run(*_compiling(uv), "--constraints", known, *extra, wanted, "--output-file", written)
    there = {one for part in ("run", "build", "binder") for one in _entries(LOCKS / f"{part}.lock")}
    text = "# hub, written by dev.py lock.\n" + "\n".join(sorted(_entries(written) - there)) + "\n"
    (LOCKS / "hub.lock").write_text(text, encoding="utf-8")


def _project() -> dict[str, Any]:
    import tomllib

    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _entries(written: Path) -> set[str]:
    """The requirements of a file of uv's, each with its hashes."""
    entries: list[str] = []
    for line in written.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            entries[-1] += f"\n{line}"
        elif line and not line.startswith("#"):
            entries.append(line)
    return set(entries)


def release(arguments: Sequence[str]) -> None:
    """Go through the checklist of a release (docs/RELEASE.md), with tools from an environment of their own."""
    folder = ROOT / ".cache" / "release" / "venv"
    python = folder / BIN.name / "python"
    run(sys.executable, "-m", "venv", folder)
    run(python, "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCKS / "release.lock")
    done = subprocess.run([str(python), "docs/release.py", *arguments], cwd=ROOT)
    sys.exit(done.returncode)


def gates(
    arguments: Sequence[str], *, coverage: bool = False, meanwhile: Callable[[], None] | None = None
) -> None:
    """Everything that CI holds; pytest comes last, so that its closing line does too.

    arguments: for pytest. Options alone are added to those of a run of all tests.
    meanwhile: what may be done while the tests are compiled.
    """
    python = BIN / "python"
    some = [one for one in arguments if not one.startswith("-")]
    chosen = [*([] if some else EVERYTHING), *arguments]
    with compiling() if not some else contextlib.nullcontext():
        if meanwhile is not None:
            meanwhile()
        run(python, "-m", "ruff", "format", "--check", ".")
        run(python, "-m", "ruff", "check", ".")
        run(python, "-m", "mypy")
        run(BIN / "lint-imports", "--no-cache")
    if coverage:
        measure(chosen)
    else:
        with scratch_folder() as scratch:
            run(python, "-m", "pytest", *chosen, **TESTS, **scratch)


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Compile what the tests import, and the tests, on a processor that is free meanwhile.

    In a fresh clone each worker of pytest does it otherwise, all at the same moment: 14 seconds each.
    """
    collect = (str(BIN / "python"), "-m", "pytest", "--collect-only", "-qq", "tests", "notebooks")
    silent = subprocess.DEVNULL  # what is wrong with a test, the run says
    process = subprocess.Popen(collect, cwd=ROOT, env={**os.environ, **TESTS}, stdout=silent, stderr=silent)
    try:
        yield
        process.wait()
    finally:
        process.kill()
        process.wait()


def measure(arguments: Sequence[str]) -> None:
    """Run pytest and print the coverage of ehtoolkit/; it takes about half as long again.

    What a process has seen that is killed is not counted, so a figure varies by a tenth of a point.
    """
    folder = ROOT / ".cache" / "coverage"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    configuration = folder / "coveragerc"
    configuration.write_text(COVERAGE_CONFIGURATION.format(data=folder / "data"), encoding="utf-8")
    coverage = (BIN / "python", "-m", "coverage")
    given = f"--rcfile={configuration}"
    with scratch_folder() as scratch:
        run(*coverage, "run", given, "-m", "pytest", *arguments, **TESTS, **scratch)
    run(*coverage, "combine", "--quiet", given)
    run(*coverage, "report", given, "--skip-covered", "--sort=-miss")


def complaint_about(version: Sequence[int]) -> str:
    """What to say to the user of a Python that is too old for the locks; empty for one that is new enough."""
    if tuple(version) >= tuple(map(int, OLDEST_PYTHON.split("."))):
        return ""
    found = ".".join(map(str, version))
    return (
        f"dev.py: the pinned packages need Python {OLDEST_PYTHON} or newer; this is {found}. Nothing was installed. "
        "Start dev.py with a newer Python, or install without pins: pip install . (Python 3.11 or newer)"
    )


def main() -> None:
    if complaint := complaint_about(sys.version_info[:3]):
        sys.exit(complaint)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=["demo", "test", "gates", "lock", "release"])
    parser.add_argument("--coverage", action="store_true", help=argparse.SUPPRESS)
    task, rest = parser.parse_known_args()
    if task.task == "demo":
        make_venv(["run", "build", *(["card"] if sys.platform == "linux" else [])])
        run(BIN / "ehtoolkit", "demo", *rest)
        return
    if task.task == "lock":
        write_locks()
        return
    if task.task == "release":
        release(rest)
        return
    if task.task == "test":
        install_system_packages()
        make_venv(["run", "build", "card", "dev"])
    meanwhile = install_node_packages if task.task == "test" else None
    gates(rest, coverage=task.coverage, meanwhile=meanwhile)


if __name__ == "__main__":
    main()
