"""A copy of a keystore in a place that the user chooses: a stick, a network folder; proven by opening it.

From a server that is shared, the browser takes it there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.copies.copy_part import CopyPart, Done, Failed
from ehtoolkit.forms.copies.drives import drives
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.html import heading, paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.buttons import ButtonPress
from ehtoolkit.forms.widgets.files import Download, DownloadFile
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.storage.copies import CopiedFile, Destination, copy_keystore, note_copy
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.system.files import read_file


def backup_copy(context: FormContext[Any], file: KeystoreFile) -> Widget:
    """Return the part of a last page that copies ``file``.

    On a shared server no folder is asked for, and the browser saves the copy.
    """
    texts, view, parts = context.texts, context.view, context.model.procedure_context

    def copy(destination: Destination) -> tuple[CopiedFile, ...]:
        copied = copy_keystore(file.path, file.data, destination, connected=drives)
        note_copy(parts.notes, file.keystore.key_id, copied, parts.clock.now())
        return (copied,)

    def is_busy() -> bool:
        if view.busy:
            view.confirm(texts.get("closing.copy.wait"))
        return view.busy

    def run(press: ButtonPress, work: Callable[[], None], done: Done, failed: Failed) -> None:
        view.run(lambda _: work(), done, press, texts.get("closing.copy.busy"), failed=failed)

    def hand_out() -> DownloadFile | None:
        try:
            content = read_file(file.path, limits.SIZE)
            return DownloadFile(file.path.name, content, "application/x-pkcs12")
        except errors.EhToolkitError as error:
            view.fail(error)
            return None

    if context.model.toolkit.settings.shared:
        place: Widget = Download(texts.get("file_import.copy"), hand_out, look="quiet")
    else:
        place = CopyPart(
            texts,
            view.home,
            parts.notes,
            copy,
            is_busy,
            run,
            done="closing.copy.done",
            say=view.say,
            confirm=view.confirm,
            guard=view.guard,
        ).root
    about = show(heading(texts.get("closing.copy")) + paragraph(texts.get("closing.copy.lead")))
    part: Widget = column("eh-stack", "eh-no-print", of=(about, place))
    return part
