"""Files from elsewhere: found, refused, copied, and there already; and on a server that shows nothing of its disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.forms.file_import.panel import PLACE
from ehtoolkit.forms.file_import.places import MOST_FILES
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.files import CopyButton
from tests.gallery.driver import PASSWORD, Form, GalleryDriver
from tests.gallery.stories.certificates import to_list
from tests.gallery.stories.page_actions import drop


def place_of(form: Form, name: str) -> str:
    """The value of the place that is called so."""
    return next(o["value"] for o in form.part(ChoiceField, PLACE).options if name in o["label"])


def copied_from_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    user = driver.furnish()
    (mine,) = driver.keystores
    content = mine.read_bytes()
    away = mine.rename(user / "Downloads" / f"Copy of {mine.name}")
    crowd = user / "Documents" / "old"
    crowd.mkdir()
    for number in range(MOST_FILES + 1):
        (crowd / f"{number:02}.p12").write_bytes(content)
    form = driver.open("password")
    yield "nothing"
    form.go("search_place", import_place=place_of(form, "STICK"))
    yield "nothing-found"
    form.go("look_at_path", import_path=str(crowd))
    yield "found-many"
    form.go("take_found", import_found="")
    yield "none-chosen"
    form.go("search_place", import_place="0")
    yield "found-one"
    form.go("look_at_path", import_path="E:\\SSIN=79031421872.p12")
    yield "no-such-path"
    form.go("look_at_path", import_path="")
    yield "no-path"
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
    form = driver.open("activate")
    drop(form, "import_files", ("letter.txt", b"Dear colleague"))
    yield "no-keystore"
    drop(form, "import_files", refused=({"name": "photos.zip", "reason": "size"},))
    yield "too-large"
    form.go("close_import")
    yield "closed"


def revoked_by_a_file(driver: GalleryDriver) -> Iterator[str]:
    driver.at("organisation")
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
    driver.furnish()
    form = driver.open("renew")
    form.go("elsewhere")
    yield "nothing-to-renew"


def looked_at_from_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.furnish()
    form = driver.open("troubleshoot")
    form.go("elsewhere")
    yield "open"


STORIES: Final = (
    copied_from_elsewhere,
    from_elsewhere_on_a_server,
)
VARIANTS: Final = (
    revoked_by_a_file,
    looked_at_from_elsewhere,
    not_a_keystore_from_elsewhere,
    renewed_from_elsewhere,
)
