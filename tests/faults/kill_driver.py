"""Run procedures over and over, killed in every state that they go through (`kill_points`).

A program of its own, since it forks: ``kill_driver.py FOLDER GROUP [--every-point]``, with a key of `GROUPS`. A child
works in a fresh copy of a prepared home and is killed at one of its calls of the file system or around one of its
messages; then this process does what a user would do next and checks what is promised. Prints one JSON object with a
report of each procedure of the group.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap.transport import Response, Transport
from ehtoolkit.toolkit import Toolkit
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
from tests.faults.killed_procedures import GROUPS, Killed, toolkit_in
from tests.support.keys import KeyPack, cheap_rounds

KEYS = KeyPack()
FOR_CHILD = 3
"""Keys of the pack that a child may take. Recovering begins behind them: a key of the one is never the other's."""
FOR_PARENT = 3


@dataclass(frozen=True)
class AnnouncingTransport:
    """Announces each message before it leaves and after the answer came."""

    inner: Transport
    announce: Announce

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.announce("message", body)
        answer = self.inner.post(url, body, headers)
        self.announce("answer", b"")
        return answer


def announcing(toolkit: Toolkit, announce: Announce) -> Toolkit:
    """The same toolkit, whose messages are announced."""
    context, training = toolkit.context, toolkit.training
    assert training is not None
    transport = AnnouncingTransport(training.transport(), announce)
    platform = platform_at(transport, base_url_of(context.environment), context.clock)
    return replace(toolkit, context=replace(context, platform=platform))


def killed_everywhere(procedure: Killed, folder: Path, *, every_point: bool) -> Report:
    """Kill a procedure in every state that it goes through, or at every point."""
    used = KEYS.dealt
    while len(KEYS.keys) < used + FOR_CHILD + FOR_PARENT:
        KEYS.deal(65537, 2048)
    KEYS.dealt, now = used, datetime.now(UTC)

    def child(home: Path, announce: Announce) -> None:
        del KEYS.keys[used + FOR_CHILD :]
        one_second(now)
        toolkit = toolkit_in(home)
        audit(home, announce)
        procedure.work(announcing(toolkit, announce))

    def parent(home: Path) -> str:
        KEYS.dealt = used + FOR_CHILD
        try:
            return procedure.recover(home)
        finally:
            KEYS.dealt = used

    return kill_everywhere(procedure.prepared, folder, observed(child), parent, every_point=every_point)


def main(folder: Path, group: str, *options: str) -> None:
    with cheap_rounds(), pytest.MonkeyPatch.context() as patch:
        KEYS.into(patch)
        reports = {
            procedure.name: killed_everywhere(procedure, folder, every_point=EVERY_POINT in options)
            for procedure in GROUPS[group](folder)
        }
        print(as_json(reports))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
