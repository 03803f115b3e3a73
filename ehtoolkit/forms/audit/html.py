"""HTML of the audit page: its work list, its table, and what is said above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.finding import Finding, Topic
from ehtoolkit.forms.audit.model import Result
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.audit.table_model import ROW_STATES, ShownRow, name_of
from ehtoolkit.forms.due.action_links import step_cell
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.finding_urgency import ShownUrgency, most_urgent, urgency_of
from ehtoolkit.forms.html import (
    Markup,
    Severity,
    element,
    heading,
    join,
    link,
    mono,
    panel,
    paragraph,
    svg,
    tag,
)
from ehtoolkit.forms.widgets.choices import ChoiceButton
from ehtoolkit.forms.widgets.tables import Cell, CellLink
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import FileState
from ehtoolkit.system.text_safety import printable

_NOTHING: Final = "–"


def chips(counts: Mapping[str, int], texts: Translator) -> list[ChoiceButton]:
    """Return a chip for each state, with the number of its rows; choosing it shows these alone."""
    return [
        ChoiceButton(name, state_word(name, texts), count, ROW_STATES[name]) for name, count in counts.items()
    ]


def state_word(state: str, texts: Translator) -> str:
    return texts.get(f"page.urgency.{state}" if state in tuple(ShownUrgency) else f"export.state.{state}")


# ── the work list ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Job:
    """The findings about one person, organisation or file.

    Attributes:
        title: who or what; empty: a place, which the sentence names.
        practice: None where it is not known.
    """

    title: str
    practice: str | None
    findings: Sequence[AuditFinding]

    @property
    def urgency(self) -> ShownUrgency:
        """That of the most urgent finding."""
        return most_urgent(audit_finding.finding for audit_finding in self.findings)


def job_id(number: int) -> str:
    """Return the ``id`` of the heading of a job, by its place in the list."""
    return f"eh-job-{number}"


def job_list(jobs: Sequence[Job], leads: NextSteps, texts: Translator) -> Markup:
    """Return the jobs, the most urgent first, under the word for their urgency; each with its findings, what to do,
    and the way to the form that does it."""
    groups: dict[ShownUrgency, list[Markup]] = {}
    for number, job in enumerate(jobs):
        groups.setdefault(job.urgency, []).append(_job(job, number, leads, texts))
    sections = (_section(urgency, items, texts) for urgency, items in groups.items())
    return element("div", join(sections), class_="eh-jobs")


def _section(urgency: ShownUrgency, items: Sequence[Markup], texts: Translator) -> Markup:
    title = heading(tag(urgency.look, urgency.word(texts)), 2)
    return element("section", title + element("ul", join(items), class_="eh-findings"))


def _job(job: Job, number: int, leads: NextSteps, texts: Translator) -> Markup:
    findings = sorted(job.findings, key=lambda found: list(ShownUrgency).index(urgency_of(found.finding)))
    files = list(dict.fromkeys(name_of(found.file) for found in findings if found.file is not None))
    title = job.title or findings[0].finding.message(texts)
    below = [job.practice] if job.practice else []
    below += files if len(files) == 1 and files[0] != title else []
    note = paragraph(" · ".join(below), "eh-note") if below else Markup("")
    first = next(filter(None, map(leads.of_finding, findings)), None)  # of the most urgent that has a form
    lines = join(_finding(found, first, title, leads, texts, names_file=len(files) > 1) for found in findings)
    name = element("h3", title, class_="eh-h3", id=job_id(number), tabindex="-1")
    body = element("div", name + note + lines, class_="eh-finding-body")
    button = Markup("") if first is None else _link(first, title, texts, "eh-button eh-small")
    look = job.urgency.look
    return element(
        "li",
        svg(look) + body + element("div", button, class_="eh-finding-do"),
        class_=f"eh-finding eh-is-{look}",
    )


def _finding(
    audit_finding: AuditFinding,
    first: FormLink | None,
    title: str,
    leads: NextSteps,
    texts: Translator,
    *,
    names_file: bool,
) -> Markup:
    """Return what was found and what to do; with a link of its own where another form does it than that of the job's
    button."""
    finding, file = audit_finding.finding, audit_finding.file
    message, step = with_names(finding.message(texts), finding), finding.next_step(texts)
    lead = leads.of_finding(audit_finding)
    other = Markup("")
    if lead is not None and (first is None or lead.address != first.address):
        other = Markup(" ") + _link(lead, title, texts)
    name = Markup("")
    if names_file and file is not None and name_of(file) not in message:
        name = element("p", mono(name_of(file)), class_="eh-note")
    said = element("p", message, class_="eh-job-what") if message != title else Markup("")
    return said + element("p", step + other) + name


def with_names(sentence: str, finding: Finding) -> str:
    """Return ``sentence`` with the names of files instead of their paths; copies of one name with their folders."""
    facts = [
        fact for value in finding.facts.values() for fact in (value if isinstance(value, tuple) else (value,))
    ]
    paths = [fact for fact in facts if isinstance(fact, str) and name_of(fact) != fact]
    counts = Counter(map(name_of, paths))
    for path in sorted(paths, key=len, reverse=True):
        name = name_of(path)
        folder = PurePath(path.replace("\\", "/")).parent.name
        sentence = sentence.replace(path, name if counts[name] == 1 else f"{folder}/{name}")
    return sentence


def _link(lead: FormLink, title: str, texts: Translator, class_: str | None = None) -> Markup:
    words = texts.get(lead.words)
    return link(words, lead.address, class_=class_, label=texts.labelled(words, title))


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────
def table_row(row: ShownRow, leads: NextSteps, environment: Environment, texts: Translator) -> Sequence[Cell]:
    """Return the cells of ``row``, as they may be shown: its name leads to what is known about it, the last cell to its
    next step.

    Args:
        environment: that is worked in; another one is named.
    """
    keystore, known, title = row.merged.keystore, leads.of_name(row), leads.hide(row.title)
    end, days = (None, None) if keystore is None else (keystore.not_after, keystore.days_left)
    return (
        Cell(
            title,
            leads.hide(_under(row, environment, texts)),
            link=None if known is None else CellLink(known.address),
        ),
        Cell(state_word(row.state, texts), severity=ROW_STATES[row.state]),
        Cell(_NOTHING if end is None else texts.short_date(end)),
        Cell(_NOTHING if days is None else str(days).replace("-", "−")),
        step_cell(leads.of_row(row), title, texts),
    )


def _under(row: ShownRow, environment: Environment, texts: Translator) -> str:
    """Return what tells one row of a person from another, and what is not as it mostly is."""
    keystore = row.merged.keystore
    found = [row.practice]
    if keystore is not None:
        found += [keystore.application_id, name_of(keystore.file)]
        if keystore.environment not in (None, str(environment)):
            found.append(texts.get(f"page.environment.{keystore.environment}"))
        if keystore.etks is not None and keystore.etks > 1:
            found.append(texts.labelled(texts.get("audit_page.etks"), str(keystore.etks)))
    return " · ".join(part for part in found if part and part != row.title)


# ── What is said above ────────────────────────────────────────────────────────────────────────────────
def empty(result: Result, pages: frozenset[str], texts: Translator) -> Markup:
    """Return what to do now, to be shown instead of an audit of nothing."""
    get = texts.get
    folders = ", ".join(printable(str(folder)) for folder in result.folders)
    ways = [
        link(get(words), f"{page}.ipynb", class_="eh-button eh-small")
        for page, words in (("request", "index.request.do"), ("providers", "audit_page.do.registry"))
        if page in pages
    ]
    lines = [get("audit_page.empty.text", folders=folders), *([Markup(" ").join(ways)] if ways else [])]
    return panel("info", get("audit_page.empty"), *lines)


def folder_problems(result: Result, texts: Translator) -> list[str]:
    """Return a sentence for each folder that could not be looked into."""
    return [
        note.finding.message(texts)
        for note in result.audit.audit_findings
        if note.finding.topic is Topic.FOLDER
    ]


def _is_refused(audit_finding: AuditFinding) -> bool:
    """Return whether passwords were tried on a keystore, and none opens it."""
    finding = audit_finding.finding
    return finding.topic is Topic.PASSWORD or (finding.topic is Topic.CLOSED and finding.is_due)


def panels(result: Result, texts: Translator) -> Iterator[Markup]:
    """Yield a panel for each thing that could not be read."""
    if result.registry is not None:
        sentences = (texts.next_step(result.registry), texts.get("audit_page.without_registry"))
        yield panel("warn", texts.error(result.registry), *sentences)
    for note in result.audit.audit_findings:
        if note.finding.topic is Topic.FOLDER:
            yield panel("warn", note.finding.message(texts), note.finding.next_step(texts))
    if result.has_registry and result.registry is None and result.audit.registry is None:
        yield panel("info", texts.get("audit_page.invented"), texts.get("audit_page.invented.next"))


def _facts(result: Result) -> Iterator[tuple[Severity, str, dict[str, object]]]:
    """Yield what limits the result: how bad that is, the key of its words and what they name."""
    wrong = sum(map(_is_refused, result.audit.counted_findings))
    if wrong:
        yield "warn", "audit_page.wrong", {"count": wrong}
    closed = sum(row.state == FileState.CLOSED for row in result.table.rows)  # as the chip has it
    if closed:
        yield "info", "audit_page.closed", {"count": closed}
    acknowledged = result.audit.acknowledged_counts
    if any(acknowledged.values()):
        yield "info", "audit_page.acknowledged", {**acknowledged}
    for pattern in result.idle:
        yield "warn", "audit_page.idle", {"pattern": pattern}
    if not result.has_registry and not result.is_empty:
        yield "info", "audit_page.no_registry", {}


def notes(result: Result, pages: frozenset[str], texts: Translator) -> Iterator[Markup]:
    """Yield what else is to be known before the result is read, in a few words each."""
    for severity, key, facts in _facts(result):
        yield tag(severity, texts.get(key, **facts))
        if key == "audit_page.no_registry" and "providers" in pages:
            yield link(texts.get("audit_page.do.registry"), "providers.ipynb")


def advice(result: Result, texts: Translator) -> Markup:
    """Return what to do about passwords, and which registry was read, to be shown where both are given."""
    keys = dict.fromkeys(key for _, key, _ in _facts(result))
    sentences = [texts.get(f"{key}.next") for key in keys]
    if result.audit.registry is not None:
        sentences.append(texts.get("audit_page.registry", registry=printable(result.audit.registry)))
    return join(paragraph(sentence, "eh-note") for sentence in sentences)
