"""The tables of a file: its keys, its certificates, and the file beside the platform's answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ipywidgets import Widget

from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo
from ehtoolkit.finding import calendar_day
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.troubleshoot.keystore_contents import CertificateRow, Inventory, KeyRow
from ehtoolkit.forms.widgets.tables import ActionRow, Cell, Table
from ehtoolkit.i18n import Translator
from ehtoolkit.procedures.state.standing import Standing
from ehtoolkit.system.text_safety import printable

_NOTHING: Final = "–"
_DEPOT: Final = "depot_"
_END_OF_SERIAL: Final = 6
"""Digits of a serial number that tell the keys of a file apart; the whole number is among the technical details."""


def contents(inventory: Inventory, texts: Translator) -> list[Widget]:
    """Return the keys, then the certificates."""
    keys = [_key_cells(row, texts) for row in inventory.keys]
    tables = [_table("troubleshoot.keys", ("role", "alias", "serial", "until"), keys, texts)]
    if inventory.certificates:
        columns = ("role", "subject", "issuer", "until")
        certificates = [_certificate_cells(row, texts) for row in inventory.certificates]
        tables.append(_table("troubleshoot.certificates", columns, certificates, texts))
    return tables


def comparison(standing: Standing, texts: Translator) -> list[Widget]:
    """Return the table of the file on one side, platform and depot on the other; none where the platform has no words
    of its own about a certificate."""
    if standing.info is None:
        return []
    rows = list(_compared(standing, standing.info, texts))
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


def _compared(standing: Standing, info: CertificateInfo, texts: Translator) -> Iterator[Sequence[Cell]]:
    get, situation = texts.get, standing.situation

    def row(name: str, here: str, there: Cell | str) -> Sequence[Cell]:
        platform = there if isinstance(there, Cell) else Cell(there)
        return Cell(get(f"troubleshoot.platform.row.{name}")), Cell(here), platform

    certificate = get(f"finding.state.{situation.file_state}")
    yield row("certificate", certificate, _word("certificate", info.status, texts))
    if situation.not_after is not None:
        ends = info.not_after
        until = _NOTHING if ends is None else texts.date(calendar_day(ends))
        yield row("until", texts.date(calendar_day(situation.not_after)), until)
    key = get(f"troubleshoot.platform.key.{'there' if situation.has_encryption_key else 'missing'}")
    yield row("token", key, _word("token", info.etk_status, texts))
    published = next((finding.key for finding in standing.findings if finding.key.startswith(_DEPOT)), None)
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
