"""Copies, odd names and damaged files: one proposal for a name, whoever asks, and the same key is said."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.scan.judge import evaluate
from ehtoolkit.auditing.scan.scan_result import ScanResult
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.moving import rename_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.auditing.conftest import ELISE, KARL, NOW, Workshop
from tests.cli.made_files import make_files
from tests.keystore.conftest import KeystoreMaker
from tests.support.keystores import create_keystore

Passwords = Callable[[Path], Secret]
OPTIONS = AuditOptions(
    now=NOW,
    request=AuditRequest(environment=Environment.TRAINING, registry=False),
    processes=1,
    language="en",
)
ODD = ("certificat.p12", "keystore (1).p12", "keystore.p12")


def proposals(audit: Audit) -> dict[str, str]:
    found = audit.findings[audit.findings["key"] == "misnamed"]
    return {
        Path(file).name: message.removeprefix("This file should be called ").partition(": ")[0]
        for file, message in zip(found["file"], found["message"], strict=True)
    }


def look(folder: Path, name: str, password: Secret) -> str | None:
    listing = HolderFiles.listed(folder)
    return diagnose(folder / name, password, NOW, listing=listing).proper_name


def test_every_command_proposes_the_same_name(
    tmp_path: Path, workshop: Workshop, passwords: Passwords
) -> None:
    path = workshop.write(tmp_path)
    for name in ODD:
        shutil.copy(path, tmp_path / name)
    path.unlink()
    audit = audit_folder([tmp_path], passwords, OPTIONS)
    proposed = proposals(audit)
    assert sorted(proposed) == sorted(ODD)
    assert len(set(proposed.values())) == len(ODD)
    for name in sorted(ODD):
        password = passwords(tmp_path / name)
        assert look(tmp_path, name, password) == proposed[name]
        rename_keystore(tmp_path / name, proposed[name])


def test_many_copies_are_not_each_compared_with_each() -> None:
    """By processor time, which other programs do not change: pairs of 4,000 files would take minutes."""
    reading = ScanResult(
        "pkcs12",
        whole=True,
        opened=True,
        holder=f"SSIN={ELISE}",
        holder_name="Élise Dubois",
        environment=Environment.TRAINING,
        not_before=datetime(2026, 8, 16, 10, tzinfo=UTC),
        not_after=datetime(2029, 8, 16, 10, tzinfo=UTC),
        decrypts=True,
    )
    files = [f"/ks/SSIN={KARL} 20260816-120000 ({number}).p12" for number in range(4_000)]
    begin = time.process_time()
    seen = evaluate(((file, reading) for file in files), files, lambda *_: NOW)
    assert time.process_time() - begin < 20
    assert len({copy.proper_name for copy in seen.values()}) == len(files)


def test_a_file_that_was_copied_today_does_not_become_the_last_one(
    tmp_path: Path, workshop: Workshop, passwords: Passwords
) -> None:
    """The time is the certificate's: software takes the last name of a holder."""
    old = workshop.write(tmp_path, ELISE, -900, 20, pair=1)
    new = workshop.write(tmp_path, ELISE, -60, 900, pair=2, at="20260925-120000")
    copy = tmp_path / "ancien.p12"
    old.rename(copy)  # written today, for the file system
    proposed = look(tmp_path, copy.name, passwords(copy))
    assert proposed is not None
    assert proposed < new.name


def test_the_same_key_in_several_folders_is_reported(
    tmp_path: Path, workshop: Workshop, passwords: Passwords
) -> None:
    here, there = tmp_path / "a", tmp_path / "b"
    for folder in (here, there):
        folder.mkdir()
    path = workshop.write(here)
    copy = Path(shutil.copy(path, there / path.name))
    other = workshop.write(there, ELISE, -60, 900, pair=2, at="20261001-120000")
    audit = audit_folder([here, there], passwords, replace(OPTIONS, language="en"))
    (said,) = audit.findings[audit.findings["key"] == "same_key"]["message"]
    assert str(path) in said
    assert str(copy) in said
    assert str(other) not in said


def test_a_copy_beside_a_keystore_is_reported_for_both(
    tmp_path: Path, workshop: Workshop, passwords: Passwords
) -> None:
    path = workshop.write(tmp_path)
    shutil.copy(path, tmp_path / "copie.p12")
    listing = HolderFiles.listed(tmp_path)
    for name, other in ((path.name, "copie.p12"), ("copie.p12", path.name)):
        seen = diagnose(tmp_path / name, passwords(path), NOW, listing=listing)
        (finding,) = (finding for finding in seen.findings if finding.key == "beside_same_key")
        assert finding.facts == {"others": (other,)}
    alone = diagnose(path, passwords(path), NOW, listing=HolderFiles(()))
    assert not alone.has("beside_same_key")


def test_of_a_copy_from_before_the_certificate_the_complete_one_is_to_stay(
    tmp_path: Path, keystore_maker: KeystoreMaker
) -> None:
    password, name = Secret("Kine-2026-Brugge"), "SSIN=79031421872 20261124-130000.p12"
    create_keystore(tmp_path / name, keystore_maker.complete.contents, password)
    create_keystore(tmp_path / "copie.p12", keystore_maker.prepared.contents, password)
    seen = diagnose(tmp_path / name, password, keystore_maker.start, listing=HolderFiles.listed(tmp_path))
    (finding,) = (finding for finding in seen.findings if finding.key == "beside_same_key")
    assert finding.facts == {"others": ("copie.p12",)}
    words: dict[LanguageName, str] = {
        "en": "complete",
        "fr": "complet",
        "nl": "volledig",
        "de": "vollständige",
    }
    for language, word in words.items():
        assert word in finding.next_step(Translator(language))


def test_a_damaged_file_with_the_right_password_is_not_closed(tmp_path: Path, data_folder: Path) -> None:
    shutil.copy(data_folder / "keystores" / "z_bitflip.p12", tmp_path)
    audit = audit_folder([tmp_path], lambda _: Secret("Test-Pass1"), OPTIONS)
    assert list(audit.findings["key"]) == ["damaged_integrity"]
    assert list(audit.keystores["state"]) == ["unreadable"]
    closed = audit_folder([tmp_path], lambda _: None, OPTIONS)
    assert "closed" in set(closed.findings["key"])


def test_what_diagnose_warns_of_the_audit_warns_of(data_folder: Path, tmp_path: Path) -> None:
    """Of the whole corpus, and of files that show what it does not; but for what hangs on a day, a name or a folder, of
    which the audit has rules of its own."""
    corpus = data_folder / "keystores"
    files = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    passwords = {corpus / file["file"]: Secret(file.get("password") or "") for file in files}
    made = make_files(tmp_path, (corpus / "bc_complete.p12").read_bytes())
    passwords |= {path: Secret(password) for path, password in made.values()}
    audit = audit_folder(
        [corpus, tmp_path], passwords.get, replace(OPTIONS, request=AuditRequest(registry=False))
    )
    warned = audit.findings.groupby("file")["key"].agg(set).to_dict()
    own = ("state_", "environment_", "name_", "beside_", "ending_", "chain_expired")
    following = {"java_partly", "java_unreadable", "owner_unknown", "closed_without_encryption_key"}
    said = set()
    for path, password in passwords.items():
        seen = diagnose(path, password, NOW)
        keys = {finding.key for finding in seen.findings if finding.severity.rank <= Severity.WARNING.rank}
        wanted = {key for key in keys - following if not key.startswith(own)}
        assert wanted <= warned.get(str(path), set()), path
        said |= wanted
    assert {"cipher_weak_key", "iterations_total", "password_not_portable", "key_mismatch"} <= said
    assert {"iterations_high", "password_empty", "mac_missing"} <= said
