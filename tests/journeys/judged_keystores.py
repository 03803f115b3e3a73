"""Keystores in each stage, beside each other file of their holder, for tests that hold what is said of them against
each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.standing import ANSWER_LASTS
from ehtoolkit.keystore.state import OVER, State
from ehtoolkit.keystore.storage.records import LastAnswer
from tests.auditing.conftest import ELISE, NOW, Workshop

STAGES = {
    "complete": (-100, 900, "complete"),
    "near": (-100, 20, "complete"),
    "renewable": (-100, 60, "complete"),
    "expired": (-900, -21, "complete"),
    "to come": (10, 900, "complete"),
    "without ETK": (-100, 900, "installed"),
    "prepared": (-100, 900, "prepared"),
}
WORDS = ("", *map(str, State))
BESIDE: Mapping[str, tuple[str, float, float, str] | None] = {
    "alone": None,
    "a newer one that serves": ("complete", -1, 1000, "20261120-120000"),
    "a newer one that waits": ("prepared", -1, 1000, "20261120-120000"),
    "an older one to be renewed": ("complete", -1000, 60, "20240101-120000"),
    "an older one in force": ("complete", -500, 500, "20250101-120000"),
}
WITHOUT_CARD = "79431410082"
"""The BIS number of a person without a card."""
WORDS_BESIDE_ANSWERS = ("", *map(str, (State.ACTIVE, State.TO_ACTIVATE, *sorted(OVER))))
ANSWERS = {
    "none": None,
    "good": LastAnswer(False, NOW - timedelta(hours=1), None, "crl.example.be"),
    "good too old": LastAnswer(False, NOW - 2 * ANSWER_LASTS, None, "crl.example.be"),
    "revoked": LastAnswer(True, NOW - 2 * ANSWER_LASTS, NOW - 3 * ANSWER_LASTS, "crl.example.be"),
}


def write_with_neighbour(
    folder: Path, workshop: Workshop, stage: str, beside: str, niss: str = ELISE
) -> tuple[list[Path], list[Keystore]]:
    """Write a keystore in ``stage``, and the other one of its holder; the first of what is returned is the first."""
    begins, ends, kind = STAGES[stage]
    paths = [workshop.write(folder, niss, begins, ends, stage=kind, pair=1)]
    keystores = [workshop.keystore(niss, begins, ends, stage=kind, pair=1)]
    other = BESIDE[beside]
    if other is not None:
        how, start, end, at = other
        paths.append(workshop.write(folder, niss, start, end, stage=how, pair=2, at=at))
        keystores.append(workshop.keystore(niss, start, end, stage=how, pair=2))
    return paths, keystores
