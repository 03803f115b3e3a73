"""Many files over processes: each has its row, whatever becomes of one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.scan.discovery import DiscoveredFiles, list_files
from ehtoolkit.auditing.scan.file_scan import scan_file
from ehtoolkit.auditing.scan.scan_result import ScanResult
from ehtoolkit.auditing.scan.scanning import scan
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.auditing.conftest import PASSWORD, Workshop
from tests.support.notebook_run import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def many(tmp_path: Path, workshop: Workshop) -> Sequence[Path]:
    """More than one process takes at a time."""
    data = workshop.write(tmp_path / "a").read_bytes()
    paths = [tmp_path / "a" / f"SSIN=79031421872 20260101-1200{number:02}.p12" for number in range(60)]
    for number, path in enumerate(paths):
        path.write_bytes(data[: -number * 10] if number % 3 == 0 and number else data)
    return paths


def test_two_processes_see_what_one_sees(many: Sequence[Path]) -> None:
    reported: list[tuple[int, int]] = []
    over_two = dict(
        scan(
            list(map(str, many)),
            lambda _: PASSWORD,
            AuditOptions(progress=lambda done, of: reported.append((done, of))),
        )
    )
    assert over_two == dict(scan(list(map(str, many)), lambda _: PASSWORD, AuditOptions(processes=1)))
    assert reported == [(done, 60) for done in range(1, 61)]
    assert sum(reading.opened for reading in over_two.values()) == 41


def test_it_is_stopped_between_files(many: Sequence[Path]) -> None:
    done: list[int] = []
    with pytest.raises(errors.Cancelled):
        dict(
            scan(
                list(map(str, many)),
                lambda _: PASSWORD,
                AuditOptions(progress=lambda count, _: done.append(count), stop=lambda: len(done) > 20),
            )
        )
    assert len(done) < 60


def workers() -> list[int]:
    """The processes that look into files for this one, whichever thread has started them."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # it has just ended
            if "ehtoolkit.auditing.scan.worker" in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


def read_here(paths: Sequence[Path]) -> dict[str, ScanResult]:
    """What this process itself reads in the files."""
    with TimeoutGuard() as patience:
        return {str(path): scan_file(path, [PASSWORD], patience).reading for path in paths}


def test_a_worker_that_dies_loses_no_row(many: Sequence[Path]) -> None:
    killed: list[int] = []

    def kill_one(_: int, __: int) -> None:
        named = workers()
        if not killed and named:
            os.kill(named[-1], signal.SIGKILL)
            killed.append(named[-1])

    seen = dict(scan(list(map(str, many)), lambda _: PASSWORD, AuditOptions(progress=kill_one)))
    assert killed
    assert seen == read_here(many)


def test_folders_within_and_each_file_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/one.p12", "a/b/two.ACC-P12", "a/b/three.txt", "a/.hidden.p12"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    files, unlisted, passed_over, *_ = list_files([tmp_path, tmp_path / "a", tmp_path / "a" / "one.p12"])
    assert passed_over == 1
    assert [str(Path(file).relative_to(tmp_path)) for file in files] == ["a/b/two.ACC-P12", "a/one.p12"]
    assert unlisted == ()


def test_keystores_under_other_names_are_found_by_their_content(
    tmp_path: Path, workshop: Workshop, data_folder: Path
) -> None:
    keystore = workshop.write(tmp_path / "made").read_bytes()
    java = (data_folder / "keystores" / "x_JKS.p12").read_bytes()
    folder = tmp_path / "folder"
    folder.mkdir()
    are = {
        **dict.fromkeys(("a.pfx", "A.PFX", "b.p12.bak", "c.p12.old", "d", "e.p12 (1)"), keystore),
        **dict.fromkeys(("f.jks", "g.keystore"), java),
        "h.p12": b"not at all",
    }
    are_not = dict.fromkeys(("letter.pfx", "notes", "x.bak", "y.txt", "z.docx"), b"Dear colleague") | {
        "empty.pfx": b"",
        "elsewhere.txt": keystore,
        ".hidden.pfx": keystore,
    }
    for name, content in (are | are_not).items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe.pfx")
    files, _, passed_over, *_ = list_files([folder])
    assert {Path(file).name for file in files} == set(are)
    assert passed_over == len(are_not) - 1 + 1  # the hidden one is not counted, the pipe is


def test_folders_deeper_than_calls_go(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(1_200):
        deep = deep / "d"
        deep.mkdir()
    (deep / "one.p12").write_bytes(b"")
    try:
        assert list_files([tmp_path]) == DiscoveredFiles((str(deep / "one.p12"),), (), 0)
    finally:  # deeper than pytest's own clearing up goes, too
        (deep / "one.p12").unlink()
        for folder in [deep, *deep.parents][:1_200]:
            folder.rmdir()


def test_a_folder_that_may_not_be_read() -> None:
    """An administrator, whom no right stops, becomes nobody for it."""
    with tempfile.TemporaryDirectory() as place:  # others may not enter pytest's
        root = Path(place)
        root.chmod(0o755)
        (root / "closed").mkdir(mode=0o000)
        list_files([root])  # nobody may not be able to read what is loaded at the first use
        read, write = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                if os.geteuid() == 0:
                    os.setgid(65534)
                    os.setuid(65534)
                os.write(write, " ".join(file.reason for file in list_files([root])[1]).encode())
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            assert pipe.read() == "unreadable"
        os.waitpid(process, 0)


def test_every_file_of_the_corpus_has_a_row(data_folder: Path) -> None:
    corpus = data_folder / "keystores"
    listed = {load["file"] for load in json.loads((corpus / "manifest.json").read_bytes())}
    seen = dict(scan(list_files([corpus])[0], lambda _: None, AuditOptions(processes=1)))
    assert listed <= {Path(file).name for file in seen}
    assert all(reading.whole or reading.faults for reading in seen.values())


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b"])
def test_a_name_that_no_system_takes(name: str) -> None:
    _, unlisted, *_ = list_files([Path(name)])
    assert [folder.reason for folder in unlisted] == ["unreadable"]


# ── files that keep a process busy, and what becomes of the others ───────────────────────────────────────
@pytest.mark.parametrize("more", [0, 9])
def test_a_process_that_stands_still_is_ended_and_the_file_is_named(many: Sequence[Path], more: int) -> None:
    """A pipe in the place of a file would not do: it is not opened. So the process itself is stopped. ``more``: long
    passwords, with which what it is asked would fill its pipe."""
    stopped: list[int] = []

    def stop_one(_: int, __: int) -> None:
        named = workers()
        if not stopped and named:
            os.kill(named[-1], signal.SIGSTOP)
            stopped.append(named[-1])

    # Long enough for a process to begin on a busy computer: one that is ended as it begins is begun again.
    passwords = [PASSWORD, *(Secret(f"{number}" * 1000) for number in range(more))]
    options = AuditOptions(progress=stop_one, seconds=0.3)
    seen = dict(scan(list(map(str, many)), lambda _: passwords, options, judging=2.7))
    assert stopped
    assert not Path(f"/proc/{stopped[0]}").exists()
    assert seen == read_here(many)


def test_a_file_that_ends_every_process_is_named_and_the_rest_goes_on(
    many: Sequence[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A library that crashes over one file, as one in C may."""
    crashing = tmp_path / "path"
    crashing.mkdir()
    (crashing / "sitecustomize.py").write_text(
        "import hashlib, os\n"
        "real = hashlib.sha256\n"
        "def sha256(data=b'', **more):\n"
        f"    os._exit(9) if len(data) == {many[3].stat().st_size} else None\n"
        "    return real(data, **more)\n"
        "hashlib.sha256 = sha256\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(crashing))
    seen = dict(scan(list(map(str, many)), lambda _: PASSWORD, AuditOptions()))
    monkeypatch.delenv("PYTHONPATH")
    assert [fault.key for fault in seen[str(many[3])].faults] == ["file_unjudged"]
    others = [path for path in many if path != many[3]]
    assert {str(path): seen[str(path)] for path in others} == read_here(others)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_takes_too_long_is_named_where_there_are_few(
    tmp_path: Path, workshop: Workshop, processes: int
) -> None:
    """As many iterations as a file may have, for each of many wrong passwords."""
    plain = [workshop.write(tmp_path / name) for name in ("a", "c")]
    slow = tmp_path / "b.p12"
    contents = read_pkcs12(plain[0].read_bytes(), PASSWORD)
    params = EncryptionParams.new(EncryptionProfile.MODERN)
    params = replace(params, mac=replace(params.mac, iterations=limits.ITERATIONS))
    slow.write_bytes(seal(contents, DerivedKeyCache(PASSWORD), params))
    wrong = [Secret(f"wrong {number}") for number in range(40)]
    passwords = {slow: wrong}
    paths = sorted([*plain, slow])
    options = AuditOptions(processes=processes, seconds=2.0)
    seen = dict(scan(list(map(str, paths)), lambda path: passwords.get(path, PASSWORD), options, judging=1.0))
    assert [fault.key for fault in seen[str(slow)].faults] == ["file_unjudged"]
    assert {str(path): seen[str(path)] for path in plain} == read_here(plain)


SCRIPT = """
import ehtoolkit
found = ehtoolkit.audit({folder!r}, language="en")
with open({out!r}, "x") as file:
    file.write(found.keystores.to_csv() + found.findings.to_csv())
"""
"""It has no guard, as scripts of consultants have none; where it is run twice, the file is there already."""
IN_A_FUNCTION = "def run():\n" + "".join(f"    {line}\n" for line in SCRIPT.splitlines())
WAYS = {
    "script": SCRIPT,
    "standard input": SCRIPT,
    "ipython": SCRIPT,
    "notebook": SCRIPT,
    "thread": f"import threading\n{IN_A_FUNCTION}"
    "thread = threading.Thread(target=run)\nthread.start()\nthread.join()\n",
    "pool": "from concurrent.futures import ProcessPoolExecutor\n"
    f"{IN_A_FUNCTION}if __name__ == '__main__':\n    ProcessPoolExecutor(1).submit(run).result()\n",
}
SHORT = ("script", "notebook")


@pytest.mark.parametrize(
    "way", [way if way in SHORT else pytest.param(way, marks=pytest.mark.long) for way in WAYS]
)
def test_no_process_runs_the_script_again(many: Sequence[Path], tmp_path: Path, way: str) -> None:
    """… that asked for the audit, and each way gives the frames that one process gives."""
    folder, out, script = many[0].parent, tmp_path / "out.csv", tmp_path / "script.py"
    (folder / "other.p12").write_bytes(b"no keystore")
    text = WAYS[way].format(folder=str(folder), out=str(out))
    script.write_text(text)
    if way == "notebook":
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text)])
        run(notebook, ROOT)
    else:
        command = {"ipython": ("-m", "IPython", str(script)), "standard input": ("-",)}.get(
            way, (str(script),)
        )
        done = subprocess.run(
            [sys.executable, *command],
            input=text if way == "standard input" else "",
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")},
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stdout + done.stderr
    expected = ehtoolkit.audit(folder, processes=1, language="en")
    assert len(expected.keystores) == 62
    assert out.read_text() == expected.keystores.to_csv() + expected.findings.to_csv()
    assert not {"file_unjudged", "file_unreadable"} & set(expected.findings["key"])
