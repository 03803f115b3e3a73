"""The sample: an audit of it shows every finding there is, and it comes and goes without taking anything along."""

from __future__ import annotations

import ast
import errno
import importlib
import inspect
import os
import pkgutil
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from filelock import FileLock

from ehtoolkit import errors
from ehtoolkit.auditing import audit_finding as audit_finding_module
from ehtoolkit.auditing.audit import Audit, audit_providers
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.rules import keystores as keystore_rules
from ehtoolkit.auditing.rules import providers as audit_rules
from ehtoolkit.auditing.scan.discovery import UnreadableFolder
from ehtoolkit.finding import Severity
from ehtoolkit.identity import Cbe, Environment, Nihii, Niss
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.providers import Provider, Registry, examine_provider, open_registry
from ehtoolkit.providers import rules as provider_rules
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings, load_settings
from ehtoolkit.toolkit import open_training_platform
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.keystores import keystore_factory
from ehtoolkit.training.sample import Sample
from ehtoolkit.training.sample.members import MEMBERS
from ehtoolkit.training.sample.practices import PRACTICES
from tests.training.conftest import keystore_with

ROOT = Path(__file__).parents[2]
SAYS = ("error", "warning", "due", "info", "ok")


def keys_of(*modules: ModuleType) -> dict[str, set[str]]:
    """Every key that these modules make a finding of, with its severities, as their code has it."""
    found: dict[str, set[str]] = {}
    for module in modules:
        tree = ast.parse(inspect.getsource(module))
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id in (*SAYS, "say") and call.args:
                for key in texts_of(call.args[0], module):
                    found.setdefault(key, set()).add(call.func.id)
    return found


def texts_of(node: ast.expr, module: ModuleType) -> list[str]:
    """A key that stands in the code or has a name in it, or those that are made for each reason for which a folder is
    not looked into."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.Name):
        return [str(getattr(module, node.id))]
    assert isinstance(node, ast.JoinedStr)
    head = node.values[0]
    assert isinstance(head, ast.Constant)
    assert isinstance(head.value, str)
    documented = inspect.getdoc(UnreadableFolder) or ""
    reasons = [reason for reason in ("missing", "unreadable", "loop") if f"``{reason}``" in documented]
    assert len(reasons) == 3
    return [f"{head.value}{reason}" for reason in reasons]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(home=tmp_path_factory.mktemp("home"), sample=True)


@pytest.fixture(scope="module")
def training(settings: Settings) -> Iterator[TrainingPlatform]:
    opened = open_training_platform(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def sample(settings: Settings, training: TrainingPlatform) -> Sample:
    """One that is made once for the tests that only look."""
    made = Sample(settings, training)
    assert made.is_wanted
    assert made.ensure()
    assert not made.is_wanted
    assert not made.ensure()
    return made


@pytest.fixture(scope="module")
def registry(sample: Sample, settings: Settings) -> Iterator[Registry]:
    with open_registry(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def options(training: TrainingPlatform) -> AuditOptions:
    return AuditOptions(
        now=training.clock.now(),
        request=AuditRequest(environment=Environment.TRAINING, registry=False),
        processes=1,
        language="en",
    )


@pytest.fixture(scope="module")
def audit(sample: Sample, registry: Registry, options: AuditOptions) -> Audit:
    passwords = PasswordPatterns.read(sample.patterns)
    return audit_providers(registry, sample.folders, passwords.of, options)


# ── what it shows ────────────────────────────────────────────────────────────────────────────────────────
def test_forty_providers_over_six_practices(registry: Registry) -> None:
    records = list(registry.providers())
    assert len(records) == 40
    assert {record.practice for record in records} == {practice.name for practice in PRACTICES}
    assert len(PRACTICES) == 6


def test_an_audit_shows_every_finding_about_keystores(
    audit: Audit, sample: Sample, registry: Registry, options: AuditOptions
) -> None:
    wanted = keys_of(keystore_rules, audit_rules, audit_finding_module)
    # These audits ask no issuer and are no runs of a watch, and each folder has keystores and no link out of it.
    for key in ("revocation_unasked", "folder_empty", "folder_link", "registry_away"):
        del wanted[key]
    assert len(wanted) > 20
    planned = replace(options, request=options.request.model_copy(update={"due_within": timedelta(days=120)}))
    further = audit_providers(registry, sample.folders, PasswordPatterns.read(sample.patterns).of, planned)
    shown = {audit_finding.finding.key for audit_finding in audit.audit_findings}
    assert set(wanted) - shown == {"certificate_ends"}  # its days are those before the replacement period
    assert set(wanted) <= {audit_finding.finding.key for audit_finding in further.audit_findings}


def test_the_records_show_every_finding_of_the_registry(
    audit: Audit, registry: Registry, options: AuditOptions
) -> None:
    names = [module.name for module in pkgutil.iter_modules(provider_rules.__path__)]
    wanted = keys_of(*(importlib.import_module(f"{provider_rules.__name__}.{name}") for name in names))
    assert len(wanted) > 30
    shown = [finding for record in registry.providers() for finding in examine_provider(record, options.now)]
    assert set(wanted) <= {finding.key for finding in shown}
    # The audit repeats what is wrong with the records; of the certificate the file itself tells better.
    found = {key for key, severities in wanted.items() if severities != {"ok"} and "certificate_" not in key}
    assert found <= {audit_finding.finding.key for audit_finding in audit.audit_findings}


def test_both_forms_of_a_sentence_are_shown(audit: Audit) -> None:
    shown = {
        (audit_finding.finding.key, audit_finding.finding.variant) for audit_finding in audit.audit_findings
    }
    for key, variant in (("misnamed", "proper"), ("provider_without", "found")):
        assert {(key, ""), (key, variant)} <= shown


def test_some_of_them_have_nothing_wrong(audit: Audit) -> None:
    found = {
        audit_finding.provider
        for audit_finding in audit.audit_findings
        if audit_finding.finding.severity is not Severity.INFO
    }
    assert len(MEMBERS) - len(found - {None}) >= 6


def test_the_list_is_not_of_one_kind(audit: Audit) -> None:
    """Most of the keystores are whole ones of different standing, opened by the table of passwords."""
    standing = audit.keystores["state"].value_counts()
    assert standing["complete"] > 20
    assert {"expired", "renewable", "no_etk", "prepared", "not_yet_valid", "closed", "unreadable"} <= set(
        standing[standing > 0].index
    )


def test_no_example_counts_what_was_replaced(audit: Audit) -> None:
    """What ends within ninety days, as the guide and the notebooks select it."""
    places = [ROOT / "docs" / "AUDIT.md", *sorted((ROOT / "notebooks").glob("*.ipynb"))]
    queries = {
        query
        for place in places
        for query in re.findall(r'keystores\.query\(\\?"(.+?)\\?"\)', place.read_text(encoding="utf-8"))
    }
    assert queries
    frame = audit.keystores
    near = frame[frame["days_left"].between(0, 90).fillna(False)]
    assert len(near[near["replaced_by"].notna()]) >= 2
    for query in queries:
        assert set(frame.query(query)["file"]) == set(near[near["replaced_by"].isna()]["file"])


def test_numbers_are_valid_and_from_the_top_of_their_blocks() -> None:
    numbers_ = [member.niss for member in MEMBERS]
    assert len({number.digits for number in numbers_}) == 40
    for member, niss in zip(MEMBERS, numbers_, strict=True):
        assert Niss.parse(niss.digits).birth_date == member.born
        assert niss.digits[6:9] in ("997", "998")
        assert Nihii.parse(member.inami).digits[1:3] == "99"
    for practice in PRACTICES:
        assert Cbe.parse(practice.enterprise_number).digits.startswith("0999")


def test_the_password_is_the_published_one(sample: Sample, training: TrainingPlatform) -> None:
    folder = sample.folder / PRACTICES[0].folder
    for path in sorted(folder.glob("SSIN=*.p12")):
        keystore = open_keystore(path, Secret(sample.password))
        assert keystore.environment is Environment.TRAINING
        assert keystore.chain[-1].issuer == training.authorities.issuing.chain[-1].subject
        assert keystore.current_encryption


def test_what_is_due_and_what_the_platform_lists_stay_the_lessons(
    sample: Sample, settings: Settings, training: TrainingPlatform
) -> None:
    assert training.certificates() == ()
    assert training.mails() == []
    assert not settings.keystores.exists()


# ── its key pairs ────────────────────────────────────────────────────────────────────────────────────────
def test_the_primes_are_primes() -> None:
    """By Miller and Rabin, with bases that nobody has chosen numbers of 1024 bits against."""
    drawn = [keystore_factory.prime(number) for number in range(keystore_factory.PRIMES)]
    assert len(set(drawn)) == keystore_factory.PRIMES
    for prime in drawn:
        assert prime.bit_length() == 1024
        assert (prime - 1) % keystore_factory.EXPONENT
        odd, halved = prime - 1, 0
        while odd % 2 == 0:
            odd, halved = odd // 2, halved + 1
        for base in (2, 3, 5, 7, 11, 13, 17, 19):
            powers = [pow(base, odd << step, prime) for step in range(halved)]
            assert powers[0] == 1 or prime - 1 in powers


def test_pairs_are_the_same_everywhere_and_each_another() -> None:
    assert len(set(keystore_factory.key_ids())) == keystore_factory.PAIRS
    key = keystore_factory.private_key(0)
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048
    assert keystore_factory.key_ids()[0] == "EC95A1CC032A17D5782F9225761BA3620F05DFE7"


# ── it comes and goes ────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def own(tmp_path: Path, sample: Sample, settings: Settings) -> Iterator[tuple[Sample, Settings]]:
    """A home of its own with a sample in it, copied from the one that is made."""
    home = load_settings(home=tmp_path / "home", sample=True)
    shutil.copytree(settings.home, home.home, symlinks=True)
    training = open_training_platform(home)
    yield Sample(home, training), home
    training.close()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def records(settings: Settings) -> list[Provider]:
    with open_registry(settings) as registry:
        return list(registry.providers())


def test_a_new_sample_is_as_the_first(own: tuple[Sample, Settings]) -> None:
    sample, settings = own
    before, keys = records(settings), files_in(sample.folder)
    with open_registry(settings) as registry:
        registry.remove(before[0].id or 0)
        registry.save(replace(before[1], inami="", practice="Elsewhere"))
    assert sample.make() == 40
    plain = [replace(record, id=None, version=0, keystore=None) for record in records(settings)]
    assert plain == [replace(provider, id=None, version=0, keystore=None) for provider in before]
    assert len(files_in(sample.folder)) == len(keys)
    assert [record.keystore and record.keystore.key_id for record in records(settings)] == [
        provider.keystore and provider.keystore.key_id for provider in before
    ]


def test_dates_go_by_the_training_clock(own: tuple[Sample, Settings]) -> None:
    sample, settings = own
    training = open_training_platform(settings)
    now = training.clock.move("+5y")
    sample.make()
    found = [record for record in records(settings) if record.name in ("Charlier", "Delvigne")]
    renewable, over = sorted(found, key=lambda provider: provider.name)
    assert renewable.keystore is not None
    assert renewable.keystore.not_after is not None
    assert timedelta(days=56) < renewable.keystore.not_after - now < timedelta(days=62)
    assert over.periods[0].end is not None
    assert now.date() - over.periods[0].end in (timedelta(days=44), timedelta(days=45), timedelta(days=46))
    training.close()


def test_own_files_stay(own: tuple[Sample, Settings]) -> None:
    sample, settings = own
    with open_registry(settings) as registry:
        mine = registry.add(Provider(MEMBERS[0].name, MEMBERS[0].first_names, niss="79031421872"))
    keystore = sample.folder / PRACTICES[0].folder / "SSIN=79031421872 20261124-101204.p12"
    keystore.write_bytes(b"0\x82 somebody's own")
    letter = sample.folder / PRACTICES[2].folder / "Brouillon.p12"
    letter.write_bytes(b"another letter")
    pipe = sample.folder / PRACTICES[2].folder / "Copie de secours.p12"
    pipe.unlink()
    os.mkfifo(pipe)
    assert sample.state().own == 1
    sample.make()
    assert sample.state().own == 1
    assert letter.read_bytes() == b"another letter"
    sample.remove()
    assert records(settings) == [mine]
    assert keystore.read_bytes() == b"0\x82 somebody's own"
    assert letter.read_bytes() == b"another letter"
    assert sorted(path for path in sample.folder.rglob("*") if not path.is_dir()) == [keystore, letter, pipe]
    assert not sample.is_wanted  # there is somebody already


def test_what_cannot_be_read_stays_and_stops_nothing(
    own: tuple[Sample, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    sample, _ = own
    letter, opened = sample.folder / PRACTICES[2].folder / "Brouillon.p12", os.open

    def refused(path: os.PathLike[str] | str, *arguments: Any, **named: Any) -> int:
        if os.fspath(path) == str(letter):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refused)
    assert sample.make() == 40
    sample.remove()
    assert [path for path in sample.folder.rglob("*") if not path.is_dir()] == [letter]


def test_a_lock_that_cannot_be_had(own: tuple[Sample, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    sample, settings = own
    monkeypatch.setattr("ehtoolkit.training.sample.sample._PATIENCE", 0.01)
    lock = settings.training_folder / ".ehtoolkit.lock"
    with FileLock(lock), pytest.raises(errors.FileBusy):
        sample.make()
    lock.unlink()
    lock.mkdir()
    with pytest.raises(errors.LockUnusable):
        sample.make()
    assert sample.is_there


def test_a_renamed_file_of_the_sample_is_removed(own: tuple[Sample, Settings]) -> None:
    sample, settings = own
    folder = sample.folder / PRACTICES[3].folder
    next(folder.glob("SSIN=*")).rename(folder / "anders.p12")
    sample.remove()
    assert not sample.folder.exists()
    assert records(settings) == []
    assert sample.is_wanted


def test_what_a_person_has_put_into_the_sample_stays(
    own: tuple[Sample, Settings], keys: tuple[RSAPrivateKey, ...]
) -> None:
    """A file that mentions one of its keys, or has other keys, too, is not of the sample."""
    sample, _ = own
    key_id, folder = keystore_factory.signing_key_ids()[0], sample.folder / PRACTICES[3].folder
    mine = {
        folder / "notes.txt": f"The first key is {key_id}.".encode(),
        folder / "bytes.bin": b"0\x82" + bytes.fromhex(key_id),
        folder / "merged.p12": keystore_with(keystore_factory.private_key(0), keys[0]),
        folder / "clé USB.p12": b"my own stick",
    }
    for path, data in mine.items():
        path.write_bytes(data)
    sample.remove()
    left = {path: path.read_bytes() for path in sample.folder.rglob("*") if path.is_file()}
    assert left == mine


def test_a_sample_that_was_killed_half_way_is_made_from_the_beginning(own: tuple[Sample, Settings]) -> None:
    sample, settings = own
    (sample.folder / "sample.json").unlink()
    with open_registry(settings) as registry:
        for record in records(settings)[:20]:
            registry.remove(record.id or 0)
    assert sample.is_wanted
    assert sample.ensure()
    assert len(records(settings)) == 40
    shutil.rmtree(sample.folder)
    assert sample.ensure()
    assert sample.is_there


def test_not_wanted_but_in_a_demonstration_and_never_beside_others(tmp_path: Path) -> None:
    for name, settings in (
        ("plain", load_settings(home=tmp_path / "plain")),
        ("theirs", load_settings(home=tmp_path / "theirs", sample=True)),
    ):
        training = open_training_platform(settings)
        if name == "theirs":
            with open_registry(settings) as registry:
                registry.add(Provider("Vandamme"))
        sample = Sample(settings, training)
        assert not sample.is_wanted
        assert not sample.ensure()
        assert not sample.folder.exists()
        training.close()


def test_a_shared_database_gets_none(tmp_path: Path) -> None:
    url = "postgresql://somebody@127.0.0.1:1/registry"
    settings = load_settings(home=tmp_path, sample=True, provider_database=url)
    training = open_training_platform(settings)
    sample = Sample(settings, training)
    assert not sample.is_wanted
    with pytest.raises(errors.SampleRefused) as refused:
        sample.make()
    assert refused.value.facts == {"place": "127.0.0.1/registry"}
    assert not sample.folder.exists()
    assert sample.state().own == 0
    sample.remove()  # nothing to do, and nobody is asked
    training.close()


def test_everything_goes_when_that_is_wanted(own: tuple[Sample, Settings]) -> None:
    sample, settings = own
    with open_registry(settings) as registry:
        registry.add(Provider("Vandamme", "Élise"))
    assert sample.clear() == 1
    assert records(settings) == []
    assert not sample.folder.exists()
    assert sample.made_at is None


def test_its_state_tells_when_it_was_made(sample: Sample) -> None:
    made = sample.state().made_at
    assert made is not None
    assert abs(made - datetime.now(UTC)) < timedelta(hours=1)
