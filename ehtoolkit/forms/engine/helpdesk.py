"""Help on an error page: who can help, a report to send, messages for a consultant."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from ipywidgets import Widget

from ehtoolkit.card.port import TRAINING
from ehtoolkit.ehealth.soap.transport import Message
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.page_errors import Problem
from ehtoolkit.forms.html import element, link, paragraph, show, svg
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.i18n import VARIANT_FACTS, Translator
from ehtoolkit.toolkit import Toolkit
from ehtoolkit.version import __version__

TELLABLE: Final = (*VARIANT_FACTS, "status", "tries_left")
"""The facts of an error that say nothing about a person: no path, whose name holds a number, and no text."""

CARD: Final = "card"
"""The parameter of `doctor_page`, and the field that chooses a card."""


def doctor_page(card: str = "") -> str:
    """Return the address of the page that checks this computer. ``card``: the training card that it checks first."""
    return "doctor.ipynb" + (f"?{urlencode({CARD: card})}" if card.startswith(f"{TRAINING}:") else "")


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """For one form.

    Attributes:
        toolkit: which knows what passed between this form and the platform.
        pages: those that are there; the one about this computer is offered.
        card: returns the card that the form uses; empty without one.
    """

    toolkit: Toolkit
    texts: Translator
    pages: frozenset[str] = frozenset()
    card: Callable[[], str] = str

    @property
    def _messages(self) -> Sequence[Message]:
        """What passed last between this form and the platform."""
        return self.toolkit.last_exchange.messages

    def about(
        self, page: PageBase, problem: Problem | None, found: Mapping[str, object] | None = None
    ) -> Widget:
        """Return what to offer with ``problem``, or without one; to be shown under the form, on ``page``. ``found``: as
        `report` says."""
        get = self.texts.get
        title = element("h2", get("helpdesk.title"), class_="eh-h3")
        files: list[Widget] = [page.download(get("helpdesk.report"), lambda: self.report(problem, found))]
        if self._messages:
            files.append(page.download(get("helpdesk.messages"), self.messages))
        if "doctor" in self.pages:
            look = "eh-button eh-quiet eh-small"
            address = doctor_page(self.card())
            files.append(show(link(svg("activity") + get("helpdesk.doctor"), address, class_=look)))
        call = get("helpdesk.call" if self.toolkit.training is None else "helpdesk.trainer")
        offers: list[Widget] = [show(title + paragraph(call)), row("eh-row", of=files)]
        if self._messages:
            offers.append(show(paragraph(get("helpdesk.messages.note"), "eh-note")))
        return column("eh-helpdesk", "eh-no-print", of=offers)

    def report(self, problem: Problem | None, found: Mapping[str, object] | None = None) -> DownloadFile:
        """Return a report of what happened, without a name, a number, a path or a secret: fit to be sent by e-mail.
        ``found``: what else the form has to tell, as free of those."""
        facts = {} if problem is None else problem.error.facts
        report: dict[str, object] = {
            "error": None if problem is None else problem.error.key,
            "facts": {name: str(value) for name, value in facts.items() if name in TELLABLE},
            "report": None if problem is None else problem.report,
            **(found or {}),
            "time": self.toolkit.context.clock.now().isoformat(timespec="seconds"),
            "environment": str(self.toolkit.context.environment),
            "ehtoolkit": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            "messages": [_trace_of(message) for message in self._messages],
        }
        return DownloadFile("ehtoolkit-report.json", _json(report), "application/json")

    def messages(self) -> DownloadFile:
        """Return the last messages as they crossed the wire. They hold personal data, and no PIN or password."""
        whole = [
            {
                **_trace_of(message),
                "url": message.url,
                "request": message.request.decode("utf-8", "replace"),
                "answer": message.answer.decode("utf-8", "replace"),
            }
            for message in self._messages
        ]
        return DownloadFile("ehtoolkit-messages.json", _json(whole), "application/json")


def _trace_of(message: Message) -> Mapping[str, object]:
    """Return what a helpdesk needs to find a message in its own logs."""
    return {
        "operation": message.operation,
        "http_status": message.status,
        "correlation_id": message.correlation_id,
        "failure": message.failure,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
