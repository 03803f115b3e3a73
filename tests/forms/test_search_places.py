"""Where files from elsewhere are looked for, and what a path that is typed leads to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.file_import import places
from ehtoolkit.forms.file_import.model import FileImport
from ehtoolkit.forms.file_import.places import SearchResult, find_places, search
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.copied_keystore import NAME, data, stick, toolkit
from tests.support.mounted_drives import mount_drives, mounted_at

__all__ = ["data", "stick", "toolkit"]


def test_the_usual_places_are_offered_once_and_only_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "ehealth" / "keystore"
    others = tmp_path / "home" / "colleague"
    for folder in (own / "archive", tmp_path / "Downloads", tmp_path / "Drive", others):
        folder.mkdir(parents=True)
    (tmp_path / "Desktop").symlink_to(tmp_path / "Downloads")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(places, "user_downloads_path", lambda: tmp_path / "Downloads")
    monkeypatch.setattr(places, "user_desktop_path", lambda: tmp_path / "Desktop")
    monkeypatch.setattr(places, "user_documents_path", lambda: tmp_path / "Documents")
    mount_drives(monkeypatch, tmp_path / "Drive")
    assert [(place.kind, place.name) for place in find_places(own, root=tmp_path)] == [
        ("downloads", ""),
        ("archive", ""),
        ("drive", "Drive"),
        ("profile", "colleague"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="drives have letters there")
def test_a_drive_that_does_not_answer_holds_up_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither do the homes of others, which may be on one."""
    gone, there = mounted_at(tmp_path / "Gone"), mounted_at(tmp_path / "There")
    home = tmp_path / "home" / "colleague"
    release, answers, lists = Event(), Path.is_dir, Path.iterdir

    def is_dir(path: Path) -> bool:
        if path == gone:
            release.wait(10)
        return answers(path)

    def iterdir(path: Path) -> Iterator[Path]:
        if path != Path("/home"):
            return lists(path)
        release.wait(10)
        return iter([home])

    def names() -> list[str]:
        found = find_places(tmp_path / "keystores")
        return [file.name for file in found if file.path in (gone, there, home)]

    for folder in (gone, there, home):
        folder.mkdir(parents=True)
    monkeypatch.setattr(places, "PATIENCE", 0.3)
    mount_drives(monkeypatch, tmp_path / "Gone", tmp_path / "There")
    monkeypatch.setattr(Path, "is_dir", is_dir)
    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert names() == ["There"]
    release.set()
    monkeypatch.setattr(places, "PATIENCE", 10.0)
    assert names() == ["Gone", "There", "colleague"]


def test_a_search_finds_keystores_by_name_and_by_content_the_newest_first(stick: Path, data: bytes) -> None:
    old, hidden = stick / "old.pfx", stick / ".cache" / NAME
    old.write_bytes(data)
    os.utime(old, (1, 1))
    hidden.parent.mkdir()
    hidden.write_bytes(data)
    found = search(stick, 20)
    assert [file.name for file in found.files] == [f"Copy of {NAME}", "old.pfx"]
    assert found.whole


def test_a_search_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(places.MOST_FILES + 5):
        folder = tmp_path / f"{number:03}"
        folder.mkdir()
        (folder / f"{number}.p12").write_bytes(b"x")
    (tmp_path / "000" / "again").symlink_to(tmp_path)
    assert (len(search(tmp_path, 20).files), search(tmp_path, 20).whole) == (places.MOST_FILES, False)
    monkeypatch.setattr(places, "MOST_FOLDERS", 4)
    assert (len(search(tmp_path, 20).files), search(tmp_path, 20).whole) == (3, False)
    ticks = iter(range(0, 1000, 10))
    assert search(tmp_path, 20, now=lambda: float(next(ticks))).whole is False


def test_a_drive_that_does_not_answer_is_given_up(
    toolkit: Toolkit, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()
    for call in ("scandir", "open"):
        monkeypatch.setattr(os, call, partial(waiting, release, getattr(os, call), stick))
    assert search(stick, 0.05).files == ()
    impatient = open_toolkit(toolkit.settings.model_copy(update={"file_timeout": 0.05}))
    with closing(impatient), pytest.raises(errors.FileUnreadable):
        FileImport(impatient).read(stick / "letter.txt")
    release.set()


def waiting(
    release: Event, call: Callable[..., Any], folder: Path, path: Any, *rest: Any, **more: Any
) -> Any:
    """A call of the system that waits for ``release`` on a drive, ``folder``."""
    if not isinstance(path, int) and Path(path).is_relative_to(folder):
        release.wait(30)
    return call(path, *rest, **more)


@pytest.mark.skipif(sys.platform == "win32", reason="paths are resolved by other calls there")
@pytest.mark.parametrize(("ask", "about"), [("lstat", "2026"), ("stat", f"Copy of {NAME}")])
def test_a_drive_that_dies_in_the_middle_of_a_search_is_given_up(
    stick: Path, monkeypatch: pytest.MonkeyPatch, ask: str, about: str
) -> None:
    release, answer = Event(), getattr(os, ask)

    def dying(path: Any, **wanted: Any) -> os.stat_result:
        if str(path).endswith(about):
            release.wait(10)
        status: os.stat_result = answer(path, **wanted)
        return status

    monkeypatch.setattr(os, ask, dying)
    assert search(stick, 0.1) == SearchResult((), whole=False)
    release.set()


@pytest.mark.parametrize(
    "typed", ["{}", '"{}"', "  {}\n", "{uri}"], ids=["plain", "quoted", "blanks", "address"]
)
def test_a_path_is_taken_as_people_paste_it(toolkit: Toolkit, stick: Path, typed: str) -> None:
    path = stick / "2026" / f"Copy of {NAME}"
    assert FileImport(toolkit).look(typed.format(path, uri=path.as_uri())) == path


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", errors.FolderMissing),
        ("/nowhere/at/all.p12", errors.KeystoreNotFound),
        ("relative.p12", errors.KeystoreNotFound),
        ("~nobody-of-that-name/x.p12", errors.KeystoreNotFound),
        ("/a\0b", errors.KeystoreNotFound),
        ("/" + "x" * 9_000, errors.KeystoreNotFound),
        ("file://[server/x.p12", errors.KeystoreNotFound),
    ],
)
def test_a_path_that_leads_nowhere_says_so(
    toolkit: Toolkit, typed: str, error: type[errors.EhToolkitError]
) -> None:
    with pytest.raises(error):
        FileImport(toolkit).look(typed)


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("file://server/keys/x%20y.p12", "//server/keys/x y.p12"),
        ("file:////server/keys/x.p12", "//server/keys/x.p12"),
        ("FILE://localhost/nowhere/x.p12", "/nowhere/x.p12"),
    ],
)
def test_an_address_of_a_share_keeps_its_server(toolkit: Toolkit, typed: str, path: str) -> None:
    with pytest.raises(errors.KeystoreNotFound) as caught:
        FileImport(toolkit).look(typed)
    assert caught.value.path == str(Path(path))
