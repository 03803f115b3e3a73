"""Change the password of a keystore over and over, killed each time, and check what is left.

A program of its own, since it forks: ``change_killer.py FOLDER HOW [NUMBER | --every-point]``. In each round a child
changes the password and dies (SIGKILL, so nothing is cleaned up): ``audit`` at a call of the file system that Python
announces, ``strace`` after a system call on files, both in every state that the change goes through or at every point
(`tests.faults.kill_points`); ``random`` at any moment, NUMBER times. Then the file has to be the old one or one that
opens with the new password and holds the same, and each copy the old one. Prints one JSON object, the report.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ehtoolkit.keystore import (
    Contents,
    KeyBag,
    backups_of,
    change_password,
    create_keystore,
    read_keystore,
)
from ehtoolkit.keystore.contents import attributes_of
from ehtoolkit.keystore.rsa_keys import key_id_of_key, store_rsa_key
from ehtoolkit.secret import Secret
from tests.faults.kill_points import (
    EVERY_POINT,
    TOUCHING,
    Announce,
    Point,
    Ranks,
    Report,
    as_json,
    audit,
    child_of,
    kill_everywhere,
    observed,
    one_second,
    was_killed,
)
from tests.keys import cheap_rounds

NAME = "SSIN=79031421872 20261124-130000.p12"
OLD, NEW = Secret("Kine-2026"), Secret("Nieuw-2027")
OLD_FILE, OLD_FILE_AND_COPY, NEW_FILE = "the old file", "the old file and a copy", "the new file and a copy"
LISTING = {"os.scandir", "os.listdir"}
TRACED = "%file,%desc"
NOW = datetime.now(UTC)


class Subject:
    """A keystore in ``folder``, which is changed and killed in copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        path = folder / NAME
        create_keystore(path, keys(), OLD)
        self.before = path.read_bytes()
        self.contents = read_keystore(path, OLD)

    def look(self, folder: Path) -> str:
        """Check what a kill left in ``folder``, and return it; whatever it was, the next change works, and sweeps."""
        path = folder / NAME
        after = path.read_bytes()
        if after == self.before:
            found, passwords = OLD_FILE, (OLD, NEW)
        else:
            assert read_keystore(path, NEW) == self.contents
            found, passwords = NEW_FILE, (NEW, OLD)
        copies = backups_of(path)
        assert all(copy.read_bytes() == self.before for copy in copies)
        assert copies or found == OLD_FILE
        change_password(path, *passwords)
        assert not list(folder.rglob("*.tmp"))
        return OLD_FILE_AND_COPY if copies and found == OLD_FILE else found


def keys() -> Contents:
    bags = []
    for name in ("authentication", "1", "2"):
        key = generate_private_key(65537, 2048)
        bags.append(KeyBag(store_rsa_key(key), attributes_of(name, key_id_of_key(key.public_key()))))
    return Contents(tuple(bags), ())


def change(folder: Path) -> None:
    one_second(NOW)
    change_password(folder / NAME, OLD, NEW)


def announced(folder: Path, announce: Announce) -> None:
    audit(folder, announce, TOUCHING | LISTING)
    change(folder)


def traced(folder: Path, kill_at: int) -> list[Point]:
    """Observe a child by strace, which stops it after each system call on files.

    What the call before left is what a kill at the entrance of the next call finds, since only such calls touch files.
    """

    def work() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        change(folder)

    child, log = child_of(work), folder.with_suffix(".log")
    os.waitpid(child, os.WUNTRACED)
    command = ["strace", "-qq", "-o", str(log), "-e", f"trace={TRACED}", "-e", f"inject={TRACED}:signal=STOP"]
    with subprocess.Popen([*command, "-p", str(child)]) as tracer:
        while f"TracerPid:\t{tracer.pid}\n" not in Path(f"/proc/{child}/status").read_text():
            assert tracer.poll() is None, "strace may not trace here"
            time.sleep(0.002)
        ranks, signalled = Ranks(folder), signal.SIGCONT
        os.kill(child, signalled)
        while os.WIFSTOPPED(how := os.waitpid(child, os.WUNTRACED)[1]):
            name = re.findall(r"^(\w+)\(", log.read_text(), re.MULTILINE)[-1]
            if (
                name != "mmap" and ranks.look(name) == kill_at
            ):  # that is for memory, when it happens to run out
                signalled = signal.SIGKILL
            os.kill(child, signalled)
    assert os.waitstatus_to_exitcode(how) == (-signal.SIGKILL if kill_at else 0), (
        f"it failed at call {kill_at}"
    )
    return ranks.points


def at_random(subject: Subject, folder: Path, number: int) -> Report:
    """Kill at any moment, in the time that a change takes, and until some came late enough to find the new file."""
    home = shutil.copytree(subject.folder, folder / "whole")
    began = time.perf_counter()
    was_killed(child_of(lambda: change(home)))
    longest = time.perf_counter() - began
    source = random.Random(20261124)  # noqa: S311  # the same moments in every run
    report, found = Report(0, 0), Counter[str]()
    killed_home = folder / "killed"
    while report.kills < number or NEW_FILE not in found:
        shutil.copytree(subject.folder, killed_home)
        child = child_of(lambda: change(killed_home))
        time.sleep(source.uniform(0.0, longest))
        os.kill(child, signal.SIGKILL)
        killed, way = was_killed(child), subject.look(killed_home)
        shutil.rmtree(killed_home)
        if killed:
            report.kills += 1
            found[way] += 1
    report.points, report.ways = report.kills, dict(found)
    return report


def main() -> None:
    folder, how = Path(sys.argv[1]), sys.argv[2]
    with cheap_rounds():
        subject = Subject(folder / "keystore")
        if how == "random":
            report = at_random(subject, folder, int(sys.argv[3]))
        else:
            observe = traced if how == "strace" else observed(announced)
            every_point = EVERY_POINT in sys.argv
            report = kill_everywhere(subject.folder, folder, observe, subject.look, every_point=every_point)
    print(as_json({how: report}))


if __name__ == "__main__":
    main()
