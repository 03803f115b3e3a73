"""The real environments, played by the training platform behind HTTPS and a proxy: their addresses, folders and file
names; and keystores that belong to another one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.platform import BASE_URLS, base_url_of, platform_at
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.identity import ISSUERS, ContactData, Environment
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import environment_of, require_environment
from ehtoolkit.procedures.complete import activate, complete
from ehtoolkit.procedures.renew import renewable
from ehtoolkit.procedures.request import CertificateRequest, request, require_resumable
from ehtoolkit.procedures.request_preconditions import RequestPreconditions
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.settings import EnvironmentName, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.http.server import TrainingServer
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.issued_keystores import issued_by
from tests.support.proxy import Proxy, proxying
from tests.support.tls import WebAuthority

REAL = (Environment.ACCEPTANCE, Environment.PRODUCTION)


@pytest.fixture
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    return home


@dataclass(frozen=True)
class Stage:
    """``proxy`` leads to ``training``, whatever real host is asked for."""

    home: Path
    proxy: Proxy
    training: TrainingPlatform
    authority: WebAuthority

    def toolkit(self, environment: EnvironmentName, **settings: object) -> Toolkit:
        given = {"proxy": self.proxy.url, "ca_file": self.authority.file, "home": self.home, **settings}
        return open_toolkit(load_settings(environment=environment, **given))

    def ask(self, toolkit: Toolkit) -> ProcedureResult:
        card = self.training.card("default")
        person = card.identity().person
        requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
        return request(requested, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)


@pytest.fixture
def stage(warm_home: Path, tmp_path: Path, user_home: Path) -> Iterator[Stage]:
    home = tmp_path / "home"
    shutil.copytree(warm_home, home)
    authority = WebAuthority.make("Invented root", tmp_path / "authority")
    inner = open_toolkit(load_settings(home=home, training_delivery=0.0))
    assert inner.training is not None
    with proxying() as proxy:
        servers = []
        for environment in REAL:
            host = BASE_URLS[environment].removeprefix("https://")
            server = TrainingServer(inner.training, tls=authority.context(host))
            server.start()
            proxy.leads[f"{host}:443"] = server.port
            servers.append(server)
        yield Stage(home, proxy, inner.training, authority)
        for server in servers:
            server.stop()
    inner.close()


@pytest.mark.parametrize(
    ("environment", "host", "ending"),
    [
        ("acceptance", "services-acpt.ehealth.fgov.be", ".acc-p12"),
        ("production", "services.ehealth.fgov.be", ".p12"),
    ],
)
def test_from_the_request_to_the_status_in_a_real_environment(
    environment: EnvironmentName, host: str, ending: str, stage: Stage, user_home: Path
) -> None:
    toolkit = stage.toolkit(environment)
    try:
        asked = stage.ask(toolkit)
        assert asked.keystore.parent == user_home / "ehealth" / "keystore"
        assert asked.keystore.name.startswith("SSIN=79031421872 ")
        assert asked.keystore.suffix == ending
        assert [path.stem for path in (stage.home / "notes" / environment).glob("*.json")] == [asked.key_id]
        file = KeystoreFile.open(asked.keystore, PASSWORD)
        assert complete(file, toolkit.context).state is State.COMPLETE
        assert status(file, toolkit.context).state is State.ACTIVE
        assert toolkit.context.platform.clock_check.wrong is None
    finally:
        toolkit.close()
    assert set(stage.proxy.asked) == {f"CONNECT {host}:443 HTTP/1.1"}


def test_a_training_server_over_https(stage: Stage) -> None:
    server = TrainingServer(stage.training, tls=stage.authority.context())
    server.start()
    toolkit = stage.toolkit("training", platform_url=server.url)
    try:
        asked = stage.ask(toolkit)
        assert asked.keystore.parent == stage.home / "training" / "keystore"
        file = KeystoreFile.open(asked.keystore, PASSWORD)
        assert complete(file, toolkit.context).state is State.COMPLETE
    finally:
        toolkit.close()
        server.stop()
    assert stage.proxy.asked == [], "a server on this computer is not behind a proxy"


def test_a_refusal_reports_a_wrong_clock(stage: Stage) -> None:
    """The platform is a day ahead of this computer, and refuses; in training nobody compares."""
    toolkit = stage.toolkit("production")
    try:
        asked = stage.ask(toolkit)
        stage.training.clock.move("+1d")
        with pytest.raises(errors.PlatformRefused) as caught:
            toolkit.context.platform.certra.get_certificate("AB" * 20)
        facts = caught.value.facts
        assert facts["reason"] == "clock"
        here, there = facts["here"], facts["there"]
        assert isinstance(here, datetime)
        assert isinstance(there, datetime)
        assert timedelta(hours=23) < there - here < timedelta(hours=25)
        assert toolkit.context.platform.clock_check.wrong is not None
        file = KeystoreFile.open(asked.keystore, PASSWORD)
        assert complete(file, toolkit.context).state is State.COMPLETE, "what is not refused goes on"
    finally:
        toolkit.close()


# ── keystores of another environment ─────────────────────────────────────────────────────────────────────
def refusal(file: KeystoreFile, road: Road) -> tuple[object, object]:
    """Of a keystore that is opened where it does not belong: its own environment, and the one worked in."""
    before, sent = file.path.read_bytes(), len(road.wire.seen)
    for procedure in (
        complete,
        status,
        require_resumable,
        *((activate, renewable) if file.keystore.holder else ()),
    ):
        with pytest.raises(errors.WrongEnvironment) as caught:
            procedure(file, road.toolkit.context)
        assert caught.value.facts["path"] == str(file.path)
    assert len(road.wire.seen) == sent, "nothing was sent about it"
    assert file.path.read_bytes() == before
    return caught.value.facts["kind"], caught.value.facts["wanted"]


def moved_to(environment: Environment, road: Road) -> Road:
    """The same folders and platform, in another environment."""
    context = road.toolkit.context
    there = replace(
        context,
        environment=environment,
        platform=platform_at(road.wire, base_url_of(environment), context.clock),
        notes=context.notes.parent / environment,
    )
    return Road(replace(road.toolkit, context=there), road.wire)


@pytest.mark.parametrize("environment", REAL)
@pytest.mark.parametrize("forgotten", [False, True], ids=["noted", "note lost"])
def test_a_training_keystore_is_refused_elsewhere(
    environment: Environment, forgotten: bool, road: Road
) -> None:
    asked = road.ask()
    road.wait()
    road.complete(asked)
    if forgotten:
        for note in road.toolkit.context.notes.glob("*.json"):
            note.unlink()
    assert refusal(road.file(asked), moved_to(environment, road)) == ("training", environment)


def test_one_that_waits_without_a_note_is_refused_by_the_folder_that_it_lies_in(
    user_home: Path, road: Road
) -> None:
    """A real one is not sent to the training platform, nor the other way round."""
    asked = road.ask()
    for note in road.toolkit.context.notes.glob("*.json"):
        note.unlink()
    assert environment_of(road.file(asked), road.toolkit.context) is None
    real = user_home / "ehealth" / "keystore" / asked.keystore.name
    real.parent.mkdir(parents=True)
    shutil.copy(asked.keystore, real)
    assert refusal(KeystoreFile.open(real, PASSWORD), road) == ("production", "training")
    production = open_toolkit(load_settings(home=road.toolkit.settings.home, environment="production"))
    with pytest.raises(errors.WrongEnvironment) as caught:
        require_environment(road.file(asked), production.context)
    assert (caught.value.facts["kind"], caught.value.facts["wanted"]) == ("training", "production")
    require_environment(KeystoreFile.open(real, PASSWORD), production.context)
    production.close()


@pytest.mark.parametrize("environment", REAL)
def test_one_that_waits_in_training_is_refused_elsewhere_by_its_note(
    environment: Environment, road: Road
) -> None:
    asked = road.ask()
    assert refusal(road.file(asked), moved_to(environment, road)) == ("training", environment)


@pytest.mark.parametrize(("there", "here"), [REAL, REAL[::-1]])
@pytest.mark.parametrize("forgotten", [False, True], ids=["noted", "note lost"])
def test_a_request_of_the_other_real_environment_is_not_sent_here(
    there: Environment, here: Environment, forgotten: bool, road: Road
) -> None:
    """Both share a folder, and this platform cannot know a key that was sent to the other one."""
    other = moved_to(there, road)
    road.wire.before["generatecertificate"] = errors.PlatformUnreachable(host="h", reason="name", sent=False)
    with pytest.raises(errors.PlatformUnreachable):
        other.ask()
    road.wire.before.clear()
    (file,) = road.keystores
    before = file.read_bytes()
    if forgotten:
        for note in other.toolkit.context.notes.glob("*.json"):
            note.unlink()
    context = moved_to(here, road).toolkit.context
    assert RequestPreconditions.look(road.requested.name, context).unsent(None) is None

    asked = moved_to(here, road).ask()

    assert asked.keystore != file
    assert asked.key_id != KeystoreFile.open(file, PASSWORD).keystore.key_id
    assert file.read_bytes() == before
    assert [path.stem for path in context.notes.glob("*.json")] == [asked.key_id]


@pytest.mark.parametrize("name", sorted(name for name, found in ISSUERS.items() if found in REAL))
def test_a_real_keystore_is_refused_in_training_by_its_issuer(name: str, road: Road, tmp_path: Path) -> None:
    file = issued_by(name, tmp_path / "SSIN=79031421872 20261124-152300.p12")
    assert refusal(file, road) == (ISSUERS[name], "training")
    here = moved_to(ISSUERS[name], road)
    require_environment(file, here.toolkit.context)


def test_the_issuer_goes_before_the_name_of_the_file(road: Road, tmp_path: Path) -> None:
    name = "ZetesConfidens Private Trust PKI - eHealth issuing CA 002"
    file = issued_by(name, tmp_path / "renamed.acc-p12")
    assert environment_of(file, road.toolkit.context) is Environment.PRODUCTION


def test_the_ending_decides_if_the_issuer_is_unknown(road: Road, tmp_path: Path) -> None:
    unknown = "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 004"
    file = issued_by(unknown, tmp_path / "SSIN=79031421872 20261124-152300.acc-p12")
    assert refusal(file, moved_to(Environment.PRODUCTION, road)) == ("acceptance", "production")
    require_environment(file, moved_to(Environment.ACCEPTANCE, road).toolkit.context)


@pytest.mark.parametrize("environment", list(Environment))
def test_what_nothing_tells_of_is_let_through(environment: Environment, road: Road, tmp_path: Path) -> None:
    file = issued_by("Invented issuing CA", tmp_path / "SSIN=79031421872 20261124-152300.p12")
    context = moved_to(environment, road).toolkit.context
    assert environment_of(file, context) is None
    require_environment(file, context)


def test_the_transport_of_a_real_environment_is_the_wire(stage: Stage) -> None:
    toolkit = stage.toolkit("production")
    assert toolkit.training is None
    assert isinstance(toolkit._connection, HttpTransport)
    toolkit.close()
