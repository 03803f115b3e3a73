"""The last page of a form: receipt, slip, list and copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ehtoolkit import errors
from ehtoolkit.forms.copies.copy_part import FIELD, backup_copy
from ehtoolkit.forms.engine.background import Runner, run_inline
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Step, Wizard
from ehtoolkit.forms.html import show
from ehtoolkit.forms.receipts.receipt import PLACES, Receipt, way_on
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.forms.widgets.files import Download
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.forms.player import Player, SomePage
from tests.support.ipywidgets_internals import send_to

PASSWORD = Secret("Kine-2026")
THEN = FormLink.to("activate", "index.activate.do", "SSIN=1 2.p12")
NAME = "SSIN=79031421872 20261124-101200.p12"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> KeystoreFile:
    from datetime import UTC, datetime

    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    key = generate_private_key(public_exponent=65537, key_size=2048)
    keystore = Keystore.prepare(key, datetime(2026, 11, 24, tzinfo=UTC))
    return KeystoreFile.create(tmp_path_factory.mktemp("keystores") / NAME, keystore, PASSWORD)


def closing(language: LanguageName = "fr", *, older: bool = False) -> Receipt:
    rows = [("Nom", "<b>Élise</b> & Cie")]
    path, page = Path("/home/elise") / NAME, SomePage(Path("/home/elise"), language)
    return Receipt(path, "Récapitulatif", rows, page, holder="Élise V.", older=older)


def test_papers_escape_what_goes_in_and_need_nothing_from_elsewhere() -> None:
    for paper in (closing().receipt_paper(), closing().slip_paper(), closing().checklist_paper()):
        html = paper.content.decode()
        assert paper.name.endswith(".html")
        assert "<script" not in html
        assert "http" not in html
    receipt = closing().receipt_paper().content.decode()
    assert "&lt;b&gt;Élise&lt;/b&gt; &amp; Cie" in receipt
    assert '<html lang="fr">' in receipt


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_has_every_place_to_tick_off(language: LanguageName) -> None:
    html = closing(language, older=True).checklist_paper().content.decode()
    assert html.count('class="box"') == len(PLACES)
    assert NAME in html


@pytest.mark.parametrize("older", [False, True])
def test_the_list_has_the_old_file_where_there_is_one(older: bool) -> None:
    line = Translator("fr").get("closing.load.old")
    assert (line in closing(older=older).checklist_paper().content.decode()) is older
    assert (line in closing(older=older).checklist().value) is older


def test_papers_have_names_of_their_own() -> None:
    papers = closing()
    names = {paper.name for paper in (papers.receipt_paper(), papers.slip_paper(), papers.checklist_paper())}
    assert len(names) == 3


# ── the page with all of it ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture(autouse=True)
def no_drives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those of the computer that runs the tests."""
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [])


@pytest.fixture
def last_page(file: KeystoreFile, tmp_path: Path) -> Player:
    return at_the_end(file, tmp_path)


def at_the_end(
    file: KeystoreFile, home: Path, *, shared: bool = False, runner: Runner = run_inline
) -> Player:
    """A form of one step, walked to its last page."""
    texts = Translator("en")
    toolkit = open_toolkit(load_settings(home=home / "home", shared=shared))

    def done() -> Page:
        copy = backup_copy(view, toolkit, file)
        return closing("en").page("Done", [], copy, slip=True, then=THEN, reminder=show())

    view = WizardView(
        Wizard([Step("only")]),
        {"only": lambda: Page(title="Only", primary="Go on")},
        done,
        texts=texts,
        home=home,
        caption="Proof",
        names={"only": "Only"},
        cancel="Leave",
        runner=runner,
    )
    player = Player(view.root)
    player.press()
    return player


def test_the_next_step_is_the_one_main_button_and_the_papers_are_quiet(last_page: Player) -> None:
    buttons = [button for actions in last_page.parts(ButtonBar) for button in actions.buttons]
    (then,) = (button for button in buttons if button["look"] == "primary")
    assert then["label"] == Translator("en").get("index.activate.do")
    assert then["href"] == THEN.address
    assert THEN.address.startswith("activate.ipynb?keystore=")
    (home,) = (button for button in buttons if button["name"] == "home")
    assert home["href"] == "index.ipynb"
    (printer,) = (button for button in buttons if button["does"] == "print")
    assert printer["look"] == "quiet"
    assert [part.look for part in last_page.parts(Download)] == ["quiet"] * 3


def test_where_nothing_follows_the_way_home_is_the_main_button() -> None:
    home, printer = way_on(Translator("en"), None)
    assert (home.look, home.href, printer.look) == ("primary", "index.ipynb", "quiet")


def test_a_step_that_cannot_be_done_today_does_not_stand_out() -> None:
    home, then, _ = way_on(Translator("en"), THEN, later=True)
    assert (home.look, then.look, then.href) == ("primary", "", THEN.address)


def test_a_copy_is_proven_and_the_file_stays(last_page: Player, file: KeystoreFile, tmp_path: Path) -> None:
    before = file.path.read_bytes()
    last_page.press("copy", {FIELD: f"  {tmp_path} "})
    copied = tmp_path / NAME
    assert open_keystore(copied, PASSWORD) == file.keystore
    assert file.path.read_bytes() == before
    assert str(copied) in last_page.html
    assert Translator("en").get("closing.copy.done") in last_page.html
    assert last_page.problem == []


def test_a_second_press_while_a_copy_is_made_does_nothing(file: KeystoreFile, tmp_path: Path) -> None:
    waiting: list[Callable[[], None]] = []

    def later(work: Callable[[], None], outcome: Callable[[BaseException | None], None]) -> None:
        waiting.append(lambda: run_inline(work, outcome))

    page = at_the_end(file, tmp_path, runner=later)
    page.press("copy", {FIELD: str(tmp_path)})
    page.press("copy", {FIELD: str(tmp_path)})
    assert len(waiting) == 1
    assert page.part(Announcer).text == Translator("en").get("closing.copy.busy")
    waiting.pop()()
    done = Translator("en").get("closing.copy.done")
    assert done in page.html
    (tmp_path / NAME).unlink()
    page.press("copy", {FIELD: str(tmp_path)})
    page.press("copy", {FIELD: str(tmp_path)})
    waiting.pop()()
    assert done in page.html


def test_a_folder_may_be_pasted_in_quotation_marks(last_page: Player, tmp_path: Path) -> None:
    last_page.press("copy", {FIELD: f'"{tmp_path}"'})
    assert (tmp_path / NAME).exists()


def test_a_copy_to_another_folder_meanwhile_is_refused_aloud(file: KeystoreFile, tmp_path: Path) -> None:
    waiting: list[Callable[[], None]] = []

    def later(work: Callable[[], None], outcome: Callable[[BaseException | None], None]) -> None:
        waiting.append(lambda: run_inline(work, outcome))

    page, other = at_the_end(file, tmp_path, runner=later), tmp_path / "other"
    other.mkdir()
    page.press("copy", {FIELD: str(other)})
    waiting.pop()()
    (other / NAME).unlink()

    def offered() -> str:
        """The button of that folder; the one of the last copy comes first."""
        buttons = [button for bar in page.parts(ButtonBar) for button in bar.buttons]
        return next(str(button["name"]) for button in buttons if str(other) in button["label"])

    page.press("copy", {FIELD: str(tmp_path)})
    page.press(offered())
    assert page.part(Announcer).text == Translator("en").get("closing.copy.wait")
    waiting.pop()()
    assert waiting == []
    page.press(offered())
    waiting.pop()()
    assert (other / NAME).read_bytes() == file.data


def test_a_copy_overwrites_nothing(last_page: Player, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"another")
    last_page.press("copy", {FIELD: str(tmp_path)})
    assert [field for _, field in last_page.part_problem] == [FIELD]
    assert (tmp_path / NAME).read_bytes() == b"another"
    assert last_page.title == "Done"


@pytest.mark.parametrize("typed", ["", "   ", "/no/such/folder", "~nobody-of-this-name/copies"])
def test_a_folder_that_is_not_there_is_not_made(last_page: Player, typed: str) -> None:
    last_page.press("copy", {FIELD: typed})
    if folder := typed.strip():
        wrong = errors.FolderMissing(folder=folder)
    else:
        wrong = errors.FolderMissing(folder="", reason="unnamed")
    sentence = Translator("en").error(wrong)
    assert (last_page.problem, last_page.part_problem) == ([], [(sentence, FIELD)])
    assert last_page.part(TextField, FIELD).error == sentence
    assert Translator("en").get("closing.copy.done") not in last_page.html


def test_a_folder_that_cannot_be_looked_at_is_an_error_of_ours(last_page: Player) -> None:
    """Also where it is not for lack of rights, which root has."""
    last_page.press("copy", {FIELD: "x" * 300})
    wrong = errors.FolderNotWritable(folder="x" * 300)
    sentence = Translator("en").error(wrong)
    assert (last_page.problem, last_page.part_problem) == ([], [(sentence, FIELD)])
    assert last_page.part(TextField, FIELD).error == sentence


# ── on a server that is shared ───────────────────────────────────────────────────────────────────────────
def test_the_disk_of_a_server_is_not_written_to_and_the_browser_saves_the_copy(
    file: KeystoreFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = at_the_end(file, tmp_path, shared=True)
    assert "copy" not in page.buttons
    assert page.parts(TextField) == []
    label = Translator("en").get("file_import.copy")
    button = next(part for part in page.parts(Download) if part.label == label)
    sent: list[tuple[str, bytes]] = []
    monkeypatch.setattr(button, "send", lambda content, buffers: sent.append((content["name"], buffers[0])))
    send_to(button, {"action": "want"})
    assert sent == [(NAME, file.path.read_bytes())]


def test_a_missing_file_is_not_downloaded_and_is_reported(file: KeystoreFile, tmp_path: Path) -> None:
    gone = KeystoreFile.create(tmp_path / "gone" / NAME, file.keystore, PASSWORD)
    page = at_the_end(gone, tmp_path, shared=True)
    gone.path.unlink()
    label = Translator("en").get("file_import.copy")
    send_to(next(part for part in page.parts(Download) if part.label == label), {"action": "want"})
    assert len(page.problem) == 1
