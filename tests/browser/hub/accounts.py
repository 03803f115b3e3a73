"""Two users of a hub: system accounts where an administrator runs the tests, else folders of one account."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

MARK: Final = "ehtoolkit-hub-"
"""How the folder of the homes begins, by which an account is known that a run before was kept from removing."""


@dataclass(frozen=True)
class Person:
    """``uid``: of the system account; None: the account of whoever runs the tests. ``before``: what earlier accounts of
    that number have left in the temporary folder."""

    name: str
    home: Path
    uid: int | None
    before: frozenset[Path] = frozenset()

    def run(self, command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in the home folder."""
        return subprocess.run(
            command,
            env=dict(environment),
            cwd=self.home,
            capture_output=True,
            text=True,
            user=self.uid,
            group=self.uid,
            extra_groups=None if self.uid is None else [],
        )

    def left_in_temp(self) -> list[Path]:
        """What is this user's in the folder that all have in common; without an account nobody can tell."""
        return sorted(_owned(self.uid) - self.before)

    def processes(self) -> list[psutil.Process]:
        """What runs for this user, by the home folder that it was given."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("HOME") == str(self.home):
                    found.append(process)
            except (psutil.Error, OSError):  # it has ended meanwhile, or is another's
                continue
        return found


@contextmanager
def people(folder: Path, *names: str, accounts: bool) -> Iterator[dict[str, Person]]:
    """These users, each with an empty home below ``folder`` that nobody else may enter. ``accounts``: as the system's
    own, which are made, and are gone afterwards."""
    made: dict[str, Person] = {}
    try:
        for name in names:
            home = folder / name
            home.mkdir(mode=0o700)
            if accounts:
                _forget(name)
                command = ["useradd", "--no-log-init", "--no-create-home", "--user-group"]
                subprocess.run([*command, "--home-dir", str(home), "--shell", "/bin/bash", name], check=True)
                account = pwd.getpwnam(name)
                os.chown(home, account.pw_uid, account.pw_gid)
            uid = pwd.getpwnam(name).pw_uid if accounts else None
            made[name] = Person(name, home, uid, _owned(uid))
        yield made
    finally:
        for person in made.values():
            if person.uid is not None:
                # Also while something of it still runs, which is the finding of a test.
                subprocess.run(["userdel", "--force", person.name], check=True, capture_output=True)


def _owned(uid: int | None) -> frozenset[Path]:
    found = set()
    for path in Path(tempfile.gettempdir()).iterdir():
        with suppress(FileNotFoundError):  # another test's, which was taken away meanwhile
            if path.lstat().st_uid == uid:
                found.add(path)
    return frozenset(found)


def _forget(name: str) -> None:
    """Remove the account of a run that was killed; another's of that name stays."""
    try:
        home = pwd.getpwnam(name).pw_dir
    except KeyError:
        return
    assert MARK in home, f"the account {name} is not of these tests"
    subprocess.run(["userdel", name], check=True, capture_output=True)
