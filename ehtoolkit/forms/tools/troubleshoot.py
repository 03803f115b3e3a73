"""Find out what is wrong with a keystore, and repair it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.form_link import OFFERED
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.tool import Tool
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.forms.troubleshoot.page import TroubleshootPage
from ehtoolkit.toolkit import open_toolkit


def _model(context: PageContext, opened: ExitStack) -> TroubleshootModel:
    toolkit = open_toolkit(context.settings)
    opened.callback(toolkit.close)
    return TroubleshootModel(toolkit, context.keystore_named() or context.offered_file(OFFERED))


TROUBLESHOOT: Final = Tool(
    "troubleshoot",
    _model,
    TroubleshootPage,
    MenuPlace("tools", 3, "index.troubleshoot", "tools"),
    classes=(),
    reaches_platform=False,
)
"""The query of its address: ``keystore=FILE`` looks at one of the folder's files, ``offered=NAME`` at one that another
page has offered. The page only reads; its button that reaches the platform asks for confirmation."""
