"""The registry of all pages, by name.

The first page, the notebooks, links between pages and tests find them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, Final, TypeVar

from ehtoolkit.forms import tools, wizards
from ehtoolkit.forms.engine.form import WizardForm
from ehtoolkit.forms.engine.tool import Tool

T = TypeVar("T", WizardForm[Any], Tool[Any, Any])
AnyPage = WizardForm[Any] | Tool[Any, Any]


def find_pages(package: ModuleType, kind: type[T]) -> Mapping[str, T]:
    """Return the pages of a kind that a module somewhere in ``package`` declares at its top, by name."""
    found = walk_packages(package.__path__, f"{package.__name__}.")
    modules = [import_module(module.name) for module in found]
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, kind)]
    return {page.name: page for page in declared}


FORMS: Final = find_pages(wizards, WizardForm)
"""The forms in steps."""
TOOLS: Final = find_pages(tools, Tool)
"""The other pages but the first."""
PAGES: Final[Mapping[str, AnyPage]] = {**FORMS, **TOOLS}
"""All pages but the first."""
