"""What the page says about a file: the verdict, the findings, the facts beside them, and the tables below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from babel.numbers import format_decimal
from ipywidgets import Widget

from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo
from ehtoolkit.finding import Finding, calendar_day
from ehtoolkit.finding import Severity as Level
from ehtoolkit.finding_html import LOOKS, finding_item, findings_list
from ehtoolkit.forms.due.keystores import name_words, number_words
from ehtoolkit.forms.html import (
    Markup,
    Piece,
    element,
    folded,
    heading,
    join,
    key_identifier,
    mono,
    panel,
    show,
    summary,
    svg,
    with_hint,
)
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.troubleshoot.advice import next_step, verdict_of
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.keystore_contents import CertificateRow, Inventory, KeyRow
from ehtoolkit.forms.widgets.tables import ActionRow, Cell, Table
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.state.platform_status import PlatformStatus
from ehtoolkit.system.text_safety import printable

_SIZE: Final = "size_"
_SAVES: Final = ("rescuable", "rescuable_all", "rescuable_whole", "mendable")


def verdict_panel(examined: ExaminedFile, texts: Translator) -> Markup:
    """Return the verdict with its reason and what to do; the size beside it, since helpdesks ask for the size."""
    verdict, diagnosis, elsewhere = verdict_of(examined), examined.diagnosis, examined.elsewhere
    title = texts.get(f"troubleshoot.verdict.{verdict.name}")
    if elsewhere is not None:
        lines = [texts.error(elsewhere), texts.next_step(elsewhere)]
        return panel(LOOKS[verdict.severity], title, *map(printable, lines), level=3)
    lines = []
    if verdict.finding is not None:
        lines.append(printable(verdict.finding.message(texts)))
        if verdict.finding.severity is not Level.OK:
            lines.append(printable(next_step(verdict.finding, texts)))
    lines += [finding.message(texts) for finding in diagnosis.findings if finding.key in _SAVES]
    lines += [finding.message(texts) for finding in diagnosis.findings if finding.key.startswith(_SIZE)]
    return panel(LOOKS[verdict.severity], title, *dict.fromkeys(lines), level=3)


def findings(examined: ExaminedFile, texts: Translator) -> Markup:
    """Return the findings that the verdict does not say, worst first, in groups; what is in order is folded away. None
    of a file of another environment: their next steps lead to forms that reject it."""
    if examined.elsewhere is not None:
        return Markup("")
    first = verdict_of(examined).finding
    return grouped(
        [
            finding
            for finding in examined.diagnosis.findings
            if finding is not first and not _is_in_verdict(finding)
        ],
        texts,
    )


def grouped(found: Sequence[Finding], texts: Translator) -> Markup:
    """Return findings grouped by severity, each with what to do about it."""
    levels = ((level, [finding for finding in found if finding.severity is level]) for level in Level)
    return join(_group(level, items, texts) for level, items in levels if items)


def _is_in_verdict(finding: Finding) -> bool:
    """Return whether a finding is said in the panel of the verdict already."""
    return finding.key in (*_SAVES, "password_needed") or finding.key.startswith(_SIZE)


def _group(level: Level, found: list[Finding], texts: Translator) -> Markup:
    title = texts.get(f"troubleshoot.findings.{level}", count=len(found))
    lines = findings_list(_finding(finding, texts) for finding in found)
    if level is Level.OK:
        return folded(title, element("div", lines))
    return element("section", heading(title, 3) + lines, class_="eh-findings-group")


def _finding(finding: Finding, texts: Translator) -> Markup:
    message, step = finding.message(texts), next_step(finding, texts)
    return finding_item(finding.severity, printable(message), step=printable(step), sign=svg)


def facts(examined: ExaminedFile, texts: Translator) -> Markup:
    """Return what the file is, in a card beside the verdict."""
    title = heading(texts.get("troubleshoot.facts"), 3)
    rows = summary(_facts(examined, texts), "eh-summary eh-summary-narrow")
    return element("aside", title + rows, class_="eh-card", aria_label=texts.get("troubleshoot.facts"))


def _facts(examined: ExaminedFile, texts: Translator) -> Iterator[tuple[Piece, Piece]]:
    get, diagnosis = texts.get, examined.diagnosis
    yield get("troubleshoot.facts.kind"), get(f"troubleshoot.kind.{diagnosis.file.kind}")
    holder = _holder(examined, texts)
    if holder is not None:
        yield get("finding.label.owner"), holder
    if diagnosis.environment is not None:
        yield get("finding.label.environment"), get(f"page.environment.{diagnosis.environment}")
    yield get("finding.label.state"), get(f"export.state.{diagnosis.standing().state}")
    if examined.platform_status is not None:
        at = get("troubleshoot.platform.at", moment=texts.moment(examined.platform_status.situation.now))
        word = platform_word(examined.platform_status, texts)
        yield get("troubleshoot.facts.platform"), with_hint(word[:1].upper() + word[1:], at)
    if diagnosis.not_after is not None and diagnosis.days_left is not None:
        until = texts.date(calendar_day(diagnosis.not_after))
        days = get("troubleshoot.facts.days", days=format_decimal(diagnosis.days_left, locale=texts.language))
        over = diagnosis.state is State.EXPIRED
        yield get("finding.label.until"), until if over else with_hint(until, days)
    yield from _contents(examined, texts)


def _contents(examined: ExaminedFile, texts: Translator) -> Iterator[tuple[Piece, Piece]]:
    get, diagnosis = texts.get, examined.diagnosis
    if diagnosis.authentication_key is not None:
        yield get("finding.label.authentication_key"), diagnosis.authentication_key
    if diagnosis.outline is not None:
        yield get("finding.label.keys"), str(len(diagnosis.keys))
    elif examined.inventory is not None:
        yield get("finding.label.keys"), str(len(examined.inventory.keys))
    if diagnosis.certificates is not None:
        yield get("finding.label.certificates"), str(diagnosis.certificates)
    if diagnosis.outline is not None and diagnosis.outline.last_written is not None:
        yield get("finding.label.last_written"), texts.moment(diagnosis.outline.last_written)


def platform_word(platform_status: PlatformStatus, texts: Translator) -> str:
    """Return how the certificate stands with the platform, in a word or two."""
    if not platform_status.checked:
        return texts.get("troubleshoot.platform.unchecked")
    return texts.get(f"troubleshoot.platform.state.{platform_status.state}")


def _holder(examined: ExaminedFile, texts: Translator) -> Piece | None:
    """Return the holder by the certificate, else by the name of the file; None if unknown."""
    diagnosis, named = examined.diagnosis, examined.diagnosis.file.named
    owner = diagnosis.owner or (None if examined.inventory is None else examined.inventory.holder)
    if owner is not None:
        name, *rest = name_words(owner, texts)
        return with_hint(printable(name), printable(", ".join(rest)))
    if diagnosis.subject:
        return printable(diagnosis.subject)
    if named is None or named.identifier is None:
        return None
    words = ", ".join(number_words(named.identifier, named.application_id, texts))
    return with_hint(words, texts.get("troubleshoot.facts.by_name"))


def technical(examined: ExaminedFile, texts: Translator) -> Markup:
    """Return what a consultant looks up: how it is protected, identifiers."""
    rows = list(_technical(examined, texts))
    return folded(texts.get("troubleshoot.technical"), element("div", summary(rows))) if rows else Markup("")


def _technical(examined: ExaminedFile, texts: Translator) -> Iterator[tuple[Piece, Piece]]:
    get, diagnosis, outline = texts.get, examined.diagnosis, examined.diagnosis.outline
    if diagnosis.key_id is not None:
        yield get("finding.label.key_id"), key_identifier(diagnosis.key_id)
    if outline is not None:
        rounds = dict.fromkeys(format_decimal(count, locale=texts.language) for count in outline.iterations)
        yield get("troubleshoot.technical.keys"), ", ".join(outline.key_ciphers) or "–"
        yield get("troubleshoot.technical.safes"), ", ".join(outline.safe_ciphers) or "–"
        yield get("troubleshoot.technical.iterations"), ", ".join(rounds) or "–"
        yield get("troubleshoot.technical.mac"), outline.mac or "–"
        for key in diagnosis.keys:
            if key.local_key_id is not None:
                label = get("troubleshoot.technical.local_key_id", alias=printable(key.alias or "–"))
                yield label, mono(printable(key.local_key_id))
    for row in () if examined.inventory is None else examined.inventory.keys:
        if row.serial is not None:
            alias = printable(row.alias or "–")
            yield get("troubleshoot.technical.serial", alias=alias), mono(row.serial)
    for name in ("subject", "issuer"):
        value = getattr(diagnosis, name)
        if value is not None:
            yield get(f"troubleshoot.technical.{name}"), mono(printable(value))


def about(examined: ExaminedFile, texts: Translator) -> str:
    """Return the size of a file, where it is known, and its whereabouts, as a line under the name."""
    where = texts.get(
        "troubleshoot.where.folder" if examined.path is not None else "troubleshoot.where.memory"
    )
    size = examined.diagnosis.file.size
    if size is None:
        return where
    return f"{texts.get('troubleshoot.size', size=format_decimal(size, locale=texts.language))} · {where}"


# ── Tables ────────────────────────────────────────────────────────────────────────────────────────────
_NOTHING: Final = "–"
_DEPOT: Final = "depot_"
_END_OF_SERIAL: Final = 6
"""Digits of a serial number that tell the keys of a file apart; the whole number is among the technical details."""


def content_tables(inventory: Inventory, texts: Translator) -> list[Widget]:
    """Return the keys, then the certificates."""
    keys = [_key_cells(row, texts) for row in inventory.keys]
    tables = [_table("troubleshoot.keys", ("role", "alias", "serial", "until"), keys, texts)]
    if inventory.certificates:
        columns = ("role", "subject", "issuer", "until")
        certificates = [_certificate_cells(row, texts) for row in inventory.certificates]
        tables.append(_table("troubleshoot.certificates", columns, certificates, texts))
    return tables


def comparison(platform_status: PlatformStatus, texts: Translator) -> list[Widget]:
    """Return the table of the file on one side, platform and depot on the other; none where the platform has no words
    of its own about a certificate."""
    if platform_status.info is None:
        return []
    rows = list(_compared(platform_status, platform_status.info, texts))
    return [_table("troubleshoot.platform.table", ("what", "file", "platform"), rows, texts)]


def _table(key: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], texts: Translator) -> Widget:
    """Return a table under its title. ``key``: of the title; those of the ``columns`` are below it."""
    table = Table.of(key, columns, texts)
    table.show([ActionRow(str(number), cells) for number, cells in enumerate(rows)])
    return column("eh-findings-group", of=(show(heading(texts.get(key), 3)), table))


def _key_cells(row: KeyRow, texts: Translator) -> list[Cell]:
    serial = _NOTHING if row.serial is None else row.serial
    short = f"…{serial[-_END_OF_SERIAL:]}" if len(serial) > _END_OF_SERIAL else serial
    return [
        Cell(texts.get(f"troubleshoot.key.{row.role}")),
        Cell(printable(row.alias or _NOTHING), mono=True),
        Cell(short, mono=True),
        Cell(_NOTHING if row.until is None else texts.date(calendar_day(row.until))),
    ]


def _certificate_cells(row: CertificateRow, texts: Translator) -> list[Cell]:
    return [
        Cell(texts.get(f"troubleshoot.certificate.{row.role}")),
        Cell(printable(row.subject or _NOTHING)),
        Cell(printable(row.issuer or _NOTHING)),
        Cell(_NOTHING if row.until is None else texts.date(calendar_day(row.until))),
    ]


def _compared(
    platform_status: PlatformStatus, info: CertificateInfo, texts: Translator
) -> Iterator[Sequence[Cell]]:
    get, situation = texts.get, platform_status.situation

    def row(name: str, here: str, there: Cell | str) -> Sequence[Cell]:
        platform = there if isinstance(there, Cell) else Cell(there)
        return Cell(get(f"troubleshoot.platform.row.{name}")), Cell(here), platform

    certificate = get(f"export.state.{situation.file_state}")
    yield row("certificate", certificate, _word("certificate", info.status, texts))
    if situation.not_after is not None:
        ends = info.not_after
        until = _NOTHING if ends is None else texts.date(calendar_day(ends))
        yield row("until", texts.date(calendar_day(situation.not_after)), until)
    key = get(f"troubleshoot.platform.key.{'there' if situation.has_encryption_key else 'missing'}")
    yield row("token", key, _word("token", info.etk_status, texts))
    published = next(
        (finding.key for finding in platform_status.findings if finding.key.startswith(_DEPOT)), None
    )
    if published is not None:
        yield row("depot", _NOTHING, get(f"troubleshoot.platform.{published}"))
    if info.replaceable:
        yield row("renewal", _NOTHING, get("troubleshoot.platform.renewal.now"))
    elif info.replaceable_from is not None:
        from_day = get("troubleshoot.platform.renewal.from", date=info.replaceable_from)
        yield row("renewal", _NOTHING, from_day)


def _word(kind: str, word: str, texts: Translator) -> Cell:
    """Return the platform's word in ours, where there is one, and as it is: a helpdesk asks for that."""
    key = f"troubleshoot.platform.{kind}.{word.lower()}"
    return Cell(texts.get(key), printable(word)) if texts.has(key) else Cell(printable(word), mono=True)
