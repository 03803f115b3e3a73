"""The Password form, without a browser: what it does to real keystores, and what it says in four languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from ehtoolkit import errors
from ehtoolkit.forms import open_password
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.widgets.fields import ChoiceField, SecretField
from ehtoolkit.forms.widgets.files import Download
from ehtoolkit.forms.widgets.page_parts import StepHead
from ehtoolkit.forms.wizards.password.form import PASSWORD as FORM
from ehtoolkit.forms.wizards.password.model import ContentsSummary, NamedKey, PasswordModel, prove
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.protection import Encryption
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.backups import backups_of
from ehtoolkit.keystore.storage.copies import Destination, copy_keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore, read_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.forms.player import Player
from tests.keystore.conftest import Sample
from tests.support.keystores import create_keystore

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

NAME = "SSIN=79031421872 20261124-130000.p12"
OLDER = "SSIN=79031421872 20230901-101500.p12"
OLD, NEW, OTHER = Secret("Kine-2026 & co"), Secret("Nieuw-2027!"), Secret("Anders-2027")


@pytest.fixture
def path(keystores: Path, keystore_maker: KeystoreMaker) -> Path:
    path = keystores / NAME
    KeystoreFile.create(path, keystore_maker.complete, OLD)
    return path


@pytest.fixture
def model(path: Path) -> Iterator[PasswordModel]:
    """The form with the one keystore of the folder chosen."""
    toolkit = open_toolkit(load_settings())
    yield choose(FORM.walk(PasswordModel(toolkit)), path)
    toolkit.close()


def choose(model: PasswordModel, path: Path) -> PasswordModel:
    model.wizard.edit({"keystore": path.name})
    return model


def to_the_end(model: PasswordModel, old: Secret = OLD, new: Secret = NEW) -> None:
    model.open(old)
    assert model.wizard.confirm()
    model.change_to(new)
    assert model.wizard.confirm()


def tree(folder: Path) -> dict[str, bytes]:
    """All files under a folder but its lock, with their contents."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


# ── the model ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_new_password_opens_all_and_the_old_one_the_copy(model: PasswordModel, path: Path) -> None:
    before = read_keystore(path, OLD)

    to_the_end(model)

    assert read_keystore(path, NEW) == before
    with pytest.raises(errors.KeystorePasswordWrong):
        read_keystore(path, OLD)
    change = model.change
    assert change.doubt is None
    assert (change.path, change.profile, change.inside.certificates) == (
        path,
        EncryptionProfile.COMPATIBLE,
        4,
    )
    assert read_keystore(change.copy, OLD) == before
    assert model.copies == (change.copy,)


def test_the_holder_and_the_contents_are_shown(model: PasswordModel, keystore_maker: KeystoreMaker) -> None:
    assert model.inside is None

    model.open(OLD)

    alias = str((1 << 127) + 7)
    keys = (NamedKey("authentication", "authentication"), NamedKey(alias, "encryption"))
    assert model.inside == ContentsSummary(DistinguishedName.for_person(keystore_maker.person), keys, 4)


def test_a_wrong_old_password_leaves_all_as_it_was(model: PasswordModel, path: Path) -> None:
    before = tree(path.parent)

    with pytest.raises(errors.KeystorePasswordWrong):
        model.open(NEW)

    assert tree(path.parent) == before
    assert model.inside is None


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        *(("", "empty"), ("Kinésist", "characters"), ("€", "characters")),
        *(
            ("Welkom2026!", "common"),
            ("aaaaaaaa", "pattern"),
            ("Dubois-12", "personal"),
            ("x79031421872", "personal"),
        ),
    ],
)
def test_a_password_that_not_every_program_takes_is_refused(
    model: PasswordModel, path: Path, new: str, reason: str
) -> None:
    before = tree(path.parent)
    model.open(OLD)

    with pytest.raises(errors.PasswordNotAllowed) as raised:
        model.change_to(Secret(new))

    assert raised.value.facts["reason"] == reason
    assert tree(path.parent) == before


def test_the_password_that_it_has_is_no_new_one(model: PasswordModel, path: Path) -> None:
    before = tree(path.parent)
    model.open(OLD)

    with pytest.raises(errors.PasswordNotAllowed) as raised:
        model.change_to(OLD)

    assert raised.value.facts["reason"] == "same"
    assert tree(path.parent) == before


def test_for_old_software_the_password_may_stay(model: PasswordModel, path: Path) -> None:
    before = read_keystore(path, OLD)
    model.open(OLD)
    model.wizard.confirm()
    model.wizard.edit({"profile": "compatible"})

    model.change_to(OLD)

    assert read_keystore(path, OLD) == before
    encryptions = outline_pkcs12(path.read_bytes()).protection.encryptions
    assert {part.cipher for part in encryptions if isinstance(part, Encryption)} == {"des-ede3-cbc"}


def test_another_program_that_changed_the_password_meanwhile_is_not_overwritten(
    model: PasswordModel, path: Path
) -> None:
    model.open(OLD)
    change_password(path, OLD, OTHER)
    before = tree(path.parent)

    with pytest.raises(errors.FileBusy) as raised:
        model.change_to(NEW)

    assert raised.value.facts["reason"] == "changed"
    assert tree(path.parent) == before


def test_a_missing_file_is_reported(model: PasswordModel, path: Path) -> None:
    model.open(OLD)
    path.unlink()

    with pytest.raises(errors.KeystoreNotFound):
        model.change_to(NEW)

    assert model.wizard.result("change") is None


def test_a_try_that_failed_can_be_made_again(model: PasswordModel, path: Path) -> None:
    """A folder in the place of the one for copies stands for any reason why nothing could be written."""
    model.open(OLD)
    model.wizard.confirm()
    (path.parent / "backup").write_bytes(b"in the way")
    with pytest.raises(errors.FolderNotWritable):
        model.change_to(NEW)
    assert _opens(path, OLD)

    (path.parent / "backup").unlink()
    model.change_to(NEW)

    assert _opens(path, NEW)


def test_choosing_another_file_forgets_what_was_opened(
    model: PasswordModel, path: Path, keystore_maker: KeystoreMaker
) -> None:
    KeystoreFile.create(path.parent / OLDER, keystore_maker.prepared, OTHER)
    model.choosing.look()
    model.open(OLD)
    assert model.wizard.confirm()
    model.wizard.back()

    model.wizard.edit({"keystore": OLDER})

    assert model.inside is None
    with pytest.raises(RuntimeError):
        model.change_to(NEW)


def test_after_the_change_nothing_holds_a_password(model: PasswordModel) -> None:
    to_the_end(model)

    assert model.wizard.result("opened") is None
    assert not model.wizard.can_go("choose")


def test_a_form_that_is_left_keeps_no_password(model: PasswordModel) -> None:
    model.open(OLD)
    model.close()

    assert model.wizard.result("opened") is None


def test_all_copies_are_deleted_and_nothing_else(model: PasswordModel, path: Path) -> None:
    change_password(path, OLD, OTHER)
    change_password(path, OTHER, OLD)
    to_the_end(model)
    assert len(model.copies) == 3
    copies = model.copies
    # What the page says of them: they open with the password that was replaced, or with an earlier one.
    assert [(_opens(copy, OLD), _opens(copy, OTHER), _opens(copy, NEW)) for copy in copies] == [
        (True, False, False),
        (False, True, False),
        (True, False, False),
    ]

    model.delete_copies()

    assert (model.copies, model.deleted) == ((), copies)
    assert backups_of(path) == ()
    assert list(tree(path.parent)) == [NAME]
    assert _opens(path, NEW)


def test_copies_of_a_link_are_beside_the_file_that_it_leads_to(
    path: Path, tmp_path: Path, keystores: Path
) -> None:
    real = tmp_path / "elsewhere" / NAME
    real.parent.mkdir()
    path.rename(real)
    path.symlink_to(real)
    toolkit = open_toolkit(load_settings())
    model = choose(FORM.walk(PasswordModel(toolkit)), path)

    to_the_end(model)

    assert [copy.parent for copy in model.copies] == [real.parent / "backup"]
    model.delete_copies()
    assert backups_of(real) == ()
    assert path.is_symlink()
    toolkit.close()


def test_a_copy_that_cannot_be_deleted_is_still_named(model: PasswordModel) -> None:
    to_the_end(model)
    (copy,) = model.copies
    block(copy)

    with pytest.raises(errors.KeystoreError):
        model.delete_copies()

    assert (model.copies, model.deleted) == ((copy,), ())


def block(copy: Path) -> None:
    """A folder of this name cannot be unlinked, not even by root."""
    copy.unlink()
    copy.mkdir()


def test_a_file_that_was_exchanged_after_the_change_raises_a_doubt(
    path: Path, keystore_maker: KeystoreMaker
) -> None:
    before = read_keystore(path, OLD)
    assert prove(path, OLD, before)[1] is None

    inside, doubt = prove(path, NEW, before)
    assert isinstance(doubt, errors.KeystorePasswordWrong)
    assert len(inside.keys) == 2

    path.unlink()
    create_keystore(path, keystore_maker.prepared.contents, NEW)
    inside, doubt = prove(path, NEW, before)
    assert isinstance(doubt, errors.FileBusy)
    assert len(inside.keys) == 1


def test_a_key_that_the_change_calls_by_its_serial_number_raises_no_doubt(
    keystores: Path, keystore_maker: KeystoreMaker
) -> None:
    contents, serial = keystore_maker.complete.contents, keystore_maker.complete.encryption[0].alias
    keys = tuple(
        replace(bag, attributes=attributes_of("12345", bag.local_key_id)) if bag.alias == serial else bag
        for bag in contents.keys
    )
    create_keystore(keystores / NAME, replace(contents, keys=keys), OLD)
    toolkit = open_toolkit(load_settings())
    model = choose(FORM.walk(PasswordModel(toolkit)), keystores / NAME)

    to_the_end(model)

    assert model.change.doubt is None
    assert [key.alias for key in open_keystore(keystores / NAME, NEW).encryption] == [serial]
    toolkit.close()


def test_a_file_that_is_no_ehealth_keystore_can_have_another_password_too(
    keystores: Path, keystore_maker: KeystoreMaker
) -> None:
    """Certificates alone, and a key of a kind that no eHealth keystore has."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificates = keystore_maker.complete.contents.certificates
    toolkit = open_toolkit(load_settings())
    for number, contents in enumerate(
        (Pkcs12Contents((), certificates), Pkcs12Contents((Key(Plain(key)),), certificates))
    ):
        path = keystores / f"{number}.p12"
        create_keystore(path, contents, OLD)
        model = choose(FORM.walk(PasswordModel(toolkit)), path)

        to_the_end(model)

        change = model.change
        assert change.doubt is None
        assert change.inside == ContentsSummary(None, (NamedKey(None, "other"),) * number, len(certificates))
        assert _opens(path, NEW)
    toolkit.close()


# ── files of other programs ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("profile", list(EncryptionProfile))
def test_every_sound_file_of_other_programs_keeps_everything(
    sound: list[Sample], keystores: Path, profile: EncryptionProfile
) -> None:
    """BouncyCastle's, Java's, old ones, with several keys, without MAC, with odd or empty passwords."""
    toolkit = open_toolkit(load_settings())
    for sample in sound:
        path = keystores / sample.name
        shutil.copyfile(sample.path, path)
        before = read_keystore(path, sample.secret)
        model = choose(FORM.walk(PasswordModel(toolkit)), path)
        model.wizard.edit({"profile": str(profile)})

        to_the_end(model, sample.secret, NEW)

        change = model.change
        assert change is not None, sample.name
        assert change.doubt is None, sample.name
        after = read_keystore(path, NEW)
        assert after.aliases == before.aliases, sample.name
        assert [key.pkcs8 for key in after.keys] == [key.pkcs8 for key in before.keys], sample.name
        assert {key.alias for key in change.inside.keys} == {key.alias for key in before.keys}, sample.name
        assert change.copy.read_bytes() == sample.data, sample.name
        model.delete_copies()
        path.unlink()
    assert len(sound) > 20
    toolkit.close()


def test_every_faulty_file_is_refused_in_our_words_and_left_alone(
    samples: dict[str, Sample], keystores: Path
) -> None:
    toolkit = open_toolkit(load_settings())
    faulty = [sample for sample in samples.values() if sample.fault is not None]
    for sample in faulty:
        path = keystores / f"{Path(sample.name).stem}.p12"
        shutil.copyfile(sample.path, path)

        with pytest.raises(errors.KeystoreError):
            choose(FORM.walk(PasswordModel(toolkit)), path).open(sample.secret)

        assert path.read_bytes() == sample.data, sample.name
    assert faulty
    toolkit.close()


# ── the pages ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def play(path: Path, monkeypatch: pytest.MonkeyPatch) -> Player:
    """The form in English, as the page shows it."""
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    return Player(open_password())


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_the_whole_walk_in_every_language(
    path: Path,
    keystore_maker: KeystoreMaker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    language: LanguageName,
) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", language)
    KeystoreFile.create(path.parent / OLDER, keystore_maker.prepared, OTHER)
    elsewhere = copy_keystore(path, path.read_bytes(), Destination(tmp_path)).path
    texts, form = Translator(language), Player(open_password())
    get = texts.get
    assert form.part(ChoiceField).value == NAME
    assert get("choosing.why.newest") in form.part(ChoiceField).options[0]["hint"]

    form.press(secrets={"password": OTHER.reveal()})
    assert form.problem == [(texts.error(errors.KeystorePasswordWrong(path="")), "password")]
    assert OLDER in form.html
    form.press(secrets={"password": OLD.reveal()})

    assert form.title == get("password.new.title")
    assert "DUBOIS ELISE MARIE · " in form.html
    for first, second, problem in (
        ("Kinésist", "Kinésist", (errors.PasswordNotAllowed(reason="characters"), "first")),
        ("", "", (errors.PasswordNotAllowed(reason="empty"), "first")),
        (NEW.reveal(), "Nieuw-2027", (errors.PasswordsDiffer(), "second")),
        (OLD.reveal(), OLD.reveal(), (errors.PasswordNotAllowed(reason="same"), "first")),
    ):
        form.press(secrets={"first": first, "second": second})
        assert form.problem == [(texts.error(problem[0]), problem[1])]
    form.press(secrets={"first": NEW.reveal(), "second": NEW.reveal()})

    assert form.title == get("password.done.title")
    (copy,) = backups_of(path)
    assert str(copy) in form.html
    assert get("password.copy") in form.html
    for alias in ("authentication", str((1 << 127) + 7)):
        assert alias in form.html
    assert form.buttons == ["delete", "home", "print"]
    form.press("delete")
    assert form.title == get("password.copy.ask")
    assert form.buttons == ["yes", "no"]
    form.press("no")
    assert form.title == get("password.done.title")
    assert backups_of(path) == (copy,)
    form.press("delete")
    form.press("yes")
    assert form.title == get("password.copy.gone")
    assert get("password.copy.gone.text") in form.html
    assert copy.parent.name in get("password.copy.gone.text")
    assert _opens(elsewhere, OLD)  # so the sentence may not speak of every copy
    assert get("password.row.copy.none") in form.html
    assert form.buttons == ["home", "print"]
    assert backups_of(path) == ()
    assert _opens(path, NEW)
    for secret in (OLD, NEW, OTHER):
        assert not form.holds(secret.reveal())


def test_without_a_file_there_is_no_message(
    keystores: Path, keystore_maker: KeystoreMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    form = Player(open_password())
    assert form.buttons == ["search_place", "look_at_path", "close_import", "again", "cancel"]
    KeystoreFile.create(keystores / NAME, keystore_maker.complete, OLD)

    form.press("again")

    assert form.part(ChoiceField).value == NAME
    assert form.part(StepHead).focused == 1


def test_who_forgot_the_password_is_led_to_the_revocation_if_there_is_one(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    pages = tmp_path / "pages"
    pages.mkdir()
    monkeypatch.chdir(pages)
    assert "revoke.ipynb" not in Player(open_password()).html

    (pages / "revoke.ipynb").touch()

    assert 'href="revoke.ipynb"' in Player(open_password()).html


def test_several_copies_are_named_and_go_together(play: Player, path: Path) -> None:
    change_password(path, OLD, OTHER)
    change_password(path, OTHER, OLD)
    play.press(secrets={"password": OLD.reveal()})
    play.press(secrets={"first": NEW.reveal(), "second": NEW.reveal()})
    copies = backups_of(path)
    assert len(copies) == 3

    assert all(str(copy) in play.html for copy in copies)
    play.press("delete")
    assert all(str(copy) in play.html for copy in copies)
    play.press("yes")

    assert play.title == "The copies were deleted"
    assert backups_of(path) == ()


def test_a_copy_that_cannot_be_deleted_is_an_error_on_the_page(play: Player, path: Path) -> None:
    play.press(secrets={"password": OLD.reveal()})
    play.press(secrets={"first": NEW.reveal(), "second": NEW.reveal()})
    (copy,) = backups_of(path)
    block(copy)

    play.press("delete")
    play.press("yes")

    assert len(play.problem) == 1
    assert play.title == "The password was changed"
    assert str(copy) in play.html
    assert play.buttons == ["delete", "home", "print"]


def test_an_error_of_writing_belongs_to_no_field(play: Player, path: Path) -> None:
    play.press(secrets={"password": OLD.reveal()})
    (path.parent / "backup").write_bytes(b"in the way")

    play.press(secrets={"first": NEW.reveal(), "second": NEW.reveal()})

    assert [field for _, field in play.problem] == [""]
    assert play.title == "Type the new password"
    (path.parent / "backup").unlink()
    play.press(secrets={"first": NEW.reveal(), "second": NEW.reveal()})
    assert play.title == "The password was changed"


def test_for_old_software_the_page_says_what_was_chosen(play: Player, path: Path) -> None:
    play.press(secrets={"password": OLD.reveal()})

    play.press(values={"profile": "compatible"}, secrets={"first": NEW.reveal(), "second": NEW.reveal()})

    get = Translator("en").get
    assert get("password.profile.compatible") in play.html
    assert get("password.next.refused.compatible") in play.html
    assert read_keystore(path, NEW).keys


def test_another_encryption_alone_is_called_so(play: Player, path: Path) -> None:
    get = Translator("en").get
    play.press(secrets={"password": OLD.reveal()})

    play.press(values={"profile": "compatible"}, secrets={"first": OLD.reveal(), "second": OLD.reveal()})

    assert play.title == "The keystore was encrypted again, with the same password"
    for key in ("again.proven", "again.copy", "again.next", "again.row", "again.changed", "again.inside"):
        assert get(f"password.{key}") in play.html
    assert "new password" not in play.html
    assert len(play.parts(Download)) == 1
    assert _opens(path, OLD)
    play.press("delete")
    play.press("yes")
    assert backups_of(path) == ()


def test_after_a_warning_no_copy_is_offered_for_deletion(model: PasswordModel, path: Path) -> None:
    to_the_end(model)
    change = model.change
    model.wizard.keep("change", replace(change, doubt=errors.FileUnreadable(path=str(path))))

    form = Player(FormContext(FORM, model, Translator("en"), load_settings().home).root)

    assert "could not be reopened" in form.html
    assert form.buttons == ["home", "print"]
    assert str(change.copy) in form.html


def test_the_papers_hold_no_password_and_name_the_file(play: Player, path: Path) -> None:
    play.press(secrets={"password": OLD.reveal()})
    play.press(secrets={"first": NEW.reveal(), "second": NEW.reveal()})

    papers = [part._make() for part in play.parts(Download)]

    assert len({paper.name for paper in papers}) == len(papers) == 3
    for paper in papers:
        text = paper.content.decode()
        assert path.name in text or str(path) in text
        assert OLD.reveal() not in text
        assert NEW.reveal() not in text


def test_the_fields_tell_a_password_manager_which_is_which(play: Player) -> None:
    assert [part.autocomplete for part in play.parts(SecretField)] == ["current-password"]
    play.press(secrets={"password": OLD.reveal()})
    assert [part.autocomplete for part in play.parts(SecretField)] == ["new-password", "new-password"]


def _opens(path: Path, password: Secret) -> bool:
    try:
        read_keystore(path, password)
    except errors.KeystorePasswordWrong:
        return False
    return True
