"""Write a keystore over and over, killed each time, and check what is left: a new one, a save, a change of password.

A program of its own, since it forks: ``write_killer.py FOLDER HOW [NUMBER | --every-point]``. In each round a child
writes and dies (SIGKILL, so nothing is cleaned up): ``audit`` at a call of the file system that Python announces,
``strace`` after a system call on files, both in every state that the work goes through or at every point
(`tests.faults.kill_points`); ``random`` at any moment, NUMBER times. Prints one JSON object with a report of each work.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ehtoolkit.keystore.guessable_passwords import guess_of
from ehtoolkit.keystore.repair.key_import import read_source, write_combined
from ehtoolkit.keystore.repair.key_names import rename_key
from ehtoolkit.keystore.repair.merging import combine_sources
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.backups import BACKUPS_KEPT, backups_of
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.secret import Secret
from tests.faults.kill_moments import KillMoments
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
from tests.keystore.conftest import ROLES, KeystoreMaker
from tests.support.keys import cheap_rounds

NAME = "SSIN=79031421872 20261124-130000.p12"
OLD, NEW = Secret("Kine-2026"), Secret("Nieuw-2027")
LISTING = {"os.scandir", "os.listdir"}
TRACED = "%file,%desc"
NOW = datetime.now(UTC)
OUTLIVING = 60.0
"""Seconds; longer than any kill is waited for."""


class Subject(ABC):
    """What is done to a keystore, in copies of ``folder``. ``leaves``: all that a kill may leave."""

    leaves: ClassVar[frozenset[str]]

    def __init__(self, folder: Path, keystore_maker: KeystoreMaker) -> None:
        self.folder, self.keystore_maker = folder, keystore_maker
        folder.mkdir(mode=0o700, parents=True)

    def begin(self, folder: Path) -> None:
        """Do it."""
        one_second(NOW)
        self.work(folder)

    @abstractmethod
    def work(self, folder: Path) -> None:
        """Do it, all of its backups within a second."""

    @abstractmethod
    def check(self, folder: Path) -> str:
        """Return what a kill left."""

    @abstractmethod
    def go_on(self, folder: Path) -> None:
        """Write once more, which works whatever was left."""

    def recover(self, folder: Path) -> str:
        left = self.check(folder)
        self.go_on(folder)
        assert not list(folder.rglob("*.tmp"))
        return left


class Change(Subject):
    """The old file is left or one that opens with the new password and holds the same, and each copy is the old one."""

    OLD_FILE, OLD_FILE_AND_COPY, NEW_FILE = (
        "the old file",
        "the old file and a copy",
        "the new file and a copy",
    )
    leaves = frozenset({OLD_FILE, OLD_FILE_AND_COPY, NEW_FILE})

    def __init__(self, folder: Path, keystore_maker: KeystoreMaker) -> None:
        super().__init__(folder, keystore_maker)
        KeystoreFile.create(folder / NAME, keystore_maker.complete, OLD)
        self.before = (folder / NAME).read_bytes()

    def work(self, folder: Path) -> None:
        change_password(folder / NAME, OLD, NEW)

    def check(self, folder: Path) -> str:
        path = folder / NAME
        copies = backups_of(path)
        assert all(copy.read_bytes() == self.before for copy in copies)
        if path.read_bytes() == self.before:
            return self.OLD_FILE_AND_COPY if copies else self.OLD_FILE
        assert open_keystore(path, NEW) == self.keystore_maker.complete
        assert copies
        return self.NEW_FILE

    def go_on(self, folder: Path) -> None:
        path = folder / NAME
        change_password(path, *((OLD, NEW) if path.read_bytes() == self.before else (NEW, OLD)))


class Save(Subject):
    """The file is left as it was before a save or as it is after it, and each copy is whole.

    There are so many copies already that each save removes one.
    """

    leaves = frozenset({"prepared", "installed", "complete"})

    def __init__(self, folder: Path, keystore_maker: KeystoreMaker) -> None:
        super().__init__(folder, keystore_maker)
        file = KeystoreFile.create(folder / NAME, keystore_maker.prepared, OLD)
        for _ in range(BACKUPS_KEPT):
            file.save(keystore_maker.prepared)

    def work(self, folder: Path) -> None:
        file = KeystoreFile.open(folder / NAME, OLD)
        file.save(self.keystore_maker.installed)
        file.save(self.keystore_maker.complete)

    def check(self, folder: Path) -> str:
        path, keystore_maker = folder / NAME, self.keystore_maker
        copies = backups_of(path)
        assert len(copies) in (BACKUPS_KEPT, BACKUPS_KEPT + 1)
        for copy in copies:
            open_keystore(copy, OLD)
        keystore = open_keystore(path, OLD)
        found = [name for name in self.leaves if getattr(keystore_maker, name) == keystore]
        assert len(found) == 1
        return found[0]

    def go_on(self, folder: Path) -> None:
        KeystoreFile.open(folder / NAME, OLD).save(self.keystore_maker.complete)
        assert [path.name for path in folder.iterdir() if path.name.endswith("p12")] == [NAME]


class Create(Subject):
    """A whole file is left, or none; its folder is not there yet."""

    NOTHING, WHOLE = "no file", "a whole file"
    leaves = frozenset({NOTHING, WHOLE})

    def work(self, folder: Path) -> None:
        KeystoreFile.create(folder / "keystore" / NAME, self.keystore_maker.complete, OLD)

    def check(self, folder: Path) -> str:
        path = folder / "keystore" / NAME
        if not path.exists():
            return self.NOTHING
        assert open_keystore(path, OLD) == self.keystore_maker.complete
        return self.WHOLE

    def go_on(self, folder: Path) -> None:
        path = folder / "keystore" / NAME
        if path.exists():
            KeystoreFile.open(path, OLD).save(self.keystore_maker.complete)
        else:
            self.work(folder)


class Rename(Change):
    """As a change of password, of the name of a key."""

    NAMES = ("authentication", "signing")

    def work(self, folder: Path) -> None:
        rename_key(folder / NAME, OLD, *self.NAMES)

    def check(self, folder: Path) -> str:
        path = folder / NAME
        copies = backups_of(path)
        assert all(copy.read_bytes() == self.before for copy in copies)
        if path.read_bytes() == self.before:
            return self.OLD_FILE_AND_COPY if copies else self.OLD_FILE
        keystore, before = open_keystore(path, OLD), self.keystore_maker.complete
        assert keystore.chain == before.chain
        assert [key.pkcs8 for key in keystore.contents.keys] == [key.pkcs8 for key in before.contents.keys]
        assert keystore.authentication.alias == "signing"
        assert copies
        return self.NEW_FILE

    def go_on(self, folder: Path) -> None:
        path = folder / NAME
        names = self.NAMES if path.read_bytes() == self.before else reversed(self.NAMES)
        rename_key(path, OLD, *names)


class Import(Create):
    """A whole file is left, or none, and the sources are as they were."""

    def __init__(self, folder: Path, keystore_maker: KeystoreMaker) -> None:
        super().__init__(folder, keystore_maker)
        KeystoreFile.create(folder / "source.p12", keystore_maker.complete, OLD)

    def work(self, folder: Path) -> None:
        source = read_source(folder / "source.p12", lambda: [OLD])
        write_combined(folder / "keystore" / NAME, combine_sources([source]), OLD)

    def check(self, folder: Path) -> str:
        assert open_keystore(folder / "source.p12", OLD) == self.keystore_maker.complete
        return super().check(folder)


SUBJECTS: dict[str, type[Subject]] = {
    "change": Change,
    "save": Save,
    "create": Create,
    "rename": Rename,
    "import": Import,
}


def announced(subject: Subject, folder: Path, announce: Announce) -> None:
    audit(folder, announce, TOUCHING | LISTING)
    subject.begin(folder)


def traced(subject: Subject, folder: Path, kill_at: int) -> list[Point]:
    """Observe a child by strace, which stops it after each system call on files.

    What the call before left is what a kill at the entrance of the next call finds, since only such calls touch files.
    """

    def work() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        subject.begin(folder)

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
    """Kill at any moment, in the time that the work takes, and until all was left that can be.

    One kill in four comes after the work, which its child outlives. Such kills are not among the NUMBER.
    """
    home = shutil.copytree(subject.folder, folder / "killed")
    began = time.perf_counter()
    was_killed(child_of(lambda: subject.begin(home)))
    moments = KillMoments(time.perf_counter() - began)
    report, found = Report(0, 0), Counter[str]()

    done = folder / "done"

    def work() -> None:
        subject.begin(home)
        done.touch()
        time.sleep(OUTLIVING)

    while report.kills < number or found.keys() != subject.leaves:
        shutil.rmtree(home)
        shutil.copytree(subject.folder, home)
        done.unlink(missing_ok=True)
        child = child_of(work)
        time.sleep(moments.choose())
        os.kill(child, signal.SIGKILL)
        assert was_killed(child)
        found[subject.recover(home)] += 1
        is_late = done.exists()
        report.kills += not is_late
        moments.learn(is_late=is_late)
    report.points, report.ways = report.kills, dict(found)
    return report


def killed(subject: Subject, how: str, folder: Path) -> Report:
    if how == "random":
        return at_random(subject, folder, int(sys.argv[3]))
    observe = partial(traced, subject) if how == "strace" else observed(partial(announced, subject))
    return kill_everywhere(
        subject.folder, folder, observe, subject.recover, every_point=EVERY_POINT in sys.argv
    )


def main() -> None:
    folder, how = Path(sys.argv[1]), sys.argv[2]
    guess_of(NEW)  # reads its list once: every child has it then
    with cheap_rounds():
        keystore_maker = KeystoreMaker({role: generate_private_key(65537, 2048) for role in ROLES})
        reports = {}
        for name, subject in SUBJECTS.items():
            here = folder / name
            reports[name] = killed(subject(here / "prepared", keystore_maker), how, here)
    print(as_json(reports))


if __name__ == "__main__":
    main()
