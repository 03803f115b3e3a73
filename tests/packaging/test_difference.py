"""What commands print about the files of tests/data, by the wheel of an older commit and by the checkout.

A difference that nobody expects fails: `expected-differences.txt` has a pattern (of `fnmatch`) for each expected one.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from sysconfig import get_path
from typing import Any, Final

import pytest

from docs.release import unpack
from tests.support.old_home import PASSWORD

ROOT: Final = Path(__file__).resolve().parents[2]
EXPECTED: Final = Path(__file__).with_name("expected-differences.txt")
OLDER: Final = "8b09956c483af5a013e9c5f11d757b259c6fe829"
"""The commit that the expected differences were written for."""
CORPORA: Final = ("keystores", "keystores-ec", "sealed-messages", "token-requests", "home-first")
PROGRAM: Final = """
import contextlib, io, json, sys
from ehtoolkit.cli.run import run

def printed(command):
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        code = run(command)
    return {"exit code": code, "output": output.getvalue()}

if __name__ == "__main__":
    answers = {" ".join(command): printed(command) for command in json.load(sys.stdin)}
    json.dump(answers, sys.stdout)
"""
SENTENCES: Final = {"message", "next"}
MOMENTS: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
"""Times of day: those of the run differ each time."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


def older_commit() -> str:
    """Return OLDER; in a clone that lacks it, the oldest tag or else the oldest commit that is there."""
    there = subprocess.run(["git", "cat-file", "-e", f"{OLDER}^{{commit}}"], cwd=ROOT, capture_output=True)
    if there.returncode == 0:
        return OLDER
    tags = git("tag", "--list", "v*", "--sort=creatordate").split()
    return tags[0] if tags else git("rev-list", "HEAD").split()[-1]


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def older_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the older wheel and, from the tests' environment, what it requires."""
    folder = tmp_path_factory.mktemp("older")
    archive = folder / "source.tar"
    git("archive", f"--output={archive}", older_commit())
    unpack(archive, folder / "source")
    build: list[str | Path] = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--wheel",
        "--outdir",
        folder,
        folder / "source",
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    site = Path(get_path("purelib", vars={"base": str(folder / "venv")}))
    install: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        "--target",
        site,
        wheel,
    ]
    subprocess.run(install, check=True, capture_output=True)
    (site / "packages-of-the-tests.pth").write_text(get_path("purelib"), encoding="utf-8")
    return python


def corpus(folder: Path) -> Path:
    """Return a copy of the corpora, with a table of the passwords of their keystores."""
    for name in CORPORA:
        shutil.copytree(ROOT / "tests" / "data" / name, folder / name)
    rows = [("*/home-first/*", PASSWORD)]
    for name in ("keystores", "keystores-ec", "sealed-messages", "token-requests"):
        manifest = json.loads((folder / name / "manifest.json").read_bytes())
        listed = manifest if isinstance(manifest, list) else manifest["keystores"]
        rows += [
            (Path(sample["file"]).name, sample["password"]) for sample in listed if sample.get("password")
        ]
    with (folder / "passwords.csv").open("w", encoding="utf-8", newline="") as table:
        csv.writer(table).writerows([("pattern", "password"), *dict(rows).items()])
    return folder


def commands(folder: Path) -> Iterator[list[str]]:
    """Yield the commands, with file names relative to ``folder``."""
    common = ["--passwords", "passwords.csv", "--json", "--lang", "en"]
    files = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.p12"))]
    yield ["keystore", "show", *files, *common]
    yield ["keystore", "diagnose", *files, *common]
    yield ["audit", *CORPORA, "--no-registry", "--full", *common]
    for message in json.loads((folder / "sealed-messages" / "manifest.json").read_bytes())["messages"]:
        keystore, file = (
            f"sealed-messages/{name}" for name in (f"keystores/{message['reader']}", message["file"])
        )
        authorities = [
            word
            for name in ("root", "root-ec")
            for word in ("--authority", f"sealed-messages/authorities/{name}.pem")
        ]
        yield ["message", "open", file, "--keystore", keystore, *authorities, *common]


def answers(python: Path, folder: Path) -> Mapping[str, str]:
    """Return what each command prints, by the path of each value in it."""
    home = folder.with_name("home")
    shutil.rmtree(home, ignore_errors=True)
    program = folder.with_name("program.py")
    program.write_text(PROGRAM, encoding="utf-8")
    variables = {**os.environ, "EHTOOLKIT_HOME": str(home)}
    done = subprocess.run(
        [python, "-P", program],
        cwd=folder,
        env=variables,
        input=json.dumps(list(commands(folder))),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-5_000:]
    found = {}
    for command, answer in json.loads(done.stdout).items():
        name = " ".join(command.split()[: 3 if command.startswith("message") else 2])
        found[f"{name}: exit code"] = str(answer["exit code"])
        for path, value in flat(json.loads(answer["output"])):
            found[f"{name}: {path}".replace(f"{folder}/", "")] = MOMENTS.sub(
                "MOMENT", json.dumps(value)
            ).replace(str(folder.parent), "")
    return found


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value that is neither a list nor an object, with its path; sentences are left out.

    An object in a list is named by its file and key, so that an added one does not change the names of the others.
    """
    if isinstance(value, dict) and value:
        for key in value.keys() - SENTENCES:
            yield from flat(value[key], f"{path}.{key}")
    elif isinstance(value, list) and value:
        seen: Counter[str] = Counter()
        for below in value:
            name = name_of(below) or "-"
            seen[name] += 1
            yield from flat(below, f"{path}[{name}]" if seen[name] == 1 else f"{path}[{name} {seen[name]}]")
    else:
        yield path, value


def name_of(value: Any) -> str:
    """Return the words that name an object in a list; of one without any, an empty text."""
    if not isinstance(value, dict):
        return ""
    words = [value[key] for key in ("file", "layer", "key") if isinstance(value.get(key), str)]
    return " ".join(words)


def differences(older: Mapping[str, str], newer: Mapping[str, str]) -> Sequence[str]:
    """Return a line for each path whose value is not the same in both."""
    paths = sorted(path for path in older.keys() | newer.keys() if older.get(path) != newer.get(path))
    return [f"{path}: {older.get(path, 'absent')} → {newer.get(path, 'absent')}" for path in paths]


def test_differences_from_an_older_version_are_expected(older_python: Path, tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus")
    found = differences(answers(older_python, folder), answers(Path(sys.executable), folder))
    lines = EXPECTED.read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    unexpected = [line for line in found if not any(fnmatchcase(line, pattern) for pattern in patterns)]
    print(f"{len(found)} differences from {older_commit()[:8]}, {len(unexpected)} not expected")
    assert not unexpected, "\n".join(unexpected)
    if older_commit() == OLDER:
        assert [
            pattern for pattern in patterns if not any(fnmatchcase(line, pattern) for line in found)
        ] == []


def test_a_difference_is_a_line() -> None:
    older = {"a": [1, {"file": "b/c", "d": 2, "message": "Two."}]}
    newer = {"a": [1, {"file": "b", "d": 4}, {"file": "b/c", "d": 3}], "e": []}
    assert differences(
        *({path: json.dumps(value) for path, value in flat(shape)} for shape in (older, newer))
    ) == [
        ".a[b/c].d: 2 → 3",
        ".a[b].d: absent → 4",
        '.a[b].file: absent → "b"',
        ".e: absent → []",
    ]
