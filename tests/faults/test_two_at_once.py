"""Two processes, or a page and a process, do the same for the same holder: one of them does it, the other is told."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.wizards.renew import RENEW, RenewModel
from ehtoolkit.forms.wizards.request.holder_choice import MYSELF
from ehtoolkit.forms.wizards.revoke.form import REVOKE
from ehtoolkit.forms.wizards.revoke.model import LISTED, RevokeModel
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import complete, renew, request
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.service.certificate_info import PlatformCertificate
from tests.faults.two_at_once_driver import PASSWORD, PIN, STEPS, Barrier, Other, server
from tests.forms.request_walk import Walk
from tests.procedures.conftest import Road, Wire

ROUNDS = 3
REFUSALS = {
    "request": {"request_running", "request_waiting"},
    "renew": {"request_running", "request_waiting"},
    "revoke": {"request_running", "not_revocable", "platform_refused"},
}
"""What the slower one is told, by how much slower it was."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@dataclass
class Place:
    """A home, and the barrier at which the processes wait for each other."""

    home: Path
    barrier: Barrier

    def toolkit(self) -> Toolkit:
        return open_toolkit(load_settings(home=self.home, training_delivery=60.0))

    def start(self, verb: str, *, hold: bool = False) -> Other:
        return Other(self.barrier, self.home, verb, hold=hold)


def held(toolkit: Toolkit) -> list[PlatformCertificate]:
    assert toolkit.training is not None
    return list(toolkit.training.certificates())


def request_of(toolkit: Toolkit) -> request.CertificateRequest:
    person = toolkit.open_card().identity().person
    return request.CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By the verb: where it can be done."""
    folder = tmp_path_factory.mktemp("homes")
    warm, due = folder / "warm", folder / "due"
    toolkit = open_toolkit(load_settings(home=warm, training_delivery=60.0))
    request_of(toolkit)
    toolkit.close()
    shutil.copytree(warm, due)
    toolkit = open_toolkit(load_settings(home=due, training_delivery=60.0))
    assert toolkit.training is not None
    card = toolkit.open_card()
    asked = request.request(
        request_of(toolkit), card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None
    )
    toolkit.training.clock.move("+2h")
    shutil.copytree(due, delivered := folder / "delivered")
    complete.complete(KeystoreFile.open(asked.keystore, PASSWORD), toolkit.context)
    toolkit.training.clock.move("+34mo")
    shutil.copytree(due, waiting := folder / "waiting")
    toolkit.close()
    toolkit = open_toolkit(load_settings(home=waiting, training_delivery=60.0))
    assert toolkit.training is not None
    old = KeystoreFile.open(find_keystores(toolkit.context.keystores)[0].path, PASSWORD)
    asked = renew.renew(old, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)
    toolkit.training.clock.move("+2h")
    complete.complete(KeystoreFile.open(asked.keystore, PASSWORD), toolkit.context)
    toolkit.close()
    steps = {"complete": delivered, "finish": delivered, "activate": waiting}
    return {"request": warm, "renew": due, "revoke": due, **steps}


def place(verb: str, homes: dict[str, Path], folder: Path) -> Place:
    home = folder / "home"
    shutil.copytree(homes[verb], home)
    return Place(home, Barrier(server()))


def require_one(verb: str, toolkit: Toolkit) -> None:
    """The platform did it once, and there is one file for it."""
    certificates = held(toolkit)
    files = find_keystores(toolkit.context.keystores)
    if verb == "revoke":
        assert [certificate.status for certificate in certificates] == ["REVOKED"]
        return
    assert len(certificates) == len(files) == (1 if verb == "request" else 2)
    newest = KeystoreFile.open(files[0].path, PASSWORD)
    assert newest.keystore.key_id == certificates[0].key_id
    assert toolkit.training is not None
    toolkit.training.clock.move("+2h")
    done = complete.complete(newest, toolkit.context)
    assert done.state is (State.COMPLETE if verb == "request" else State.TO_ACTIVATE)


@pytest.mark.parametrize("verb", ["request", "renew", "revoke"])
def test_two_processes_start_at_the_same_moment(verb: str, homes: dict[str, Path], tmp_path: Path) -> None:
    seen = []
    for number in range(ROUNDS):
        (folder := tmp_path / str(number)).mkdir()
        here = place(verb, homes, folder)
        both = [here.start(verb) for _ in range(2)]
        here.barrier.go.set()
        answers = sorted(process.said() for process in both)
        assert answers.count("done") == 1, answers
        answers.remove("done")
        assert answers[0] in REFUSALS[verb]
        seen += answers
        toolkit = here.toolkit()
        require_one(verb, toolkit)
        toolkit.close()
    print(f"{verb}, {ROUNDS} times: the other one was told {seen}")


@pytest.mark.parametrize("verb", ["request", "renew", "revoke"])
def test_one_reads_the_contract_while_the_other_starts(
    verb: str, homes: dict[str, Path], tmp_path: Path
) -> None:
    here = place(verb, homes, tmp_path)
    reader = here.start(verb, hold=True)
    here.barrier.go.set()
    reader.wait_until("shown")
    assert here.start(verb).said() == "request_running"
    here.barrier.sign.set()
    assert reader.said() == "done"
    toolkit = here.toolkit()
    require_one(verb, toolkit)
    toolkit.close()


def require_one_token(verb: str, toolkit: Toolkit) -> None:
    """The registration was started once: a second start would be of another key. The token serves."""
    newest = KeystoreFile.open(find_keystores(toolkit.context.keystores)[0].path, PASSWORD)
    (own,) = newest.keystore.current_encryption
    assert toolkit.training is not None
    started = toolkit.training.database.rows(
        "SELECT serial FROM token WHERE key_id = ?", newest.keystore.key_id
    )
    assert [row["serial"] for row in started] == [own.alias]
    assert status(newest, toolkit.context).state is State.ACTIVE, verb


@pytest.mark.parametrize("verb", STEPS)
def test_two_processes_go_on_with_one_keystore_at_the_same_moment(
    verb: str, homes: dict[str, Path], tmp_path: Path
) -> None:
    for number in range(ROUNDS):
        (folder := tmp_path / str(number)).mkdir()
        here = place(verb, homes, folder)
        both = [here.start(verb) for _ in range(2)]
        here.barrier.go.set()
        answers = {process.said() for process in both}
        assert "done" in answers
        assert answers <= {"done", "request_running"}, "the slower one finds nothing left to do, or is told"
        toolkit = here.toolkit()
        require_one_token(verb, toolkit)
        toolkit.close()


@pytest.mark.parametrize("verb", STEPS)
def test_one_goes_on_with_a_keystore_while_the_other_starts(
    verb: str, homes: dict[str, Path], tmp_path: Path
) -> None:
    here = place(verb, homes, tmp_path)
    first = here.start(verb, hold=True)
    here.barrier.go.set()
    first.wait_until("shown")
    assert [here.start(other).said() for other in STEPS] == ["request_running"] * len(STEPS)
    here.barrier.sign.set()
    assert first.said() == "done"
    toolkit = here.toolkit()
    require_one_token(verb, toolkit)
    toolkit.close()


class RenewPage:
    """The Renew form, filled in as far as the keystore that is to be renewed."""

    def __init__(self, toolkit: Toolkit) -> None:
        self.model = RENEW.walk(RenewModel(toolkit))
        self.model.reading.read(self.model.wizard)
        self.model.ask_qualities(PIN)
        self.model.choosing.look()
        self.model.wizard.edit({"keystore": self.model.choosing.preselected(self.model.wizard.values)})
        self.model.open(PASSWORD)

    def go_on(self) -> None:
        """From the contract that is shown to the end."""
        self.model.sign(PIN)
        self.model.choose_password(PASSWORD)
        self.model.send()


class RevokePage:
    """The Revoke form, with the one certificate that there is and a reason chosen."""

    def __init__(self, toolkit: Toolkit) -> None:
        self.model = REVOKE.walk(RevokeModel(toolkit))
        self.model.reading.read(self.model.wizard)
        self.model.ask_list(PIN)
        self.model.wizard.edit({LISTED: self.model.proposed, "reason": "replace"})

    def go_on(self) -> None:
        """From the contract that is shown to the end."""
        self.model.revoke(PIN)


PAGES: dict[str, type[RenewPage | RevokePage]] = {"renew": RenewPage, "revoke": RevokePage}


@pytest.mark.parametrize("verb", ["renew", "revoke"])
def test_a_page_of_a_later_procedure_shows_its_contract_while_a_command_starts(
    verb: str, homes: dict[str, Path], tmp_path: Path
) -> None:
    here = place(verb, homes, tmp_path)
    toolkit = here.toolkit()
    user = PAGES[verb](toolkit)
    user.model.draw_up_contract()
    here.barrier.go.set()
    assert here.start(verb).said() == "request_running"
    user.go_on()
    assert here.start(verb).said() in REFUSALS[verb] - {"request_running"}
    user.model.close()
    require_one(verb, toolkit)
    toolkit.close()


@pytest.mark.parametrize("verb", ["renew", "revoke"])
def test_a_command_shows_its_contract_while_a_page_of_the_same_is_filled_in(
    verb: str, homes: dict[str, Path], tmp_path: Path
) -> None:
    here = place(verb, homes, tmp_path)
    toolkit = here.toolkit()
    user = PAGES[verb](toolkit)
    command = here.start(verb, hold=True)
    here.barrier.go.set()
    command.wait_until("shown")
    with pytest.raises(errors.RequestRunning):
        user.model.draw_up_contract()
    here.barrier.sign.set()
    assert command.said() == "done"
    with pytest.raises(
        errors.EhToolkitError
    ) as raised:  # the page is behind: its file was renewed, its key revoked
        user.model.draw_up_contract()
    assert raised.value.key in REFUSALS[verb] - {"request_running"}
    user.model.close()
    require_one(verb, toolkit)
    toolkit.close()


def page(toolkit: Toolkit) -> Walk:
    """The Request form, filled in as far as the contact data."""
    assert toolkit.training is not None
    walk = Walk(Road(toolkit, Wire(toolkit.training.transport()))).to_who()
    walk.wizard.edit({"actor": MYSELF})
    assert walk.wizard.confirm()
    walk.wizard.edit({"email": "elise@example.be", "phone": "+32 4 555 01 42"})
    assert walk.wizard.confirm()
    return walk


def test_a_page_shows_the_contract_while_a_command_starts(homes: dict[str, Path], tmp_path: Path) -> None:
    here = place("request", homes, tmp_path)
    toolkit = here.toolkit()
    user = page(toolkit)
    user.model.draw_up_contract()
    here.barrier.go.set()
    assert here.start("request").said() == "request_running"
    assert user.wizard.confirm()
    user.model.sign(PIN)
    assert user.wizard.confirm()
    user.model.choose_password(PASSWORD)
    assert user.wizard.confirm()
    user.model.send()
    assert here.start("request").said() == "request_waiting"
    user.model.close()
    require_one("request", toolkit)
    toolkit.close()


def test_a_command_shows_the_contract_while_a_page_is_filled_in(
    homes: dict[str, Path], tmp_path: Path
) -> None:
    here = place("request", homes, tmp_path)
    command = here.start("request", hold=True)
    here.barrier.go.set()
    command.wait_until("shown")
    toolkit = here.toolkit()
    user = page(toolkit)
    with pytest.raises(errors.RequestRunning):
        user.model.draw_up_contract()
    here.barrier.sign.set()
    assert command.said() == "done"
    with pytest.raises(errors.RequestWaiting):
        user.model.draw_up_contract()
    user.model.close()
    require_one("request", toolkit)
    toolkit.close()
