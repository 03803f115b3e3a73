"""A copy of a keystore in a place that the user chooses: a stick, a network folder; proven by opening it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ipywidgets import VBox, Widget

from ehtoolkit import errors
from ehtoolkit.forms.markup import heading, mono, panel, paragraph, show
from ehtoolkit.forms.widgets import Button, TextField
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.texts import Texts

FIELD: Final = "copy_folder"


class Safekeeping:
    """The part of a last page that copies ``file``: `widget` is its body, `button` goes among the page's."""

    def __init__(self, file: KeystoreFile, texts: Texts) -> None:
        self._file = file
        self._texts = texts
        self._verdict = show()
        self._field = TextField(
            FIELD, texts.get("closing.copy.folder"), hint=texts.get("closing.copy.folder.hint")
        )
        self.button = Button("copy", texts.get("closing.copy.do"), icon="file")
        box = VBox()
        box.add_class("eh-stack")
        box.children = (
            show(heading(texts.get("closing.copy")) + paragraph(texts.get("closing.copy.lead"))),
            self._field,
            self._verdict,
        )
        self.widget: Widget = box

    def copy(self, values: Mapping[str, str | bool]) -> Path:
        """Copy into the folder that was typed, and say so.

        Raises `errors.InputInvalid` subclasses for no folder, and what writing a keystore raises.
        """
        typed = str(values.get(FIELD, "")).strip()
        if not typed:
            raise errors.FolderMissing(folder="")
        target = self._file.copy_to(Path(typed).expanduser())
        self._verdict.value = str(
            panel("ok", self._texts.get("closing.copy.done"), mono(str(target)), level=3)
        )
        return target
