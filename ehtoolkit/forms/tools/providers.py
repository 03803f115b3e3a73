"""The providers' page: a list with a search, and a record with its periods and its keystore."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from ehtoolkit.forms.demo_data import open_training
from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.tool import Tool

if TYPE_CHECKING:
    from ehtoolkit.forms.providers.model import ProvidersModel
    from ehtoolkit.forms.providers.page import ProvidersPage, ProvidersSource


def _source(context: PageContext, opened: ExitStack) -> ProvidersSource:
    from ehtoolkit.forms.providers.model import ProvidersModel
    from ehtoolkit.forms.providers.page import ProvidersSource
    from ehtoolkit.providers import open_registry

    settings = context.settings
    source = open_training(context, opened)

    def open_model() -> ProvidersModel:
        registry = open_registry(settings, source.clock)
        opened.callback(registry.close)
        return ProvidersModel(registry, settings, source.clock, source.issued)

    return ProvidersSource(open_model, source.sample)


def _page(source: ProvidersSource, shell: PageShell) -> ProvidersPage:
    from ehtoolkit.forms.providers.page import ProvidersPage

    return ProvidersPage(source, shell)


PROVIDERS: Final = Tool(
    "providers", _source, _page, MenuPlace("tools", 1, "index.providers", "people"), reaches_platform=False
)
"""The query of its address: ``provider=NUMBER`` opens that record and ``provider=new`` a new one, ``part=NAME`` one of
`ehtoolkit.forms.providers.record_page.PARTS` in it; ``keystore=FILE`` opens the record of the keystore's holder;
``words=WORDS`` searches the list."""
