"""Procedures, clock, faults, passwords and files at random: whatever happens, and in whatever order, no key is lost,
nothing is there twice, what was sealed opens, and the step that is proposed can be taken.

The runs are in files of their own (``test_random_lives_*.py``), one for each worker and one for the long run."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import key_identifier
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.etk import read_etk
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap.operations import OPERATIONS
from ehtoolkit.ehealth.soap.transport import Response, Transport
from ehtoolkit.ehealth.soap.xml import unwrap
from ehtoolkit.identity import Actor, ContactData
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import archived_files, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import activate, complete
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign, resume_foreign
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import CertificateRequest, request, resume
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_file
from ehtoolkit.procedures.state.platform_status import PlatformStatus, status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.request_dispatch import respond
from ehtoolkit.training.service.certificate_info import PlatformCertificate
from ehtoolkit.training.state.invented_people import FOREIGNER, person_named
from tests.procedures.conftest import PIN
from tests.support.keys import KeyPack
from tests.support.status_answers import REQUESTER, RESPONDER, status_instead
from tests.support.training_life import PRACTICE

SHORT, LONG = 60, 2_000
"""Runs of each of the two series that are the same every time, and of the one that never is."""
STEPS = 12
VERBS = (
    *("request", "complete", "renew", "activate", "revoke", "resume"),
    *("confirm", "password", "copy", "delete"),
)
"""What succeeds at least once in every series."""
PERSON = person_named("elise").person
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42", "practice@example.be", "+32 4 555 01 00")
ALIVE = ("IN_PROGRESS", "VALID_ACTIVE")
SCENARIOS = (
    *("platform-down", "soap-fault", "garbage", "cut-answer", "answer-lost", "clock-wrong"),
    *("manual-validation", "refused", "not-yet-delivered", "expired-eid", "signature-not-activated"),
)
STARTS: Mapping[str, tuple[str, ...]] = {
    "nothing": (),
    "unsent": ("unsent",),
    "asked": ("request",),
    "active": ("request", "+1d", "complete"),
    "due": ("request", "+1d", "complete", "+34mo"),
    "renewed": ("request", "+1d", "complete", "+34mo", "renew", "+1d", "complete"),
}
HOLDERS: Mapping[str, Actor] = {"elise": PERSON, "practice": PRACTICE, "anais": FOREIGNER}
ABROAD = "anais"
"""Has no card: asks without one, and confirms at a web address."""
PASSWORDS = {
    "elise": (Secret("Kine-2026"), Secret("Kine-2029")),
    "practice": (Secret("Tilleul-26"), Secret("Tilleul-29")),
    "anais": (Secret("Bruant-2026"), Secret("Bruant-2029")),
}


@dataclass
class Line:
    """The connection; ``cut``: at which message from now on it breaks, and how (see `BREAKS`)."""

    inner: Transport
    cut: tuple[int, str] | None = None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        how = self._breaks()
        if how == "unsent":
            raise errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
        if how == "swallowed":
            raise errors.PlatformTimeout(host="platform", seconds=30, sent=True)
        answer = self.inner.post(url, body, headers)
        match how:
            case "lost":
                raise errors.PlatformUnreachable(host="platform", reason="cut", sent=True)
            case "half":
                return replace(answer, body=answer.body[: len(answer.body) // 2])
            case "invented" if _is_question(body):
                return status_instead(REQUESTER, "X_4711")(answer)
            case "words":
                return replace(answer, body=_WORDS.sub(rb"\1>ASLEEP<", answer.body))
            case "invented" | "responder":
                return status_instead(RESPONDER, "X_4711")(answer)
        return answer

    def _breaks(self) -> str | None:
        if self.cut is None:
            return None
        number, how = self.cut
        self.cut = None if number <= 1 else (number - 1, how)
        return how if number <= 1 else None


_WORDS = re.compile(rb"(CertificateStatus|ETKStatus)>[A-Z_]+<")


def _is_question(body: bytes) -> bool:
    """Whether it has a Status and changes nothing: a refusal of what changes something would be a lie."""
    operation = OPERATIONS[unwrap(body).tag]
    return operation.repeatable and operation.has_status


Break = tuple[int, str]
BREAKS = ("unsent", "swallowed", "lost", "half", "invented", "responder", "words")
"""What becomes of a message: never sent; swallowed on its way; its answer lost, cut off, replaced by a code or a
failure of which nobody knows what it means, or with words for the status that nobody knows."""
holders = st.sampled_from(sorted(HOLDERS))
which = st.sampled_from((0, 0, 0, 1, 2))
cuts: st.SearchStrategy[Break | None] = st.one_of(
    st.none(), st.none(), st.tuples(st.integers(1, 6), st.sampled_from(BREAKS))
)


@dataclass
class Office:
    """One computer: what its user can do. ``passwords``: of each file, as he remembers them; ``opened``: what is in a
    file of that content, since opening one takes a while."""

    toolkit: Toolkit
    line: Line
    passwords: dict[Path, Secret] = field(default_factory=dict)
    opened: dict[str, KeystoreFile] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Path) -> Office:
        toolkit = open_toolkit(load_settings(home=home))
        assert toolkit.training is not None
        context, line = toolkit.context, Line(toolkit.training.transport())
        platform = platform_at(line, base_url_of(context.environment), context.clock)
        office = cls(replace(toolkit, context=replace(context, platform=platform)), line)
        for name, (first, _) in PASSWORDS.items():
            for path in office.files(name):
                office.passwords[path] = first
        return office

    def requested(self, holder: str) -> CertificateRequest | ForeignerRequest:
        if holder == ABROAD:
            return ForeignerRequest(FOREIGNER, ContactData(CONTACT.email, CONTACT.phone))
        return CertificateRequest(PERSON, HOLDERS[holder], CONTACT)

    def files(self, holder: str) -> list[Path]:
        """The newest first."""
        found = find_keystores(self.toolkit.context.keystores)
        return [file.path for file in found if file.identifier == HOLDERS[holder].identifier]

    def password(self, holder: str, path: Path) -> Secret:
        return self.passwords.setdefault(path, PASSWORDS[holder][0])

    def open(self, holder: str, path: Path) -> KeystoreFile:
        return KeystoreFile.open(path, self.password(holder, path))

    def seen(self, holder: str, path: Path) -> KeystoreFile:
        """To look at, and not to write."""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest not in self.opened:
            self.opened[digest] = self.open(holder, path)
        return self.opened[digest]

    def keys(self) -> dict[str, PrivateKey]:
        """Every private key in the folder and its archive, by its identifier."""
        archived = archived_files(self.toolkit.context.keystores)
        return {
            key.key_id.hex(): key.key
            for holder, actor in HOLDERS.items()
            for path in (
                *self.files(holder),
                *(file.path for file in archived if file.identifier == actor.identifier),
            )
            for store in [self.seen(holder, path).keystore]
            for key in (store.authentication, *store.encryption)
        }

    # ── procedures ───────────────────────────────────────────────────────────────────────────────────────
    def request(self, holder: str, *, insist: bool = False) -> object:
        requested, context, password = self.requested(holder), self.toolkit.context, PASSWORDS[holder][0]
        if isinstance(requested, ForeignerRequest):
            return request_foreign(requested, password, context, insist=insist)
        return request(
            requested,
            self.toolkit.open_card(),
            lambda _: PIN,
            password,
            context,
            show=lambda _: None,
            insist=insist,
        )

    def confirm(self) -> None:
        """At the web address of every request without a card that waits for it."""
        training = self.toolkit.training
        assert training is not None
        for record in certificate_register.all_records(training):
            if record.awaits_validation:
                training.confirm_request(record.key_id)

    def complete(self, holder: str, path: Path) -> object:
        return complete(self.open(holder, path), self.toolkit.context)

    def resume(self, holder: str, path: Path) -> object:
        file, requested, context = self.open(holder, path), self.requested(holder), self.toolkit.context
        if isinstance(requested, ForeignerRequest):
            return resume_foreign(file, requested, context)
        return resume(file, requested, self.toolkit.open_card(), lambda _: PIN, context, show=lambda _: None)

    def renew(self, holder: str, path: Path) -> object:
        card, context, password = self.toolkit.open_card(), self.toolkit.context, PASSWORDS[holder][0]
        return renew(self.open(holder, path), card, lambda _: PIN, password, context, show=lambda _: None)

    def activate(self, holder: str, path: Path) -> object:
        return activate(self.open(holder, path), self.toolkit.context)

    def revoke(self, holder: str, path: Path) -> object:
        card, context, reason = self.toolkit.open_card(), self.toolkit.context, RevocationReason.SUPERSEDED
        pick = by_file(path, lambda: self.open(holder, path), PERSON, context)
        return revoke(card, lambda _: PIN, pick, reason, context, show=lambda _: None)

    def status(self, holder: str, path: Path) -> PlatformStatus:
        return status(self.seen(holder, path), self.toolkit.context)

    def held(self, holder: str) -> list[PlatformCertificate]:
        """What the platform holds for him and is not over, the one asked for last first."""
        assert self.toolkit.training is not None
        return [
            certificate
            for certificate in self.toolkit.training.certificates()
            if certificate.identifier == HOLDERS[holder].identifier and certificate.status in ALIVE
        ]


@dataclass(frozen=True)
class World:
    """Where the runs begin: ``homes`` by the names of `STARTS`, ``tally``: what happened in all runs."""

    folder: Path
    homes: Mapping[str, Path]
    pack: KeyPack
    used: int
    tally: Counter[str] = field(default_factory=Counter)


class Lives(RuleBasedStateMachine):
    """One home with three holders: a person, his practice, and somebody without a card. ``deleted``: keys that the user
    threw away himself."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.world.tally["runs"] += 1
        self.home = self.world.folder / f"run-{self.world.tally['runs']}"
        self.office: Office
        self.known: set[str] = set()
        self.deleted: set[str] = set()
        self.sealed: dict[str, bytes] = {}
        self.on: set[str] = set()

    @initialize(start=st.sampled_from(sorted(STARTS)))
    def begin(self, start: str) -> None:
        shutil.copytree(self.world.homes[start], self.home)
        self.world.pack.dealt = self.world.used
        self.office = Office.of(self.home)

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.office.toolkit.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def attempt(self, name: str, cut: Break | None, work: Callable[[], object]) -> object:
        """Do it, and return what comes of it; whatever is wrong is said by an error of ours, and never by an unexpected
        one."""
        self.office.line.cut = cut
        try:
            done = work()
        except errors.Unexpected:
            raise
        except errors.EhToolkitError as error:
            self.world.tally[f"{name}: {type(error).__name__}"] += 1
        else:
            self.world.tally[f"{name}: done"] += 1
            return done
        finally:
            self.office.line.cut = None
        return None

    # ── what a user does ─────────────────────────────────────────────────────────────────────────────────
    @rule(holder=holders, cut=cuts, insist=st.sampled_from((False, False, True)))
    def ask(self, holder: str, cut: Break | None, insist: bool) -> None:
        self.attempt("request", cut, lambda: self.office.request(holder, insist=insist))

    @rule()
    def confirm(self) -> None:
        self.attempt("confirm", None, self.office.confirm)

    @rule(holder=holders, which=which, cut=cuts)
    def complete(self, holder: str, which: int, cut: Break | None) -> None:
        self.with_file("complete", holder, which, cut)

    @rule(holder=holders, which=which, cut=cuts)
    def resume(self, holder: str, which: int, cut: Break | None) -> None:
        self.with_file("resume", holder, which, cut)

    @rule(holder=holders, which=which, cut=cuts)
    def renew(self, holder: str, which: int, cut: Break | None) -> None:
        path = self.file(holder, which)
        asked = self.with_file("renew", holder, which, cut)
        if path is not None and isinstance(asked, ProcedureResult):
            old = {key.key_id for key in self.office.seen(holder, path).keystore.encryption}
            new = {key.key_id for key in self.office.seen(holder, asked.keystore).keystore.encryption}
            assert old <= new, "an old decryption key stayed behind"

    @rule(holder=holders, which=which, cut=cuts)
    def activate(self, holder: str, which: int, cut: Break | None) -> None:
        self.with_file("activate", holder, which, cut)

    @rule(holder=holders, which=which, cut=cuts)
    def revoke(self, holder: str, which: int, cut: Break | None) -> None:
        self.with_file("revoke", holder, which, cut)

    @rule(holder=holders, which=which, cut=cuts)
    def status(self, holder: str, which: int, cut: Break | None) -> None:
        self.with_file("status", holder, which, cut)

    def with_file(self, verb: str, holder: str, which: int, cut: Break | None) -> object:
        path = self.file(holder, which)
        return path and self.attempt(verb, cut, lambda: getattr(self.office, verb)(holder, path))

    def file(self, holder: str, which: int) -> Path | None:
        """The newest is 0."""
        files = self.office.files(holder)
        return files[which % len(files)] if files else None

    @rule(holder=holders, which=which, new=st.integers(0, 1))
    def change_password(self, holder: str, which: int, new: int) -> None:
        path = self.file(holder, which)
        if path is not None:
            change_password(path, self.office.password(holder, path), PASSWORDS[holder][new])
            self.office.passwords[path] = PASSWORDS[holder][new]
            self.world.tally["password: done"] += 1

    @rule(holder=holders, which=which)
    def copy(self, holder: str, which: int) -> None:
        path = self.file(holder, which)
        if path is not None and not (target := path.with_name(f"{path.stem} (2){path.suffix}")).exists():
            shutil.copyfile(path, target)
            self.office.passwords[target] = self.office.password(holder, path)
            self.world.tally["copy: done"] += 1

    @rule(holder=holders, which=which)
    def delete(self, holder: str, which: int) -> None:
        path = self.file(holder, which)
        if path is not None:
            before = set(self.office.keys())
            path.unlink()
            self.office.passwords.pop(path, None)
            self.deleted |= before - set(self.office.keys())
            self.world.tally["delete: done"] += 1

    # ── what happens to him ──────────────────────────────────────────────────────────────────────────────
    @rule(text=st.sampled_from(["+2h", "+1d", "+11d", "+3mo", "+34mo", "+37mo"]))
    def time_passes(self, text: str) -> None:
        assert self.office.toolkit.training is not None
        self.office.toolkit.training.clock.move(text)

    @rule(name=st.sampled_from(SCENARIOS))
    def scenario_begins(self, name: str) -> None:
        assert self.office.toolkit.training is not None
        self.office.toolkit.training.switch(name, True)
        self.on.add(name)

    @precondition(lambda self: self.on)
    @rule()
    def all_is_well_again(self) -> None:
        assert self.office.toolkit.training is not None
        for name in self.on:
            self.office.toolkit.training.switch(name, False)
        self.on.clear()

    # ── the proposed step ────────────────────────────────────────────────────────────────────────────────
    @precondition(lambda self: not self.on)
    @rule(holder=holders, days=st.integers(1, 4))
    def go_on(self, holder: str, days: int) -> None:
        """The proposed step, day after day."""
        for _ in range(days):
            self.take_the_proposed_step(holder)
            self.time_passes("+1d")

    @precondition(lambda self: not self.on)
    @rule(holder=holders)
    def take_the_proposed_step(self, holder: str) -> None:
        """Of the newest file that counts, when nothing is in the way: it succeeds."""
        answers = [(path, self.office.status(holder, path)) for path in self.office.files(holder)]
        if not answers:
            if not self.office.held(holder):
                self.request_as_proposed(holder)
            return
        sent = [(path, found) for path, found in answers if found.state is not State.PREPARED]
        # The step of a file that a newer one replaces is at the newer one.
        steps = [each for each in (*sent, *answers) if each[1].next not in (None, Action.ARCHIVE)]
        path, platform_status = (steps or sent or answers)[0]
        assert platform_status.checked
        if platform_status.has("etk_key_missing") or self.is_held_elsewhere(holder):
            return  # only the file that was thrown away could go on
        self.world.tally[f"proposed: {platform_status.state} {platform_status.next}"] += 1
        try:
            self.take(platform_status, holder, path)
            self.world.tally[f"{platform_status.next}: done"] += 1
        except errors.CardCertificateExpired as error:  # a card lives shorter than a few of these lives
            end: Any = error.facts["date"]
            assert end < self.office.toolkit.context.clock.now()

    def take(self, platform_status: PlatformStatus, holder: str, path: Path) -> None:
        match platform_status.next:
            case Action.REQUEST:
                self.request_as_proposed(holder)
            case Action.RENEW:
                self.renew_as_proposed(holder, path)
            case Action.COMPLETE | Action.ACTIVATE:
                getattr(self.office, platform_status.next)(holder, path)
            case Action.RESUME:
                self.office.resume(holder, path)
            case Action.USE:
                assert platform_status.state in (State.ACTIVE, State.COMPLETE)
            case _:
                raise AssertionError(f"nobody knows what to do: {platform_status.state}")

    def request_as_proposed(self, holder: str) -> None:
        """After a renewal that was refused, the certificate that it was to replace can be renewed again."""
        try:
            self.office.request(holder)
        except errors.CertificateInForce as there:
            if there.facts.get("reason") != "renewable":
                raise
            self.renew_as_proposed(holder, Path(str(there.facts["path"])))

    def renew_as_proposed(self, holder: str, path: Path) -> None:
        try:
            self.office.renew(holder, path)
        except errors.NeverSent as unsent:  # it leads on to a renewal that never left
            self.office.resume(holder, Path(str(unsent.facts["path"])))

    def is_held_elsewhere(self, holder: str) -> bool:
        """Whether the platform has a certificate for him, or makes one, of a file that is not here."""
        here = {self.office.seen(holder, path).keystore.key_id for path in self.office.files(holder)}
        return any(certificate.key_id not in here for certificate in self.office.held(holder))

    # ── what always holds ────────────────────────────────────────────────────────────────────────────────
    @invariant()
    def no_key_is_lost(self) -> None:
        """Whatever was in a file once and was not thrown away is in one now; and what the platform took was."""
        now = set(self.office.keys())
        self.known |= now
        assert self.known - now <= self.deleted, "a private key is gone"
        for holder in HOLDERS:
            for certificate in self.office.held(holder):
                assert certificate.key_id.lower() in self.known, "a certificate whose key was in no file"

    @invariant()
    def nothing_is_there_twice(self) -> None:
        """One certificate waits or is in force; beside it only the one that it replaces. Requests that nobody confirmed
        do not count: anybody can make one, and they stand in nobody's way."""
        for holder in HOLDERS:
            held = [
                certificate for certificate in self.office.held(holder) if not certificate.awaits_validation
            ]
            assert sum(certificate.status == "IN_PROGRESS" for certificate in held) <= 1
            for newer, older in pairwise(held):
                assert newer.replaces == older.key_id

    @invariant()
    def what_was_sealed_opens(self) -> None:
        """For every token that the depot ever gave out: what somebody sealed with it opens with a file here."""
        keys = self.office.keys()
        for holder in HOLDERS:
            name = self.office.requested(holder).name
            depot = self.quiet_depot()
            data = depot.get_etk(name.identifier, name.application_id)
            if data is None:
                continue
            public_key: Any = read_etk(data).encryption_certificate.public_key()
            key_id = _key_id(public_key)
            if key_id not in self.sealed:
                self.sealed[key_id] = public_key.encrypt(b"sealed", padding.PKCS1v15())
        for key_id, message in self.sealed.items():
            if key_id not in self.deleted:
                key = keys[key_id]
                assert isinstance(key, RSAPrivateKey)
                assert key.decrypt(message, padding.PKCS1v15()) == b"sealed"

    def quiet_depot(self) -> Any:
        """The depot as the rest of the world asks it, whatever scenario is on here."""
        training = self.office.toolkit.training
        assert training is not None
        context = self.office.toolkit.context
        straight = _Straight(training)
        return platform_at(straight, base_url_of(context.environment), context.clock).depot


@dataclass(frozen=True)
class _Straight:
    """To the platform without its faults."""

    platform: EmbeddedPlatform

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        return respond(self.platform, urlsplit(url).path, body, headers)


def _key_id(public_key: Any) -> str:
    return key_identifier(public_key).hex()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """One home for each of `STARTS`; all runs begin with copies of them."""
    pack = KeyPack()
    pack.into(monkeypatch)
    homes: dict[str, Path] = {}
    for name, steps in sorted(STARTS.items(), key=lambda start: len(start[1])):
        before = max(
            (home for home in homes if STARTS[home] == steps[: _length(home)]), key=_length, default=None
        )
        if before is not None:
            shutil.copytree(homes[before], tmp_path / name)
            steps = steps[_length(before) :]
        homes[name] = tmp_path / name
        _walk(homes[name], steps)
    return World(tmp_path, homes, pack, pack.dealt)


def _length(name: str) -> int:
    return len(STARTS[name])


def _walk(home: Path, steps: tuple[str, ...]) -> None:
    office = Office.of(home)
    assert office.toolkit.training is not None
    office.toolkit.open_card().identity()
    for step in steps:
        if step.startswith("+"):
            office.toolkit.training.clock.move(step)
            continue
        for holder in HOLDERS:
            if step == "renew" and holder == ABROAD:
                continue
            if step == "unsent":
                office.line.cut = (
                    {"elise": 4, "practice": 7, ABROAD: 1}[holder],
                    "unsent",
                )  # what asks for it
                with pytest.raises(errors.PlatformUnreachable):
                    office.request(holder)
                assert len(office.files(holder)) == 1
                continue
            arguments = (holder,) if step == "request" else (holder, office.files(holder)[0])
            getattr(office, step)(*arguments)
        office.confirm()
    office.toolkit.close()


def run_lives(world: World, runs: int, number: int | None) -> None:
    """``number``: of a series whose draws are the same every time, so that a change is judged by itself; None: other
    runs every time. ``MACHINE_RUNS`` in the environment puts its own number of other runs in place of both.

    What comes of the same draws hangs on the day: while some verb never succeeds, up to three more series follow.
    """
    asked = os.environ.get("MACHINE_RUNS")
    if asked is not None:
        runs, number = int(asked), None
    _run_series(world, runs, number)
    tally = world.tally
    for more in range(1, 4):
        if number is not None and runs >= SHORT and never_done(tally):
            _run_series(world, runs, number + more)
    print("\n".join(f"{count:5} {what}" for what, count in sorted(tally.items())))
    assert tally["runs"] >= runs
    if runs >= SHORT:  # fewer are too few for every rule to have had its turn
        assert never_done(tally) == []


def never_done(tally: Counter[str]) -> list[str]:
    """Return the verbs that never succeeded."""
    return [verb for verb in VERBS if not tally[f"{verb}: done"]]


def _run_series(world: World, runs: int, number: int | None) -> None:
    class Series(Lives):
        pass

    Series.world = world
    run_state_machine_as_test(
        Series if number is None else seed(number)(Series),
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=number is None,
            suppress_health_check=list(HealthCheck),
        ),
    )
