"""A practice of invented people whose audit has something in every table, a name that a spreadsheet computes too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ehtoolkit.auditing.audit import Audit, audit_providers
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.providers import Assignment, Conventioned, Period, Provider, Registry, open_registry
from ehtoolkit.settings import LanguageName, load_settings
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop

FORMULA = "=HYPERLINK(1+1)"
LEFT = "73052117386"
"""Whose keystores are there, but no record."""


def fill(folder: Path, registry: Registry, workshop: Workshop) -> None:
    """Keystores that expire, are in their replacement period, have been replaced; records with periods."""
    elise = workshop.write(folder, ELISE, -1000, 55)
    karl = workshop.write(folder, KARL, -1187, -21, pair=1)
    claire = workshop.write(folder, CLAIRE, -287, 900, pair=2)
    workshop.write(folder, LEFT, -900, -10, pair=3, at="20240101-000000")
    workshop.write(folder, LEFT, -30, 1157, pair=4)
    (folder / "rubbish.p12").write_bytes(bytes(range(256)))
    physiotherapist = (
        Period("physiotherapist", date(2015, 1, 1), date(2024, 12, 4), "54321087527", Conventioned.NO),
        Period("physiotherapist", date(2024, 12, 15), None, "54321087527", Conventioned.YES),
    )
    nurse = (Period("nurse", date(2020, 1, 1), date(2027, 3, 31), "41234502401", Conventioned.PARTLY),)
    for name, first_names, niss, path, periods in (
        ("Vandamme", "Élise", ELISE, elise, physiotherapist),
        ("Hennes", "Karl", KARL, karl, nurse),
        (FORMULA, "Claire", CLAIRE, claire, ()),
        ("Desmedt", "Bram", "", None, ()),
    ):
        record = registry.add(
            Provider(
                name, first_names, niss=niss, practice="@Les Tilleuls", periods=periods, types=("nurse",)
            )
        )
        if path is not None:
            registry.assign(record.id or 0, Assignment(str(path)))


@contextmanager
def audited(place: Path, workshop: Workshop, language: LanguageName = "en") -> Iterator[Audit]:
    """Its audit, made in ``place``."""
    (place / "keystores").mkdir(parents=True)
    with open_registry(load_settings(home=place / "home")) as registry:
        fill(place / "keystores", registry, workshop)
        yield audit_providers(
            registry,
            [place / "keystores"],
            lambda _: PASSWORD,
            AuditOptions(now=NOW, processes=1, language=language),
        )


def with_row(audit: Audit, table: str, place: int, **values: Any) -> Audit:
    """The same audit, with other values in one row of a table."""
    rows = list(getattr(audit.rows, table))
    rows[place] = replace(rows[place], **values)
    return replace(audit, rows=replace(audit.rows, **{table: tuple(rows)}))
