"""The choice of a keystore: what is offered, what is proposed and why, and what a wrong password leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

import pytest
from ipywidgets import HTML

from ehtoolkit import errors
from ehtoolkit.forms import open_complete
from ehtoolkit.forms.due.keystores import Due, due_keystores
from ehtoolkit.forms.due.next_steps import ChoiceRank, choice_rank
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext, MenuPlace, WizardForm
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.registry import FORMS
from ehtoolkit.forms.steps.keystore import keystore_step
from ehtoolkit.forms.steps.keystore_picker import FIELD, Candidates, KeystorePicker, newest_first
from ehtoolkit.forms.steps.opened_keystore import KeystoreFormModel
from ehtoolkit.forms.widgets.fields import ChoiceField, SecretField
from ehtoolkit.forms.wizards.complete.model import waiting_first
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.standing import MEANINGS, Action
from ehtoolkit.keystore.state import PENDING, FileState, KeystoreState, State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import (
    CachedState,
    RequestRecord,
    sha256_of_file,
    write_cached_state,
    write_request_record,
)
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.auditing.conftest import ELISE, Workshop, workshop
from tests.forms.player import Player

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

__all__ = ["workshop"]

NEW = "SSIN=79031421872 20261124-130000.p12"
OLD = "SSIN=79031421872 20230901-101500.p12"
ORGANISATION = "CBE=0486132722,TILLEULS 20250310-090000.p12"
PASSWORD = Secret("Kine-2026")
NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)


def put(folder: Path, name: str, keystore: Keystore) -> Path:
    path = folder / name
    KeystoreFile.create(path, keystore, PASSWORD)
    return path


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture
def folder(tmp_path: Path, keystore_maker: KeystoreMaker) -> Path:
    """Two keystores of one person, one of an organisation."""
    folder = tmp_path / "keystore"
    other = Keystore.prepare(keystore_maker.keys["stranger"], keystore_maker.start)
    for name, keystore in (
        (NEW, keystore_maker.complete),
        (OLD, keystore_maker.prepared),
        (ORGANISATION, other),
    ):
        put(folder, name, keystore)
    return folder


def choice_in(folder: Path, notes: Path, *what: Any, **more: Any) -> KeystorePicker:
    """Return the choice as `KeystorePicker` makes it, in the training environment, at `NOW`."""
    return KeystorePicker(folder, notes, *what, now=lambda: NOW, environment=Environment.TRAINING, **more)


def names(due: Sequence[Due]) -> list[str]:
    return [keystore.name for keystore in due]


Opened = Callable[..., tuple[Page, Wizard]]


class Refusing(KeystoreFormModel):
    """A model to which every password is wrong."""

    def open(self, password: Secret) -> None:
        raise errors.KeystorePasswordWrong(path="")


FORM = WizardForm(
    "complete",
    lambda toolkit, _: Refusing(toolkit),
    [keystore_step()],
    lambda _: Page(title="Done"),
    MenuPlace("request", 1, "index.request"),
)


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens a form whose one step is the choice, and returns its page and its wizard."""
    with closing(open_toolkit(load_settings())) as toolkit:

        def opened(choosing: KeystorePicker, language: LanguageName = "en") -> tuple[Page, Wizard]:
            model = FORM.walk(Refusing(toolkit))
            model.choosing = choosing
            view = FormContext(FORM, model, Translator(language), toolkit.settings.home, runner=run_inline)
            return view.shown, model.wizard

        yield opened


def shown(page: Page) -> str:
    return "".join(widget.value for widget in page.body if isinstance(widget, HTML))


def options(page: Page) -> dict[str, str]:
    """What is offered: the file, and everything that is said of it."""
    (field,) = (widget for widget in page.body if isinstance(widget, ChoiceField))
    return {option["value"]: f"{option['label']}\n{option['hint']}" for option in field.options}


# ── what is offered ──────────────────────────────────────────────────────────────────────────────────────
def test_where_there_are_several_holders_nothing_is_proposed(folder: Path, notes: Path) -> None:
    choosing = choice_in(folder, notes)

    assert names(choosing.offered) == [NEW, ORGANISATION, OLD]
    assert choosing.pick.proposed is None
    assert choosing.preselected({FIELD: ""}) == ""


def test_of_one_holder_the_newest_is_proposed(folder: Path, notes: Path) -> None:
    (folder / ORGANISATION).unlink()

    choosing = choice_in(folder, notes)

    assert choosing.preselected({FIELD: ""}) == NEW
    assert choosing.pick.why == "choosing.why.newest"


def test_a_single_file_is_chosen_without_a_reason(folder: Path, notes: Path) -> None:
    (folder / ORGANISATION).unlink()
    (folder / OLD).unlink()

    choosing = choice_in(folder, notes)

    assert choosing.preselected({FIELD: ""}) == NEW
    assert choosing.pick.why == ""


def test_what_was_chosen_stays_chosen_while_it_is_there(folder: Path, notes: Path) -> None:
    (folder / ORGANISATION).unlink()
    choosing = choice_in(folder, notes)
    assert choosing.preselected({FIELD: OLD}) == OLD

    (folder / OLD).unlink()
    choosing.look()

    assert choosing.preselected({FIELD: OLD}) == NEW


def test_the_address_names_a_file(folder: Path, notes: Path) -> None:
    choosing = choice_in(folder, notes, asked=folder / OLD)

    assert choosing.preselected({FIELD: ""}) == OLD
    assert names(choosing.offered) == [NEW, ORGANISATION, OLD]


def test_a_form_says_what_fits_it_and_why(folder: Path, notes: Path, opened: Opened) -> None:
    def organisations(due: Sequence[Due]) -> Candidates:
        fit = tuple(
            keystore
            for keystore in due
            if keystore.file.identifier is not None and keystore.file.identifier.type == "CBE"
        )
        return Candidates(fit, fit[0], "complete.why.waits")

    choosing = choice_in(folder, notes, organisations)
    page, _ = opened(choosing)

    assert names(choosing.offered) == [ORGANISATION]
    assert names(choosing.left_out) == [OLD, NEW]
    assert options(page)[ORGANISATION].endswith(Translator("en").get("complete.why.waits"))
    text = shown(page)
    assert "Files that are not offered here (2)" in text
    assert NEW in text


def test_a_file_that_the_address_names_is_offered_even_if_it_does_not_fit(folder: Path, notes: Path) -> None:
    choosing = choice_in(folder, notes, lambda _: Candidates(()), asked=folder / OLD)

    assert names(choosing.offered) == [OLD]
    assert choosing.preselected({FIELD: ""}) == OLD


def test_what_a_form_offers_may_depend_on_what_it_learns_on_the_way(
    folder: Path, notes: Path, opened: Opened
) -> None:
    learnt: list[str] = []
    choosing = choice_in(
        folder, notes, lambda due: Candidates(tuple(keystore for keystore in due if keystore.name in learnt))
    )
    learnt.append(OLD)

    assert list(options(opened(choosing)[0])) == [OLD]
    learnt.append(NEW)
    assert set(options(opened(choosing)[0])) == {OLD, NEW}


def test_only_files_of_the_folder_can_be_chosen(folder: Path, notes: Path, opened: Opened) -> None:
    outside = put(folder.parent, "SSIN=79031421872 20270101-000000.p12", Keystore.of(_contents(folder / NEW)))
    choosing = choice_in(folder, notes)
    _, wizard = opened(choosing)

    for value in ("", str(outside), f"../{outside.name}", outside.name):
        wizard.edit({FIELD: value})
        assert [(blocker.key, blocker.field) for blocker in wizard.blockers()] == [
            ("choosing.block.none", FIELD)
        ]
        with pytest.raises(errors.KeystoreNotFound):
            choosing.chosen(wizard.values)

    wizard.edit({FIELD: OLD})
    assert wizard.blockers() == ()
    assert choosing.chosen(wizard.values).file.path == folder / OLD


def _contents(path: Path) -> Pkcs12Contents:
    return KeystoreFile.open(path, PASSWORD).keystore.contents


# ── what is said of a file ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", get_args(LanguageName))
def test_holder_state_date_and_file_are_shown(
    folder: Path, notes: Path, opened: Opened, keystore_maker: KeystoreMaker, language: LanguageName
) -> None:
    texts = Translator(language)
    asked = DistinguishedName(keystore_maker.person.identifier, "DUBOIS ELISE MARIE").text
    write_request_record(
        notes,
        RequestRecord(
            keystore_maker.prepared.key_id, asked, Environment.TRAINING, datetime(2023, 9, 1, tzinfo=UTC)
        ),
    )
    (folder / "kopie.p12").write_bytes(b"nothing")
    choosing = choice_in(folder, notes)

    shown = options(opened(choosing, language)[0])

    assert "DUBOIS ELISE MARIE · " in shown[OLD]
    assert "79.03.14-218.72" in shown[OLD]
    assert "0486.132.722 · TILLEULS" in shown[ORGANISATION]
    for name in (NEW, OLD, ORGANISATION):
        assert name in shown[name]
    assert texts.date(datetime(2023, 9, 1)) in shown[OLD]
    assert texts.get("export.state.replaced") in shown[OLD]
    assert texts.get("choosing.state.waiting") in shown[ORGANISATION]
    assert texts.get("choosing.state.complete") in shown[NEW]
    assert texts.get("choosing.older") in shown[OLD]
    assert texts.get("choosing.older") not in shown[NEW] + shown[ORGANISATION]
    assert shown["kopie.p12"].endswith("\nkopie.p12"), "nobody knows whose it is"
    assert texts.get("export.state.unreadable") in shown["kopie.p12"]


ENDED = {
    "revoked": (900, "complete", State.REVOKED),
    "expired": (-1, "complete", State.EXPIRED),
    "refused": (900, "prepared", State.REFUSED),
}
"""How the newest of a holder ended: its days left, how far it came, and its state."""


@pytest.mark.parametrize("end", ENDED)
def test_what_is_over_comes_last_and_marked_and_what_serves_is_proposed(
    end: str, tmp_path: Path, notes: Path, workshop: Workshop, opened: Opened
) -> None:
    days, stage, state = ENDED[end]
    folder, texts = tmp_path / "ks", Translator("en")
    new, old = (
        workshop.write(folder, begins=begins, ends=ends, stage=how, pair=pair, at=at)
        for begins, ends, how, pair, at in (
            (-50, days, stage, 0, "20261005-120000"),
            (-900, 90, "complete", 1, "20240601-120000"),
        )
    )
    for path, begins, ends, how, pair, word in (
        (new, -50, days, stage, 0, "" if end == "expired" else str(state)),
        (old, -900, 90, "complete", 1, ""),
    ):
        keystore = workshop.keystore(ELISE, begins, ends, stage=how, pair=pair)
        write_cached_state(notes, CachedState.of(keystore, sha256_of_file(path), word))

    choosing = choice_in(folder, notes)
    offered = options(opened(choosing)[0])

    assert list(offered) == [old.name, new.name]
    assert choosing.preselected({FIELD: ""}) == old.name
    assert texts.get("choosing.why.serves") in offered[old.name]
    assert texts.get("choosing.older") not in offered[old.name], "nothing has taken its place"
    assert texts.get(f"export.state.{state}") in offered[new.name]
    assert texts.get("export.state.renewable") in offered[old.name]
    asked = choice_in(folder, notes, asked=new)
    assert asked.preselected({FIELD: ""}) == new.name, "whoever names a file gets it"


@pytest.mark.parametrize("state", MEANINGS)
def test_each_state_has_its_place_in_a_choice(state: KeystoreState) -> None:
    """What serves comes first, and what nobody works with any more last; for a form that completes, what waits comes
    first."""
    rank = choice_rank(state)
    serves = state is FileState.REPLACING or (isinstance(state, State) and state.serves)
    assert (rank is ChoiceRank.SERVES) == serves
    assert (choice_rank(state, waits=True) is ChoiceRank.SERVES) == (serves or state in PENDING)
    if MEANINGS[state].action in (Action.REQUEST, Action.ARCHIVE):
        assert rank is ChoiceRank.PAST


def test_a_form_that_completes_offers_what_waits_first(
    tmp_path: Path, notes: Path, workshop: Workshop
) -> None:
    folder = tmp_path / "ks"
    old = workshop.write(folder, pair=1)
    new = workshop.write(folder, stage="prepared", begins=-1, at="20261120-120000")
    assert names(choice_in(folder, notes, waiting_first).offered) == [new.name, old.name]


def test_a_note_tells_the_holder_of_a_renamed_file(
    folder: Path, notes: Path, keystore_maker: KeystoreMaker
) -> None:
    asked = DistinguishedName(keystore_maker.person.identifier, "DUBOIS ELISE MARIE").text
    write_request_record(
        notes,
        RequestRecord(
            keystore_maker.prepared.key_id, asked, Environment.TRAINING, datetime(2023, 9, 1, tzinfo=UTC)
        ),
    )
    for path in folder.iterdir():
        if path.name != OLD and path.is_file():
            path.unlink()
    (folder / OLD).rename(folder / "mijn certificaat.p12")

    (due,) = due_keystores(folder, notes)

    assert due.file.identifier == keystore_maker.person.identifier
    assert due.holder == "DUBOIS ELISE MARIE"


def test_a_renewed_keystore_waits_although_it_brings_old_keys_along(
    folder: Path, notes: Path, keystore_maker: KeystoreMaker
) -> None:
    (folder / OLD).unlink()
    renewed = Keystore.prepare(keystore_maker.keys["renewed"], keystore_maker.start)
    old_key, old_certificate = (
        keystore_maker.complete.contents.keys[1],
        keystore_maker.complete.contents.certificates[-1],
    )
    contents = replace(
        renewed.contents,
        keys=(*renewed.contents.keys, old_key),
        certificates=(*renewed.contents.certificates, old_certificate),
    )
    name = "SSIN=79031421872 20261224-130000.p12"
    put(folder, name, Keystore.of(contents))
    asked = DistinguishedName(keystore_maker.person.identifier, "DUBOIS ELISE MARIE").text
    write_request_record(
        notes, RequestRecord(renewed.key_id, asked, Environment.TRAINING, keystore_maker.start)
    )

    kinds = {keystore.name: keystore.state for keystore in due_keystores(folder, notes)}

    assert kinds == {name: State.WAITING, NEW: State.COMPLETE, ORGANISATION: State.WAITING}


def test_a_copy_of_a_complete_keystore_is_complete(
    folder: Path, notes: Path, keystore_maker: KeystoreMaker
) -> None:
    asked = DistinguishedName(keystore_maker.person.identifier, "DUBOIS ELISE MARIE").text
    write_request_record(
        notes,
        RequestRecord(keystore_maker.complete.key_id, asked, Environment.TRAINING, keystore_maker.start),
    )
    copy = "SSIN=79031421872 20261125-130000.p12"
    put(folder, copy, keystore_maker.complete)

    kinds = {keystore.name: keystore.state for keystore in due_keystores(folder, notes)}

    assert kinds[NEW] is State.COMPLETE
    assert kinds[copy] is State.COMPLETE


# ── nothing to choose ────────────────────────────────────────────────────────────────────────────────────
def test_an_empty_folder_leads_to_a_request_and_looks_again(
    tmp_path: Path, notes: Path, opened: Opened, keystore_maker: KeystoreMaker
) -> None:
    folder = tmp_path / "none"
    choosing = choice_in(folder, notes)
    page, _ = opened(choosing)

    assert page.primary == ""
    assert str(folder) in shown(page)
    assert [button.name for button in page.more] == ["again"]
    put(folder, NEW, keystore_maker.complete)
    assert list(options(opened(choosing)[0])) == [NEW]


def test_files_that_all_do_not_fit_are_named(folder: Path, notes: Path, opened: Opened) -> None:
    choosing = choice_in(folder, notes, lambda _: Candidates(()))

    page, _ = opened(choosing)

    assert NEW in shown(page)


def test_a_folder_that_cannot_be_read_is_a_sentence(tmp_path: Path, notes: Path, opened: Opened) -> None:
    folder = tmp_path / "keystore"
    folder.write_bytes(b"a file in its place")

    choosing = choice_in(folder, notes)
    page, _ = opened(choosing)

    assert isinstance(choosing.problem, errors.FileUnreadable)
    assert Translator("en").error(choosing.problem) in shown(page)


def test_an_address_that_names_a_file_does_not_fail_with_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keystore").write_bytes(b"a file in its place")
    monkeypatch.setenv("EHTOOLKIT_KEYSTORE_FOLDER", str(tmp_path / "keystore"))
    monkeypatch.setenv("QUERY_STRING", "keystore=a.p12")

    assert PageContext.of_this_kernel().keystore_named() is None


@pytest.mark.parametrize("name", FORMS)
def test_every_form_opens_where_the_folder_cannot_be_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keystore").write_bytes(b"a file in its place")
    monkeypatch.setenv("EHTOOLKIT_KEYSTORE_FOLDER", str(tmp_path / "keystore"))

    page = FORMS[name].open()

    assert Player(page).title
    page.close()


# ── a wrong password ─────────────────────────────────────────────────────────────────────────────────────
def test_a_wrong_password_shows_the_other_files_of_the_same_holder(
    folder: Path, notes: Path, opened: Opened
) -> None:
    choosing = choice_in(folder, notes)
    page, wizard = opened(choosing)
    wizard.edit({FIELD: OLD})
    (hint, *_) = page.body

    page.on_error(errors.KeystorePasswordWrong(path=OLD))

    assert Translator("en").get("choosing.others") in hint.value
    assert NEW in hint.value
    assert ORGANISATION not in hint.value
    page.on_error(errors.KeystoreDamaged(path=OLD, reason="structure"))
    assert hint.value == "", "damage is not about the choice"


def test_without_another_file_of_his_there_is_no_hint(folder: Path, notes: Path, opened: Opened) -> None:
    choosing = choice_in(folder, notes)
    page, wizard = opened(choosing)
    wizard.edit({FIELD: ORGANISATION})

    page.on_error(errors.KeystorePasswordWrong(path=ORGANISATION))

    assert page.body[0].value == ""


def test_an_error_is_shown_at_the_field_that_it_is_about(folder: Path, notes: Path, opened: Opened) -> None:
    choosing = choice_in(folder, notes)
    page, _ = opened(choosing)

    assert page.field_of(errors.KeystorePasswordWrong(path=OLD)) == "password"
    assert page.field_of(errors.KeystoreDamaged(path=OLD, reason="structure")) == FIELD
    assert page.field_of(errors.KeystoreNotFound(path=OLD)) == FIELD


# ── the Complete form stands on it ───────────────────────────────────────────────────────────────────────
def test_what_waits_is_proposed_to_be_completed(folder: Path, notes: Path) -> None:
    due = due_keystores(folder, notes)

    pick = waiting_first(due)

    assert names(pick.offered) == [ORGANISATION, OLD, NEW]
    assert (pick.proposed, pick.why) == (due[0], "complete.why.waits")
    assert waiting_first(due[2:]).proposed is None
    assert newest_first(()).offered == ()


def test_the_complete_form_opens_the_file_that_its_address_names(
    keystores: Path, keystore_maker: KeystoreMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, keystore in ((NEW, keystore_maker.prepared), (OLD, keystore_maker.complete)):
        put(keystores, name, keystore)
    monkeypatch.setenv("QUERY_STRING", f"keystore={quote(OLD)}")
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")

    form = Player(open_complete())

    assert form.part(ChoiceField).value == OLD
    assert form.part(SecretField).hint == Translator("en").get("complete.choose.hint")
    form.press(secrets={"password": "wrong"})
    assert form.problem == [(Translator("en").error(errors.KeystorePasswordWrong(path="")), "password")]
    assert NEW in form.html
    form.press(secrets={"password": PASSWORD.reveal()})
    assert form.title == Translator("en").get("complete.work.title")
    assert OLD in form.html
    assert not form.holds(PASSWORD.reveal())


def test_the_complete_form_wants_a_choice(
    keystores: Path, keystore_maker: KeystoreMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (NEW, ORGANISATION):
        put(keystores, name, keystore_maker.complete)
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")

    form = Player(open_complete())
    form.press(secrets={"password": PASSWORD.reveal()})

    assert form.problem == [("Choose a keystore", FIELD)]
