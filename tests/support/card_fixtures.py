"""Fixtures with training cards; a conftest.py imports those that its tests use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from ehtoolkit.card.port import CardKey
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.card.profile import CardProfile
from tests.support.cards import Authorities, make_authorities, make_profile
from tests.support.pcsc import Pcsc, running_pcsc
from tests.support.plugged import Plugged, plugged
from tests.support.softhsm import SoftHsm

SoftHsmFactory = Callable[..., SoftHsm]
PlugFactory = Callable[..., Plugged]


@pytest.fixture(scope="session")
def authorities() -> Authorities:
    return make_authorities()


@pytest.fixture(scope="session")
def profiles(authorities: Authorities) -> Mapping[str, CardProfile]:
    """One invented person's cards: ``rsa`` and ``ec``; ``young``: without a Signature key; ``dormant``: with
    one that was never activated; ``young_rsa`` and ``dormant_rsa``: the same on older cards."""
    return {
        "rsa": make_profile(authorities, "rsa"),
        "ec": make_profile(authorities, "ec"),
        "young": make_profile(authorities, "ec", signature=False),
        "dormant": make_profile(authorities, "ec", activated=False),
        "young_rsa": make_profile(authorities, "rsa", signature=False),
        "dormant_rsa": make_profile(authorities, "rsa", activated=False),
    }


@pytest.fixture(scope="session")
def softhsm_token(tmp_path_factory: pytest.TempPathFactory) -> SoftHsmFactory:
    """Makes a SoftHSM2 with one token that holds a profile; options are those of ``SoftHsm.add_token``."""

    def make(profile: CardProfile, **options: Any) -> SoftHsm:
        softhsm = SoftHsm.make(tmp_path_factory.mktemp("softhsm") / "home")
        softhsm.add_token(profile, **options)
        return softhsm

    return make


@pytest.fixture(scope="module")
def pcsc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcsc]:
    """The smart-card service, for this file alone until it is through."""
    with running_pcsc(tmp_path_factory.mktemp("pcsc")) as service:
        yield service


@pytest.fixture(scope="module")
def plug_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The EHTOOLKIT_HOME of the cards that are plugged, so that its authorities are made once."""
    return tmp_path_factory.mktemp("plugged") / "ehtoolkit"


class CardInReader:
    """The first virtual reader with one card, which stays there from test to test while it is the right one."""

    def __init__(self, plug: Callable[[CardProfile], AbstractContextManager[Plugged]]) -> None:
        self._plug = plug
        self._stack = ExitStack()
        self._held: tuple[CardProfile, Plugged] | None = None

    def card(self, profile: CardProfile) -> Plugged:
        """The card of a profile, with three tries. A test that changes more of it uses `plug`."""
        if self._held is not None:
            known, card = self._held
            if known is not profile or card.process.poll() is not None or not card.software.plugged:
                self.empty()
        if self._held is None:
            self._held = (profile, self._stack.enter_context(self._plug(profile)))
        card = self._held[1]
        card.software.unblock()
        return card

    def empty(self) -> None:
        self._held = None
        self._stack.close()


def _rrn_of(profile: CardProfile, authorities: Authorities) -> Issuer:
    elliptic = isinstance(profile.keys[CardKey.AUTHENTICATION], EllipticCurvePrivateKey)
    return authorities.rrn_ec if elliptic else authorities.rrn


@pytest.fixture(scope="module")
def in_reader(pcsc: Pcsc, plug_home: Path, authorities: Authorities) -> Iterator[CardInReader]:
    reader = CardInReader(
        lambda profile: plugged(pcsc, plug_home, profile, rrn=_rrn_of(profile, authorities))
    )
    yield reader
    reader.empty()


@pytest.fixture
def readers_met(pcsc: Pcsc, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test, unlike others, meets the machine's readers."""
    for name, value in pcsc.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def plug(
    pcsc: Pcsc, plug_home: Path, authorities: Authorities, in_reader: CardInReader, readers_met: None
) -> Iterator[PlugFactory]:
    """Plugs a profile into a virtual reader, as a card with a number that no other has; options are those of
    `tests.support.plugged.plugged`. All come out at the end. The reader is empty before."""
    in_reader.empty()
    with ExitStack() as stack:

        def put(profile: CardProfile, **options: Any) -> Plugged:
            rrn = _rrn_of(profile, authorities)
            return stack.enter_context(plugged(pcsc, plug_home, profile, rrn=rrn, **options))

        yield put
