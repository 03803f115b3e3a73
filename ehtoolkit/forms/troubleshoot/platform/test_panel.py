"""The question "does it work?" about one file: put to the test, and its lines in the place of the findings."""

from __future__ import annotations

from collections.abc import Mapping

from ehtoolkit.forms.certificate_test_part import shown_test, verdict_of_test, what_is_sent
from ehtoolkit.forms.engine.helpdesk import Helpdesk
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.troubleshoot.page_services import no_field
from ehtoolkit.forms.troubleshoot.platform.confirmation import ConfirmedQuestion
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, SectionHead
from ehtoolkit.procedures.certificate_test import CertificateTest


class CertificateTestPanel(ConfirmedQuestion):
    """What was proven, and what was not."""

    go = "certificate_test.do"

    def _sent(self) -> str:
        return what_is_sent(None, self._desk.model.toolkit.parts, self._texts)

    def _ask(self) -> None:
        specimen, model = self._frame.specimen, self._desk.model
        busy = self._texts.get("certificate_test.busy")
        self._frame.run(busy, lambda: model.prove(specimen), self._show, no_field)

    def _show(self, test: CertificateTest) -> None:
        get, texts, model = self._texts.get, self._texts, self._desk.model
        at = get("certificate_test.at", moment=texts.moment(model.toolkit.parts.clock.now()))
        body = [
            SectionHead(get("certificate_test.title"), at, focus=True),
            show(shown_test(test, texts), paragraph(self._sent(), "eh-note")),
        ]
        buttons = [
            Button("again", get("certificate_test.again"), "primary", "again"),
            Button("print", get("troubleshoot.print"), icon="print", does="print"),
            Button("back", get("troubleshoot.back"), "quiet"),
        ]
        offers = Helpdesk(model.toolkit, texts, self._desk.pages).about(None, _told(test))
        self._frame.show_instead(body, ButtonBar(buttons), self._act, below=[offers])
        self._desk.say(verdict_of_test(test, texts))

    def _act(self, action: ButtonPress) -> None:
        if action.name == "back":
            self._frame.show_file(focus=True)
        elif action.name == "again":
            self._ask()


def _told(test: CertificateTest) -> Mapping[str, object]:
    """Return what a report says of the test: keys, in which there is no name and no number."""
    return {
        "test": {str(one.thing): [str(one.colour), one.finding.key] for one in test.lines},
        "failures": [one.failure.key for one in test.lines if one.failure is not None],
        "remarks": [one.key for one in test.remarks],
    }
