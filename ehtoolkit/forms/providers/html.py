"""Findings, the keystore label, the status and a type of a provider, as HTML and as words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ehtoolkit.finding import Finding, Urgency
from ehtoolkit.finding_html import finding_item, findings_list
from ehtoolkit.forms.due.standings import look_of
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.finding_urgency import ShownUrgency, most_urgent, urgency_of
from ehtoolkit.forms.html import Markup, element, svg
from ehtoolkit.i18n import Translator
from ehtoolkit.identity.numbers import format_number
from ehtoolkit.keystore.standing import ORDER, Evidence, Standing
from ehtoolkit.keystore.state import State
from ehtoolkit.providers import Provider


def type_words(kind: str, texts: Translator) -> str:
    """Return what a type is called; one of the settings by its key."""
    key = f"registry.type.{kind}"
    return texts.get(key) if texts.has(key) else kind


def findings_of_record(found: Iterable[Finding], texts: Translator) -> Markup:
    """Return a list of the findings, each with its urgency in a word, what, and what to do."""
    return findings_list(_finding(formatted(finding), texts) for finding in found)


def _finding(finding: Finding, texts: Translator) -> Markup:
    urgency = urgency_of(finding)
    return finding_item(
        finding.severity,
        finding.message(texts),
        step=finding.next_step(texts),
        level=f"{urgency.word(texts)}.",
        sign=svg,
        look=urgency.look,
    )


_NUMBERS: Final = (
    ("certificate_other_niss", "niss"),
    ("certificate_other_enterprise", "cbe"),
    ("niss", "niss"),
    ("birth", "niss"),
    ("enterprise", "cbe"),
    ("certificate_other_inami", "nihii"),
    ("inami", "nihii"),
    ("number", "nihii"),
    ("period", "nihii"),
)
"""By how the keys of findings begin, what kind of number is named in them."""


def formatted(finding: Finding) -> Finding:
    """Return ``finding`` with its numbers as people write them; a wrong one as it was typed."""
    kind = next((kind for begin, kind in _NUMBERS if finding.key.startswith(begin)), None)
    if kind is None:
        return finding
    facts = {
        name: format_number(kind, value) if name in ("number", "other") and isinstance(value, str) else value
        for name, value in finding.facts.items()
    }
    return replace(finding, facts=facts)


# ── How it stands with the keystore ──────────────────────────────────────────────────────────────────────
NO_PROBLEM: Final = frozenset({ShownUrgency.FINE, ShownUrgency.NOTE})
"""Of a record, urgencies with which nothing is to be corrected in it."""
CORRECT: Final = "correct"
STATUSES: Final = (*(str(state) for state in ORDER if state not in (State.UNKNOWN, State.ACTIVE)), CORRECT)
"""What the list can be limited to: the states of keystores, the most urgent first, and records with problems."""
_OF_ITS_FILE: Final = frozenset({"certificate_over", "certificate_ends", "certificate_valid"})
"""Findings about what a keystore showed when it was assigned."""
_SAYS_THE_STATE: Final = frozenset({"certificate_none", "certificate_unread"})
"""Findings that say no more than the state does."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a record stands.

    Attributes:
        keystore: how the assigned file stands, by the one judge.
        record: how urgent the most urgent finding about the record itself is.
    """

    keystore: Standing
    record: ShownUrgency

    @property
    def words(self) -> frozenset[str]:
        """Which of `STATUSES` it has."""
        problem = frozenset() if self.record in NO_PROBLEM else frozenset({CORRECT})
        return problem | {str(self.keystore.state)}

    @property
    def order(self) -> tuple[int, int, int]:
        """The sort key: the most urgent keystore first, then the record with the most urgent problem."""
        return (
            list(Urgency).index(self.keystore.urgency),
            ORDER.index(self.keystore.state),
            list(ShownUrgency).index(self.record),
        )


def own_findings(found: Iterable[Finding], keystore: Standing) -> list[Finding]:
    """Return the findings about a record that are true of its keystore today. That it is valid, or ends, was seen when
    it was assigned: only while nothing else is known of the file is its end worth a finding, and that it is valid is
    then not known either."""
    is_unknown = keystore.evidence == {Evidence.FRAME}
    return [
        finding
        for finding in found
        if finding.key not in _OF_ITS_FILE or (is_unknown and finding.key != "certificate_valid")
    ]


def status_of(found: Iterable[Finding], keystore: Standing) -> Status:
    """Return the status of a record. ``found``: of `own_findings`."""
    return Status(keystore, most_urgent(finding for finding in found if finding.key not in _SAYS_THE_STATE))


def end_of_certificate(record: Provider, keystore: Standing, now: datetime, texts: Translator) -> str:
    """Return the end of the certificate of a record, as short as a table needs it: by its file, else as it was seen
    when that was assigned."""
    end = keystore.until
    if end is None and record.keystore is not None:
        end = record.keystore.not_after
    if end is None:
        return "–" if record.keystore is None else texts.get("providers.end.unread")
    return texts.get(f"providers.end.{'over' if end < now else 'until'}", date=texts.short_date(end))


def state_words(keystore: Standing, texts: Translator) -> str:
    return texts.get(f"export.state.{keystore.state}")


def record_words(status: Status, texts: Translator) -> str:
    """Return that something is wrong with the record, and how urgent that is; empty if nothing is."""
    if status.record in NO_PROBLEM:
        return ""
    return texts.labelled(texts.get("providers.record"), status.record.word(texts))


def keystore_label(
    record: Provider, keystore: Standing, now: datetime, step: FormLink | None, texts: Translator
) -> Markup:
    """Return how it stands with the keystore of a record, until when, and the next step."""
    words, look = state_words(keystore, texts), look_of(keystore)
    if record.keystore is not None:
        words = f"{words} · {end_of_certificate(record, keystore, now, texts)}"
    icon = "file" if look == "off" else look
    label = element("div", svg(icon) + element("span", words), class_=f"eh-keylabel eh-is-{look}")
    return label if step is None else label + step.button(texts)


def proposal_words(record: Provider, texts: Translator) -> str:
    """Return the sentence that a file which is not assigned yet is the one to be assigned."""
    return texts.get("providers.proposed.fits" if record.keystore is None else "providers.proposed.newer")
