"""The registry of all pages, by name.

The first page, the notebooks, links between pages and tests find them here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit.forms import audit, doctor, providers, trainer, troubleshoot, wizards
from ehtoolkit.forms.engine.form import MenuPlace, WizardForm
from ehtoolkit.forms.engine.production_guard import confirm_production


@dataclass(frozen=True, slots=True)
class ToolPage:
    """A page that is no form in steps.

    Attributes:
        name: of its notebook.
        make: makes it.
        reaches_platform: in production it is opened only after that was confirmed.
    """

    name: str
    make: Callable[[], Widget]
    menu: MenuPlace
    reaches_platform: bool = True

    def open(self) -> Widget:
        """Open the page in this kernel, and return the widget to display."""
        return (confirm_production(self.make) if self.reaches_platform else self.make)()


def _local(name: str, make: Callable[[], Widget], place: int, icon: str, words: str) -> ToolPage:
    """Return a page that reads or writes files and the registry alone, or that is about training."""
    return ToolPage(name, make, MenuPlace("tools", place, icon, words), reaches_platform=False)


TOOLS: Final = (
    _local("providers", providers.open_providers, 1, "people", "index.providers"),
    _local("audit", audit.open_audit, 2, "chart", "index.audit"),
    # It reads; its button that reaches the platform asks by itself.
    _local("troubleshoot", troubleshoot.open_troubleshoot, 3, "tools", "index.troubleshoot"),
    ToolPage("doctor", doctor.open_doctor, MenuPlace("tools", 4, "activity", "index.doctor")),
    _local("trainer", trainer.open_trainer, 5, "school", "index.trainer"),
    _local("mailbox", trainer.open_mailbox, 7, "mail", "mailbox.menu"),
)


def menu_key(page: WizardForm[Any] | ToolPage) -> str:
    """Return the key of the link that leads to ``page``."""
    return page.menu.words or f"{page.name.replace('-', '_')}.menu"


def find_forms() -> Mapping[str, WizardForm[Any]]:
    """Return the forms in steps: those that a module in ``wizards`` declares at its top."""
    modules = [import_module(f"{wizards.__name__}.{info.name}") for info in iter_modules(wizards.__path__)]
    declared = [
        value for module in modules for value in vars(module).values() if isinstance(value, WizardForm)
    ]
    return {form.name: form for form in declared}


FORMS: Final = find_forms()
"""The forms in steps."""
PAGES: Final[Mapping[str, WizardForm[Any] | ToolPage]] = {**FORMS, **{tool.name: tool for tool in TOOLS}}
"""All pages but the first."""
