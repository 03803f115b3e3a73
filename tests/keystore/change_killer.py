"""Changes the password of a keystore over and over, killed each time, and checks what is left.

A program of its own, since it forks: ``change_killer.py HOW FOLDER NUMBER``. In each round a child changes the password
and dies (SIGKILL, so nothing is cleaned up): ``audit`` at its N-th call of the file system that Python announces, with
N from 1 until it gets through; ``strace`` at its N-th system call on files, likewise; ``random`` at any moment, NUMBER
times. Then the file has to be the old one or one that opens with the new password and holds the same, and each copy
the old one. Prints one JSON object with what was found how often.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
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
from ehtoolkit.keystore.private_keys import key_id_of_key, store_private_key
from ehtoolkit.secret import Secret

NAME = "SSIN=79031421872 20261124-130000.p12"
OLD, NEW = Secret("Kine-2026"), Secret("Nieuw-2027")
TOUCHING = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.chmod", "os.scandir", "os.listdir"}
TRACED = "%file,%desc"


class Round:
    """One file, changed and killed in ``folder``, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keystore" / NAME
        self.found: Counter[str] = Counter()
        self.rounds = 0
        self.path.parent.mkdir()
        create_keystore(self.path, keys(), OLD)
        self.before = self.path.read_bytes()
        self.contents = read_keystore(self.path, OLD)

    def change(self) -> None:
        change_password(self.path, OLD, NEW)

    def look(self) -> None:
        """Check what the kill left, and put everything back as it was."""
        after = self.path.read_bytes()
        if after == self.before:
            self.found["the old file"] += 1
        else:
            assert read_keystore(self.path, NEW) == self.contents
            self.found["the new file"] += 1
        copies = backups_of(self.path)
        assert all(copy.read_bytes() == self.before for copy in copies)
        self.found["with a copy"] += bool(copies)
        self.rounds += 1
        if self.rounds % 20 == 0:  # the next change works, and sweeps
            self.path.write_bytes(self.before)
            self.change()
            assert not list(self.path.parent.rglob("*.tmp"))
        shutil.rmtree(self.path.parent)
        self.path.parent.mkdir(mode=0o700)
        self.path.write_bytes(self.before)


def keys() -> Contents:
    bags = []
    for name in ("authentication", "1", "2"):
        key = generate_private_key(65537, 2048)
        bags.append(KeyBag(store_private_key(key), attributes_of(name, key_id_of_key(key.public_key()))))
    return Contents(tuple(bags), ())


def child_of(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  # a child of a fork must not return into the parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def was_killed(child: int) -> bool:
    _, how = os.waitpid(child, 0)
    if os.WIFSIGNALED(how):
        return True
    assert os.WEXITSTATUS(how) == 0, "the child failed"
    return False


def audit(point: int, round_: Round) -> bool:
    """Kill at the call with this number that Python announces; False when there are not so many."""

    def work() -> None:
        folder, count = str(round_.path.parent), 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            if event in TOUCHING and arguments and folder in str(arguments[0]):
                count += 1
                if count == point:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        round_.change()

    return was_killed(child_of(work))


def traced(round_: Round, log: Path, *injected: str) -> bool:
    """Let a child do it under strace; whether it was killed."""

    def work() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        round_.change()

    child = child_of(work)
    os.waitpid(child, os.WUNTRACED)
    command = ["strace", "-qq", "-o", str(log), "-e", f"trace={TRACED}", *injected, "-p", str(child)]
    with subprocess.Popen(command) as tracer:
        while f"TracerPid:\t{tracer.pid}\n" not in Path(f"/proc/{child}/status").read_text():
            assert tracer.poll() is None, "strace may not trace here"
            time.sleep(0.002)
        os.kill(child, signal.SIGCONT)
        return was_killed(child)


def strace(round_: Round, folder: Path) -> int:
    """Kill at each system call on files, by its name and number, before the kernel does it."""
    assert not traced(round_, folder / "log")
    round_.look()
    round_.found.clear()
    calls = re.findall(r"^(\w+)\(", (folder / "log").read_text(), re.MULTILINE)
    kills = 0
    for name, count in Counter(calls).items():
        for number in range(1, count + 1):
            if traced(round_, folder / "log", "-e", f"inject={name}:signal=KILL:when={number}"):
                kills += 1
                round_.look()
    return kills


def at_random(round_: Round, source: random.Random, longest: float) -> bool:
    child = child_of(round_.change)
    time.sleep(source.uniform(0.0, longest))
    os.kill(child, signal.SIGKILL)
    return was_killed(child)


def main() -> None:
    how, folder, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    round_ = Round(folder)
    began = time.perf_counter()
    was_killed(child_of(round_.change))
    longest = time.perf_counter() - began
    round_.look()
    round_.found.clear()
    kills = 0
    if how == "random":
        source = random.Random(20261124)  # noqa: S311  # the same moments in every run
        while kills < number:
            kills += at_random(round_, source, longest)
            round_.look()
    elif how == "strace":
        kills = strace(round_, folder)
    else:
        while audit(kills + 1, round_):
            kills += 1
            round_.look()
    print(json.dumps({"kills": kills, **round_.found}))


if __name__ == "__main__":
    main()
