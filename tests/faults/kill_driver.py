"""Run request and complete over and over, killed in every state that they go through (`kill_points`).

A program of its own, since it forks: ``kill_driver.py FOLDER [--every-point]``. Each child works in a fresh copy of a
warm home and is killed at one of its calls of the file system or around one of its messages; then this process does
what a user would do next and checks what is promised. Prints one JSON object with a report of each procedure.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit, open_toolkit
from ehtoolkit.ehealth.platform import endpoints_of, platform_at
from ehtoolkit.ehealth.wire.http import Response, Transport
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import complete, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from tests.faults.kill_points import (
    EVERY_POINT,
    Announce,
    Report,
    as_json,
    audit,
    kill_everywhere,
    observed,
    one_second,
)
from tests.support.keys import KeyPack, cheap_rounds

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
KEYS = KeyPack()
FOR_CHILD = 3
"""Keys of the pack that a child may take. Recovering begins behind them: a key of the one is never the other's."""
FOR_PARENT = 3


@dataclass(frozen=True)
class Watched:
    """A transport that announces each message before it leaves and after the answer came."""

    inner: Transport
    announce: Announce

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.announce("message", body)
        answer = self.inner.post(url, body, headers)
        self.announce("answer", b"")
        return answer


def toolkit_in(home: Path) -> Toolkit:
    return open_toolkit(load_settings(home=home, training_delivery=60.0))


def wish_of(toolkit: Toolkit) -> request.CertificateRequest:
    person = toolkit.open_card().identity().person
    return request.CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))


def ask(toolkit: Toolkit) -> None:
    card = toolkit.open_card()
    request.request(wish_of(toolkit), card, lambda _: PIN, PASSWORD, toolkit.parts, show=lambda _: None)


def finish(toolkit: Toolkit) -> None:
    complete.complete(open_only(toolkit), toolkit.parts)


def open_only(toolkit: Toolkit) -> KeystoreFile:
    (found,) = find_keystores(toolkit.parts.keystores)
    return KeystoreFile.open(found.path, PASSWORD)


def watched(toolkit: Toolkit, announce: Announce) -> Toolkit:
    """The same toolkit, whose messages are announced."""
    parts, training = toolkit.parts, toolkit.training
    assert training is not None
    transport = Watched(training.transport(), announce)
    platform = platform_at(transport, endpoints_of(parts.environment), parts.clock)
    return replace(toolkit, parts=replace(parts, platform=platform))


def killed_everywhere(
    work: Callable[[Toolkit], None], prepared: Path, folder: Path, recover: Callable[[Path], str]
) -> Report:
    """Kill ``work`` in every state that it goes through, or (with ``--every-point``) at every point."""
    used = KEYS.dealt
    while len(KEYS.keys) < used + FOR_CHILD + FOR_PARENT:
        KEYS.deal(65537, 2048)
    KEYS.dealt, now = used, datetime.now(UTC)

    def child(home: Path, announce: Announce) -> None:
        del KEYS.keys[used + FOR_CHILD :]
        one_second(now)
        toolkit = toolkit_in(home)
        audit(home, announce)
        work(watched(toolkit, announce))

    def parent(home: Path) -> str:
        KEYS.dealt = used + FOR_CHILD
        try:
            return recover(home)
        finally:
            KEYS.dealt = used

    return kill_everywhere(prepared, folder, observed(child), parent, every_point=EVERY_POINT in sys.argv)


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
    toolkit.close()
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


def run(main: Callable[[Path], dict[str, Report]]) -> None:
    """Let a driver work in the folder of the command line, with what is cheap in tests, and print its reports."""
    with cheap_rounds(), pytest.MonkeyPatch.context() as patch:
        KEYS.into(patch)
        print(as_json(main(Path(sys.argv[1]))))


def main(folder: Path) -> dict[str, Report]:
    warm, asked = folder / "warm", folder / "asked"
    toolkit = toolkit_in(warm)
    wish_of(toolkit)
    toolkit.close()
    asking = killed_everywhere(ask, warm, folder, recover)
    shutil.copytree(warm, asked)
    toolkit = toolkit_in(asked)
    ask(toolkit)
    toolkit.training.clock.move("+2h")  # type: ignore[union-attr]
    toolkit.close()
    return {"ask": asking, "finish": killed_everywhere(finish, asked, folder, recover)}


if __name__ == "__main__":
    run(main)
