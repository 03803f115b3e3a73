"""What a user does on several pages."""

from __future__ import annotations

from typing import Any, Final

from ehtoolkit.forms.widgets.files import DropZone
from tests.gallery.driver import PASSWORD, Form, GalleryDriver
from tests.support.ipywidgets_internals import send_to

NEW: Final = "Kine-2029"


def see(driver: GalleryDriver, name: str) -> None:
    """Open a file once, as some form of the past did: what it showed is remembered."""
    form = driver.open("index")
    if "open" in form.buttons:
        form.go("open", secrets={"unlock": PASSWORD})


def drop(form: Form, zone: str, *files: tuple[str, bytes], refused: tuple[dict[str, str], ...] = ()) -> None:
    target = form.part(DropZone, zone)
    for name, data in files:
        send_to(target, {"action": "file", "name": name}, [memoryview(data)])
    send_to(target, {"action": "end", "refused": list(refused)})


def fielded(form: Form, name: str) -> Any:
    return next(widget for widget in form.everything() if getattr(widget, "name", None) == name)
