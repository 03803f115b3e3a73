"""A copy of a keystore in a place that the user chooses: a stick, a network folder; proven by opening it.

From a server that is shared, the browser takes it there.
"""

from __future__ import annotations

from collections.abc import Callable

from ipywidgets import Widget

from ehtoolkit.forms.copies.copy_part import CopyPart, Done, Failed
from ehtoolkit.forms.copies.drives import drives
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.html import heading, paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.buttons import ButtonPress
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.keystore.storage.copies import CopiedFile, Destination, copy_keystore, note_copy
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.toolkit import Toolkit


def backup_copy(page: WizardView, toolkit: Toolkit, file: KeystoreFile) -> Widget:
    """Return the part of a last page that copies ``file``.

    On a shared server no folder is asked for, and the browser saves the copy.
    """
    get, context = page.texts.get, toolkit.context

    def copy(destination: Destination) -> tuple[CopiedFile, ...]:
        copied = copy_keystore(file.path, file.data, destination, connected=drives)
        note_copy(context.notes, file.keystore.key_id, copied, context.clock.now())
        return (copied,)

    def is_busy() -> bool:
        if page.busy:
            page.confirm(get("closing.copy.wait"))
        return page.busy

    def run(press: ButtonPress, work: Callable[[], None], done: Done, failed: Failed) -> None:
        page.run(lambda _: work(), done, press, get("closing.copy.busy"), failed=failed)

    if toolkit.settings.shared:
        place: Widget = page.download(
            get("file_import.copy"), lambda: DownloadFile.of_keystore(file.path), look="quiet"
        )
    else:
        place = CopyPart(page, context.notes, copy, is_busy, run, done="closing.copy.done", say=page.say).root
    about = show(heading(get("closing.copy")) + paragraph(get("closing.copy.lead")))
    part: Widget = column("eh-stack", "eh-no-print", of=(about, place))
    return part
