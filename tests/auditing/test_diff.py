"""The difference of two audits as a frame, by the rules that watches go by."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.audit_finding import EMPTY
from ehtoolkit.auditing.changes import ChangeRow, compare
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.snapshot import LEFT_OUT
from ehtoolkit.secret import Secret
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop

Look = Callable[..., Audit]
LEFT = "73052117386"


@pytest.fixture
def look(passwords: Callable[[Path], Secret]) -> Look:
    def audit(*folders: Path, days: int = 0) -> Audit:
        options = AuditOptions(now=NOW + timedelta(days=days), processes=1, language="en")
        return audit_folder(folders, passwords, options)

    return audit


def rows(later: Audit, earlier: Audit) -> list[tuple[str, str]]:
    """Kind of each change, with the name of its file or folder."""
    frame = later.diff(earlier)
    assert list(frame.columns) == list(ChangeRow.columns())
    names = frame["file"].fillna(frame["old_file"]).fillna(frame["folder"])
    return [(str(kind), Path(name).name) for kind, name in zip(frame["change"], names, strict=True)]


def test_new_renewed_gone_worse_and_better(tmp_path: Path, workshop: Workshop, look: Look) -> None:
    folder = tmp_path / "tilleuls"
    old = workshop.write(folder, ELISE, -1000, 55, at="20240228-120000")
    spoiled = workshop.write(folder, KARL, pair=1)
    gone = workshop.write(folder, CLAIRE, pair=2)
    mended = workshop.write(folder, LEFT, pair=3)
    whole = mended.read_bytes()
    mended.write_bytes(bytes(64))
    before = look(folder)

    new = workshop.write(folder, ELISE, -1, 1095, pair=4, at="20261123-120000")
    spoiled.write_bytes(bytes(64))
    gone.unlink()
    mended.write_bytes(whole)
    added = workshop.write(folder / "more", "61041712394", pair=0)
    after = look(folder, days=1)

    assert rows(after, before) == [
        ("gone", gone.name),
        ("worse", spoiled.name),
        ("new", added.name),
        ("renewed", new.name),
        ("better", mended.name),
    ]
    frame = after.diff(before).set_index("change")
    assert (frame.loc["renewed", "old_file"], frame.loc["renewed", "file"]) == (str(old), str(new))
    assert (frame.loc["worse", "old_state"], frame.loc["worse", "state"]) == ("complete", "unreadable")
    renewed = frame.loc["renewed", "not_after"] - frame.loc["renewed", "old_not_after"]
    assert renewed == timedelta(days=1095 - 55)
    assert frame.loc["gone", ["file", "state"]].isna().all()
    assert frame.loc["new", ["old_file", "old_state"]].isna().all()
    assert str(after.diff(before)["not_after"].dtype) == "datetime64[s]"
    # The watch counts the same.
    watched = compare(before.snapshot(), after.snapshot())
    assert Counter(str(change.kind) for change in watched) == Counter(after.diff(before)["change"])


def test_nothing_changed(tmp_path: Path, workshop: Workshop, look: Look) -> None:
    workshop.write(tmp_path)
    frame = look(tmp_path, days=1).diff(look(tmp_path))
    assert (len(frame), list(frame.columns)) == (0, list(ChangeRow.columns()))


def test_a_folder_that_is_gone_is_one_row_and_nothing_in_it_is_gone_or_renewed(
    tmp_path: Path, workshop: Workshop, look: Look
) -> None:
    kept, lost = tmp_path / "kept", tmp_path / "lost"
    workshop.write(kept, ELISE)
    workshop.write(lost, KARL, pair=1)
    workshop.write(lost, CLAIRE, pair=2)
    before = look(kept, lost)
    shutil.rmtree(lost)
    missing = look(kept, lost, days=1)
    lost.mkdir()
    empty = look(kept, lost, days=1)
    for later, problem in ((missing, "folder_missing"), (empty, EMPTY)):
        (row,) = later.diff(before).to_dict("records")
        assert (row["change"], row["folder"], row["problem"]) == ("folder_gone", str(lost), problem)
        assert row["keystores"] == 2
    # A folder that is not asked for again is not gone either: nothing is known of it.
    (row,) = look(kept, days=1).diff(before).to_dict("records")
    assert (row["change"], row["folder"], row["problem"]) == ("folder_gone", str(lost), LEFT_OUT)
    # One that is back: its keystores are there again, and none of them is new.
    workshop.write(lost, KARL, pair=1)
    assert rows(look(kept, lost), look(kept, lost)) == []


def test_a_wider_audit_covers_the_folders_of_before(tmp_path: Path, workshop: Workshop, look: Look) -> None:
    workshop.write(tmp_path / "a", ELISE)
    before = look(tmp_path / "a")
    added = workshop.write(tmp_path / "b", KARL, pair=1)
    assert rows(look(tmp_path), before) == [("new", added.name)]


def test_only_an_audit_can_be_compared(tmp_path: Path, look: Look) -> None:
    with pytest.raises(TypeError, match="earlier"):
        look(tmp_path).diff(PASSWORD)  # type: ignore[arg-type]
