"""A safety copy from the first page, at the keyboard, on a drive that is simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ehtoolkit.forms.copies.offered_folders import COPY_FOLDER
from ehtoolkit.i18n import Translator
from tests.browser.page_users import Keys
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in
from tests.browser.serving import Serving

ROOT = Path(__file__).resolve().parents[2]
DRIVES = """
import psutil
from types import SimpleNamespace
psutil.disk_partitions = lambda all=False: [SimpleNamespace(mountpoint={mountpoint!r}, opts="rw")]
"""


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    stick = tmp_path / "STICK"
    stick.mkdir()
    return stick


@pytest.fixture
def with_stick(stick: Path, tmp_path: Path) -> Iterator[Serving]:
    """The pages on a computer whose only drive is the stick."""
    mountpoint = f"/mnt/..{stick}"  # by a path as of drives
    startup = tmp_path / "startup"
    startup.mkdir()
    (startup / "sitecustomize.py").write_text(DRIVES.format(mountpoint=mountpoint))
    serving = Serving.demo(tmp_path / "home", PYTHONPATH=f"{startup}:{ROOT}")
    yield serving
    assert serving.stop() == 0


def test_a_copy_by_keyboard_ends_the_reminder(
    with_stick: Serving, stick: Path, visit: Callable[..., Visit], check_walk: Check
) -> None:
    keystore = certificate_in(with_stick.home, "Kine-2026")
    texts = Translator("nl")
    get, reminder = texts.get, texts.counted("index.backup", 1)
    page = visit(with_stick, locale="nl-BE").open("index", {"lang": "nl"})
    user = Keys(page)
    expect(page.get_by_text(reminder)).to_be_visible()
    user.press(get("index.backup.do"))
    expect(page.get_by_role("heading", name=get("closing.copy"))).to_be_focused()
    check_walk(page, "nl-safety-copy")
    user.press(get("closing.copy.to.drive", name=stick.name))
    expect(page.get_by_role("heading", name=get("closing.copy.done"))).to_be_visible()
    expect(page.get_by_role("heading", name=get("closing.copy"))).to_be_focused()
    check_walk(page, "nl-safety-copy-done")
    assert (stick / COPY_FOLDER / keystore.name).read_bytes() == keystore.read_bytes()
    page.reload()
    expect(page.get_by_role("heading", name=get("index.due"), exact=True)).to_be_visible()
    expect(page.get_by_text(reminder)).to_have_count(0)
