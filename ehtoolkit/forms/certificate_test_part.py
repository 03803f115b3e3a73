"""The test of a certificate on pages: its lines as they are read, and the button on the last page of a form."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.finding_html import LOOKS, finding_item, findings_list
from ehtoolkit.forms.due.keystores import number_words
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.html import Markup, element, heading, join, panel, paragraph, show, svg
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.certificate_test import (
    CertificateTest,
    CheckedLine,
    Colour,
    asked_host,
    prove_certificate,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.system.text_safety import printable
from ehtoolkit.toolkit import Toolkit, revocation_asker

_SEVERITIES: Final = {Colour.GREEN: Severity.OK, Colour.AMBER: Severity.WARNING, Colour.RED: Severity.ERROR}


def what_is_sent(file: KeystoreFile | None, context: Context, texts: Translator) -> str:
    """Return the sentence about which hosts are asked, and about which holder. ``file``: None where it is not put
    together yet."""
    holder = None if file is None else file.keystore.holder
    number = texts.get("certificate_test.holder")
    if holder is not None:
        number = ", ".join(number_words(holder.identifier, holder.application_id, texts))
    return texts.get("certificate_test.sends", hosts=asked_host(context), holder=number)


def verdict_of_test(test: CertificateTest, texts: Translator) -> str:
    """Return what ``test`` comes to."""
    return printable(test.sentence(texts))


def shown_test(test: CertificateTest, texts: Translator) -> Markup:
    """Return the verdict, the lines in their parts, and what is good to know."""
    sections = [
        element(
            "section",
            heading(texts.get(f"certificate_test.part.{part}"), 3)
            + findings_list(_line(line, texts) for line in lines),
            class_="eh-findings-group",
        )
        for part, lines in groupby(test.lines, key=lambda line: line.thing.part)
    ]
    remarks = findings_list(_remark(remark, texts) for remark in test.remarks) if test.remarks else Markup("")
    verdict = panel(LOOKS[_SEVERITIES[test.colour]], verdict_of_test(test, texts), level=3)
    return element("div", verdict + join(sections) + remarks, class_="eh-stack")


def _line(line: CheckedLine, texts: Translator) -> Markup:
    failure = "" if line.failure is None else printable(texts.error(line.failure))
    return finding_item(
        _SEVERITIES[line.colour],
        printable(line.finding.message(texts)),
        failure,
        step=printable(line.finding.next_step(texts)),
        level=texts.get(f"certificate_test.colour.{line.colour}"),
        sign=svg,
    )


def _remark(remark: Finding, texts: Translator) -> Markup:
    step = printable(remark.next_step(texts))
    return finding_item(remark.severity, printable(remark.message(texts)), step=step, sign=svg)


class CertificateTestPart:
    """The part of a last page that puts the form's keystore to the test; its `widget` goes into the page's body.
    ``found``: the result of a test that was made a moment ago."""

    def __init__(self, context: FormContext[Any], found: CertificateTest | None = None) -> None:
        self._file: KeystoreFile = context.model.file
        self._toolkit: Toolkit = context.model.toolkit
        self._context = context
        self._texts = texts = context.texts
        get = texts.get
        self._verdict = show() if found is None else show(shown_test(found, texts))
        label = get("certificate_test.do" if found is None else "certificate_test.again")
        button = context.buttons(lambda _: self._start(), Button("prove", label, icon="shield"))
        self._tasks = context.tasks(lambda: button, say=context.say)
        about = show(
            heading(get("certificate_test.title")),
            paragraph(get("certificate_test.lead")),
            paragraph(what_is_sent(self._file, self._toolkit.context, texts), "eh-note"),
        )
        place = row("eh-form", of=(button,))
        self.widget: Widget = column("eh-stack", "eh-no-print", of=(about, place, self._verdict))

    def prove(self) -> CertificateTest:
        """Put the keystore to the test as it is now. Raises as `prove_certificate`."""
        with revocation_asker(self._toolkit.settings) as ask:
            return prove_certificate(self._file, self._toolkit.context, ask_revocation=ask)

    def _start(self) -> None:
        self._verdict.value = ""
        self._context.clear_errors()
        self._tasks.start(Task(lambda _: self.prove(), self._show, self._texts.get("certificate_test.busy")))

    def _show(self, test: CertificateTest) -> None:
        self._verdict.value = str(shown_test(test, self._texts))
        self._context.say(verdict_of_test(test, self._texts))
