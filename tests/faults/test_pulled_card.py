"""The card is pulled before every single call to its module in the course of a request, and put back."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.port import CardKey
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority import certificate_register
from tests.conftest import ROOT
from tests.faults.pulled_worker import relay
from tests.procedures.conftest import PASSWORD, PIN, Road, road, warm_home
from tests.support.keys import KeyPack
from tests.support.softhsm_readers import SoftHsmReaders, readers_in

__all__ = ["road", "warm_home"]

pytestmark = [pytest.mark.faults, pytest.mark.interop]


@dataclass
class Counted:
    """A card whose module's calls are counted, and the request that it signs."""

    road: Road
    readers: SoftHsmReaders
    card: Pkcs11Card
    folder: Path
    keys: KeyPack
    asked: int = 0

    def ask(self, pull_before: int) -> ProcedureResult:
        """The whole request; the card is pulled before that call, if there are so many."""
        (self.folder / "calls").write_text("")
        (self.folder / "plan").write_text(str(pull_before))
        self.asked = 0
        person = self.card.identity().person
        requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
        return request(
            requested, self.card, self.pin, PASSWORD, self.road.toolkit.context, show=lambda _: None
        )

    def pin(self, _: CardKey) -> Secret:
        self.asked += 1
        return PIN

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().split()

    @property
    def was_pulled(self) -> bool:
        return (self.readers.softhsm.folder / "pulled").exists()

    @property
    def held(self) -> int:
        """How many requests the platform has."""
        assert self.road.toolkit.training is not None
        return len(certificate_register.all_records(self.road.toolkit.training))


@pytest.fixture(params=["elise", "karl"], ids=["rsa", "ec"])
def counted(
    request: pytest.FixtureRequest,
    road: Road,
    tmp_path: Path,
    _key_pack: KeyPack,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Counted]:
    """RSA with CKA_ALWAYS_AUTHENTICATE, P-384 without."""
    always = request.param == "elise"
    readers = readers_in(tmp_path / "home", tmp_path / "softhsm", request.param, always_authenticate=always)
    with workers(tmp_path, readers) as command:
        card = Pkcs11Card(readers.softhsm.module, environment=readers.softhsm.environment, command=command)
        _key_pack.into(monkeypatch)
        yield Counted(road, readers, card, tmp_path, _key_pack)
        card.close()


@contextmanager
def workers(folder: Path, readers: SoftHsmReaders) -> Iterator[Sequence[str]]:
    """The command that starts a worker."""
    with tempfile.TemporaryDirectory() as short:  # the name of a socket has a hundred characters at most
        server = Path(short) / "server"
        files = [server, folder / "plan", folder / "calls", readers.softhsm.folder / "tokens"]
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.faults.pulled_worker", *map(str, files)],
            env={**os.environ, **readers.softhsm.environment, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        ) as running:
            assert running.stdout is not None
            try:
                assert running.stdout.readline() == b"ready\n"
                yield relay(server)
            finally:
                running.terminate()


def test_pulled_before_every_call_of_a_request(counted: Counted) -> None:
    """The same card object, the same platform, one try after the other: each fails by itself, in its own words, and
    the next gets further; in the end there is one certificate."""
    failures: Counter[str] = Counter()
    number, outcome = 0, None
    while outcome is None:
        number += 1
        counted.keys.take_up()  # none came to the platform
        try:
            outcome = counted.ask(pull_before=number)
        except (errors.CardRemoved, errors.CardAbsent) as error:
            failures[type(error).__name__] += 1
            assert counted.was_pulled
            assert counted.held == 0
            assert counted.road.keystores == []
        # Each PIN that was asked for went to the card once a message (the first signs two), and (by context) once more
        # where the key wants it.
        assert counted.calls.count("C_Login") <= 2 * (counted.asked + 1)
        if counted.was_pulled:
            counted.readers.softhsm.put_back()

    assert outcome.state is State.WAITING
    assert counted.held == 1
    assert [path == outcome.keystore for path in counted.road.keystores] == [True]
    # It came through because nothing of the card was needed any more when it was pulled, or it never was.
    asked = counted.calls
    assert number > asked.index("C_Sign", asked.index("C_Sign") + 1)
    assert sum(failures.values()) == number - 1
    print(f"{number - 1} points of {len(asked)} calls: {dict(failures)}")
