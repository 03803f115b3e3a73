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


@dataclass(frozen=True, slots=True)
class ToolPage:
    """A page that is no form in steps.

    Attributes:
        name: of its notebook.
        open: makes it.
    """

    name: str
    open: Callable[[], Widget]
    menu: MenuPlace


TOOLS: Final = (
    ToolPage("providers", providers.open_providers, MenuPlace("tools", 1, "people", "index.providers")),
    ToolPage("audit", audit.open_audit, MenuPlace("tools", 2, "chart", "index.audit")),
    ToolPage(
        "troubleshoot", troubleshoot.open_troubleshoot, MenuPlace("tools", 3, "tools", "index.troubleshoot")
    ),
    ToolPage("doctor", doctor.open_doctor, MenuPlace("tools", 4, "activity", "index.doctor")),
    ToolPage("trainer", trainer.open_trainer, MenuPlace("tools", 5, "school", "index.trainer")),
    ToolPage("mailbox", trainer.open_mailbox, MenuPlace("tools", 7, "mail", "mailbox.menu")),
)


def menu_key(page: WizardForm[Any] | ToolPage) -> str:
    """Return the key of the link that leads to ``page``."""
    return page.menu.words or f"{page.name.replace('-', '_')}.menu"


def find_forms() -> Mapping[str, WizardForm[Any]]:
    """Return the forms in steps: those that a module in ``wizards`` declares at its top."""
    modules = [import_module(f"{wizards.__name__}.{one.name}") for one in iter_modules(wizards.__path__)]
    declared = [one for module in modules for one in vars(module).values() if isinstance(one, WizardForm)]
    return {form.name: form for form in declared}


FORMS: Final = find_forms()
"""The forms in steps."""
PAGES: Final[Mapping[str, WizardForm[Any] | ToolPage]] = {**FORMS, **{one.name: one for one in TOOLS}}
"""All pages but the first."""
