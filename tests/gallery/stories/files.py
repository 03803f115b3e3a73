"""Files from elsewhere: found, refused, copied, and there already; and on a server that shows nothing of its disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

from ehtoolkit.forms.file_import import model
from ehtoolkit.forms.file_import.places import PlaceKind, SearchPlace, SearchResult
from ehtoolkit.forms.widgets import CopyButton
from tests.gallery.driver import PASSWORD, GalleryDriver
from tests.gallery.stories.certificates import to_list
from tests.gallery.stories.tools import drop

STICK: Final = Path("/media/elise/STICK")


def copied_from_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    (mine,) = driver.keystores
    away = mine.rename(driver.home.parent / f"Copy of {mine.name}")
    there = tuple(SearchPlace(kind, STICK, "STICK") for kind in get_args(PlaceKind))
    found = iter(
        [
            SearchResult((), whole=True),
            SearchResult((away, STICK / "old" / mine.name), whole=False),
            SearchResult((away,), whole=True),
        ]
    )
    driver.patch.setattr(model, "find_places", lambda *_: there)
    driver.patch.setattr(model.FileImport, "search", lambda *_: next(found))
    form = driver.open("password")
    yield "nothing"
    form.go("search_place", import_place="6")
    yield "nothing-found"
    form.go("look_at_path", import_path=str(driver.home.parent))
    yield "found-two"
    form.go("take_found", import_found="")
    yield "none-chosen"
    form.go("search_place", import_place="0")
    yield "found-one"
    form.go("look_at_path", import_path="E:\\SSIN=79031421872.p12")
    yield "no-such-path"
    form.go("take_found", import_found="0")
    yield "copied"
    form.message(CopyButton, {"action": "copied"})
    yield "path-copied"
    form.go("elsewhere")
    yield "once-more"
    form.go("look_at_path", import_path=str(away))
    yield "there-already"
    form.open_chosen(PASSWORD)
    yield "opened"


def not_a_keystore_from_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.patch.setattr(model, "find_places", lambda *_: ())
    form = driver.open("activate")
    drop(form, "import_files", ("letter.txt", b"Dear colleague"))
    yield "no-keystore"
    drop(form, "import_files", refused=({"name": "photos.zip", "reason": "size"},))
    yield "too-large"
    form.go("close_import")
    yield "closed"


def revoked_by_a_file(driver: GalleryDriver) -> Iterator[str]:
    driver.at("organisation")
    driver.patch.setattr(model, "find_places", lambda *_: ())
    waiting, *_, mine = driver.keystores
    form = to_list(driver)
    form.go("elsewhere")
    yield "open"
    drop(form, "import_files", (waiting.name, waiting.read_bytes()))
    yield "not-listed"
    drop(form, "import_files", (mine.name, mine.read_bytes()))
    yield "chosen"


def from_elsewhere_on_a_server(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    driver.set(shared="true")
    driver.open("complete")
    yield "not-taken"


def renewed_from_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.patch.setattr(model, "find_places", lambda *_: (SearchPlace("downloads", STICK),))
    form = driver.open("renew")
    form.go("elsewhere")
    yield "nothing-to-renew"


def looked_at_from_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.patch.setattr(model, "find_places", lambda *_: (SearchPlace("drive", STICK, "STICK"),))
    form = driver.open("troubleshoot")
    form.go("elsewhere")
    yield "open"


STORIES: Final = (
    copied_from_elsewhere,
    revoked_by_a_file,
    from_elsewhere_on_a_server,
    looked_at_from_elsewhere,
)
VARIANTS: Final = (not_a_keystore_from_elsewhere, renewed_from_elsewhere)
