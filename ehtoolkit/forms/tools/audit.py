"""The audit: all keystores and providers, what is wrong with them, and what to do today."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from ehtoolkit.forms.demo_data import open_training
from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.page_context import PageContext, under_voila
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.tool import Tool

if TYPE_CHECKING:
    from ehtoolkit.forms.audit.model import AuditModel
    from ehtoolkit.forms.audit.page import AuditPage


def _model(context: PageContext, opened: ExitStack) -> AuditModel:
    from ehtoolkit.forms.audit.model import AuditModel

    settings, source = context.settings, open_training(context, opened)
    return AuditModel(
        settings, source.clock, only=source.issued, sample=source.sample, masks=not under_voila()
    )


def _page(model: AuditModel, shell: PageShell) -> AuditPage:
    from ehtoolkit.forms.audit.page import AuditPage

    return AuditPage(model, shell)


AUDIT: Final = Tool(
    "audit",
    _model,
    _page,
    MenuPlace("tools", 2, "index.audit", "chart"),
    catalogue="audit_page",
    reaches_platform=False,
)
"""The query of its address has the filters. It looks at the keystore folder at once, without any password but those of
the invented practices."""
