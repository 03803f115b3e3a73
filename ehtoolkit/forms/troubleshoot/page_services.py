"""Services that the page offers to the view of one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel


@dataclass(frozen=True, slots=True)
class PageServices:
    """What the panels of a file need from their page.

    Attributes:
        changed: a file is another one now, or there is one more.
        close: take one off.
    """

    model: TroubleshootModel
    shell: PageShell
    changed: Callable[[], None]
    close: Callable[[ExaminedFile], None]
