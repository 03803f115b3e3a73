"""HTML of the doctor's lines: a panel with the summary, then each line in its group."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from ehtoolkit.doctor import CheckResult, HealthReport, KnownError, Triage, TriageVerdict
from ehtoolkit.finding import Severity as Level
from ehtoolkit.finding_html import LOOKS, finding_item, findings_list
from ehtoolkit.forms.html import Markup, Severity, element, folded, heading, join, panel, svg, tag
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable

_VERDICTS: Final[dict[TriageVerdict, Severity]] = {
    TriageVerdict.FINE: "ok",
    TriageVerdict.PERSON: "warn",
    TriageVerdict.UNFINISHED: "warn",
    TriageVerdict.UNCHECKED: "warn",
    TriageVerdict.CLOSED: "info",
}


def verdict(health: HealthReport, texts: Translator) -> Markup:
    """Return what everything comes to, the first thing to do, and how many of each kind there are."""
    get = texts.get
    wrong, watch = health.count(Level.ERROR), health.count(Level.WARNING)
    counts = element("span", join(_counts(health, texts)), class_="eh-row")
    if wrong:
        first = next(line for line in health.lines if line.severity is Level.ERROR)
        title = texts.counted("doctor.verdict.bad", wrong)
        words = [printable(first.message(texts)), printable(first.next_step(texts))]
        look: Severity = "danger"
    else:
        name, look = ("watch", "warn") if watch else ("good", "ok")
        title, words = get(f"doctor.verdict.{name}"), _encouragement(health, name, texts)
    return panel(look, title, *words, counts)


def _encouragement(health: HealthReport, name: str, texts: Translator) -> list[str]:
    """Return what holds where nothing is wrong: of a training card, nothing more than that."""
    keys = [f"{name}.text"]
    if health.training_card:
        keys = ["training_card"] if name == "good" else [*keys, "training_card"]
    return [texts.get(f"doctor.verdict.{key}") for key in keys]


def sections(health: HealthReport, texts: Translator) -> Markup:
    """Return all lines: what is wrong or worth knowing by groups, the worst first, then what is in order, folded."""
    rank = attrgetter("severity.rank")
    groups = [
        (section, sorted((line for line in lines if line.severity is not Level.OK), key=rank))
        for section, lines in health.sections()
    ]
    groups = sorted((group for group in groups if group[1]), key=lambda group: rank(group[1][0]))
    shown = join(
        element(
            "section",
            heading(texts.get(f"doctor.section.{section}")) + listed(lines, texts),
            class_="eh-section",
        )
        for section, lines in groups
    )
    fine = [line for line in health.lines if line.severity is Level.OK]
    if not fine:
        return shown
    title, lines = texts.get("doctor.count.ok", count=len(fine)), element("div", listed(fine, texts))
    return shown + element("div", folded(title, lines), class_="eh-section")


def listed(lines: Iterable[CheckResult], texts: Translator) -> Markup:
    """Return lines one under the other, each with its level in a word."""
    return findings_list(_line(line, texts) for line in lines)


def triaged(found: Triage, texts: Translator) -> Markup:
    """Return the verdict about a certificate, and who can help."""
    look = _VERDICTS.get(found.verdict, "danger")
    return panel(look, found.sentence(texts), found.call(texts), level=3)


def advised(advice: Iterable[KnownError], texts: Translator, *, with_call: bool) -> Markup:
    """Return what the other program's error means, and the cure. ``with_call``: also who can help, where no verdict on
    a keystore says it for both."""

    def words(error: KnownError) -> list[str]:
        return [error.cure(texts), error.call(texts)] if with_call else [error.cure(texts)]

    return join(panel("info", error.cause(texts), *words(error), level=3) for error in advice)


def _counts(health: HealthReport, texts: Translator) -> Iterable[Markup]:
    for level in (Level.ERROR, Level.WARNING, Level.OK):
        count = health.count(level)
        if count:
            yield tag(LOOKS[level], element("span", texts.get(f"doctor.count.{level}", count=count)))


def _line(line: CheckResult, texts: Translator) -> Markup:
    return finding_item(
        line.severity,
        printable(line.message(texts)),
        step=printable(line.next_step(texts)),
        level=texts.get(f"doctor.level.{line.severity}"),
        sign=svg,
    )
