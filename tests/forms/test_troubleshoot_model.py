"""The Troubleshoot page without its widgets: what it says of real files, and what it makes of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.forms.troubleshoot.advice import (
    FileAction,
    advised,
    file_actions,
    is_to_complete,
    next_step,
    takes_password,
    verdict_of,
)
from ehtoolkit.forms.troubleshoot.examined_file import ActionResult, ExaminedFile
from ehtoolkit.forms.troubleshoot.file_intake import examine_all
from ehtoolkit.forms.troubleshoot.model import MOST, TroubleshootModel
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Niss, Person
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.java_store import read_java_store
from ehtoolkit.keystore.repair.pem import CertificateFormat
from ehtoolkit.keystore.rewrite import NewKeystore
from ehtoolkit.keystore.storage.backups import backups_of
from ehtoolkit.keystore.storage.filenames import belgian_time, parse_name
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.keystore.conftest import KeystoreMaker, Sample
from tests.support.keystores import create_keystore

if TYPE_CHECKING:
    from ehtoolkit.toolkit import Toolkit

NAME = "SSIN=79031421872 20261124-130000.p12"
OLDER = "SSIN=79031421872 20230901-101500.p12"
SECRET, OTHER, WRONG = Secret("Kine-2026 & co"), Secret("Nieuw-2027!"), Secret("KINE azerty")
LOCALE = Path(ehtoolkit.__file__).parent / "locale"
OLD_SERIAL, NEW_SERIAL = (1 << 127) + 7, (1 << 127) + 9


@pytest.fixture
def toolkit() -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings())
    yield toolkit
    toolkit.close()


@pytest.fixture
def model(toolkit: Toolkit) -> TroubleshootModel:
    return TroubleshootModel(toolkit)


@pytest.fixture(scope="session")
def today(keystore_maker: KeystoreMaker) -> KeystoreMaker:
    """The same holder and keys, valid on the day on which the tests run."""
    now = datetime.now(UTC).replace(microsecond=0)
    return KeystoreMaker(keystore_maker.keys, now - timedelta(days=1), now + timedelta(days=1000))


@pytest.fixture(scope="session")
def renewed(today: KeystoreMaker) -> Keystore:
    """Another authentication key and another encryption key of the same holder."""
    roles = {**today.keys, "authentication": today.keys["renewed"], "encryption": today.keys["stranger"]}
    later = KeystoreMaker(roles, today.start, today.end)
    certificate = later.encryption_certificate(serial=NEW_SERIAL)
    return later.installed.with_encryption(later.keys["encryption"], certificate)


@pytest.fixture(scope="session")
def sound_bytes(today: KeystoreMaker) -> bytes:
    return write_pkcs12(today.complete.contents, SECRET)


def verdict(examined: ExaminedFile) -> str:
    return verdict_of(examined).name


def opened(model: TroubleshootModel, examined: ExaminedFile, secret: Secret = SECRET) -> ExaminedFile:
    found = model.open(examined, secret)
    assert isinstance(found, ExaminedFile)
    model.keep(found)
    return found


def handed_over(
    model: TroubleshootModel, data: bytes, name: str = NAME, secret: Secret = SECRET
) -> ExaminedFile:
    return opened(model, model.hand_over(name, data), secret)


def remade(model: TroubleshootModel, examined: ExaminedFile, new: Secret | None) -> NewKeystore:
    made = model.remake(examined, new, EncryptionProfile.MODERN).made
    assert made is not None
    return made


def in_folder(
    model: TroubleshootModel, keystore: Keystore, name: str = NAME, secret: Secret = SECRET
) -> ExaminedFile:
    create_keystore(model.folder / name, keystore.contents, secret)
    return opened(model, model.take(name), secret)


def everything_under(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────
FAULTS = {
    "bc_nullpw.p12": "empty",
    "x_JCEKS.p12": "format",
    "x_JKS.p12": "format",
    "z_base64.p12": "format",
    "z_bitflip.p12": "damaged",
    "z_certder.p12": "no_keystore",
    "z_crlf.p12": "damaged",
    "z_evil_iter.p12": "hostile",
    "z_pem.p12": "no_keystore",
    "z_trunc.p12": "truncated",
    "z_zero.p12": "empty",
    "z_zeros.p12": "empty",
}


def test_every_file_of_the_corpus(model: TroubleshootModel, samples: dict[str, Sample]) -> None:
    for name, sample in samples.items():
        closed = model.hand_over(name, sample.data)
        looked = model.open(closed, sample.secret)
        found = looked if isinstance(looked, ExaminedFile) else closed
        if sample.fault is not None:
            assert verdict(found) == FAULTS[name], name
            assert verdict_of(found).severity is Severity.ERROR
            continue
        assert found.diagnosis.opened, name
        assert found.inventory is not None
        if sample.aliases is not None:
            assert [key.alias for key in found.inventory.keys] == sample.aliases
            assert len(found.inventory.certificates) == sample.certificates
    assert {name for name, sample in samples.items() if sample.fault is not None} == FAULTS.keys()


def test_a_closed_file_asks_for_its_password(model: TroubleshootModel, sound_bytes: bytes) -> None:
    closed = model.hand_over(NAME, sound_bytes)
    assert verdict(closed) == "closed"
    assert takes_password(closed)
    assert file_actions(closed) == ()
    found = opened(model, closed)
    assert verdict(found) == "fine"
    assert not takes_password(found)
    assert found.diagnosis.owner is not None
    assert found.number == closed.number


def test_a_wrong_password_says_why_and_changes_nothing(model: TroubleshootModel, sound_bytes: bytes) -> None:
    closed = model.hand_over(NAME, sound_bytes)
    model.keep(closed)
    said = model.open(closed, WRONG)
    assert not isinstance(said, ExaminedFile)
    assert [finding.key for finding in said] == ["password_wrong", "password_hint_keyboard"]
    assert model.find(closed.number) == closed


@pytest.mark.parametrize("name", ["x_JKS.p12", "z_trunc.p12", "z_base64.p12"])
def test_a_wrong_password_for_a_faulty_file(
    model: TroubleshootModel, samples: dict[str, Sample], name: str
) -> None:
    said = model.open(model.hand_over(name, samples[name].data), WRONG)
    assert not isinstance(said, ExaminedFile)
    assert said[0].key in ("password_wrong", "rescue_nothing")


def test_what_needs_no_password_is_open(model: TroubleshootModel, samples: dict[str, Sample]) -> None:
    found = model.hand_over("plain.p12", samples["ossl_plain_nomac.p12"].data)
    assert not takes_password(found)
    assert found.inventory is not None
    assert file_actions(found)[0] is FileAction.PROTECT
    with pytest.raises(errors.PasswordNotAllowed):
        model.remake(found, None, EncryptionProfile.MODERN)
    made = remade(model, found, OTHER)
    assert len(read_pkcs12(made.data, OTHER).keys) == 1


def test_nothing_that_is_handed_over_reaches_the_disk(model: TroubleshootModel, sound_bytes: bytes) -> None:
    before = everything_under(load_settings().home)
    found = handed_over(model, sound_bytes)
    model.remake(found, OTHER, EncryptionProfile.MODERN)
    after = everything_under(load_settings().home)
    assert after.keys() == before.keys()
    assert not [path for path, data in after.items() if sound_bytes[:64] in data]


def test_neither_bytes_nor_password_show(model: TroubleshootModel, sound_bytes: bytes) -> None:
    found = handed_over(model, sound_bytes)
    made = remade(model, found, None)
    assert SECRET.reveal() not in repr((found, made))
    assert repr(sound_bytes[:8])[2:-1] not in repr(found)
    assert repr(made.data[:8])[2:-1] not in repr(made)


def test_the_same_file_comes_once(model: TroubleshootModel, sound_bytes: bytes) -> None:
    first = handed_over(model, sound_bytes)
    assert model.hand_over(NAME, sound_bytes) is model.find(first.number)
    assert model.hand_over("other.p12", sound_bytes).number != first.number
    model.forget(first.number)
    assert model.examined_files == ()
    assert model.hand_over(NAME, sound_bytes).secret is None


def test_one_broken_file_does_not_stop_the_others(model: TroubleshootModel, sound_bytes: bytes) -> None:
    def broken() -> ExaminedFile:
        raise ZeroDivisionError

    found, failures = examine_all([broken, lambda: model.hand_over(NAME, sound_bytes)])
    assert [file.name for file in found] == [NAME]
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


def test_the_page_fills_up(model: TroubleshootModel) -> None:
    for number in range(MOST):
        assert model.room == MOST - number
        model.keep(model.hand_over(f"{number}.p12", b""))
    assert model.room == 0


# ── files of the folder ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["../outside.p12", "/etc/passwd", "none.p12", ""])
def test_no_name_leads_out_of_the_folder(model: TroubleshootModel, keystores: Path, name: str) -> None:
    (keystores.parent / "outside.p12").write_bytes(b"x")
    with pytest.raises(errors.KeystoreNotFound):
        model.take(name)


def test_a_file_of_the_folder_is_seen_among_its_neighbours(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker, renewed: Keystore
) -> None:
    create_keystore(keystores / OLDER, today.complete.contents, SECRET)
    found = in_folder(model, renewed)
    assert found.diagnosis.has("beside_more_keys")
    assert advised(found) is FileAction.MERGE


def test_another_look_keeps_the_number_and_the_password(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker
) -> None:
    found = in_folder(model, today.installed)
    assert verdict(found) == "no_etk"
    assert is_to_complete(found)
    file = KeystoreFile.open(keystores / NAME, SECRET)
    file.save(today.complete)
    again = model.take(NAME)
    assert again.number == found.number
    assert verdict(again) == "fine"


def test_a_file_that_cannot_be_read_any_more_in_the_middle_of_a_look_is_a_finding(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done to it before is done, whatever a look shows then."""
    in_folder(model, today.complete)
    path, opens, left = keystores / NAME, os.open, 0

    def opens_at_first(file: Any, *wanted: Any, **more: Any) -> int:
        nonlocal left
        if file == path:
            left -= 1
            if left < 0:
                raise PermissionError
        return opens(file, *wanted, **more)

    monkeypatch.setattr(os, "open", opens_at_first)
    seen = set()
    for left in range(8):  # noqa: B007  # the disk reads it
        found = model.look_at(path, SECRET)
        seen.add((found.diagnosis.opened, found.inventory is not None))
    assert seen == {(False, False), (True, False), (True, True)}


def test_training_s_own_files_go_by_training_s_clock(
    toolkit: Toolkit, model: TroubleshootModel, keystores: Path, today: KeystoreMaker, sound_bytes: bytes
) -> None:
    assert toolkit.training is not None
    toolkit.training.clock.move("+5y")
    assert verdict(in_folder(model, today.complete)) == "expired"
    # The issuer tells: one that was handed over is of training, too.
    assert verdict(handed_over(model, sound_bytes)) == "expired"


def test_the_computer_s_clock_counts_for_the_rest(
    toolkit: Toolkit, model: TroubleshootModel, samples: dict[str, Sample]
) -> None:
    assert toolkit.training is not None
    sample = samples["bc_complete.p12"]
    before = handed_over(model, sample.data, "a.p12", sample.secret)
    toolkit.training.clock.move("+50y")
    after = handed_over(model, sample.data, "b.p12", sample.secret)
    assert before.diagnosis.state == after.diagnosis.state


def test_a_copy_gets_its_name_back(model: TroubleshootModel, keystores: Path, today: KeystoreMaker) -> None:
    found = in_folder(model, today.complete, "SSIN=79031421872 20261124-130000 (1).p12")
    assert FileAction.RENAME in file_actions(found)
    assert advised(found) is FileAction.RENAME
    renamed = model.rename(found)
    assert renamed.number == found.number
    assert [path.name for path in keystores.iterdir() if path.suffix == ".p12"] == [NAME]
    assert FileAction.RENAME not in file_actions(renamed)
    assert renamed.secret == SECRET
    assert open_keystore(keystores / NAME, SECRET) == today.complete


def test_a_file_in_memory_is_not_renamed(model: TroubleshootModel, sound_bytes: bytes) -> None:
    found = handed_over(model, sound_bytes, "copy (1).p12")
    assert FileAction.RENAME not in file_actions(found)
    with pytest.raises(errors.KeystoreNotFound):
        model.rename(found)


# ── rescuing and converting ──────────────────────────────────────────────────────────────────────────────────
def test_keys_of_a_truncated_file(model: TroubleshootModel, today: KeystoreMaker, sound_bytes: bytes) -> None:
    cut = sound_bytes[: len(sound_bytes) // 2]
    closed = model.hand_over(NAME, cut)
    assert verdict(closed) == "truncated"
    found = opened(model, closed)
    assert file_actions(found) == (FileAction.RESCUE,)
    assert advised(found) is FileAction.RESCUE
    made = remade(model, found, None)
    saved = read_pkcs12(made.data, SECRET)
    assert [key.pkcs8 for key in saved.keys] == [key.pkcs8 for key in today.complete.contents.keys]
    assert {loss.reason for loss in made.lost} == {"truncated"}
    assert (made.keys, made.certificates) == (len(saved.keys), len(saved.certificates))
    assert found.content == cut


def test_a_file_of_which_nothing_is_left(model: TroubleshootModel, sound_bytes: bytes) -> None:
    closed = model.hand_over(NAME, sound_bytes[:300])
    said = model.open(closed, SECRET)
    assert not isinstance(said, ExaminedFile)
    assert [finding.key for finding in said] == ["damaged_truncated"]
    assert file_actions(closed) == ()
    assert takes_password(closed), "perhaps it was another password"


@pytest.mark.parametrize("name", ["x_JKS.p12", "x_JCEKS.p12", "z_base64.p12", "z_crlf.p12"])
def test_other_formats_become_a_keystore(
    model: TroubleshootModel, samples: dict[str, Sample], name: str
) -> None:
    sample = samples[name]
    found = handed_over(model, sample.data, name, sample.secret)
    assert advised(found) in (FileAction.CONVERT, FileAction.RESCUE)
    made = remade(model, found, OTHER)
    contents = read_pkcs12(made.data, OTHER)
    assert made.lost == ()
    assert len(Keystore.of(contents).encryption) == len(contents.keys) - 1 > 0
    if name.startswith("x_"):
        assert {key.pkcs8 for key in contents.keys} == {
            key.pkcs8 for key in read_java_store(sample.data, sample.secret).keys
        }
    with pytest.raises(errors.KeystorePasswordWrong):
        read_pkcs12(made.data, sample.secret)


def test_a_new_password_that_not_everyone_takes(model: TroubleshootModel, sound_bytes: bytes) -> None:
    found = handed_over(model, sound_bytes)
    for unfit in ("clé-2026", ""):
        with pytest.raises(errors.PasswordNotAllowed):
            model.remake(found, Secret(unfit), EncryptionProfile.MODERN)


def test_the_name_of_a_new_keystore(model: TroubleshootModel, sound_bytes: bytes) -> None:
    made = remade(model, handed_over(model, sound_bytes, "rescued from a stick.p12"), None)
    name = parse_name(made.name)
    assert name.regular
    assert str(name.identifier) == str(made.identifier)
    cut = remade(model, handed_over(model, sound_bytes[: len(sound_bytes) // 2], "a.p12"), None)
    assert (cut.name, cut.identifier) == ("a-new.p12", None)


# ── another protection ───────────────────────────────────────────────────────────────────────────────────────
def test_a_file_of_the_folder_is_protected_in_its_place(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker
) -> None:
    found = in_folder(model, today.complete)
    before = found.read()
    result = model.protect(found, OTHER, EncryptionProfile.COMPATIBLE)
    assert result.path is not None
    assert result.other_password
    assert open_keystore(keystores / NAME, OTHER) == today.complete
    assert model.look_at(result.path, result.secret).diagnosis.has("old_readable")
    (backup,) = backups_of(keystores / NAME)
    assert (result.backup, backup.read_bytes()) == (backup, before)
    assert read_pkcs12(before, SECRET) == today.complete.contents


def test_the_same_password_under_another_protection(
    model: TroubleshootModel, keystores: Path, samples: dict[str, Sample]
) -> None:
    sample = samples["sun_600k.p12"]
    name = "NIHII=10000007,APPLICATION 20261124-130000.p12"
    shutil.copy(sample.path, keystores / name)
    found = opened(model, model.take(name), sample.secret)
    assert advised(found) is FileAction.PROTECT
    result = model.protect(found, None, EncryptionProfile.MODERN)
    assert result.path is not None
    assert not result.other_password
    again = model.look_at(result.path, result.secret)
    assert not again.diagnosis.has("iterations_high")
    assert [key.alias for key in again.diagnosis.keys] == sample.aliases


def test_a_file_in_memory_is_protected_as_a_new_one(
    model: TroubleshootModel, sound_bytes: bytes, today: KeystoreMaker
) -> None:
    found = handed_over(model, sound_bytes)
    made = model.protect(found, OTHER, EncryptionProfile.MODERN).made
    assert made is not None
    assert read_pkcs12(made.data, OTHER) == today.complete.contents
    assert found.content == sound_bytes


def test_a_file_that_changed_meanwhile_is_left_alone(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker
) -> None:
    found = in_folder(model, today.complete)
    (keystores / NAME).write_bytes(write_pkcs12(today.complete.contents, OTHER))
    before = (keystores / NAME).read_bytes()
    old = model.hand_over("old.p12", write_pkcs12(today.complete.contents, SECRET))
    for attempt in (
        lambda: model.protect(found, None, EncryptionProfile.MODERN),
        lambda: model.remake(found, None, EncryptionProfile.MODERN),
        lambda: model.merge(found, old, SECRET),
    ):
        with pytest.raises(errors.FileBusy) as busy:
            attempt()
        assert busy.value.facts["reason"] == "changed"
    assert (keystores / NAME).read_bytes() == before


# ── merging ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_old_keys_go_into_a_file_of_the_folder(
    model: TroubleshootModel, keystores: Path, renewed: Keystore, sound_bytes: bytes
) -> None:
    found, old = in_folder(model, renewed), model.hand_over(OLDER, sound_bytes)
    before = found.read()
    result = model.merge(found, old, SECRET)
    assert result.added == 1
    merged = open_keystore(keystores / NAME, SECRET)
    assert [key.chain[0].serial_number for key in merged.encryption] == [NEW_SERIAL, OLD_SERIAL]
    assert merged.authentication == renewed.authentication
    assert result.backup is not None
    assert result.backup.read_bytes() == before
    assert old.content == sound_bytes
    # What is there already is not written again.
    again = model.merge(found, old, SECRET)
    assert (again.changed, again.added, again.backup) == (False, 0, None)
    assert open_keystore(keystores / NAME, SECRET) == merged


def test_old_keys_go_into_a_file_in_memory(
    model: TroubleshootModel, renewed: Keystore, sound_bytes: bytes
) -> None:
    new = write_pkcs12(renewed.contents, OTHER)
    found, old = handed_over(model, new, "new.p12", OTHER), model.hand_over(OLDER, sound_bytes)
    result = model.merge(found, old, SECRET)
    assert result.added == 1
    assert result.made is not None
    keys = read_pkcs12(result.made.data, OTHER).keys
    assert [key.alias for key in keys] == ["authentication", str(NEW_SERIAL), str(OLD_SERIAL)]
    assert found.content == new
    whole = handed_over(model, result.made.data, "merged.p12", OTHER)
    assert model.merge(whole, old, SECRET) == ActionResult(OTHER, added=0)


def test_another_holder_is_refused_and_nothing_written(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker, renewed: Keystore
) -> None:
    unrelated = KeystoreMaker(today.keys, today.start, today.end)
    unrelated.__dict__["person"] = Person(Niss.parse("74120812314"), "Jan", "Peeters")
    found = in_folder(model, renewed)
    old = model.hand_over("old.p12", write_pkcs12(unrelated.complete.contents, SECRET))
    before = everything_under(keystores)
    with pytest.raises(errors.HoldersDiffer) as refusal:
        model.merge(found, old, SECRET)
    assert "74120812314" in Translator("en").error(refusal.value)
    assert everything_under(keystores) == before


def test_a_wrong_password_of_the_old_file(
    model: TroubleshootModel, keystores: Path, renewed: Keystore, sound_bytes: bytes
) -> None:
    found, old = in_folder(model, renewed), model.hand_over(OLDER, sound_bytes)
    before = everything_under(keystores)
    with pytest.raises(errors.KeystorePasswordWrong):
        model.merge(found, old, WRONG)
    assert everything_under(keystores) == before


def test_a_file_without_certificate_takes_no_keys(model: TroubleshootModel, today: KeystoreMaker) -> None:
    waiting = handed_over(model, write_pkcs12(today.prepared.contents, SECRET))
    assert verdict(waiting) == "prepared"
    assert FileAction.MERGE not in file_actions(waiting)


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_new_keystore_goes_into_the_folder_as_the_last_of_its_holder(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker, sound_bytes: bytes
) -> None:
    later = "SSIN=79031421872 20990101-000000.p12"
    create_keystore(keystores / later, today.complete.contents, SECRET)
    made = remade(model, handed_over(model, sound_bytes), OTHER)
    path = model.put_into_folder(made)
    assert path.name == "SSIN=79031421872 20990101-000001.p12"
    assert path.read_bytes() == made.data
    assert path.stat().st_mode & 0o077 == 0
    assert open_keystore(path, OTHER) == today.complete
    assert open_keystore(keystores / later, SECRET) == today.complete


def test_a_new_keystore_comes_before_the_successor_of_its_certificate(
    model: TroubleshootModel, keystores: Path, today: KeystoreMaker, renewed: Keystore, sound_bytes: bytes
) -> None:
    holder, begins = "SSIN=79031421872", belgian_time(today.start)
    copy, successor, other = (
        f"{holder}{more} {begins + timedelta(hours=hours):%Y%m%d-%H%M%S}{ending}"
        for more, hours, ending in (("", 1, ".p12"), ("", 3, ".p12"), ("", 2, ".acc-p12"))
    )
    create_keystore(keystores / copy, today.complete.contents, SECRET)
    create_keystore(keystores / successor, renewed.contents, SECRET)
    create_keystore(keystores / other, renewed.contents, SECRET)
    (keystores / f"{holder} {begins + timedelta(hours=2):%Y%m%d-%H%M%S}.p12").write_bytes(sound_bytes[:99])
    made = remade(model, handed_over(model, sound_bytes), OTHER)
    first, second = model.put_into_folder(made), model.put_into_folder(made)
    times = [begins + timedelta(hours=3, seconds=-number) for number in (1, 2)]
    assert [first.name, second.name] == [f"{holder} {time:%Y%m%d-%H%M%S}.p12" for time in times]
    assert open_keystore(first, OTHER) == today.complete
    assert find_keystores(keystores)[0].path.name == successor


def test_a_keystore_without_holder_is_not_saved_in_the_folder(
    model: TroubleshootModel, keystores: Path, sound_bytes: bytes
) -> None:
    cut = handed_over(model, sound_bytes[: len(sound_bytes) // 2], "a.p12")
    with pytest.raises(errors.KeystoreNotFound):
        model.put_into_folder(remade(model, cut, None))
    assert everything_under(keystores) == {}


def test_public_parts(model: TroubleshootModel, today: KeystoreMaker, sound_bytes: bytes) -> None:
    inventory = handed_over(model, sound_bytes).inventory
    assert inventory is not None
    parts = {(part.part, part.form): part for part in inventory.public_files}
    assert len(parts) == 6
    leaf = x509.load_der_x509_certificate(parts["certificate", CertificateFormat.DER].data)
    assert leaf == today.chain[0]
    assert x509.load_pem_x509_certificates(parts["chain", CertificateFormat.PEM].data) == list(today.chain)
    assert set(load_der_pkcs7_certificates(parts["chain", CertificateFormat.DER].data)) == set(today.chain)
    assert parts["chain", CertificateFormat.DER].ending == ".p7b"
    assert (
        x509.load_pem_x509_certificate(parts["etk", CertificateFormat.PEM].data).serial_number == OLD_SERIAL
    )
    assert parts["etk", CertificateFormat.DER].ending == ".cer"
    assert not [part for part in inventory.public_files if b"PRIVATE" in part.data]
    assert [row.role for row in inventory.keys] == ["authentication", "current"]
    assert [row.role for row in inventory.certificates] == ["holder", "authority", "authority", "etk"]


def test_old_keys_are_distinguished_from_the_current_key(
    model: TroubleshootModel, renewed: Keystore, sound_bytes: bytes
) -> None:
    found = handed_over(model, write_pkcs12(renewed.contents, SECRET), "new.p12")
    result = model.merge(found, model.hand_over(OLDER, sound_bytes), SECRET)
    assert result.made is not None
    inventory = handed_over(model, result.made.data, "merged.p12").inventory
    assert inventory is not None
    assert [row.role for row in inventory.keys] == ["authentication", "current", "older"]


# ── what to do about it ──────────────────────────────────────────────────────────────────────────────────────
def test_what_the_page_does_itself_it_does_not_send_to_the_command_line() -> None:
    catalogue = (LOCALE / "en" / "LC_MESSAGES" / "finding.po").read_text(encoding="utf-8")
    texts = Translator("en")
    commands = (
        *("keystore rescue", "keystore convert", "keystore merge", "keystore passwd"),
        *("keystore rename", "certificate complete"),
    )
    keys = {
        line.split('"')[1].split(".")[1]
        for line in catalogue.splitlines()
        if line.startswith('msgid "finding.')
    }
    seen = 0
    for key in keys:
        if not texts.has(f"finding.{key}.next"):
            continue
        facts = dict.fromkeys(("proper", "older", "date", "days", "limit", "value", "kind"), "x")
        words = next_step(Finding(key, Severity.INFO, facts), texts)
        assert not [command for command in commands if command in words], key
        seen += 1
    assert seen > 80


def test_verdicts_of_states(model: TroubleshootModel, today: KeystoreMaker) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    past = KeystoreMaker(today.keys, now - timedelta(days=900), now - timedelta(days=2))
    ending = KeystoreMaker(today.keys, now - timedelta(days=900), now + timedelta(days=20))
    coming = KeystoreMaker(today.keys, now + timedelta(days=2), now + timedelta(days=900))
    found = {
        name: verdict(handed_over(model, write_pkcs12(keystore.contents, SECRET)))
        for name, keystore in {
            "expired": past.complete,
            "renewable": ending.complete,
            "not_yet_valid": coming.complete,
            "prepared": today.prepared,
            "no_etk": today.installed,
            "fine": today.complete,
        }.items()
    }
    assert found == {name: name for name in found}
