"""The card is pulled before every single call to its module in the course of a request, and put back."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from ehtoolkit import errors
from ehtoolkit.card import CardKey, Pkcs11Card
from ehtoolkit.identity import ContactData
from ehtoolkit.procedures.outcome import Outcome, State
from ehtoolkit.procedures.request import Wish, request
from ehtoolkit.secret import Secret
from tests.procedures.conftest import PASSWORD, PIN, Road, road, warm_home
from tests.softhsm_people import Desk, desk_in

__all__ = ["road", "warm_home"]

pytestmark = [pytest.mark.faults, pytest.mark.interop]

COUNTING: Final = """
import sys
from pathlib import Path
import PyKCS11
from ehtoolkit.card.worker import main

plan, log, tokens = (Path(one) for one in sys.argv[1:4])
library = PyKCS11.LowLevel.CPKCS11Lib

def counted(name, inner):
    def call(*arguments):
        with log.open("a") as lines:
            lines.write(name + chr(10))
        if plan.exists() and int(plan.read_text()) == len(log.read_text().split()):
            plan.unlink()
            tokens.rename(tokens.with_name("pulled"))
            tokens.mkdir()
        return inner(*arguments)
    return call

for name in dir(library):
    if name.startswith("C_"):
        setattr(library, name, counted(name, getattr(library, name)))
main(sys.argv[4:])
"""
"""The real worker, with the card pulled before the call of the number in ``plan``; ``log`` has every call's name."""


@dataclass
class Counted:
    """A card whose module's calls are counted, and the request that it signs."""

    road: Road
    desk: Desk
    card: Pkcs11Card
    folder: Path
    asked: int = 0

    def ask(self, pull_before: int = 0) -> Outcome:
        """The whole request; the card is pulled before that call, if there are so many."""
        (self.folder / "calls").write_text("")
        if pull_before:
            (self.folder / "plan").write_text(str(pull_before))
        self.asked = 0
        person = self.card.identity().person
        wish = Wish(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
        return request(wish, self.card, self.pin, PASSWORD, self.road.toolkit.parts, show=lambda _: None)

    def pin(self, _: CardKey) -> Secret:
        self.asked += 1
        return PIN

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().split()

    @property
    def was_pulled(self) -> bool:
        return (self.desk.softhsm.folder / "pulled").exists()

    @property
    def held(self) -> int:
        """How many requests the platform has."""
        assert self.road.toolkit.training is not None
        return len(self.road.toolkit.training.register.all())


@pytest.fixture(params=["elise", "karl"], ids=["rsa", "ec"])
def counted(request: pytest.FixtureRequest, road: Road, tmp_path: Path) -> Iterator[Counted]:
    """RSA with CKA_ALWAYS_AUTHENTICATE, P-384 without."""
    always = request.param == "elise"
    desk = desk_in(tmp_path / "home", tmp_path / "softhsm", request.param, always_authenticate=always)
    files = [str(tmp_path / name) for name in ("plan", "calls")]
    command = [sys.executable, "-P", "-c", COUNTING, *files, str(desk.softhsm.folder / "tokens")]
    card = Pkcs11Card(desk.softhsm.module, environment=desk.softhsm.environment, command=command)
    yield Counted(road, desk, card, tmp_path)
    card.close()


def test_pulled_before_every_call_of_a_request(counted: Counted) -> None:
    """The same card object, the same platform, one try after the other: each fails by itself, in its own words, and
    the next gets further; in the end there is one certificate."""
    told: Counter[str] = Counter()
    number, outcome = 0, None
    while outcome is None:
        number += 1
        try:
            outcome = counted.ask(pull_before=number)
        except (errors.CardRemoved, errors.CardAbsent) as error:
            told[type(error).__name__] += 1
            assert counted.was_pulled
            assert counted.held == 0
            assert counted.road.keystores == []
        # Each PIN that was asked for went to the card once a message (the first signs two), and (by context) once more
        # where the key wants it.
        assert counted.calls.count("C_Login") <= 2 * (counted.asked + 1)
        if counted.was_pulled:
            counted.desk.softhsm.put_back()

    assert outcome.state is State.WAITING
    assert counted.held == 1
    assert [path == outcome.keystore for path in counted.road.keystores] == [True]
    # It came through because nothing of the card was needed any more when it was pulled, or it never was.
    asked = counted.calls
    assert number > asked.index("C_Sign", asked.index("C_Sign") + 1)
    assert sum(told.values()) == number - 1
    print(f"{number - 1} points of {len(asked)} calls: {dict(told)}")
