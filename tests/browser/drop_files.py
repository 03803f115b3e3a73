"""Drop files on a page."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from playwright.sync_api import Page

# What a person does who lets files go over an element.
_DROP = """
([selector, files, kinds]) => {
  const transfer = new DataTransfer();
  for (const file of files) {
    const bytes = Uint8Array.from(atob(file.bytes), (one) => one.charCodeAt(0));
    transfer.items.add(new File([bytes], file.name));
  }
  const target = document.querySelector(selector);
  return kinds.map((kind) => {
    const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  });
}
"""


def drop(
    page: Page, files: Sequence[tuple[str, bytes]], selector: str = ".eh-drop", *kinds: str
) -> list[bool]:
    """Whether the page took each event."""
    plain = [{"name": name, "bytes": base64.b64encode(data).decode()} for name, data in files]
    taken: list[bool] = page.evaluate(_DROP, [selector, plain, kinds or ("dragenter", "dragover", "drop")])
    return taken
