"""Platform and depot about a file, as HTML: verdict, comparison, next step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.finding import calendar_day
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.html import Markup, Piece, Severity, mono, panel, with_hint
from ehtoolkit.forms.troubleshoot.advice import next_step
from ehtoolkit.forms.troubleshoot.platform_check import PlatformCheck
from ehtoolkit.forms.troubleshoot.report import grouped, table, visible
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.diagnosis import Finding
from ehtoolkit.keystore.diagnosis import Severity as Level
from ehtoolkit.procedures.result import State

_DEPOT: Final = "depot_"
_UNCHECKED: Final = "unchecked"
_PENDING: Final = frozenset({State.PREPARED, State.WAITING, State.VALIDATING, State.UNKNOWN})
"""States that are no good news although nothing is wrong."""


def verdict(asked: PlatformCheck, texts: Translator) -> Markup:
    """Return a panel with the one thing to know, why, and what to do."""
    standing = asked.standing
    if standing.unchecked is not None:
        lines = (texts.error(standing.unchecked), texts.next_step(standing.unchecked))
        alone = texts.get("troubleshoot.platform.alone")
        return panel("warn", asked.word(texts), *map(visible, lines), alone, level=3)
    title = texts.get("troubleshoot.platform.says", state=asked.word(texts))
    return panel(_look(asked), title, *_reasons(asked, texts), level=3)


def _reasons(asked: PlatformCheck, texts: Translator) -> Iterator[str]:
    said, state = _first(asked), asked.standing.state
    if said is not None:
        yield visible(said.message(texts))
        if said.severity is not Level.OK:
            yield visible(next_step(said, texts))
    elif state is State.WAITING:
        yield texts.get("troubleshoot.platform.waiting")
    if state is State.RENEWABLE:
        yield texts.get("troubleshoot.platform.renewable")


def _look(asked: PlatformCheck) -> Severity:
    standing = asked.standing
    if standing.severity is Level.OK and (standing.state in _PENDING or standing.state is State.RENEWABLE):
        return "info"
    return LOOKS[standing.severity]


def _first(asked: PlatformCheck) -> Finding | None:
    """Return the finding that the panel tells; None when there is none."""
    standing = asked.standing
    if not standing.checked:
        return next((one for one in standing.findings if one.key == _UNCHECKED), None)
    return standing.findings[0] if standing.findings else None


def findings(asked: PlatformCheck, texts: Translator) -> Markup:
    """Return all other findings than that of the verdict, worst first."""
    first = _first(asked)
    return grouped([one for one in asked.standing.findings if one is not first], texts)


def comparison(asked: PlatformCheck, texts: Translator) -> Markup:
    """Return a table with the file on one side, platform and depot on the other; nothing where the platform has no
    words of its own about a certificate."""
    get, info = texts.get, asked.standing.info
    if info is None:
        return Markup("")
    columns = ["what", "file", "platform"]
    return table(
        get("troubleshoot.platform.table"),
        [get(f"troubleshoot.platform.table.{name}") for name in columns],
        [[get(f"troubleshoot.platform.row.{name}"), *cells] for name, *cells in _rows(asked, info, texts)],
        wraps=True,
    )


def _rows(
    asked: PlatformCheck, info: CertificateInfo, texts: Translator
) -> Iterator[tuple[str, Piece, Piece]]:
    get, file = texts.get, asked.file
    yield "certificate", get(f"finding.state.{file.state}"), _word("certificate", info.status, texts)
    if file.not_after is not None:
        ends = None if info.details is None else info.details.not_after
        there = "–" if ends is None else texts.date(calendar_day(ends))
        yield "until", texts.date(calendar_day(file.not_after)), there
    key = get(f"troubleshoot.platform.key.{'there' if file.token_key else 'missing'}")
    yield "token", key, _word("token", info.etk_status, texts)
    published = next((one.key for one in asked.standing.findings if one.key.startswith(_DEPOT)), None)
    if published is not None:
        yield "depot", "–", get(f"troubleshoot.platform.{published}")
    if info.replaceable:
        yield "renewal", "–", get("troubleshoot.platform.renewal.now")
    elif info.replaceable_from is not None:
        yield "renewal", "–", get("troubleshoot.platform.renewal.from", date=info.replaceable_from)


def _word(kind: str, word: str, texts: Translator) -> Piece:
    """Return the platform's word in ours, where there is one, and as it is: a helpdesk asks for that."""
    key = f"troubleshoot.platform.{kind}.{word.lower()}"
    plain = mono(visible(word))
    return with_hint(texts.get(key), plain) if texts.has(key) else plain
