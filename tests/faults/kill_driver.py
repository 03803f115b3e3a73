"""Runs request and complete over and over, killed at every file-system call and around every message.

A program of its own, since it forks: ``kill_driver.py FOLDER``. For each point N a child works in a fresh copy of a
warm home and kills itself (SIGKILL, so nothing is cleaned up) at its N-th event; then this process does what a user
would do next and checks what is promised. Prints one JSON object with the number of points, per procedure.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.compose import Toolkit, compose
from ehtoolkit.ehealth.environments import endpoints_of
from ehtoolkit.ehealth.http import Answer, Transport
from ehtoolkit.ehealth.platform import platform_at
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore import KeystoreFile, find_keystores
from ehtoolkit.procedures import complete, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
TOUCHING = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.chmod", "os.truncate"}


class Bomb:
    """Counts events and kills the process at the one it was set for."""

    def __init__(self, at: int, home: Path) -> None:
        self.at, self.count, self.home = at, 0, str(home)

    def tick(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in TOUCHING and arguments and self.home in str(arguments[0]):
            self.tick()


@dataclass(frozen=True)
class Fused:
    """A transport with the bomb before the message leaves and after the answer came."""

    inner: Transport
    bomb: Bomb

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.bomb.tick()
        answer = self.inner.post(url, body, headers)
        self.bomb.tick()
        return answer


def toolkit_in(home: Path) -> Toolkit:
    return compose(load_settings(home=home, training_delivery=60.0))


def wish_of(toolkit: Toolkit) -> request.Wish:
    person = toolkit.open_card().identity().person
    return request.Wish(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))


def ask(toolkit: Toolkit) -> None:
    card = toolkit.open_card()
    request.request(wish_of(toolkit), card, lambda _: PIN, PASSWORD, toolkit.parts, show=lambda _: None)


def finish(toolkit: Toolkit) -> None:
    complete.complete(open_only(toolkit), toolkit.parts)


def open_only(toolkit: Toolkit) -> KeystoreFile:
    (found,) = find_keystores(toolkit.parts.keystores)
    return KeystoreFile.open(found.path, PASSWORD)


def with_bomb(toolkit: Toolkit, bomb: Bomb) -> Toolkit:
    """The same toolkit, whose messages pass the bomb."""
    parts, training = toolkit.parts, toolkit.training
    assert training is not None
    fused = platform_at(Fused(training.transport(), bomb), endpoints_of(parts.environment), parts.clock)
    return replace(toolkit, parts=replace(parts, platform=fused))


def killed_at(point: int, home: Path, work: Callable[[Toolkit], None]) -> bool:
    """Let a child do ``work`` with a bomb at ``point``; True when it went off, False when the work was done."""
    child = os.fork()
    if child == 0:
        try:
            bomb = Bomb(point, home)
            toolkit = toolkit_in(home)
            sys.addaudithook(bomb.audit)
            work(with_bomb(toolkit, bomb))
        except BaseException:  # noqa: BLE001  # a child of a fork must not return into the parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, how = os.waitpid(child, 0)
    if os.WIFSIGNALED(how):
        return True
    assert os.WEXITSTATUS(how) == 0, f"the child failed at point {point}"
    return False


def points(warm: Path, folder: Path, work: Callable[[Toolkit], None]) -> Iterator[tuple[int, Path]]:
    """Every point at which ``work`` can be killed, with the home that the kill left."""
    point = 1
    while True:
        home = folder / f"{work.__name__}-{point}"
        shutil.copytree(warm, home)
        if not killed_at(point, home, work):
            shutil.rmtree(home)
            return
        yield point, home
        shutil.rmtree(home)
        point += 1


def recover(home: Path) -> str:
    """What a user does after a crash: complete; or resume and complete; or ask anew. Returns which it was."""
    toolkit = toolkit_in(home)
    found = find_keystores(toolkit.parts.keystores)
    assert len(found) <= 1, found
    if not found:
        ask(toolkit)
        how = "nothing was sent"
    else:
        how = _go_on(toolkit)
    toolkit.training.clock.move("+2h")  # type: ignore[union-attr]
    file = open_only(toolkit)
    outcome = complete.complete(file, toolkit.parts)
    assert outcome.state == "complete", outcome
    assert len(toolkit.training.register.all()) == 1, "a certificate too many"  # type: ignore[union-attr]
    return how


def _go_on(toolkit: Toolkit) -> str:
    file = open_only(toolkit)
    key_id = file.keystore.key_id
    try:
        complete.complete(file, toolkit.parts)
        how = "went on"
    except errors.NeverSent:
        request.resume(
            file, wish_of(toolkit), toolkit.open_card(), lambda _: PIN, toolkit.parts, show=lambda _: None
        )
        how = "resumed with the same pair"
    assert open_only(toolkit).keystore.key_id == key_id
    return how


def main() -> None:
    folder = Path(sys.argv[1])
    warm = folder / "warm"
    toolkit = toolkit_in(warm)
    wish_of(toolkit)
    toolkit.training.close()  # type: ignore[union-attr]
    report: dict[str, dict[str, int]] = {}
    for work, prepared in ((ask, warm), (finish, folder / "asked")):
        if work is finish:
            shutil.copytree(warm, prepared)
            asked = toolkit_in(prepared)
            ask(asked)
            asked.training.clock.move("+2h")  # type: ignore[union-attr]
            asked.training.close()  # type: ignore[union-attr]
        ways: dict[str, int] = {}
        for _, home in points(prepared, folder, work):
            how = recover(home)
            ways[how] = ways.get(how, 0) + 1
        report[work.__name__] = ways
    print(json.dumps(report))


if __name__ == "__main__":
    main()
