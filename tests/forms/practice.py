"""Two invented practices with four providers, on a day of one's own: what an audit finds of each kind is among it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from ehtoolkit.providers import Assignment, Conventioned, Period, Provider, Registry
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, Workshop

BRAM, NOBODY = "75061521579", "68070411479"
TILLEULS, FAGNE = "Les Tilleuls", "Haute Fagne"


def keystores(workshop: Workshop, folder: Path, now: datetime = NOW) -> dict[str, Path]:
    """A good keystore, an expired one, one to be renewed, one to be completed, and a file that is none; the days are
    counted from ``now``."""
    moved = (now - NOW) / timedelta(days=1)
    stamps = ("20260816-120000", "20231101-093000", "20240118-101500", "20261101-111500")
    elise, karl, claire, bram = stamps
    made = {
        "elise": workshop.write(folder, ELISE, moved - 100, moved + 900, at=elise),
        "karl": workshop.write(folder, KARL, moved - 1118, moved - 21.5, pair=1, at=karl),
        "claire": workshop.write(folder, CLAIRE, moved - 1040, moved + 55.5, pair=2, at=claire),
        "bram": workshop.write(folder, BRAM, 0, 0, stage="prepared", pair=3, at=bram),
    }
    made["broken"] = folder / f"SSIN={NOBODY} 20200101-120000.p12"
    made["broken"].write_bytes(b"no keystore at all")
    return made


def register(registry: Registry, files: dict[str, Path]) -> dict[str, Provider]:
    """Their records: Claire has no keystore yet, Élise's periods overlap, Karl's last one is over."""
    inami = {"elise": "53886171521", "karl": "", "claire": "", "bram": ""}
    elise = Provider(
        *("Vandamme", "Élise"),
        niss=ELISE,
        inami=inami["elise"],
        practice=TILLEULS,
        types=("physiotherapist",),
        periods=(
            Period("physiotherapist", date(2015, 9, 1), date(2021, 6, 30), inami["elise"], Conventioned.NO),
            Period("physiotherapist", date(2021, 6, 1), None, inami["elise"], Conventioned.YES),
        ),
    )
    karl = Provider("Hennes", "Karl", niss=KARL, practice=FAGNE, types=("nurse",))
    claire = Provider("Noirhomme", "Claire", niss=CLAIRE, practice=TILLEULS, types=("speech_therapist",))
    bram = Provider("Desmedt", "Bram", niss=BRAM, types=("physiotherapist",))
    records = {"elise": elise, "karl": karl, "claire": claire, "bram": bram}
    kept = {name: registry.add(record) for name, record in records.items()}
    for name in ("elise", "karl", "bram"):
        record = kept[name]
        kept[name] = registry.assign(record.id or 0, Assignment(str(files[name])))
    return {name: replace(record) for name, record in kept.items()}
