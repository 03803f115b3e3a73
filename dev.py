#!/usr/bin/env python3
"""Set up this checkout and run it: ``python3.11 dev.py demo`` or ``python3.11 dev.py test``.

demo      make .venv, install ehtoolkit into it and open the training demo in the browser
test      the same with all that the tests use (system packages by apt-get, npm packages), then the gates and the tests
affected  run the tests that the change since main can affect, at most three minutes (tests/support/affected.py)
setup     make .venv with the test tools, without system packages and what is built with them
gates     format, lint, types and layers, in the .venv that is there; pre-commit runs the same
lock      write locks/ anew after a change in pyproject.toml; with --upgrade, newer versions
release   go through the checklist of a release (docs/RELEASE.md) and leave in dist/ what is to be published

`test` takes `--quick` for a run of three minutes that needs no system packages, `--all` for the long run
(docs/TESTING.md), and `--coverage`. It passes everything else on to pytest.

Only the standard library is used, since nothing is installed when it starts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
LOCKS = ROOT / "locks"
OLDEST_PYTHON = (3, 11, 5)
"""What some of the locked versions need."""
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    # The first is the widest: the others take its versions.
    "tests": ("--all-extras", "--group", "test", "pyproject.toml"),
    "readers": ("--group", "readers"),
    "program": ("pyproject.toml",),
    "build": ("--group", "build"),
    "card": ("--extra", "card", "pyproject.toml"),
    "binder": ("--group", "binder", "pyproject.toml"),
    "hub": ("--extra", "postgresql", "--group", "hub", "pyproject.toml"),
    "release": ("--group", "release"),
    "uv": ("--group", "uv"),
}
"""Each lock, and what `uv pip compile` makes it from: versions for all systems, with the hashes of their files."""
SYSTEM_PACKAGES = {
    "chromium": "chromium",
    # Chromium without its windows: the same engine, at three quarters of the processor time.
    "chromium-headless-shell": "chromium-headless-shell",
    "softhsm2": "softhsm2-util",
    "opensc": "opensc-tool",
    "pcscd": "pcscd",
    "vsmartcard-vpcd": "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
    # pyscard has no wheels for Linux and is built when it is installed.
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
"""What the tests drive, and the command or file that shows that it is installed."""
OPTIONAL_PACKAGES = frozenset({"chromium-headless-shell"})
"""What the tests do without where a distribution does not have it."""
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GATES: tuple[tuple[str | Path, ...], ...] = (
    (BIN / "python", "-m", "ruff", "format", "--check", "."),
    (BIN / "python", "-m", "ruff", "check", "."),
    (BIN / "python", "-m", "mypy"),
    (BIN / "lint-imports", "--no-cache"),
    (BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS),
    (BIN / "check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"),
    (BIN / "zizmor", "--offline", "--quiet", ".github"),
)
PARALLEL = (
    # Two workers more than processors: tests wait a part of their time. A worker takes a file at a time, in the order
    # of tests/support/timing.py.
    *("--numprocesses", str((os.cpu_count() or 1) + 2), "--dist", "loadfile", "--no-loadscope-reorder"),
)
ALL_TESTS = (*PARALLEL, "--durations", "50", "--nbval-lax", "tests", "notebooks")
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
"""PATH with the folders of system programs (pcscd), which a user's PATH often lacks."""
TEST_VARIABLES = {"PATH": SEARCH_PATH, "PYTHONDONTWRITEBYTECODE": ""}
"""Tests start Python a thousand times; each start would compile ehtoolkit anew if nothing compiled could be kept."""
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
ROOM = 6 * 1024**3
"""Bytes; a run of all tests writes a third of it."""

Command = Sequence[str | Path]


def run(*command: str | Path, may_fail: bool = False, variables: Mapping[str, str] | None = None) -> bool:
    """Run a command in the checkout, and print its seconds; a failure ends everything unless it may fail."""
    print(f"── {' '.join(map(str, command))}", flush=True)
    begin = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=ROOT, env={**os.environ, **(variables or {})})
    print(f"   {time.monotonic() - begin:.1f} s", flush=True)
    if done.returncode and not may_fail:
        sys.exit(f"dev.py: this failed ({done.returncode}): {' '.join(map(str, command))}")
    return done.returncode == 0


# ── Setting up ───────────────────────────────────────────────────────────────────────────────────────────
def install_system_packages() -> None:
    missing = [package for package, sign in SYSTEM_PACKAGES.items() if not is_installed(sign)]
    needed = [package for package in missing if package not in OPTIONAL_PACKAGES]
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
    apt = (*administrator, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
    install = (*apt, "install", "-y", "-q", "--no-install-recommends")
    if not run(*apt, "update", "-q", may_fail=not needed):
        return
    if needed:
        run(*install, *needed)
    for package in OPTIONAL_PACKAGES.intersection(missing):
        run(*install, package, may_fail=True)


def is_installed(sign: str) -> bool:
    return Path(sign).exists() if sign.startswith("/") else shutil.which(sign, path=SEARCH_PATH) is not None


def make_venv(*locks: str) -> None:
    """Make the environment of these locks: by uv, in a third of pip's time; by pip where uv cannot be had."""
    if not (BIN / "python").exists() and not (BIN / "python.exe").exists():
        run(sys.executable, "-m", "venv", VENV)
    pip: Command = (BIN / "python", "-m", "pip", "install", "-q")
    # With the system's certificate authorities, as behind the proxy of an organisation.
    uv: Command = (BIN / "uv", "pip", "install", "-q", "--system-certs", "--python", BIN / "python")
    if run(*fetching_uv(pip), may_fail=True) and all(
        run(*command, may_fail=True) for command in installing(locks, uv)
    ):
        return
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
    version = ".".join(map(str, OLDEST_PYTHON))
    for name, sources in ENVIRONMENTS.items():
        constraints = () if name in ("tests", "uv") else ("--constraints", LOCKS / "tests.lock")
        run(
            *(
                BIN / "uv",
                "pip",
                "compile",
                "--quiet",
                "--system-certs",
                "--universal",
                "--python-version",
                version,
            ),
            *(
                "--generate-hashes",
                "--no-header",
                "--no-annotate",
                "--no-emit-index-url",
                "--no-emit-find-links",
            ),
            *(*constraints, *options, *sources, "--output-file", LOCKS / f"{name}.lock"),
        )


# ── Tests ────────────────────────────────────────────────────────────────────────────────────────────────
@contextlib.contextmanager
def scratch_folder() -> Iterator[dict[str, str]]:
    """Name a folder in memory to the tests, where there is room: they write a hundred thousand files, and waiting for
    the disk costs a fifth of the processor time."""
    if not has_room():
        yield {}
        return
    # A short name: the path of a socket has 107 letters at most.
    with tempfile.TemporaryDirectory(prefix="eh-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # some tests run as another user and look into folders in it
        yield {"TMPDIR": folder}


def has_room() -> bool:
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return min(shutil.disk_usage(MEMORY).free, available_memory()) >= ROOM


def available_memory() -> int:
    """Bytes that processes can still have; 0 where Linux does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return 1024 * next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), 0)


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Compile the tests and what they import meanwhile; each of pytest's workers would do so otherwise."""
    collect = (str(BIN / "python"), "-m", "pytest", "--collect-only", "-qq", "tests", "notebooks")
    silent = subprocess.DEVNULL  # the run itself reports what is wrong with a test
    process = subprocess.Popen(
        collect, cwd=ROOT, env={**os.environ, **TEST_VARIABLES}, stdout=silent, stderr=silent
    )
    try:
        yield
        process.wait()
    finally:
        process.kill()
        process.wait()


def gates() -> None:
    if not (BIN / "lint-imports").exists():
        sys.exit("dev.py: there is no .venv with the test tools; run `dev.py setup` first")
    for command in GATES:
        run(*command)


def tests(arguments: Sequence[str], *, coverage: bool) -> None:
    """Run pytest; options alone are added to those of a run of all tests."""
    chosen = arguments if any(not word.startswith("-") for word in arguments) else (*ALL_TESTS, *arguments)
    python = BIN / "python"
    with scratch_folder() as scratch:
        variables = {**TEST_VARIABLES, **scratch}
        if not coverage:
            run(python, "-m", "pytest", *chosen, variables=variables)
            return
        folder = ROOT / ".cache" / "coverage"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        data = {"COVERAGE_FILE": str(folder / "data")}
        run(python, "-m", "coverage", "run", "-m", "pytest", *chosen, variables={**variables, **data})
    run(python, "-m", "coverage", "combine", "--quiet", variables=data)
    run(python, "-m", "coverage", "report", "--skip-covered", "--sort=-miss", variables=data)


def release(arguments: Sequence[str]) -> None:
    """Go through the checklist of a release, with tools from an environment of their own."""
    folder = ROOT / ".cache" / "release" / "venv"
    python = folder / BIN.name / "python"
    run(sys.executable, "-m", "venv", folder)
    run(python, "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCKS / "release.lock")
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
    parser.add_argument("task", choices=["demo", "test", "affected", "setup", "gates", "lock", "release"])
    parser.add_argument("--coverage", action="store_true", help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.task == "demo":
        make_venv("build", "card" if sys.platform == "linux" else "program")
        run(BIN / "ehtoolkit", "demo", *rest)
    elif options.task == "setup":
        make_venv("tests")
    elif options.task == "gates":
        gates()
    elif options.task == "lock":
        write_locks(rest)
    elif options.task == "release":
        release(rest)
    elif options.task == "affected":
        listed = subprocess.run(
            [str(BIN / "python"), "-m", "tests.support.affected"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        tests([*PARALLEL, *listed.stdout.splitlines(), *rest], coverage=options.coverage)
    elif "--quick" in rest:
        make_venv("tests")
        with compiling():
            gates()
        tests(rest, coverage=options.coverage)
    else:
        install_system_packages()
        make_venv("tests", "readers")
        with compiling():
            install_node_packages()
            gates()
        tests(rest, coverage=options.coverage)


if __name__ == "__main__":
    main()
