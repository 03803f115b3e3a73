"""The providers' page: the list, or the record that is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.demo_data import with_sample
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.providers.certificate_panel import PASSWORD
from ehtoolkit.forms.providers.listing import Listing
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.record_page import PARTS, RecordView
from ehtoolkit.training.sample import Sample

NEW: Final = "new"
SEARCH_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class ProvidersSource:
    """Where the page has its providers from.

    Attributes:
        open: opens the registry; when it fails the page says so.
        sample: what may have to be made before; None in the real environments.
    """

    open: Callable[[], ProvidersModel]
    sample: Sample | None = None


class ProvidersPage(ToolPage[ProvidersSource]):
    """The list, or the record that is open."""

    def __init__(self, model: ProvidersSource, shell: PageShell) -> None:
        super().__init__(model, shell)
        self._body = column("eh-record")

    def body(self) -> Sequence[Widget]:
        return (self._body, self.shell.address)

    def begin(self) -> None:
        with_sample(self.model.sample, self.shell, wait=self._wait, then=self._start)

    def _wait(self, sign: Widget) -> None:
        self._body.children = (sign,)
        self.shell.say(self.texts.get("providers.sample.making"))

    def _start(self, made: bool) -> None:
        asked = self.shell.context.asked
        self._providers = self.model.open()
        self._providers.words, self._providers.status = asked("words")[:SEARCH_LENGTH], asked("status")
        self._listing = Listing(self._providers, self.shell, self.show_record)
        self._record = RecordView(self._providers, self.shell, self.show_list, self._keep_address)
        self.show_list(self.texts.get("providers.sample.made") if made else "", focus=False)
        if number := asked("provider"):
            self.show_asked(number, asked("part"))
        elif file := asked("keystore"):
            named = self.shell.context.keystore_named()
            self.show_holder(file if named is None else named.name)

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    def show_list(self, said: str = "", *, focus: bool = True) -> None:
        self.shell.clear_errors()
        self.shell.set_unsaved(False)
        if self._record.root in self._body.children:
            self.shell.address.go(self._listing.query)
        self._listing.refresh()
        self.shell.show_title(lead=self.texts.get("providers.lead"), focus=focus)
        self._body.children = (self._listing.root,)
        self.shell.confirm(said)

    def show_record(self, provider_id: int | None, part: str = PARTS[0]) -> None:
        """Show a record, beginning with ``part``. ``provider_id``: None for a new record."""
        self.shell.clear_errors()
        if provider_id is None:
            self._providers.begin()
        else:
            self._providers.open(provider_id)
        self.shell.address.go(self._query(provider_id, part))
        self._record.start(part)
        self._body.children = (self._record.root,)

    def _query(self, provider_id: int | None, part: str) -> Mapping[str, str]:
        """Return what the address of the page has while a record is shown."""
        query = {**self._listing.query, "provider": NEW if provider_id is None else str(provider_id)}
        return query if part == PARTS[0] else {**query, "part": part}

    def _keep_address(self, provider_id: int, part: str) -> None:
        """Give the page the address of the record that was just saved: a reload shows it, not a new one."""
        self.shell.address.keep(self._query(provider_id, part))

    def show_asked(self, number: str, part: str) -> None:
        """Show the record that the page's address names; for one that is gone, leave the list and show the error."""
        show = self.shell.guard(self.show_record)
        if number == NEW:
            show(None)
        elif number.isascii() and number.isdigit() and len(number) < 10:
            show(int(number), part or PARTS[0])

    def show_holder(self, file: str) -> None:
        """Show the record of the holder of the keystore that the page's address names, where its keystore is assigned;
        a new one, filled in, where there is none. The list where the holder's record cannot be found out."""
        self.shell.guard(self._open_for)(file)

    def field_of(self, error: errors.EhToolkitError) -> str | None:
        return PASSWORD if isinstance(error, errors.KeystorePasswordWrong) else None

    def _open_for(self, name: str) -> None:
        draft = self._providers.open_for(name)
        if draft is None:
            self.shell.say(self.texts.get("providers.holder.unknown", file=name))
            return
        self._record.start("identity" if draft.record.id is None else "certificate", filled_from=name)
        self._body.children = (self._record.root,)
