"""Every page, command and the audit say the same of one folder: which file of a holder is the current one.

Folders are made up: files of several holders and environments, in every state, renewed with the older keys or not,
copied, renamed, put away, opened before or never. What is known of them is the same for all who are asked; how they
know it is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.cli.run import run
from ehtoolkit.clock import SystemClock
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.identity import DistinguishedName, Environment, Identifier, Niss, Person
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.archival import ArchiveDecision, KeepReason, plan_archival
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import FileState, KeystoreState, State
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, archived_files
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import (
    CachedState,
    CachedStates,
    sha256_of_file,
    write_cached_state,
)
from ehtoolkit.procedures.archive import current_of, newer_than_assigned
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.request_preconditions import RequestPreconditions
from ehtoolkit.procedures.state.observe import find_successors
from ehtoolkit.providers import Assignment, Provider
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker, name_of

PASSWORD = Secret("Kine-2026 & co")
NOW = datetime.now(UTC).replace(microsecond=0)
PEOPLE = ("79031421872", "85010112387")
MOST = 5
"""Files in a folder."""
ISSUERS = {
    Environment.TRAINING: TRAINING_ISSUERS[0],
    Environment.ACCEPTANCE: "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 003",
}
WORDS = {
    "prepared": ("", "prepared", "waiting", "validating", "refused"),
    "installed": ("", "no_etk", "revoked"),
    "complete": ("", "active", "to_activate", "revoked"),
}
"""What the platform may have said of a file in each stage."""


@dataclass(frozen=True)
class Spec:
    """A file of a folder. ``requested``: days ago; ``life``: days of its certificate. ``renews``: the older keys are
    carried into it. ``copy``: of the file before. ``seen``: it was opened before."""

    who: int
    environment: Environment
    requested: int
    life: int
    stage: str
    word: str
    renews: bool
    copy: bool
    odd_name: bool
    archived: bool
    seen: bool


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    stage = draw(st.sampled_from(["prepared", "installed", "complete", "complete", "complete"]))
    return Spec(
        who=draw(st.sampled_from([0, 0, 0, 1])),
        environment=draw(st.sampled_from([Environment.TRAINING] * 3 + [Environment.ACCEPTANCE])),
        requested=draw(st.integers(1, 2000)),
        life=draw(st.sampled_from([30, 400, 1185, 3000])),
        stage=stage,
        word=draw(st.sampled_from(WORDS[stage])),
        renews=draw(st.booleans()),
        copy=draw(st.sampled_from([False, False, False, True])),
        odd_name=draw(st.sampled_from([False] * 5 + [True])),
        archived=draw(st.sampled_from([False] * 5 + [True])),
        seen=draw(st.booleans()),
    )


FOLDERS = st.lists(specs(), min_size=1, max_size=MOST, unique_by=lambda spec: spec.requested)


@cache
def keys() -> Sequence[RSAPrivateKey]:
    """For each file two, and one for the authority: made once, since dealt keys are each test's own."""
    return [generate_private_key(65537, 2048) for _ in range(2 * MOST + 1)]


@dataclass(frozen=True)
class MadeFile:
    """A file that was written, and what is in it."""

    spec: Spec
    path: Path
    keystore: Keystore


@dataclass(frozen=True)
class Folder:
    """``known``: whether what was seen of the files counts, or nothing is known of any."""

    path: Path
    notes: Path
    files: Sequence[MadeFile]
    known: bool

    @property
    def here(self) -> Sequence[MadeFile]:
        return [file for file in self.files if not file.spec.archived]

    @property
    def cached(self) -> CachedStates:
        return CachedStates.read(self.notes)

    # ── who is asked ─────────────────────────────────────────────────────────────────────────────────────
    def verdicts(self) -> Mapping[Path, ArchiveDecision]:
        return {file.path: file for file in plan_archival(self.path, NOW, lambda _: None, self.cached)}

    def verdicts_with_passwords(self) -> Mapping[Path, ArchiveDecision]:
        """Of those that were seen, opened anew."""
        opened = {file.path for file in self.here if file.spec.seen}
        verdicts = plan_archival(
            self.path, NOW, lambda path: PASSWORD if path in opened else None, self.cached
        )
        return {verdict.path: verdict for verdict in verdicts}

    def audited(self) -> Mapping[Path, Path | None]:
        found = audit_folder(
            [self.path], lambda _: None, AuditOptions(now=NOW, processes=1, notes=self.notes)
        )
        columns = zip(found.keystores["file"], found.keystores["replaced_by"], strict=True)
        return {Path(path): Path(newer) if isinstance(newer, str) else None for path, newer in columns}

    def standings(self) -> Mapping[Path, KeystoreState]:
        due = due_keystores(self.path, self.notes)
        items = outlook(due, NOW, Environment.TRAINING, archived_files(self.path))
        return {keystore.due.file.path: keystore.state for keystore in items}

    def older(self) -> set[Path]:
        due = due_keystores(self.path, self.notes)
        return {each.file.path for each in due if any(other.is_newer_than(each) for other in due)}

    def proposed(self, assigned: Path) -> Path | None:
        record = Provider("Dubois", niss=PEOPLE[0], keystore=Assignment(path=str(assigned)))
        return newer_than_assigned(record, self._found_keystores(), Environment.TRAINING)

    def current(self) -> Path | None:
        record = Provider("Dubois", niss=PEOPLE[0])
        return current_of(record, self._found_keystores(), Environment.TRAINING)

    def _found_keystores(self) -> HolderFiles:
        return HolderFiles.in_folder(self.path, self.notes, NOW)

    def archivable(self, capsys: pytest.CaptureFixture[str]) -> Mapping[Path, Path]:
        """By the command line."""
        capsys.readouterr()
        run(["keystore", "archive", str(self.path), "--dry-run", "--json", "--quiet"])
        archived = json.loads(capsys.readouterr().out)["archived"]
        return {Path(move["file"]): Path(move["successor"]) for move in archived}

    def newer_by_diagnosis(self) -> Mapping[Path, str | None]:
        listing = HolderFiles.in_folder(self.path)
        found = {}
        for file in self.here:
            seen = diagnose(file.path, None, NOW, listing=listing)
            newer = [finding.facts["newer"] for finding in seen.findings if finding.key == "beside_newer"]
            found[file.path] = str(newer[0]) if newer else None
        return found

    def parts(self) -> Context:
        certra = SimpleNamespace(get_certificate=self._delivered)
        platform = cast("Any", SimpleNamespace(certra=certra))
        return Context(
            Environment.TRAINING, platform, SystemClock(), self.path, self.notes, self.notes.parent / "locks"
        )

    def _delivered(self, key_id: str) -> Any:
        """The platform's part, by what is true of the files."""
        made = [file for file in self.files if file.keystore.key_id == key_id]
        installed = [file.keystore.chain for file in made if file.keystore.installed]
        if installed:
            return installed[0]
        words = {file.spec.word for file in made}
        if words & {"waiting", "validating"}:
            raise errors.NotYetDelivered(not_before=None)
        code = "CERT_REFUSED" if "refused" in words else "CERT_UNKNOWN"
        raise errors.PlatformRefused(code=code, detail="")


IN_USE = (State.COMPLETE, State.RENEWABLE, FileState.REPLACING)


def write(home: Path, specifications: Sequence[Spec], *, known: bool) -> Folder:
    folder, notes = home / "folder", home / "notes" / "training"
    (folder / "archive").mkdir(parents=True)
    made: list[MadeFile] = []
    for place, spec in enumerate(sorted(specifications, key=lambda specification: -specification.requested)):
        before = next((file for file in reversed(made) if file.spec.who == spec.who), None)
        if spec.copy and before is not None:  # to the byte, under another name
            spec = replace(
                before.spec, requested=spec.requested, odd_name=spec.odd_name, archived=spec.archived
            )
            keystore, data = before.keystore, before.path.read_bytes()
        else:
            keystore = keystore_of(spec, place, before)
            data = write_pkcs12(keystore.contents, PASSWORD)
        path = folder / ("archive" if spec.archived else "") / name(spec)
        path.write_bytes(data)
        made.append(MadeFile(spec, path, keystore))
        if known and spec.seen:
            write_cached_state(notes, CachedState.of(keystore, sha256_of_file(path), spec.word))
    if known:
        made = [*with_copies_seen(made)]
    return Folder(folder, notes, made, known)


def with_copies_seen(made: Sequence[MadeFile]) -> Iterator[MadeFile]:
    """Copies were seen when one of them was: what is known is known by key."""
    seen = {file.keystore.key_id for file in made if file.spec.seen}
    for file in made:
        yield replace(file, spec=replace(file.spec, seen=file.keystore.key_id in seen))


def name(spec: Spec) -> str:
    moment = (NOW - timedelta(days=spec.requested)).astimezone()
    odd = " (1)" if spec.odd_name else ""
    ending = ".acc-p12" if spec.environment is Environment.ACCEPTANCE else ".p12"
    return f"SSIN={PEOPLE[spec.who]} {moment:%Y%m%d-%H%M%S}{odd}{ending}"


def keystore_of(spec: Spec, place: int, before: MadeFile | None) -> Keystore:
    begin = NOW - timedelta(days=spec.requested) + timedelta(hours=1)
    own, encryption, issuer = keys()[2 * place], keys()[2 * place + 1], keys()[-1]
    keystore_maker = KeystoreMaker(
        {"authentication": own, "encryption": encryption, "issuer": issuer, "root": issuer}, begin
    )
    keystore_maker.end = begin + timedelta(days=spec.life)
    keystore_maker.person = Person(Niss.parse(PEOPLE[spec.who]), "Élise Marie", "Dubois")
    keystore_maker.issuer_name = name_of(C="BE", O="Test", CN=ISSUERS[spec.environment])
    keystore = keystore_maker.prepared if spec.stage == "prepared" else keystore_maker.installed
    if spec.renews and before is not None:
        for key in before.keystore.encryption:
            keystore = keystore.with_encryption(cast("RSAPrivateKey", key.key), key.chain[0])
    if spec.stage == "complete":
        keystore = keystore.with_encryption(
            encryption, keystore_maker.encryption_certificate(serial=1000 + place)
        )
    return keystore


PROPERTY = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home for each folder that is made up, which the command line takes for its own."""

    def each() -> Iterator[Path]:
        for number in count():
            home = tmp_path / str(number)
            home.mkdir()
            monkeypatch.setenv("EHTOOLKIT_HOME", str(home))
            yield home

    return each()


@PROPERTY
@given(specifications=FOLDERS, known=st.booleans())
def test_everybody_says_the_same_of_one_folder(
    specifications: Sequence[Spec], known: bool, homes: Iterator[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(next(homes), specifications, known=known)
    verdicts, audited, standings, older = (
        folder.verdicts(),
        folder.audited(),
        folder.standings(),
        folder.older(),
    )
    moved = {path: verdict.successor for path, verdict in verdicts.items() if verdict.successor is not None}
    assert folder.archivable(capsys) == moved
    for path in (made.path for made in folder.here):
        stays, replaced, standing = verdicts[path].stays, audited[path], standings[path]
        if stays is None:
            assert replaced == verdicts[path].successor
        if stays is KeepReason.NEWEST or standing in IN_USE:
            assert replaced is None
        if replaced is not None:
            assert standing in (FileState.REPLACED, FileState.ELSEWHERE)
        if replaced is not None or standing is FileState.REPLACING:
            assert path in older
    current = folder.current()
    assert current is None or audited.get(current) is None
    for made in folder.here:
        if made.spec.who == 0:
            proposed = folder.proposed(made.path)
            assert proposed in (None, current)
            if audited[made.path] is not None and audited[made.path] == current:
                assert proposed == current
            if proposed is not None:
                assert made.path in older or made.spec.environment is Environment.ACCEPTANCE


@PROPERTY
@given(specifications=FOLDERS)
def test_what_was_seen_counts_as_what_is_opened(
    specifications: Sequence[Spec], homes: Iterator[Path]
) -> None:
    folder = write(next(homes), specifications, known=True)
    opened = folder.verdicts_with_passwords()
    assert {path: (verdict.successor, verdict.stays) for path, verdict in folder.verdicts().items()} == {
        path: (verdict.successor, verdict.stays) for path, verdict in opened.items()
    }


@PROPERTY
@given(specifications=FOLDERS)
def test_a_diagnosis_without_passwords_says_what_the_archive_says(
    specifications: Sequence[Spec], homes: Iterator[Path]
) -> None:
    folder = write(next(homes), specifications, known=False)
    audited = folder.audited()
    for path, newer in folder.newer_by_diagnosis().items():
        found = audited[path]
        assert newer == (None if found is None else found.name)


@PROPERTY
@given(specifications=FOLDERS)
def test_the_platform_and_the_first_page_know_the_same_newer_files(
    specifications: Sequence[Spec], homes: Iterator[Path]
) -> None:
    """The first page when all was seen; the procedures open the one file, and ask the platform about the others. What
    was revoked does not show by its key, so there is none."""
    alike = [
        replace(specification, seen=True, environment=Environment.TRAINING, word=platform_word(specification))
        for specification in specifications
    ]
    folder = write(next(homes), alike, known=True)
    standings, parts = folder.standings(), folder.parts()
    kinds = {keystore.file.path: keystore.state for keystore in due_keystores(folder.path, folder.notes)}
    for made in folder.here:
        way = RequestPreconditions.look(holder_of(made), parts)
        assert {file.path: file.has_token for file in way.files} == {
            path: kind is State.COMPLETE for path, kind in kinds.items() if PEOPLE[made.spec.who] in path.name
        }
        if not made.keystore.installed:
            continue
        newer = find_successors(KeystoreFile.open(made.path, PASSWORD), holder_of(made), parts)
        sent = [keystore for keystore in newer if keystore.state is not State.PREPARED]
        if sent:
            over = (State.EXPIRED, State.REVOKED)  # the step is at the newer file
            assert standings[made.path] in (FileState.REPLACED, FileState.REPLACING, *over)
        if any(keystore.is_complete for keystore in newer) and not made.spec.odd_name:
            assert standings[made.path] is not State.COMPLETE
        if standings[made.path] is FileState.REPLACING:
            assert newer or unsent_beside(folder, made)


def platform_word(spec: Spec) -> str:
    """The platform's word, which tells a request that waits from one that was not sent."""
    if spec.stage == "prepared":
        return spec.word or "prepared"
    return "to_activate" if spec.word == "to_activate" else ""


def unsent_beside(folder: Folder, made: MadeFile) -> bool:
    """A request that was never sent and has not the older keys does not stand in the way of a renewal."""
    return any(file.spec.word == "prepared" and file.spec.who == made.spec.who for file in folder.here)


def holder_of(made: MadeFile) -> DistinguishedName:
    return DistinguishedName(Identifier("SSIN", PEOPLE[made.spec.who]), "Dubois Élise Marie")
