"""Every message of every procedure is lost in every way, and the user does the same again, or what the error says: it
always ends well, with one certificate, one current token and every key."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.etk import read_etk
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap.operations import OPERATIONS
from ehtoolkit.ehealth.soap.transport import Response, Transport, operation_of
from ehtoolkit.identity import Actor, ContactData, Organisation
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import (
    allowed_holders,
    complete,
    foreigner,
    renew,
    request,
    revoke,
)
from ehtoolkit.procedures.state import certificate_list, platform_status
from ehtoolkit.procedures.state.depot_tokens import find_tokens
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.state.database import DATABASE_FILE
from ehtoolkit.training.state.invented_people import FOREIGNER, person_named
from tests.support.keys import KeyPack
from tests.support.training_life import PRACTICE

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
PERSON = person_named("elise").person
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42", "practice@example.be", "+32 4 555 01 00")
ABROAD = foreigner.ForeignerRequest(FOREIGNER, ContactData("anais@example.org", "+33 1 99 00 01 42"))
REPEATABLE = {operation.name: operation.repeatable for operation in OPERATIONS.values()}


class Cut(StrEnum):
    """Where the connection breaks."""

    UNSENT = "before the request was sent"
    SWALLOWED = "while the request was on its way: it never arrived, and the client cannot know"
    DONE = "after the request arrived: the deed is done, and there is no answer"
    HALF = "in the middle of the answer"


@dataclass
class Line:
    """The connection, which breaks at message number ``at``; ``stays``: nothing passes after that either."""

    inner: Transport
    at: int | None = None
    cut: Cut = Cut.UNSENT
    stays: bool = False
    seen: list[str] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.seen.append(operation_of(body))
        if self.at is None or len(self.seen) < self.at:
            return self.inner.post(url, body, headers)
        if len(self.seen) > self.at:
            if self.stays:
                raise errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
            return self.inner.post(url, body, headers)
        if self.cut is Cut.UNSENT:
            raise errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
        if self.cut is Cut.SWALLOWED:
            raise errors.PlatformTimeout(host="platform", seconds=30, sent=True)
        answer = self.inner.post(url, body, headers)
        if self.cut is Cut.DONE:
            raise errors.PlatformUnreachable(host="platform", reason="cut", sent=True)
        return replace(answer, body=answer.body[: len(answer.body) // 2])

    def repair(self) -> None:
        self.at = None


@dataclass(frozen=True)
class User:
    """Somebody at this computer. ``organisation``: for whom he asks, instead of himself."""

    toolkit: Toolkit
    line: Line
    organisation: Organisation | None = None

    @classmethod
    def of(cls, home: Path) -> User:
        toolkit = open_toolkit(load_settings(home=home, training_delivery=60.0))
        assert toolkit.training is not None
        context, line = toolkit.context, Line(toolkit.training.transport())
        platform = platform_at(line, base_url_of(context.environment), context.clock)
        return cls(replace(toolkit, context=replace(context, platform=platform)), line)

    def move(self, text: str) -> None:
        assert self.toolkit.training is not None
        self.toolkit.training.clock.move(text)

    @property
    def requested(self) -> request.CertificateRequest:
        actor: Actor = self.organisation or PERSON
        return request.CertificateRequest(PERSON, actor, CONTACT)

    @property
    def files(self) -> list[Path]:
        """The newest first."""
        return [found.path for found in find_keystores(self.toolkit.context.keystores)]

    def open(self, path: Path) -> KeystoreFile:
        return KeystoreFile.open(path, PASSWORD)

    # ── what he can do ───────────────────────────────────────────────────────────────────────────────────
    def request(self) -> State:
        card = self.toolkit.open_card()
        return request.request(
            self.requested, card, lambda _: PIN, PASSWORD, self.toolkit.context, show=lambda _: None
        ).state

    def resume(self, path: Path) -> State:
        file, context = self.open(path), self.toolkit.context
        if file.named.identifier == FOREIGNER.identifier:
            return foreigner.resume_foreign(file, ABROAD, context).state
        card = self.toolkit.open_card()
        return request.resume(file, self.requested, card, lambda _: PIN, context, show=lambda _: None).state

    def complete(self, path: Path | None = None) -> State:
        return complete.complete(self.open(path or self.files[0]), self.toolkit.context).state

    def renew(self) -> State:
        file, card = self.open(self.files[-1]), self.toolkit.open_card()
        return renew.renew(
            file, card, lambda _: PIN, PASSWORD, self.toolkit.context, show=lambda _: None
        ).state

    def activate(self) -> State:
        return complete.activate(self.open(self.files[0]), self.toolkit.context).outcome.state

    def revoke(self) -> State:
        card, path, context = self.toolkit.open_card(), self.files[0], self.toolkit.context
        chosen = certificate_list.by_file(path, lambda: self.open(path), PERSON, context)
        reason = RevocationReason.SUPERSEDED
        return revoke.revoke(card, lambda _: PIN, chosen, reason, context, show=lambda _: None).state

    def request_foreign(self) -> State:
        return foreigner.request_foreign(ABROAD, PASSWORD, self.toolkit.context).state

    def status(self) -> State:
        found = platform_status.status(self.open(self.files[0]), self.toolkit.context)
        if found.unchecked is not None:
            raise found.unchecked
        return found.state

    def actors(self) -> object:
        found = allowed_holders.fetch_eligible_actors(self.toolkit.open_card(), PIN, self.toolkit.context)
        return found.natural_person, [
            (organisation.text, organisation.application_ids) for organisation in found.organisations
        ]

    def holdings(self) -> object:
        found = certificate_list.list_certificates(self.toolkit.open_card(), PIN, self.toolkit.context)
        return [(key.key_id, key.state, key.files) for key in found]

    def tokens(self) -> object:
        found = find_tokens(PERSON.identifier, None, self.toolkit.context)
        return [(etk.sound, etk.files) for etk in found]

    def resume_first(self) -> State:
        return self.resume(self.files[0])

    # ── what he does about an error ──────────────────────────────────────────────────────────────────────
    def obey(self, command: Callable[[], State]) -> State:
        """The same command again, and then what each error says, until there is none."""
        for _ in range(4):
            try:
                return command()
            except errors.NeverSent as error:
                path = Path(str(error.facts["path"]))
                command = lambda path=path: self.resume(path)  # type: ignore[misc]  # noqa: E731
            except (errors.RequestWaiting, errors.AlreadyRenewed) as error:
                path = Path(str(error.facts.get("newer") or error.facts["path"]))
                command = lambda path=path: self.complete(path)  # type: ignore[misc]  # noqa: E731
            except errors.NotRevocable as error:
                return State(str(error.facts["state"]))
        raise AssertionError("the errors lead in a circle")

    def confirm(self) -> None:
        """What somebody without a card does at the validation address."""
        assert self.toolkit.training is not None
        for record in certificate_register.all_records(self.toolkit.training):
            if record.awaits_validation:
                self.toolkit.training.confirm_request(record.key_id)


@dataclass(frozen=True)
class Case:
    """``before``: the steps that lead to the home in which ``command`` is cut. ``operations``: its messages when
    nothing is cut. ``certificates``: how many there are in the end, and ``ends``: what the newest file's is then."""

    before: tuple[str, ...]
    command: str
    operations: tuple[str, ...]
    certificates: int = 1
    ends: State = State.ACTIVE
    organisation: Organisation | None = None


QUALITIES, LIST = "getActorQualities", "getCertificateInfoForCitizen"
FIRST = (QUALITIES, LIST, "generateContract", "generateCertificate")
AGAIN = (QUALITIES, "generateContract", "generateCertificate")
"""With a keystore at hand, nobody asks for the list."""
REGISTRATION = ("startETKRegistration", "completeETKRegistration")
INFO = "getCertificateInfoForAuthenticationCertificate"
ACTIVE = ("request", "+2h", "complete")
DUE = (*ACTIVE, "+34mo")
COMPLETED = (*DUE, "renew", "+2h", "complete")

CASES = {
    "request": Case((), "request", FIRST),
    "request for an organisation": Case(
        (),
        "request",
        (
            *("getGenericOrganizationTypes", "getExistingApplicationIds", QUALITIES, LIST),
            *("generateContract", "getGenericOrganizationTypes", "generateCertificate"),
        ),
        organisation=PRACTICE,
    ),
    "resume": Case(("request unsent",), "resume_first", ("getCertificate", *AGAIN)),
    "complete": Case(("request", "+2h"), "complete", ("getCertificate", *REGISTRATION, "getEtk")),
    "complete, whose registration was lost": Case(
        ("request", "+2h", "complete unregistered"), "complete", (INFO, REGISTRATION[-1], "getEtk")
    ),
    "complete once more": Case(ACTIVE, "complete", (INFO, "getEtk")),
    "renew": Case(DUE, "renew", (INFO, *AGAIN), certificates=2),
    "complete a renewal": Case(
        (*DUE, "renew", "+2h"), "complete", ("getCertificate", *REGISTRATION), certificates=2
    ),
    "activate": Case(
        COMPLETED, "activate", (INFO, "getCertificate", "activateETK", "getEtk"), certificates=2
    ),
    "revoke": Case(
        ACTIVE,
        "revoke",
        (LIST, "generateRevocationContract", "revoke"),
        ends=State.REVOKED,
    ),
    "request without a card": Case((), "request_foreign", ("submitCSRForForeigner",)),
    "resume without a card": Case(
        ("request_foreign unsent",), "resume_first", ("getCertificate", "submitCSRForForeigner")
    ),
    "status": Case(COMPLETED, "status", (INFO, "getCertificate", "getEtk"), certificates=2),
}
"""Every procedure, from every state in which it sends other messages."""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose authorities and first card are made, and the card's PIN was used."""
    home = tmp_path_factory.mktemp("warm") / "home"
    user = User.of(home)
    user.toolkit.open_card().identity()
    user.holdings()
    user.toolkit.close()
    return home


@pytest.fixture
def pack(_key_pack: KeyPack) -> KeyPack:
    """Where the procedures of a test have their keys from (`tests.conftest`)."""
    return _key_pack


def prepare(case: Case, home: Path) -> None:
    """Walk to where the case begins."""
    user = replace(User.of(home), organisation=case.organisation)
    for step in case.before:
        if step.startswith("+"):
            user.move(step)
            continue
        name, _, how = step.partition(" ")
        command = getattr(user, name)
        if not how:
            command()
            continue
        number = {"unsent": FIRST.index("generateCertificate") + 1, "unregistered": 3}[how]
        user.line.seen.clear()
        user.line.at, user.line.cut = (1 if name == "request_foreign" else number), Cut.UNSENT
        with pytest.raises(errors.PlatformUnreachable):
            command()
        user.line.repair()
    user.toolkit.close()


def combinations(operations: list[str]) -> Iterator[tuple[int, Cut, bool]]:
    """Every message, every way; where the platform is asked what became of it, also with a line that stays down."""
    for number, operation in enumerate(operations, 1):
        for cut in Cut:
            yield number, cut, False
            if not REPEATABLE[operation] and cut is not Cut.UNSENT:
                yield number, cut, True


def left_in(home: Path) -> str:
    """A digest of the home, with the rows of the platform's database and not the way that they are stored."""
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*")):
        if not path.name.startswith(DATABASE_FILE):
            digest.update(f"{path.relative_to(home)}\0{path.lstat().st_mode:o}\0".encode())
            digest.update(path.read_bytes() if path.is_file() else b"")
    with closing(sqlite3.connect(home / "training" / DATABASE_FILE)) as database:
        digest.update("\n".join(database.iterdump()).encode())
    return digest.hexdigest()


@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.parametrize("to_the_end", ["once a state", pytest.param("always", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", CASES)
def test_any_lost_answer_is_recovered(
    name: str, to_the_end: str, warm: Path, tmp_path: Path, pack: KeyPack
) -> None:
    """Where a command with a lost answer leaves the very home that another one left, what the user does next is the
    same too, and is done once: a command remembers nothing but what is in the home."""
    case = CASES[name]
    prepared = tmp_path / "prepared"
    shutil.copytree(warm, prepared)
    prepare(case, prepared)
    used = pack.dealt

    def user_in(home: Path) -> User:
        shutil.copytree(prepared, home)
        pack.dealt = used
        return replace(User.of(home), organisation=case.organisation)

    user = user_in(tmp_path / "whole")
    getattr(user, case.command)()
    operations = list(user.line.seen)
    assert tuple(operations) == case.operations
    finish(user, case)
    user.toolkit.close()

    tried, outcomes, states = 0, {"went on": 0, "told": 0}, set[str]()
    for number, cut, stays in combinations(operations):
        home = tmp_path / f"{number}-{cut.name}-{stays}"
        user = user_in(home)
        user.line.at, user.line.cut, user.line.stays = number, cut, stays
        where = f"{name}: {operations[number - 1]} (message {number}), {cut}, {'and ' if stays else 'not '}down after"
        try:
            outcomes[cut_short(user, case)] += 1
            known, left = len(states), left_in(home)
            states.add(left)
            if to_the_end == "always" or len(states) > known:
                finish(user, case)
        except Exception as error:
            raise AssertionError(where) from error
        user.toolkit.close()
        shutil.rmtree(home)
        tried += 1
    print(f"{name}: {tried} combinations, {len(states)} states, {outcomes}")
    assert tried >= 4 * len(operations)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("question", "operations"),
    [
        ("actors", (QUALITIES, "getExistingApplicationIds", "getGenericOrganizationTypes")),
        ("holdings", (LIST,)),
        ("tokens", ("getEtk",)),
    ],
)
def test_a_query_is_repeated_after_a_lost_answer(
    question: str, operations: tuple[str, ...], warm: Path, tmp_path: Path, pack: KeyPack
) -> None:
    """It changes nothing, and does without what is only nice to know."""
    home = tmp_path / "home"
    shutil.copytree(warm, home)
    prepare(Case(ACTIVE, question, operations), home)
    user = User.of(home)
    ask = getattr(user, question)
    expected, files = ask(), {path: path.read_bytes() for path in user.files}
    assert dict.fromkeys(user.line.seen) == dict.fromkeys(operations)
    tried = 0
    for number in range(1, len(user.line.seen) + 1):
        for cut in Cut:
            user.line.seen.clear()
            user.line.at, user.line.cut = number, cut
            try:
                ask()
            except errors.PlatformError:
                assert operations[0] in user.line.seen
            user.line.repair()
            assert ask() == expected
            tried += 1
    assert {path: path.read_bytes() for path in user.files} == files
    print(f"{question}: {tried} combinations")
    assert tried >= 4
    user.toolkit.close()


def cut_short(user: User, case: Case) -> str:
    """The command with its lost answer: it may go on by itself, or it tells what is wrong. No key is lost by it."""
    before = keys_of(user)
    try:
        getattr(user, case.command)()
    except errors.PlatformError:
        how = "told"
    else:
        how = "went on"
    user.line.repair()
    assert before <= keys_of(user)
    return how


def finish(user: User, case: Case) -> None:
    """The same again, and on to the end of it; then nothing is there twice, and nothing is missing."""
    training = user.toolkit.training
    assert training is not None
    before = keys_of(user)
    state = user.obey(getattr(user, case.command))
    if case.ends is State.REVOKED:
        assert state is State.REVOKED
    else:
        user.confirm()
        user.move("+2h")
        state = user.obey(user.complete)
        assert state in (State.COMPLETE, State.TO_ACTIVATE), state
        assert user.activate() is State.ACTIVE
    assert user.status() is case.ends

    held = training.certificates()
    assert len(held) == case.certificates, "a certificate too many"
    assert sum(certificate.status is CertStatus.IN_PROGRESS for certificate in held) == 0
    files = [user.open(path) for path in user.files]
    spare = {file.keystore.key_id for file in files} - {key.key_id for key in held}
    assert len(files) - len(spare) == len(held), "a private key was lost, or is there twice"
    assert not spare, "a key pair that nobody asked a certificate for"
    assert before <= keys_of(user), "a private key was lost"
    newest = files[0].keystore
    holder = newest.holder
    assert holder is not None
    data = user.toolkit.context.platform.depot.get_etk(holder.identifier, holder.application_id)
    if case.ends is State.REVOKED:
        assert data is None
        return
    assert data is not None
    assert str(read_etk(data).serial) in [key.alias for key in newest.current_encryption]


def keys_of(user: User) -> set[str]:
    """The identifiers of all private keys in the folder."""
    stores = [user.open(path).keystore for path in user.files]
    return {key.key_id.hex() for store in stores for key in (store.authentication, *store.encryption)}
