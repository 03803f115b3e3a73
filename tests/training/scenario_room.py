"""A trainer and his class: the trainer's own view of a platform, and clients on it by either way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ehtoolkit.card.port import CardKey, CardSigner
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request, resume
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.card.training_card import TrainingCard
from ehtoolkit.training.http.server import TrainingServer

PASSWORD = Secret("Kine-2026")
PIN = Secret("1234")
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")

TIMEOUT = 4.0
"""Seconds that the clients here wait."""

During = Callable[[], object]
"""Done while the contract is read: after the first messages, before the signed request."""


def nothing() -> None:
    """Nobody does anything meanwhile."""


@dataclass(frozen=True)
class Room:
    """``trainer``: another platform on the folder of the one behind ``toolkit``. ``url``: of the server that the
    toolkit talks to; None in the same process."""

    trainer: TrainingPlatform
    toolkit: Toolkit
    url: str | None

    @property
    def platform(self) -> Platform:
        return self.toolkit.context.platform

    @property
    def keystores(self) -> list[Path]:
        return sorted(self.toolkit.context.keystores.glob("*p12"))

    @property
    def held(self) -> list[tuple[str, str]]:
        """Status and token status of everything that the platform has, the last first."""
        return [(certificate.status, certificate.token_status) for certificate in self.trainer.certificates()]

    def card(self, name: str = "elise") -> TrainingCard:
        card = self.toolkit.open_card(f"training:{name}")
        assert isinstance(card, TrainingCard)
        return card

    def signer(self, name: str = "elise", key: CardKey = CardKey.AUTHENTICATION) -> CardSigner:
        return CardSigner(self.card(name), key, PIN)

    def requested(self, name: str = "elise") -> CertificateRequest:
        person = next(person.person for person in self.trainer.people() if person.name == name)
        return CertificateRequest(person, person, CONTACT)

    def ask(self, name: str = "elise", during: During = nothing, *, insist: bool = False) -> ProcedureResult:
        def show(_: Contract) -> None:
            during()

        return request(
            self.requested(name),
            self.card(name),
            lambda _: PIN,
            PASSWORD,
            self.toolkit.context,
            show=show,
            insist=insist,
        )

    def resume(self, path: Path, name: str = "elise") -> ProcedureResult:
        file = KeystoreFile.open(path, PASSWORD)
        return resume(
            file,
            self.requested(name),
            self.card(name),
            lambda _: PIN,
            self.toolkit.context,
            show=lambda _: None,
        )

    def file(self, path: Path) -> KeystoreFile:
        return KeystoreFile.open(path, PASSWORD)

    def complete(self, outcome: ProcedureResult | Path) -> ProcedureResult:
        path = outcome if isinstance(outcome, Path) else outcome.keystore
        return complete(self.file(path), self.toolkit.context)

    def on(self, name: str, person: str | None = "elise", **more: float) -> None:
        assert self.trainer.switch(name, True, person, **more).is_on  # type: ignore[arg-type]

    def off(self, name: str, person: str | None = "elise") -> None:
        self.trainer.switch(name, False, person)

    def wait(self, step: str = "+1d") -> None:
        self.trainer.clock.move(step)


def holder_of(file: KeystoreFile) -> KeySigner:
    """Signs as the holder of a completed keystore."""
    return KeySigner(file.keystore.authentication.key, file.keystore.chain)


@pytest.fixture(params=["in process", "over HTTP"])
def room(request: pytest.FixtureRequest, made_once: Path, tmp_path: Path) -> Iterator[Room]:
    home = tmp_path / "home"
    shutil.copytree(made_once, home / "training")
    trainer = TrainingPlatform(home / "training", delivery_seconds=3600.0)
    server = TrainingServer(trainer) if request.param == "over HTTP" else None
    if server is not None:
        server.start()
    url = None if server is None else server.url
    toolkit = open_toolkit(load_settings(home=home, platform_url=url, platform_timeout=TIMEOUT))
    yield Room(trainer, toolkit, url)
    toolkit.close()
    if server is not None:
        server.stop()
    trainer.close()
