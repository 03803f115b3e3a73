"""Homes in which a certificate has come so far: each is made once, and copied by whoever needs it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.sts.assertion import SessionSigner
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training import PEOPLE
from ehtoolkit.training.authority import STS_NUMBER
from ehtoolkit.training.sample import Sample
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.procedures.conftest import PASSWORD, Road, Wire
from tests.support.training_life import CONTACT, PRACTICE, Life

UNREACHABLE: Final = errors.PlatformUnreachable(host="services.ehealth.fgov.be", reason="connect", sent=False)

DELIVERY: Final = timedelta(hours=12)
"""How long what is on its way takes: longer than all scenes are looked at, and less than the day that stories wait."""


@contextmanager
def _living(home: Path) -> Iterator[Life]:
    """The first training person on ``home``."""
    toolkit = open_toolkit(load_settings(home=home, training_delivery=DELIVERY.total_seconds()))
    if toolkit.training is None:
        raise RuntimeError("a home of the gallery is one of training")
    wire = Wire(toolkit.training.transport())
    context = toolkit.context
    platform = platform_at(
        wire,
        base_url_of(context.environment),
        context.clock,
        session_signer=SessionSigner(number=STS_NUMBER),
    )
    yield Life(Road(replace(toolkit, context=replace(context, platform=platform)), wire))
    toolkit.close()


def _fresh(life: Life) -> None:
    """The authorities and the first card."""
    life.road.toolkit.open_card().identity()


def _everybody(life: Life) -> None:
    """The cards of all people."""
    for person in PEOPLE:
        life.road.toolkit.open_card(f"training:{person.name}").identity()


def _unsent(life: Life) -> None:
    life.road.wire.before["generatecertificate"] = UNREACHABLE
    try:
        life.ask()
    except errors.PlatformUnreachable:
        return
    raise RuntimeError("the request was sent")


def _waiting(life: Life) -> None:
    life.ask()


def _complete(life: Life) -> None:
    life.first()


def _organisation(life: Life) -> None:
    """The person's own certificate and one of his practice, both complete; another of the practice is on its way."""
    life.first()
    practice = replace(life, organisation=PRACTICE, application_id="KASSE-1", password=Secret("Praxis-2026"))
    practice.first()
    replace(practice, application_id=None).ask()


def _due(life: Life) -> None:
    life.move("+34mo")


def _renewing(life: Life) -> None:
    (old,) = life.road.keystores
    life.renew(life.open(old))


def _renewed(life: Life) -> None:
    life.move("+1d")
    new = life.road.keystores[-1]
    found = life.open(new)
    if complete(found, life.road.toolkit.context).state is not State.TO_ACTIVATE:
        raise RuntimeError("the renewal is not complete")


def _active(life: Life) -> None:
    life.activate(life.open(life.road.keystores[-1]))


def _revoked(life: Life) -> None:
    (path,) = life.road.keystores
    life.revoke(life.open(path).keystore.key_id)


def _expired(life: Life) -> None:
    life.move("+3mo")


def _foreign(life: Life) -> None:
    """A request of somebody without a card, which nobody has confirmed."""
    request_foreign(
        ForeignerRequest(FOREIGNER, ContactData(CONTACT.email, CONTACT.phone)),
        PASSWORD,
        life.road.toolkit.context,
    )


def _sample(life: Life) -> None:
    """Forty invented providers over six practices."""
    toolkit = life.road.toolkit
    if toolkit.training is None:
        raise RuntimeError("a home of the gallery is one of training")
    Sample(toolkit.settings, toolkit.training).make()


STAGES: Final[dict[str, tuple[str, Callable[[Life], None]]]] = {
    "fresh": ("", _fresh),
    "everybody": ("fresh", _everybody),
    "unsent": ("fresh", _unsent),
    "waiting": ("fresh", _waiting),
    "complete": ("fresh", _complete),
    "organisation": ("fresh", _organisation),
    "due": ("complete", _due),
    "renewing": ("due", _renewing),
    "renewed": ("renewing", _renewed),
    "active": ("renewed", _active),
    "revoked": ("complete", _revoked),
    "expired": ("due", _expired),
    "foreign": ("fresh", _foreign),
    "sample": ("fresh", _sample),
}
"""Name → the home that it goes on from, and what happens there."""


def make_homes(folder: Path, *wanted: str) -> Path:
    """All of them, or those that are wanted, each in a folder of its name."""
    for name in wanted or STAGES:
        before, act = STAGES[name]
        home = folder / name
        if before:
            shutil.copytree(folder / before, home, symlinks=True)
        with _living(home) as life:
            act(life)
    return folder
