"""One of several processes that do the same for the same holder, each a fork of a server that has all loaded."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import complete, finish, renew, request, revoke
from ehtoolkit.procedures.state import certificate_list
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.support.keys import cheap_rounds

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
PATIENCE: Final = 60.0
"""Seconds that one waits for another."""
STEPS: Final[Mapping[str, Callable[..., object]]] = {
    "complete": complete.complete,
    "finish": finish.finish,
    "activate": complete.activate,
}
"""What is done with the newest keystore, without a card."""


def server() -> ForkServerContext:
    """What forks the processes; it is started once, and loads this module then."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


@dataclass
class Barrier:
    """Where the processes wait for each other: none does anything before ``go``, and who holds does not sign before
    ``sign``."""

    context: ForkServerContext
    go: Event = field(init=False)
    sign: Event = field(init=False)

    def __post_init__(self) -> None:
        self.go, self.sign = self.context.Event(), self.context.Event()


class Other:
    """A process that does ``verb`` (request, renew, revoke, complete, finish or activate) in ``home`` when the barrier
    is opened.

    ``hold``: it stops where the contract is shown, or where the first step begins.
    """

    def __init__(self, barrier: Barrier, home: Path, verb: str, *, hold: bool = False) -> None:
        self._answers, answers = barrier.context.Pipe(duplex=False)
        arguments = (home, verb, barrier.go, barrier.sign if hold else None, answers)
        self._process = barrier.context.Process(target=_work, args=arguments, daemon=True)
        self._process.start()
        answers.close()
        self.wait_until("ready")

    def wait_until(self, what: str) -> None:
        """Wait until it is ``ready``, or until its contract is ``shown``."""
        assert self._answers.poll(PATIENCE), f"it is not {what}"
        assert self._answers.recv() == what

    def said(self) -> str:
        """What came of it: ``done``, or the key of the error."""
        last = ""
        while last in ("", "shown"):
            assert self._answers.poll(PATIENCE), "it does not end"
            last = self._answers.recv()
        self._process.join(PATIENCE)
        assert self._process.exitcode == 0
        self._answers.close()
        return last


def _work(home: Path, verb: str, go: Event, sign: Event | None, answers: Connection) -> None:
    with cheap_rounds():
        toolkit = open_toolkit(load_settings(home=home, training_delivery=60.0))
        answers.send("ready")
        assert go.wait(PATIENCE)
        try:
            _do(verb, toolkit, sign, answers)
        except errors.EhToolkitError as error:
            answers.send(error.key)
        else:
            answers.send("done")
        toolkit.close()


def _do(verb: str, toolkit: Toolkit, sign: Event | None, answers: Connection) -> None:
    def show(_: object) -> None:
        answers.send("shown")
        assert sign is None or sign.wait(PATIENCE)

    card, context = toolkit.open_card(), toolkit.context
    person = card.identity().person
    if verb == "request":
        requested = request.CertificateRequest(
            person, person, ContactData("elise@example.be", "+32 4 555 01 42")
        )
        request.request(requested, card, lambda _: PIN, PASSWORD, context, show=show)
        return
    if verb in STEPS:
        newest = KeystoreFile.open(find_keystores(context.keystores)[0].path, PASSWORD)
        STEPS[verb](newest, context, progress=show)
        return
    path = find_keystores(context.keystores)[-1].path
    if verb == "renew":
        renew.renew(KeystoreFile.open(path, PASSWORD), card, lambda _: PIN, PASSWORD, context, show=show)
    else:
        chosen = certificate_list.by_file(path, lambda: KeystoreFile.open(path, PASSWORD), person, context)
        revoke.revoke(card, lambda _: PIN, chosen, RevocationReason.SUPERSEDED, context, show=show)
