"""The Troubleshoot page in Chromium: by keyboard alone, by drag and drop, and what the browser keeps of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, Download, FilePayload, Page, expect

from ehtoolkit.finding import Severity
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.backups import backups_of
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.browser.drop_files import drop
from tests.browser.languages import short_in
from tests.browser.page_users import Keys, offered, title
from tests.browser.pages import PHONE, Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit, renewed_in, revoke_in
from tests.browser.serving import Serving
from tests.keystore.conftest import KeystoreMaker, Sample, keystore_maker, samples
from tests.keystore.shapes import CERTIFICATES, KEYS, bare, with_certificates
from tests.support.keystores import create_keystore

__all__ = ["keystore_maker", "samples"]

Windows = Callable[..., Visit]

PASSWORD, OTHER, WRONG = "Kine-2026 & co", "Nieuw-2027!", "kine 2026 zz"
NAME, OLDER = "SSIN=79031421872 20261124-130000.p12", "SSIN=79031421872 20230901-101500.p12"
get = Translator("en").get


@pytest.fixture(scope="module")
def today(keystore_maker: KeystoreMaker) -> KeystoreMaker:
    now = datetime.now(UTC).replace(microsecond=0)
    return KeystoreMaker(keystore_maker.keys, now - timedelta(days=1), now + timedelta(days=1000))


@pytest.fixture(scope="module")
def renewed(today: KeystoreMaker) -> Keystore:
    """Another authentication key and another encryption key of the same holder."""
    roles = {**today.keys, "authentication": today.keys["renewed"], "encryption": today.keys["stranger"]}
    later = KeystoreMaker(roles, today.start, today.end)
    certificate = later.encryption_certificate(serial=(1 << 127) + 9)
    return later.installed.with_encryption(later.keys["encryption"], certificate)


@pytest.fixture(scope="module")
def sound(today: KeystoreMaker) -> bytes:
    return write_pkcs12(today.complete.contents, Secret(PASSWORD))


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def verdict(page: Page, name: str, words: str) -> None:
    """Wait for the line of a file to say so."""
    expect(page.locator(".eh-files button", has_text=name)).to_contain_text(words)


def saved(download: Download) -> bytes:
    return download.path().read_bytes()


def test_by_keyboard_alone(
    serving: Serving,
    visit: Windows,
    check: Check,
    today: KeystoreMaker,
    renewed: Keystore,
    sound: bytes,
    samples: dict[str, Sample],  # the fixture
) -> None:
    page = visit(serving, locale="en-GB").open("index", {"lang": "en"})
    user, jks = Keys(page), samples["x_JKS.p12"]
    user.press(get("index.troubleshoot"))
    title(page, get("troubleshoot.title"))
    expect(page).to_have_title(f"{get('troubleshoot.title')} – ehtoolkit")
    expect(page.get_by_text(get("troubleshoot.folder.none", folder="")[:30])).to_be_visible()
    check(page, "troubleshoot-1-empty")

    # Several files at once, by the browser's own dialog. Listening from now on, so that it is not missed.
    page.on("filechooser", lambda _: None)
    with page.expect_file_chooser() as dialog:
        user.tick(get("troubleshoot.drop.choose"))
    assert dialog.value.is_multiple()
    new = write_pkcs12(renewed.contents, Secret(OTHER))
    cut = sound[: len(sound) // 2]
    files = [(NAME, new), (OLDER, sound), ("cut.p12", cut), ("java.p12", jks.data), ("nothing.p12", b"")]
    dialog.value.set_files([payload(*file) for file in files])
    verdict(page, NAME, get("troubleshoot.verdict.closed"))
    verdict(page, "cut.p12", get("troubleshoot.verdict.truncated"))
    verdict(page, "java.p12", get("troubleshoot.verdict.format"))
    verdict(page, "nothing.p12", get("troubleshoot.verdict.empty"))
    expect(page.locator("#eh-status")).to_have_text(get("troubleshoot.looked.many", count=5))
    check(page, "troubleshoot-2-list")

    # The worst is shown first; of another, the wrong password first.
    expect(page.get_by_role("heading", level=2, name="cut.p12")).to_be_focused()
    user.press(NAME)
    expect(page.get_by_role("heading", level=2, name=NAME)).to_be_focused()
    user.type(get("troubleshoot.password"), WRONG)
    page.keyboard.press("Enter")
    expect(page.locator(".eh-errors")).to_be_focused()
    expect(page.locator(".eh-errors")).to_contain_text(get("finding.password_wrong"))
    check(page, "troubleshoot-3-wrong")
    page.keyboard.press("Tab")  # the summary leads to the field
    page.keyboard.press("Enter")
    expect(page.get_by_label(get("troubleshoot.password"))).to_be_focused()
    page.keyboard.type(OTHER)
    page.keyboard.press("Enter")
    verdict(page, NAME, get("troubleshoot.verdict.fine"))
    expect(page.get_by_role("heading", level=2, name=NAME)).to_be_focused()
    expect(page.locator(".eh-detail")).to_contain_text("DUBOIS ELISE MARIE")
    check(page, "troubleshoot-4-open")

    # Old keys, out of a file that is not open yet.
    offered(page, get("troubleshoot.merge"))
    user.press(get("troubleshoot.merge"))
    expect(page.get_by_role("heading", level=2, name=get("troubleshoot.merge.title"))).to_be_focused()
    user.type(get("troubleshoot.old"), OLDER[:20])
    user.type(get("troubleshoot.old.password"), PASSWORD)
    check(page, "troubleshoot-5-merge")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name=get("troubleshoot.merge.done"))).to_be_focused()
    expect(page.locator(".eh-detail")).to_contain_text(get("troubleshoot.merge.added", count=1))
    check(page, "troubleshoot-6-merged")
    with page.expect_download() as handed:
        user.press(get("troubleshoot.made.download"))
    merged = Keystore.of(read_pkcs12(saved(handed.value), Secret(OTHER)))
    assert [key.chain[0].serial_number for key in merged.encryption] == [(1 << 127) + 9, (1 << 127) + 7]
    assert merged.chain == renewed.chain

    # The keys of a truncated file.
    user.press(get("troubleshoot.back"))
    offered(page, get("troubleshoot.merge"))
    user.press("cut.p12")
    expect(page.get_by_role("heading", level=2, name="cut.p12")).to_be_focused()
    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    offered(page, get("troubleshoot.rescue"))
    user.press(get("troubleshoot.rescue"))
    offered(page, get("troubleshoot.rescue.go"))
    check(page, "troubleshoot-7-rescue")
    user.press(get("troubleshoot.rescue.go"))
    expect(page.locator(".eh-detail")).to_contain_text(get("troubleshoot.made.partly"))
    check(page, "troubleshoot-8-rescued")
    with page.expect_download() as handed:
        user.press(get("troubleshoot.made.download"))
    keys = read_pkcs12(saved(handed.value), Secret(PASSWORD)).keys
    assert [key.pkcs8 for key in keys] == [key.pkcs8 for key in today.complete.contents.keys]

    # Another format.
    user.press("java.p12")
    expect(page.get_by_role("heading", level=2, name="java.p12")).to_be_focused()
    user.type(get("troubleshoot.password"), jks.secret.reveal())
    page.keyboard.press("Enter")
    offered(page, get("troubleshoot.convert"))
    user.press(get("troubleshoot.convert"))
    offered(page, get("troubleshoot.convert.go"))
    user.type(get("troubleshoot.new"), OTHER)
    user.type(get("troubleshoot.again"), OTHER)
    page.keyboard.press("Enter")
    expect(page.locator(".eh-detail")).to_contain_text(get("troubleshoot.made.password.new"))
    with page.expect_download() as handed:
        user.press(get("troubleshoot.made.download"))
    assert len(read_pkcs12(saved(handed.value), Secret(OTHER)).keys) == 3

    # Off the list.
    user.press("nothing.p12")
    expect(page.get_by_role("heading", level=2, name="nothing.p12")).to_be_focused()
    user.press(get("troubleshoot.close"))
    expect(page.locator(".eh-files button")).to_have_count(4)


def test_a_rescued_keystore_is_not_lost_by_a_link(serving: Serving, visit: Windows, sound: bytes) -> None:
    page = visit(serving, locale="en-GB").open("troubleshoot", {"lang": "en"})
    user, asked = Keys(page), list[str]()
    title(page, get("troubleshoot.title"))
    page.locator("input[type=file]").set_input_files([payload("cut.p12", sound[: len(sound) // 2])])
    offered(page, get("troubleshoot.open"))
    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    offered(page, get("troubleshoot.rescue"))
    user.press(get("troubleshoot.rescue"))
    offered(page, get("troubleshoot.rescue.go"))
    user.press(get("troubleshoot.rescue.go"))
    expect(page.locator(".eh-detail")).to_contain_text(get("troubleshoot.made.unsaved"))

    def stay(question: Dialog) -> None:
        asked.append(question.message)
        question.dismiss()

    page.on("dialog", stay)
    for way_out in (
        page.get_by_role("link", name=get("page.home"), exact=True),
        page.locator(".eh-lang a").first,
    ):
        with page.expect_event("dialog"):  # a click does not wait for the question that it leads to
            way_out.click()
    assert asked == [get("page.leave")] * 2
    expect(page.locator(".eh-detail")).to_contain_text(get("troubleshoot.made.unsaved"))

    with page.expect_download():
        page.get_by_role("button", name=get("troubleshoot.made.download")).click()
    page.get_by_role("link", name=get("page.home"), exact=True).click()
    title(page, get("index.title"))
    assert len(asked) == 2


@pytest.mark.long
def test_a_file_of_the_folder_keeps_its_place(
    serving: Serving, visit: Windows, check: Check, today: KeystoreMaker
) -> None:
    folder = serving.home / "training" / "keystore"
    path = folder / NAME
    create_keystore(path, today.complete.contents, Secret(PASSWORD))
    create_keystore(folder / OLDER, today.prepared.contents, Secret(PASSWORD))
    page = visit(serving, locale="en-GB").open("troubleshoot", {"keystore": NAME, "lang": "en"})
    user = Keys(page)
    expect(page.get_by_label(get("troubleshoot.password"))).to_be_visible()
    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    offered(page, get("troubleshoot.protect"))
    user.press(get("troubleshoot.protect"))
    expect(page.get_by_label(get("troubleshoot.again"), exact=True)).to_be_visible()
    rule, _ = page.get_by_role("list", name=get("steps.password.rules")).get_by_role("listitem").all()
    user.type(get("troubleshoot.new"), OTHER[:7])
    expect(rule).not_to_contain_text(get("steps.password.rule.met"))
    page.keyboard.type(OTHER[7:])
    expect(rule).to_contain_text(get("steps.password.rule.met"))
    user.type(get("troubleshoot.again"), "another")
    page.keyboard.press("Enter")
    expect(page.locator(".eh-errors")).to_be_focused()
    check(page, "troubleshoot-protect-differ")
    user.type(get("troubleshoot.new"), OTHER)
    user.type(get("troubleshoot.again"), OTHER)
    page.keyboard.press("Enter")
    expect(page.locator(".eh-detail")).to_contain_text(get("troubleshoot.backup.old"))
    check(page, "troubleshoot-protected")
    (backup,) = (folder / "backup").iterdir()
    expect(page.locator(".eh-detail")).to_contain_text(backup.name)
    assert open_keystore(path, Secret(OTHER)) == today.complete
    with page.expect_download() as handed:
        user.press(get("troubleshoot.back"))
        offered(page, get("troubleshoot.export.certificate.pem"))
        user.press(get("troubleshoot.export.certificate.pem"))
    assert saved(handed.value).startswith(b"-----BEGIN CERTIFICATE-----")

    # The one that waits leads on to its form, which has it chosen.
    user.press(get("troubleshoot.another"))
    user.type(get("troubleshoot.folder"), OLDER[:20])
    user.press(get("troubleshoot.folder.look"))
    expect(page.get_by_role("heading", level=2, name=OLDER)).to_be_visible()
    expect(page.get_by_role("link", name=get("index.complete.do"))).to_be_visible()
    user.press(get("index.complete.do"))
    title(page, get("complete.choose.title"))
    expect(page.locator("input[type=radio]:checked")).to_have_value(OLDER)


@pytest.mark.long  # the short run asks the platform by keyboard in `test_does_it_work`
@pytest.mark.parametrize("language", short_in("de"))
def test_the_platform_is_asked_by_keyboard(
    serving: Serving,
    visit: Windows,
    check_walk: Check,
    monkeypatch: pytest.MonkeyPatch,
    language: LanguageName,
) -> None:
    """Active, down, to be activated, revoked; then the old file is put away and the copy of before deleted."""
    get = Translator(language).get

    def shown(state: str) -> None:
        check_walk(page, f"troubleshoot-{language}-{state}")

    old = certificate_in(serving.home, PASSWORD, later="+34mo")
    window = visit(serving, locale=f"{language}-BE")
    page = window.open("troubleshoot", {"keystore": old.name, "lang": language})
    user, detail = Keys(page), page.locator(".eh-detail")
    answer = page.get_by_role("heading", level=2, name=get("troubleshoot.platform.title"))

    def asks(state: str) -> None:
        """Press the button and wait for the answer: the focus is on its title."""
        offered(page, get("troubleshoot.platform"))
        user.press(get("troubleshoot.platform"))
        expect(answer).to_be_focused()
        expect(detail).to_contain_text(state)

    def says(state: str) -> str:
        return get("troubleshoot.platform.says", state=get(f"troubleshoot.platform.state.{state}"))

    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    asks(says("renewable"))
    expect(detail).to_contain_text("VALID_ACTIVE")
    expect(page.get_by_role("link", name=get("index.renew"))).to_be_visible()
    shown("platform-renewable")

    ehtoolkit(serving.home, "training", "scenario", "platform-down", "on")
    user.press(get("troubleshoot.platform.again"))
    expect(detail).to_contain_text(get("troubleshoot.platform.alone"))
    expect(answer).to_be_focused()
    shown("platform-down")
    with page.expect_download() as handed:
        user.press(get("helpdesk.report"))
    assert b'"checked": false' in saved(handed.value)
    assert b"79031421872" not in saved(handed.value)
    ehtoolkit(serving.home, "training", "scenario", "platform-down", "off")
    user.press(get("troubleshoot.back"))
    expect(page.get_by_role("heading", level=2, name=old.name)).to_be_focused()
    shown("platform-file")

    new = renewed_in(serving.home, PASSWORD)
    page = window.open("troubleshoot", {"keystore": new.name, "lang": language})
    expect(page.get_by_role("heading", level=2, name=new.name)).to_be_visible()
    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    asks(says("to_activate"))
    shown("platform-to-activate")
    expect(page.get_by_role("link", name=get("index.activate"))).to_be_visible()

    # The old one, from the new one.
    user.press(get("troubleshoot.back"))
    offered(page, get("troubleshoot.archive"))
    user.press(get("troubleshoot.archive"))
    expect(detail).to_contain_text(get("troubleshoot.archive.early"))
    expect(page.get_by_role("button", name=get("troubleshoot.archive.go"), exact=True)).to_have_count(0)
    shown("archive-early")
    assert old.exists()

    # Revoked: the file looks good, and is not.
    revoke_in(serving.home, new, PASSWORD)
    user.press(get("troubleshoot.back"))
    asks(says("revoked"))
    shown("platform-revoked")
    user.press(get("troubleshoot.back"))
    expect(page.get_by_role("heading", level=2, name=new.name)).to_be_focused()
    shown("platform-revoked-file")

    # The copy of before.
    offered(page, get("troubleshoot.protect"))
    user.press(get("troubleshoot.protect"))
    offered(page, get("troubleshoot.protect.go"))
    user.type(get("troubleshoot.new"), OTHER)
    user.type(get("troubleshoot.again"), OTHER)
    page.keyboard.press("Enter")
    offered(page, get("password.copy.delete"))
    copy = backups_of(new)[0]
    user.press(get("password.copy.delete"))
    expect(detail).to_contain_text(get("troubleshoot.copy.ask.old"))
    shown("copy-question")
    user.press(get("password.copy.yes"))
    expect(page.get_by_role("heading", level=2, name=get("password.copy.gone"))).to_be_focused()
    shown("copy-gone")
    assert not copy.exists()
    user.press(get("troubleshoot.back"))
    asks(says("revoked"))
    user.press(get("index.request"))
    expect(page).to_have_url(re.compile(r"request\.ipynb\?contact=[0-9a-f]{32}&lang="))
    monkeypatch.setenv("EHTOOLKIT_HOME", str(serving.home))  # where the contact data are kept
    assert Prefill.of_query(urlsplit(page.url).query).email == "elise@example.be"


def test_files_are_dragged_in(
    demo: Serving, visit: Windows, check: Check, sound: bytes, tmp_path: Path
) -> None:
    window = visit(demo, locale="en-GB")
    page = window.open("troubleshoot", {"lang": "en"})
    assert drop(page, [("a.p12", sound)], ".eh-drop", "dragenter", "dragover") == [True, True]
    expect(page.locator(".eh-drop")).to_have_class("eh-drop eh-drop-over")
    # Beside the zone nothing happens: the browser would leave the page to show the file.
    assert all(drop(page, [("c.p12", sound)], "h1", "dragover", "drop"))
    assert all(drop(page, [("a.p12", sound), ("b.p12", sound[:900])]))
    verdict(page, "a.p12", get("troubleshoot.verdict.closed"))
    verdict(page, "b.p12", get("troubleshoot.verdict.truncated"))
    expect(page.locator(".eh-files button")).to_have_count(2)

    # While the zone is folded, all of the page is the zone.
    expect(page.locator(".eh-drop")).to_be_hidden()
    assert all(drop(page, [("c.p12", sound)], "h1", "dragover", "drop"))
    expect(page.locator(".eh-files button")).to_have_count(3)
    page.get_by_role("button", name=get("troubleshoot.another")).click()
    expect(page.locator(".eh-drop")).to_have_class("eh-drop")

    window.frames.clear()
    huge = b"huge" * 250_001
    drop(page, [("huge.p12", huge), *((f"{number}.p12", b"x") for number in range(21))])
    refused = page.get_by_role("alert").filter(has_text="huge.p12")
    expect(refused).to_contain_text(get("troubleshoot.refused.size", name="huge.p12", limit=1))
    expect(refused).to_contain_text(get("troubleshoot.refused.many", count=1, limit=20)[:18])
    expect(page.locator(".eh-files button")).to_have_count(23)
    assert not [frame for _, frame in window.frames if b"hugehugehuge" in frame]
    check(page, "troubleshoot-refused")

    drop(page, [])
    expect(page.get_by_text(get("troubleshoot.refused.nothing"))).to_be_visible()
    expect(page.get_by_text("huge.p12")).to_have_count(0)


def test_neither_passwords_nor_bytes_stay_anywhere(serving: Serving, visit: Windows, sound: bytes) -> None:
    window = visit(serving, locale="en-GB")
    page = window.open("troubleshoot", {"lang": "en"})
    window.frames.clear()
    drop(page, [(NAME, sound)])
    expect(page.get_by_role("heading", level=2, name=NAME)).to_be_visible()
    for password, place, text in (
        (WRONG, ".eh-errors", "finding.password_wrong"),
        (PASSWORD, ".eh-detail .eh-panel", "troubleshoot.verdict.fine"),
    ):
        page.get_by_label(get("troubleshoot.password")).fill(password)
        page.get_by_role("button", name=get("troubleshoot.open")).click()
        expect(page.locator(place)).to_contain_text(get(text))
    offered(page, get("troubleshoot.protect"))
    page.get_by_role("button", name=get("troubleshoot.protect")).click()
    for label in ("new", "again"):
        page.get_by_label(get(f"troubleshoot.{label}"), exact=True).fill(OTHER)
    page.get_by_role("button", name=get("troubleshoot.protect.go")).click()
    expect(page.locator(".eh-detail .eh-panel")).to_contain_text(get("troubleshoot.made"))

    state = page.evaluate("async () => JSON.stringify(await window.jupyterapp.widgetManager.get_state())")
    assert len(state) > 10_000
    for password in (WRONG, PASSWORD, OTHER):
        frames = [direction for direction, frame in window.frames if password.encode() in frame]
        assert frames == ["sent"], password
        assert password not in state
        assert password not in page.content()
        assert password not in "".join(serving.log)
    middle = sound[len(sound) // 2 :][:60]
    assert [direction for direction, frame in window.frames if middle in frame] == ["sent"]
    assert base64.b64encode(sound)[400:440].decode() not in state
    files = [path for path in serving.home.rglob("*") if path.is_file()]
    assert not [path for path in files if middle in path.read_bytes()]
    assert not list(serving.home.rglob("*.p12"))


@pytest.mark.parametrize(
    ("name", "language", "options"),
    [
        ("360-dark", "nl", {"viewport": PHONE, "color_scheme": "dark"}),
        pytest.param("360", "nl", {"viewport": PHONE}, marks=pytest.mark.long),
        pytest.param("dark", "de", {"color_scheme": "dark"}, marks=pytest.mark.long),
        pytest.param("light", "fr", {}, marks=pytest.mark.long),
    ],
)
def test_it_is_fit_to_be_seen(
    demo: Serving,
    visit: Windows,
    check: Check,
    sound: bytes,
    name: str,
    language: LanguageName,
    options: dict[str, object],
) -> None:
    get = Translator(language).get
    page = visit(demo, locale=f"{language}-BE", **options).open("troubleshoot", {"lang": language})
    drop(page, [("copy (1).p12", sound), ("cut.p12", sound[:1500]), ("letter.txt", b"Dear colleague")])
    verdict(page, "letter.txt", get("troubleshoot.verdict.no_keystore"))
    check(page, f"troubleshoot-{name}-closed")
    page.locator(".eh-files button", has_text="copy (1).p12").click()
    expect(page.get_by_role("heading", level=2, name="copy (1).p12")).to_be_visible()
    page.get_by_label(get("troubleshoot.password")).fill(PASSWORD)
    page.get_by_role("button", name=get("troubleshoot.open")).click()
    verdict(page, "copy (1).p12", get("troubleshoot.verdict.remarks"))
    expect(page.get_by_role("button", name=get("certificate_test.do"))).to_be_visible()
    for summary in page.locator("details > summary").all():
        summary.click()
    check(page, f"troubleshoot-{name}-open")
    page.get_by_role("button", name=get("troubleshoot.protect")).click()
    expect(page.get_by_label(get("troubleshoot.new"), exact=True)).to_be_visible()
    check(page, f"troubleshoot-{name}-protect")
    page.get_by_role("button", name=get("troubleshoot.protect.go")).click()
    expect(page.locator(".eh-detail .eh-panel")).to_contain_text(get("troubleshoot.made"))
    check(page, f"troubleshoot-{name}-made")


# As soon as the page says that it looks, another file is chosen; what is shown from then on is noted in its order.
_MEANWHILE = """
([looking, name]) => {
  window.shown = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const heading = () => all(".eh-detail h2, .eh-file h2").map((one) => one.textContent).join();
  const rows = () => all(".eh-files button");
  const looks = () => all(".eh-busy").some((one) => !one.hidden && one.textContent.includes(looking));
  let begun = false;
  new MutationObserver(() => {
    if (!begun && looks()) {
      begun = true;
      rows().find((one) => one.textContent.includes(name)).click();
    }
    const now = `${rows().length} files, ${heading()}`;
    if (begun && now !== window.shown.at(-1)) window.shown.push(now);
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""


@pytest.mark.long  # whether the answer comes first depends on what else the computer does
def test_the_page_answers_while_hostile_files_are_judged(
    serving: Serving, visit: Windows, check: Check, sound: bytes
) -> None:
    """A key that takes long to compute with, texts that slow patterns fail at, many certificates with long exponents:
    another file is looked at meanwhile, and of each is said what is wrong with it."""
    certificates = with_certificates(CERTIFICATES["60 with exponents of 3072 bits"]())
    hostile = {
        "dsa.p12": bare(KEYS["DSA 32768"]()),
        "exponents.p12": write_pkcs12(certificates, Secret(PASSWORD)),
        # As large as a file may be: what is computed takes several times as long as an answer of the page.
        **{f"blanks-{number:02}.p12": (b"A B " * 250_000)[: limits.SIZE] for number in range(16)},
    }
    texts = Translator("en", on_pages=True)
    folder = serving.home / "training" / "keystore"
    folder.mkdir(parents=True)
    (folder / "beside.p12").write_bytes(sound)  # where there are some, the page says that it looks
    page = visit(serving, locale="en-GB").open("troubleshoot", {"lang": "en"})
    drop(page, [(NAME, sound), (OLDER, sound[:-400])])
    rows = page.locator(".eh-files button")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("heading", level=2, name=OLDER)).to_be_visible()  # the worst of what came

    page.evaluate(_MEANWHILE, [get("troubleshoot.looking", count=len(hostile)), NAME])
    drop(page, [*hostile.items()])
    expect(rows).to_have_count(2 + len(hostile), timeout=120_000)
    shown: list[str] = page.evaluate("() => window.shown")
    assert any(text.startswith("2 files") and NAME in text for text in shown), shown

    detail, now = page.locator(".eh-detail"), datetime.now(UTC)
    for name, password, key in (
        ("dsa.p12", None, "key_unsupported"),
        ("blanks-00.p12", None, "file_unknown"),
        ("exponents.p12", PASSWORD, "key_mismatch"),
    ):
        rows.filter(has_text=name).click()
        expect(page.get_by_role("heading", level=2, name=name)).to_be_visible()
        if password is not None:
            page.get_by_label(get("troubleshoot.password")).fill(password)
            page.keyboard.press("Enter")
        found = diagnose(hostile[name], None if password is None else Secret(password), now)
        (finding,) = [finding for finding in found.findings if finding.key == key]
        assert finding.severity is Severity.ERROR
        expect(detail).to_contain_text(finding.message(texts))
    check(page, "troubleshoot-hostile")
