"""A toolkit in training whose wire can be tampered with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap.transport import Response, Transport
from ehtoolkit.ehealth.sts.assertion import SessionSigner
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.authority import STS_NUMBER

PASSWORD = Secret("Kine-2026")
PIN = Secret("1234")

Act = Callable[[Response], Response]


@dataclass
class Wire:
    """Between client and platform. ``after``: what happens to an answer; ``before``: raised before anything
    arrives; both by a word of the request's SOAPAction or, for the depot, of its address."""

    inner: Transport
    after: dict[str, Act] = field(default_factory=dict)
    before: dict[str, Exception] = field(default_factory=dict)
    lost: dict[str, Exception] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        what = f"{headers.get('SOAPAction', '')} {url}".lower()
        self.seen.append(what)
        for word, error in self.before.items():
            if word.lower() in what:
                raise error
        answer = self.inner.post(url, body, headers)
        for word, error in self.lost.items():
            if word.lower() in what:
                raise error
        for word, act in self.after.items():
            if word.lower() in what:
                answer = act(answer)
        return answer

    def count(self, word: str) -> int:
        return sum(word.lower() in what for what in self.seen)


@dataclass(frozen=True)
class Road:
    """The procedures with the usual person, card and password."""

    toolkit: Toolkit
    wire: Wire

    @property
    def requested(self) -> CertificateRequest:
        person = self.toolkit.open_card().identity().person
        return CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))

    def ask(self, *, insist: bool = False) -> ProcedureResult:
        card = self.toolkit.open_card()
        return request(
            self.requested,
            card,
            lambda _: PIN,
            PASSWORD,
            self.toolkit.context,
            show=lambda _: None,
            insist=insist,
        )

    def file(self, outcome: ProcedureResult) -> KeystoreFile:
        return KeystoreFile.open(outcome.keystore, PASSWORD)

    def complete(self, outcome: ProcedureResult) -> ProcedureResult:
        return complete(self.file(outcome), self.toolkit.context)

    def wait(self) -> None:
        assert self.toolkit.training is not None
        self.toolkit.training.clock.move("+1d")

    @property
    def keystores(self) -> list[Path]:
        return sorted(self.toolkit.context.keystores.glob("*p12"))


def behind_wire(toolkit: Toolkit) -> Road:
    """The toolkit, its platform behind a wire that can be tampered with."""
    assert toolkit.training is not None
    wire = Wire(toolkit.training.transport())
    context = toolkit.context
    platform = platform_at(
        wire,
        base_url_of(context.environment),
        context.clock,
        session_signer=SessionSigner(number=STS_NUMBER),
    )
    return Road(replace(toolkit, context=replace(context, platform=platform)), wire)


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose authorities and first card are made: copied for each test."""
    home = tmp_path_factory.mktemp("warm") / "home"
    toolkit = open_toolkit(load_settings(home=home))
    toolkit.open_card().identity()
    assert toolkit.training is not None
    toolkit.training.close()
    return home


@pytest.fixture
def road(warm_home: Path, tmp_path: Path) -> Iterator[Road]:
    home = tmp_path / "home"
    shutil.copytree(warm_home, home)
    toolkit = open_toolkit(load_settings(home=home))
    yield behind_wire(toolkit)
    toolkit.close()
