"""Older files that a keystore has replaced: the offer to archive them, once the new file is loaded everywhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ehtoolkit.forms.engine.page_errors import PartErrors
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.html import Markup, mono, panel, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.steps.keystore import OpenedKeystoreModel
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, CheckField, SectionHead
from ehtoolkit.i18n import Translator
from ehtoolkit.procedures.archive import archive_keystores

LOADED: Final = "loaded_everywhere"
"""The name of the box that is ticked before the old files are archived."""


class ArchivingModel(OpenedKeystoreModel):
    """What a form knows that can archive the files which its keystore has replaced.

    Attributes:
        archived: the files that were archived, by their paths before.
    """

    archived: tuple[Path, ...] = ()

    @property
    @abstractmethod
    def replaced(self) -> tuple[Path, ...]:
        """Older files of the holder that the work of the form has found."""

    @property
    def retired(self) -> tuple[Path, ...]:
        """Those that are still in the folder."""
        return tuple(path for path in self.replaced if path not in self.archived)

    def archive(self) -> None:
        """Put the older files away; the provider's record moves along, also with those that were moved before one could
        not be. Raises why a file could not be moved, or its record not follow."""
        done = archive_keystores(self.retired, self.toolkit.settings, self.procedure_context)
        self.archived += tuple(old for old, _ in done.moved)
        if done.failure is not None:
            raise done.failure


class OldFilesPart:
    """The part of a last page about the older files: the offer to archive them, or where they are now. Empty where
    there are none. Its texts are those of the Activate form."""

    def __init__(self, model: ArchivingModel, view: WizardView, texts: Translator) -> None:
        get = texts.get
        self._model, self._view, self._texts = model, view, texts
        self._field = CheckField(LOADED, get("activate.old.loaded"))
        self._errors = PartErrors(self._field, get("activate.old.failed"), texts, view.home)
        self._button = ButtonBar([Button("archive", get("activate.old.do"), icon="file")])
        self._button.on_action(view.guard(self._archive))
        self._head = SectionHead(get("activate.old"))
        self.widget = column("eh-stack", "eh-form")
        self._show()

    def _show(self) -> None:
        get, model = self._texts.get, self._model
        archived, retired = model.archived, model.retired
        verdict: list[Markup] = []
        if archived:
            done, back = get("activate.old.done"), get("activate.old.back")
            verdict.append(panel("ok", done, *_names(archived), back, level=3))
        if retired:
            title, text = get("activate.old.title"), get("activate.old.text")
            verdict.append(panel("info", title, *_names(retired), text, level=3))
        if not verdict:
            return
        offer = (self._errors.summary, self._field, self._button) if retired else ()
        self.widget.children = (self._head, show(*verdict), *offer)

    def _archive(self, action: ButtonPress) -> None:
        self._errors.clear()
        if not action.values.get(LOADED):
            self._errors.show(self._texts.get("activate.old.loaded.missing"))
            return
        busy = self._texts.get("activate.old.busy")
        self._view.run(lambda _: self._model.archive(), self._archived, action, busy, self._fail)

    def _archived(self) -> None:
        self._show()
        self._head.take_focus()  # the button that had it is gone
        self._view.say(self._texts.get("activate.old.done"))

    def _fail(self, error: BaseException) -> None:
        """Show what failed; others may have been moved before it."""
        self._show()
        self._errors.fail(error, of_field=False)


def _names(paths: Sequence[Path]) -> list[Markup]:
    return [mono(path.name) for path in paths]
