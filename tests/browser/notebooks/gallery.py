"""A page that shows one scene of the gallery after the other: whoever looks asks for the next."""

from __future__ import annotations

import os
import tempfile
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anywidget import AnyWidget
from ipywidgets import VBox, Widget
from traitlets import Unicode

from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.widgets.page_parts import StepHead
from tests.browser import longest_texts
from tests.gallery import STORIES
from tests.gallery.driver import GalleryDriver
from tests.support.keys import KeyPack, cheap_rounds

# What is shown is there when the views of all widgets are: each is made in a promise of its own.
_ESM = """
async function drawn(model) {
  for (const view of await Promise.all(Object.values(model.views ?? {}))) {
    const children = await Promise.all(view.children_views?.views ?? []);
    await Promise.all(children.map((child) => drawn(child.model)));
  }
}
export default {
  render({ model }) {
    let serial = 0;
    window.gallery = (wish) => new Promise((done, failed) => {
      const mine = ++serial;
      const answered = async (answer) => {
        if (answer.serial !== mine) return;
        model.off("msg:custom", answered);
        if (answer.error) return failed(new Error(answer.error));
        const host = await model.widget_manager.get_model(model.get("host"));
        await drawn(host);
        done(answer.scene);
      };
      model.on("msg:custom", answered);
      model.send({ ...wish, serial: mine });
    });
  },
};
"""


class Booth(AnyWidget):
    """``host``: the model that holds what is shown."""

    _esm = _ESM
    host: str = Unicode().tag(sync=True)


class Gallery:
    """``root``: the widget to display. A story is told in a thread, where no event loop runs: what a form does beside
    its page is done at once there."""

    def __init__(self, homes: Path, work: Path) -> None:
        self.stage = PageContext.of_this_kernel()
        self.driver = GalleryDriver(homes, work, self.stage.texts.language)
        head = StepHead()
        head.show(caption="", title=self.stage.texts.get("index.title"), lead="", focus=False)
        self.host: Any = VBox([head])
        self.booth = Booth(host=self.host.model_id)
        self.booth.on_msg(self._receive)
        self.root = VBox([self.host, self.booth])
        self._scenes: Any = iter(())
        self._longest = False
        self._keys = KeyPack()  # dealt once each: what a scene shows is not their cost

    def _receive(self, _: object, order: dict[str, Any], buffers: object) -> None:
        answer: dict[str, Any] = {"serial": order["serial"]}
        teller = threading.Thread(target=self._tell, args=(order, answer))
        teller.start()
        teller.join()
        self.booth.send(answer)

    def _tell(self, order: dict[str, Any], answer: dict[str, Any]) -> None:
        try:
            self.driver.sweep()  # who asks for another scene has seen this one
            if order.get("longest"):
                self._lengthen()
            if "story" in order:
                self._scenes = self._scenes_of(order["story"])
            scene = next(self._scenes, None)
            answer["scene"] = scene
            if scene is not None:
                self.host.children = (self.driver.root,)
        except Exception:  # noqa: BLE001  # whoever asked fails with it
            answer["error"] = traceback.format_exc()

    def _lengthen(self) -> None:
        """Once: from now on the longest words."""
        if not self._longest:
            longest_texts.install()
        self._longest = True

    def _scenes_of(self, name: str) -> Iterator[str]:
        with cheap_rounds(), self.driver.sitting():
            self._keys.into(self.driver.patch)
            yield from STORIES[name](self.driver)


def build() -> Widget:
    # Of each page's own: those of one language may be on the wall twice, once with the longest words.
    work = Path(tempfile.mkdtemp(dir=os.environ["GALLERY_WORK"]))
    gallery = Gallery(Path(os.environ["GALLERY_HOMES"]), work)
    return gallery.stage.show(gallery.root)
