"""The part of a form's page that takes a keystore from elsewhere, and the quiet actions for the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ipywidgets import Widget

from ehtoolkit.forms.engine.form import FormContext, FormModel
from ehtoolkit.forms.engine.form_link import OFFERED
from ehtoolkit.forms.engine.page_context import PageContext, on_a_server
from ehtoolkit.forms.file_import import FileImport, FileImportPanel
from ehtoolkit.forms.file_import.file_actions import FileActions
from ehtoolkit.forms.html import details, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.steps.keystore_picker import FIELD, KeystorePicker
from ehtoolkit.forms.widgets import ChoiceField
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.moving import ImportedKeystore
from ehtoolkit.secret import Secret


def no_files_here(texts: Translator, *, opened: bool = False) -> Widget:
    """Return why a shared server takes no file, and how a keystore gets there; closed unless ``opened``."""
    if opened:
        return show(on_a_server(texts, "files"))
    return show(details(texts.get("page.shared.files"), texts.get("page.shared.files.text")))


class KeystoreImport:
    """The part of a step that takes a keystore from elsewhere.

    Attributes:
        model: copies the files.
        context: of the form, whose model has a keystore chosen (``choosing``).
    """

    def __init__(self, context: FormContext[Any]) -> None:
        model: FormModel = context.model
        self._context = context
        self._choosing: KeystorePicker = context.model.choosing
        self.model = FileImport(model.toolkit, self._choosing.taken)

    def panel(self, *, opened: bool = False) -> Widget:
        """Return where a file may come from; a button first, unless ``opened``. On a shared server, return how a
        keystore gets there."""
        context = self._context
        if not self.model.sees_disk:
            return no_files_here(context.texts, opened=opened)
        made = FileImportPanel(
            self.model,
            context.texts,
            context.view.home,
            context.view.runner,
            self.model.take,
            self._taken,
            context.view.say,
            lead=context.texts.get("file_import.lead", folder=str(self.model.folder)),
        )
        offered = PageContext(context.model.toolkit.settings, context.texts).offered_file(OFFERED)
        if offered is not None and not self._choosing.taken:
            made.propose(offered)
        elif opened:
            made.open(focus=False)
        return made.root

    def beside(self, field: ChoiceField) -> Sequence[Widget]:
        """Return the quiet actions for the file that ``field`` has, and the panel."""
        view, model = self._context.view, self._context.model
        actions = FileActions(model.toolkit, self._context.texts, view.confirm, view.fail)

        def chosen(change: Any = None) -> None:
            actions.show(
                next(
                    (
                        keystore.file.path
                        for keystore in self._choosing.offered
                        if keystore.name == field.value
                    ),
                    None,
                )
            )

        field.observe(chosen, "value")
        chosen()
        return [column("eh-beside-choice", of=(actions.root, self.panel()))]

    def name_properly(self, path: Path, password: Secret) -> None:
        """Give a file its proper name as `FileImport.name_properly` does; the form goes on with the file under its new
        name."""
        self._choosing.renamed(path, self.model.name_properly(path, password))

    def _taken(self, taken: ImportedKeystore) -> None:
        context = self._context
        if context.view.left:
            return
        self._choosing.ask_for(taken.path)
        context.model.wizard.edit({FIELD: taken.path.name})
        context.again()
        said = "already" if taken.already else "done"
        context.view.confirm(context.texts.get(f"file_import.{said}", file=taken.path.name))
