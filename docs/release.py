"""Runs the checklist of a release: ``python dev.py release [--without LINE]… [--tag TAG]``; see docs/RELEASE.md.

Each line says OK, failed or not done, and what was found; they all run, whatever one says. What is to be published is
built from the commit, not from the files that lie here, and is left in `DIST`.

Exit code: 0 when every line is OK; 1 when one has failed; 2 when none has, and one was not done.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
DIST: Final = ROOT / "dist"
LOCK: Final = ROOT / "locks" / "program.lock"
"""What a user gets with the program; its extras are named by their own lock."""
_ENTRY: Final = re.compile(r"^(?P<name>[A-Za-z][\w.-]*)==(?P<version>[^\s;\\]+)", re.MULTILINE)
_SECTION: Final = r"^## {version} \((?P<date>\d{{4}}-\d{{2}}-\d{{2}})\)$\n(?P<text>.*?)(?=^## |\Z)"
NOTES: Final = "NOTES.md"
"""The text of the release; it is not among the files to be published."""


class LineState(StrEnum):
    """How a line of the checklist ended."""

    OK = "OK"
    FAILED = "failed"
    NOT_DONE = "not done"


class LineFailed(Exception):
    """What the line is about is not so. The text says what was found."""


class LineNotDone(Exception):
    """It could not be found out, or was left out. The text says why."""


@dataclass(frozen=True, slots=True)
class Release:
    """What is released.

    Attributes:
        version: as it is published.
        epoch: seconds of the commit, the time that everything in the files gets.
        work: a folder for what is thrown away.
        dist: where the files come.
        tag: what the release is published under; empty where no tag is there yet.
    """

    version: str
    epoch: int
    work: Path
    dist: Path = DIST
    tag: str = ""


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────────────
def commit(release: Release) -> str:
    """Every change is committed, the tag names the version, and no other commit has it."""
    require_tag_of(release)
    if changed := _run("git", "status", "--porcelain").splitlines():
        raise LineFailed(f"{len(changed)} files are not as they were committed: {changed[0].strip()} …")
    head = _run("git", "rev-parse", "HEAD").strip()
    tagged = _run("git", "tag", "--list", f"v{release.version}", "--format=%(objectname)").strip()
    if tagged and _run("git", "rev-parse", f"v{release.version}^{{commit}}").strip() != head:
        raise LineFailed(f"v{release.version} is another commit")
    return head[:12]


def require_tag_of(release: Release) -> None:
    """Raise `LineFailed` for a tag of another version: the files would be published under a wrong name."""
    if release.tag and release.tag != f"v{release.version}":
        raise LineFailed(f"the tag is {release.tag}, and ehtoolkit/version.py has {release.version}")


def changelog(release: Release) -> str:
    """The changelog has the version, with the day of its release."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return f"{release.version} of {section(text, release.version)['date']}"


def section(text: str, version: str) -> re.Match[str]:
    """Return the ``date`` and the ``text`` of ``version`` in a changelog. Raises `LineFailed`."""
    found = re.search(_SECTION.format(version=re.escape(version)), text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LineFailed(f"there is no heading “## {version} (YYYY-MM-DD)”")
    return found


def tests(release: Release) -> str:
    """All gates and all tests pass, the long ones too."""
    return _run(sys.executable, "dev.py", "test", "--all").strip().splitlines()[-1]


def build(release: Release) -> str:
    """Built twice, in folders of other names, at other times and by other habits: bit by bit the same."""
    shutil.rmtree(release.dist, ignore_errors=True)
    release.dist.mkdir()
    again = release.work / "again"
    again.mkdir()
    _build(_unpacked(release.work / "one", release.epoch), release.dist, release.epoch, umask=0o022)
    other = _unpacked(release.work / "another name", release.epoch + 86_400)
    _build(other, again, release.epoch, umask=0o077)
    require_same(release.dist, again)
    return ", ".join(sorted(path.name for path in release.dist.iterdir()))


def sdist(release: Release) -> str:
    """The wheel that the source distribution gives is the wheel."""
    (source,) = release.dist.glob("*.tar.gz")
    (wheel,) = release.dist.glob("*.whl")
    folder = release.work / "from sdist"
    unpack(source, folder)
    made = release.work / "wheel"
    (unpacked,) = folder.iterdir()
    _build(unpacked, made, release.epoch, "--wheel")
    if (made / wheel.name).read_bytes() != wheel.read_bytes():
        raise LineFailed(f"{wheel.name} is another one when it is built from {source.name}")
    return wheel.name


def trial(release: Release) -> str:
    """``uv tool install`` installs the wheel; the demo, a request to its end and JupyterLab open from there."""
    (wheel,) = release.dist.glob("*.whl")
    python = (
        ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    )  # that of the line ``tests``
    command = (python, "-m", "pytest", "-q", "--all", "tests/packaging/test_wheel.py")
    return _run(*command, RELEASE_CANDIDATE=str(wheel)).strip().splitlines()[-1]


def metadata(release: Release) -> str:
    """The package index can show what the files say of themselves."""
    files = sorted(path for path in release.dist.iterdir() if path.name.endswith((".whl", ".tar.gz")))
    _run(sys.executable, "-m", "twine", "check", "--strict", *files)
    return "twine check --strict"


def sbom(release: Release) -> str:
    """A bill of materials (CycloneDX) of the lock, valid by the standard's schema, with every hash."""
    file = release.dist / f"ehtoolkit-{release.version}.cdx.json"
    command = ("cyclonedx_py", "requirements", "--pyproject", "pyproject.toml", "--output-reproducible")
    _run(
        *(sys.executable, "-m", *command, "--sv", "1.6", "--of", "JSON", "--validate", "-o", file, LOCK),
        SOURCE_DATE_EPOCH=str(release.epoch),
    )
    missing = missing_components(json.loads(file.read_bytes()), LOCK.read_text(encoding="utf-8"))
    if missing:
        raise LineFailed(f"it lacks, or has without a hash: {', '.join(sorted(missing))}")
    return file.name


def missing_components(bill: Mapping[str, Any], lock: str) -> set[str]:
    """Return what is in ``lock`` and not in ``bill``, in this version and with a hash of each of its files."""
    found = {
        (component["name"].lower(), component["version"]): {
            held["content"]
            for place in component.get("externalReferences", ())
            for held in place.get("hashes", ())
        }
        for component in bill.get("components", ())
    }
    missing = set()
    for block in re.split(r"\n(?=\S)", lock):
        if named := _ENTRY.match(block):
            wanted = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
            held = found.get((named["name"].lower(), named["version"]), set())
            if not wanted or wanted - held:
                missing.add(f"{named['name']} {named['version']}")
    return missing


def vulnerabilities(release: Release) -> str:
    """Nobody has reported a hole in what comes with the program."""
    command = (
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner",
        "off",
        "--format",
        "json",
    )
    done = subprocess.run(  # noqa: S603  # our own arguments
        [sys.executable, "-m", *command, "--requirement", str(LOCK)], cwd=ROOT, capture_output=True, text=True
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        raise LineNotDone(f"the database of holes was not reached: {reason}") from None
    return judge_audit(answer)


def judge_audit(answer: Mapping[str, Any]) -> str:
    """Return how many packages were asked about. ``answer``: of pip-audit, as JSON. Raises `LineFailed` for a hole,
    `LineNotDone` where it could not ask about a package."""
    packages = answer["dependencies"]
    holes = [f"{package['name']} {hole['id']}" for package in packages for hole in package.get("vulns", ())]
    if holes:
        raise LineFailed(", ".join(sorted(holes)))
    unasked = [package["name"] for package in packages if "skip_reason" in package]
    if unasked or not packages:
        raise LineNotDone(f"{len(unasked)} of {len(packages)} packages are not known to the database")
    return f"{len(packages)} packages"


def notes(release: Release) -> str:
    """The text of the release is that of the changelog."""
    text = section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), release.version)["text"].strip()
    if not text:
        raise LineFailed(f"the changelog says nothing of {release.version}")
    (release.dist / NOTES).write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return f"{NOTES}: {len(text.splitlines())} lines"


def checksums(release: Release) -> str:
    """The SHA-256 of every file to be published."""
    files = sorted(path for path in release.dist.iterdir() if path.name not in ("SHA256SUMS", NOTES))
    if not any(path.suffix == ".whl" for path in files):
        raise LineNotDone("there is no wheel")
    text = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (release.dist / "SHA256SUMS").write_text(text, encoding="utf-8", newline="\n")
    return f"SHA256SUMS of {len(files)} files"


LINES: Final[tuple[Callable[[Release], str], ...]] = (
    *(commit, changelog, tests, build, sdist, trial, metadata, sbom, vulnerabilities, notes, checksums),
)
"""In the order in which they are gone through."""


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────
def go_through(
    release: Release, lines: Iterable[Callable[[Release], str]], without: Sequence[str] = ()
) -> list[LineState]:
    """Run every line that is not left out, and print how each ended."""
    states = []
    for line in lines:
        begin = time.monotonic()
        state, found = _outcome(line, release, line.__name__ in without)
        states.append(state)
        seconds = time.monotonic() - begin
        sys.stdout.write(f"{state:<8}  {line.__name__:<15}  {found} ({seconds:.0f} s)\n")
        sys.stdout.flush()
    return states


def exit_code(states: Sequence[LineState]) -> int:
    """As the module says."""
    if LineState.FAILED in states:
        return 1
    return 0 if states and set(states) == {LineState.OK} else 2


def require_same(built: Path, rebuilt: Path) -> None:
    """Raise `LineFailed` unless two folders have the same files, to the bit."""
    first, second = (
        {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        for folder in (built, rebuilt)
    )
    differing = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    if differing or not first:
        raise LineFailed(
            f"not the same when it is built again: {', '.join(differing) or 'nothing was built'}"
        )


def _outcome(line: Callable[[Release], str], release: Release, is_left_out: bool) -> tuple[LineState, str]:
    if is_left_out:
        return LineState.NOT_DONE, "left out"
    try:
        return LineState.OK, line(release)
    except LineNotDone as reason:
        return LineState.NOT_DONE, str(reason)
    except LineFailed as reason:
        return LineState.FAILED, str(reason)
    except (OSError, ValueError, LookupError) as error:  # what an earlier line has not made, for one
        return LineState.FAILED, f"{type(error).__name__}: {error}"


def _run(*command: str | Path, **environment: str) -> str:
    """Return what a command prints. Raises `LineFailed` with the end of what it says."""
    done = subprocess.run(  # noqa: S603  # our own arguments
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise LineFailed(f"{command[-1]} ({done.returncode}): {' / '.join(said[-3:])}")
    return done.stdout


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive of our own into a new folder. Before Python 3.11.4, `tarfile` has no filter for that."""
    folder.mkdir()
    options = ("--extract", "--no-same-owner", "--no-same-permissions")
    _run("tar", *options, "--file", archive, "--directory", folder)


def _unpacked(folder: Path, moment: int) -> Path:
    """Return a folder with what is committed; its files are of ``moment``."""
    archive = folder.with_suffix(".tar")
    _run("git", "archive", "--format=tar", f"--output={archive}", "HEAD")
    unpack(archive, folder)
    for path in folder.rglob("*"):
        os.utime(path, (moment, moment))
    return folder


def _build(source: Path, into: Path, epoch: int, *what: str, umask: int = 0o022) -> None:
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        *what,
        "--outdir",
        into,
        source,
    ]
    before = os.umask(umask)
    try:
        _run(*command, SOURCE_DATE_EPOCH=str(epoch))
    finally:
        os.umask(before)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--without", action="append", default=[], choices=[line.__name__ for line in LINES])
    parser.add_argument("--tag", default="", help="what the release is published under, such as v1.2.0")
    given = parser.parse_args()
    work = ROOT / ".cache" / "release" / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    version = re.search(
        r'^__version__ = "([^"]+)"$',
        (ROOT / "ehtoolkit" / "version.py").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    if version is None:
        raise LookupError("ehtoolkit/version.py names no version")
    epoch = int(_run("git", "log", "-1", "--format=%ct").strip())
    states = go_through(Release(version[1], epoch, work, tag=given.tag), LINES, given.without)
    shutil.rmtree(work, ignore_errors=True)
    return exit_code(states)


if __name__ == "__main__":
    sys.exit(main())
