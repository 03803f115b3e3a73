"""The first page, an audit and a diagnosis say the same of a keystore: state, urgency and step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import describe_diagnosis
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.records import (
    CachedState,
    CachedStates,
    sha256_of_file,
    write_cached_state,
)
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop, keystore_maker, workshop

__all__ = ["keystore_maker", "workshop"]

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
BESIDE = ("alone", "a newer one that serves", "a newer one that waits")
OPTIONS = AuditOptions(
    now=NOW,
    request=AuditRequest(environment=Environment.TRAINING, registry=False),
    processes=1,
    language="en",
)

Verdict = tuple[str, str, str]


def by_audit(folder: Path, options: AuditOptions, *, opened: bool) -> dict[str, Verdict]:
    audit = audit_folder([folder], (lambda _: PASSWORD) if opened else None, options)
    return {Path(row.file).name: (row.state, row.urgency, row.action) for row in audit.rows.keystores}


def by_first_page(folder: Path, notes: Path) -> dict[str, Verdict]:
    items = outlook(due_keystores(folder, notes), NOW, Environment.TRAINING)
    return {
        item.due.name: (str(item.state), str(item.standing.urgency), str(item.standing.action))
        for item in items
    }


def by_diagnosis(folder: Path, notes: Path, *, opened: bool) -> dict[str, Verdict]:
    found, known = {}, CachedStates.read(notes)
    files = HolderFiles.in_folder(folder, notes, NOW)
    for path in folder.glob("*.p12"):
        described = describe_diagnosis(
            diagnose(path, PASSWORD if opened else None, NOW, listing=files, known=known), Translator("en")
        )
        found[path.name] = (described["state"], described["urgency"], described["action"])
    return found


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("stage", STAGES)
def test_a_keystore_stands_alike_on_both(stage: str, beside: str, tmp_path: Path, workshop: Workshop) -> None:
    begins, ends, kind = STAGES[stage]
    folder = tmp_path / "ks"
    paths = [workshop.write(folder, ELISE, begins, ends, stage=kind, pair=1)]
    keystores = [workshop.keystore(ELISE, begins, ends, stage=kind, pair=1)]
    if beside != "alone":
        new = ("complete", -1, 1000) if "serves" in beside else ("prepared", -1, 1000)
        paths.append(workshop.write(folder, ELISE, *new[1:], stage=new[0], pair=2, at="20261120-120000"))
        keystores.append(workshop.keystore(ELISE, *new[1:], stage=new[0], pair=2))
    deliveries = (None, True) if stage == "prepared" else (None,)
    for number, (word, delivered, opened) in enumerate(product(WORDS, deliveries, (True, False))):
        notes = tmp_path / f"notes-{number}"
        for path, keystore, said in zip(paths, keystores, (word, ""), strict=False):
            seen = CachedState.of(keystore, sha256_of_file(path), said)
            write_cached_state(notes, replace(seen, delivered=delivered if path == paths[0] else None))
        options = replace(OPTIONS, notes=notes)
        found = by_first_page(folder, notes)
        assert by_audit(folder, options, opened=opened) == found, (word, opened)
        assert by_diagnosis(folder, notes, opened=opened) == found, (word, opened)


def test_a_file_that_was_never_opened_stands_alike(tmp_path: Path, workshop: Workshop) -> None:
    folder, notes = tmp_path / "ks", tmp_path / "notes"
    workshop.write(folder)
    workshop.write(folder, "79021802145", stage="prepared", pair=1)
    (folder / "SSIN=85010112392 20260816-120000.p12").write_bytes(b"no keystore")
    found = by_audit(folder, OPTIONS, opened=False)
    assert found == by_first_page(folder, notes) == by_diagnosis(folder, notes, opened=False)
    assert {state for state, _, _ in found.values()} == {
        FileState.CLOSED,
        State.PREPARED,
        FileState.UNREADABLE,
    }


def test_a_password_that_was_changed_forgets_no_end(tmp_path: Path, workshop: Workshop) -> None:
    folder, notes = tmp_path / "ks", tmp_path / "notes"
    path = workshop.write(folder, ELISE, -900, 12)
    keystore = workshop.keystore(ELISE, -900, 12)
    write_cached_state(
        notes, CachedState.of(keystore, "0" * 64)
    )  # by another password, the file was another one
    options = replace(OPTIONS, notes=notes)
    audit = audit_folder([folder], options=options)
    (row,) = audit.rows.keystores
    assert (row.state, row.urgency) == ("closed", "soon")
    assert by_audit(folder, options, opened=False) == by_first_page(folder, notes)
    assert by_diagnosis(folder, notes, opened=False) == by_first_page(folder, notes)
    assert ("certificate_ends", "seen", 12) in {
        (found.finding.key, found.finding.variant, found.days) for found in audit.verdict.pressing
    }

    later = replace(options, now=NOW + timedelta(days=14))
    audit = audit_folder([folder], options=later)
    assert [row.urgency for row in audit.rows.keystores] == ["stops"]
    assert path.exists()
