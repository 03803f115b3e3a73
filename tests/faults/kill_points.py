"""Kill a process at every point where it would leave something else behind than at another.

For programs of their own, since it forks. A child announces each event (a call of the file system that Python tells
its audit hooks, a message before it leaves and after its answer came) and waits. Meanwhile the parent looks at what the
child would leave if it died there, its state: the names, modes, links and contents of a tree, and what was sent.
Nothing else survives SIGKILL: memory, data that was not flushed, open files and the locks on them are gone with the
process, and nothing is written outside the tree. (Nor do the times of files count: nothing that is killed here looks at
them.) So what comes after a kill depends on the state alone, and one of all points of equal state stands for them.

A first child, the scout, is not killed, and gives the points with their states. Keys, salts and names of temporary
files differ from child to child, so what is compared is not the states themselves but their ranks in the order of their
first appearance: each child that is killed has to come to its point through the very events and ranks of the scout. For
that its backups are all of one second (`one_second`): another name is tried for each that is not the first.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final
from unittest import mock

from ehtoolkit.keystore.storage import backups

ROOT: Final = Path(__file__).parents[2]
Announce = Callable[[str, bytes], None]
"""Called in the child at each event, with what it is, and with the message that leaves next; it returns when the parent
has looked, or never."""

TOUCHING: Final = frozenset(
    {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.chmod", "os.truncate"}
)
"""The audit events of calls that touch files."""
EVERY_POINT: Final = "--every-point"
"""The option of a driver that kills at each point, also at those of equal state."""


@dataclass(frozen=True)
class Point:
    """Where a child can be killed. ``state``: the rank of what it would leave."""

    event: str
    state: int


@dataclass
class Report:
    """What came of one procedure.

    Attributes:
        points: how many events there are at which it can be killed.
        states: how many different ones they leave.
        kills: how many children were killed.
        killed: the states that they were killed at.
        ways: the points by the outcome, also those that one of equal state stood for.
    """

    points: int
    states: int
    kills: int = 0
    killed: list[int] = field(default_factory=list)
    ways: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether a child was killed in every state that the procedure goes through."""
        return self.killed == list(range(self.states))


class Ranks:
    """What one child would leave in ``tree``, from point to point."""

    def __init__(self, tree: Path) -> None:
        self.points: list[Point] = []
        self._tree = tree
        self._ranks: dict[str, int] = {}
        self._sent = hashlib.sha256()

    def look(self, event: str, message: str = "") -> int:
        """Write down the point that the child is at, and return its number. ``message``: what it sends next."""
        state = digest_of(self._tree, self._sent.copy())
        self.points.append(Point(event, self._ranks.setdefault(state, len(self._ranks))))
        self._sent.update(message.encode())
        return len(self.points)


Observe = Callable[[Path, int], list[Point]]
"""Lets a child work in a tree and returns its points; it is killed at the one with that number, unless 0."""


def kill_everywhere(
    prepared: Path,
    folder: Path,
    observe: Observe,
    recover: Callable[[Path], str],
    *,
    every_point: bool = False,
) -> Report:
    """Kill a child in every state that it goes through, each time in a fresh copy of ``prepared``, and ``recover``.

    ``recover`` does what a user would do next, checks what is promised, and returns which way it went.
    ``every_point``: kill at each point, and make sure that all points of a state go the same way.
    """
    with _copy_of(prepared, folder / "scout") as home:
        points = observe(home, 0)
    firsts = {point.state: number for number, point in reversed(list(enumerate(points, 1)))}
    report, ways = Report(len(points), len(firsts)), dict[int, str]()
    for number in range(1, len(points) + 1) if every_point else sorted(firsts.values()):
        with _copy_of(prepared, folder / f"killed-{number}") as home:
            seen = observe(home, number)
            assert seen == points[:number], f"another way to point {number}: {seen} and {points[:number]}"
            way = recover(home)
        state = seen[-1].state
        assert ways.setdefault(state, way) == way, (
            f"point {number} went another way than one of equal state: {way}"
        )
        report.kills += 1
    report.killed = sorted(ways)
    report.ways = dict(Counter(ways[point.state] for point in points))
    return report


@contextmanager
def _copy_of(prepared: Path, home: Path) -> Iterator[Path]:
    shutil.copytree(prepared, home)
    yield home
    shutil.rmtree(home)


def observed(work: Callable[[Path, Announce], None]) -> Observe:
    """Let children do ``work``, which announces its points itself."""

    def observe(tree: Path, kill_at: int) -> list[Point]:
        tell, announcements = os.pipe()
        go, gone = os.pipe()

        def child() -> None:
            os.close(tell)
            os.close(gone)  # so that it does not wait for ever when the parent is gone
            work(tree, _announcing(announcements, go))

        pid, ranks = child_of(child), Ranks(tree)
        os.close(announcements)
        os.close(go)
        with os.fdopen(tell, "rb") as lines:
            for line in lines:
                event, _, message = line.decode().rstrip("\n").partition(" ")
                if ranks.look(event, message) == kill_at:
                    os.kill(pid, signal.SIGKILL)
                    break
                os.write(gone, b".")
        os.close(gone)
        assert was_killed(pid) == bool(kill_at), f"the child never came to point {kill_at}"
        return ranks.points

    return observe


def child_of(work: Callable[[], None]) -> int:
    """Let a child of this process do ``work``, and return its number."""
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
    """Wait for the end of a child: True when it was killed, False when its work was done."""
    _, how = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(how)
    assert code in (0, -signal.SIGKILL), "the child failed"
    return code != 0


def _announcing(announcements: int, go: int) -> Announce:
    def announce(event: str, message: bytes) -> None:
        os.write(
            announcements, f"{event} {hashlib.sha256(message).hexdigest() if message else ''}\n".encode()
        )
        if not os.read(go, 1):
            os._exit(1)

    return announce


def audit(tree: Path, announce: Announce, touching: Iterable[str] = TOUCHING) -> None:
    """Announce every call of this process, from now on, that touches a file in ``tree``."""
    events, place = frozenset(touching), str(tree)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in events and arguments and place in str(arguments[0]):
            announce(event, b"")

    sys.addaudithook(hook)


def one_second(moment: datetime) -> None:
    """Let this process take ``moment`` for the time whenever it copies a keystore."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return moment.astimezone(tz)

    mock.patch.object(backups, "datetime", Stopped).start()


def digest_of(tree: Path, digest: hashlib._Hash) -> str:
    """What a kill would leave of ``tree``, and what ``digest`` has already.

    Of two names for one file it says so: it matters to a program that writes into one of them.
    """
    inodes: dict[int, int] = {}
    for path, status in sorted(_all_in(str(tree))):
        inode = inodes.setdefault(status.st_ino, len(inodes))
        digest.update(f"{path}\0{status.st_mode:o}\0{inode}\0".encode())
        if stat.S_ISREG(status.st_mode):
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # a Path would take longer than the rest
                data = file.read()
            digest.update(len(data).to_bytes(8) + data)
    return digest.hexdigest()


def _all_in(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    yield folder, os.lstat(folder)
    with os.scandir(folder) as entries:
        for path in entries:
            if path.is_dir(follow_symlinks=False):
                yield from _all_in(path.path)
            else:
                yield path.path, path.stat(follow_symlinks=False)


def as_json(reports: dict[str, Report]) -> str:
    return json.dumps({name: asdict(report) for name, report in reports.items()})


def reports_of(driver: Path, folder: Path, *options: str) -> dict[str, Report]:
    """Run a driver that prints `as_json`, and print what the reports say."""
    command = [sys.executable, str(driver), str(folder), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=1700, env=environment, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr[-4000:]}"
    reports = {name: Report(**report) for name, report in json.loads(done.stdout).items()}
    for name, report in reports.items():
        print(f"{name}: {report.points} points, {report.states} states, {report.kills} kills: {report.ways}")
    return reports
