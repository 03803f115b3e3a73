"""What a watch calls new, renewed, gone, worse and better, and how often it speaks of an end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from ehtoolkit.auditing.audit_finding import EMPTY
from ehtoolkit.auditing.changes import KeystoreChange, compare
from ehtoolkit.auditing.snapshot import RANKS, KeystoreSnapshot, Snapshot
from ehtoolkit.keystore.state import OVER
from ehtoolkit.watch.thresholds import thresholds_reached

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def keystore(
    name: str = "a", days: int | None = 400, state: str = "complete", key: str | None = "k"
) -> KeystoreSnapshot:
    end = None if days is None else NOW.date() + timedelta(days=days)
    return KeystoreSnapshot(
        f"/ks/{name}.p12", state, f"SSIN={name[0]}", None, "production", None, key, end, days
    )


def seen(
    *keystores: KeystoreSnapshot, at: datetime = NOW, problems: dict[str, str] | None = None
) -> Snapshot:
    return Snapshot(at, {keystore.file: keystore for keystore in keystores}, problems or {})


def kinds(earlier: Snapshot, later: Snapshot) -> list[tuple[str, str]]:
    return [
        (str(change.kind), change.keystore.file if change.keystore else change.folder or "")
        for change in compare(earlier, later)
    ]


def alarming(earlier: Snapshot, later: Snapshot) -> list[KeystoreChange]:
    return [change for change in compare(earlier, later) if change.is_alarming]


def test_nothing_changed() -> None:
    assert compare(seen(keystore()), seen(keystore(), at=NOW + DAY)) == ()


def test_new_and_gone() -> None:
    a, b = keystore("a"), keystore("b", key="l")
    assert kinds(seen(a), seen(a, b)) == [("new", b.file)]
    assert kinds(seen(a, b), seen(a)) == [("gone", b.file)]
    assert len(alarming(seen(a, b), seen(a))) == 1
    # What was replaced, and was put away, is no alarm.
    assert alarming(seen(a, replace(b, state="replaced")), seen(a)) == []


@pytest.mark.parametrize("names", [("cert", "cert"), ("cert", "other")])
def test_many_of_one_name_are_moved_or_new_and_gone(names: tuple[str, str]) -> None:
    """Of closed ones, whose key and end nobody knows. `benchmarks/comparison.py` measures the time."""
    before, after = (
        seen(*(KeystoreSnapshot(f"/{folder}/{number}/{name}.p12", "closed") for number in range(50)))
        for folder, name in zip("ab", names, strict=True)
    )
    expected = {"moved": 50} if names[0] == names[1] else {"new": 50, "gone": 50}
    assert Counter(str(change.kind) for change in compare(before, after)) == expected


def test_one_that_moved_is_taken_once_of_several_of_its_name() -> None:
    a, b = keystore("a", None, "closed", None), keystore("b", None, "closed", None)
    at = [replace(a, file=f"/{folder}/cert.p12") for folder in "wxyz"]
    assert kinds(seen(*at[:2], b), seen(*at[2:], b)) == [("moved", at[2].file), ("moved", at[3].file)]
    assert kinds(seen(*at[:2]), seen(at[2])) == [("moved", at[2].file), ("gone", at[1].file)]


def test_renewed_beside_the_old_one_and_in_its_place() -> None:
    old, new = keystore("a", 20), keystore("a2", 1000, key="n")
    assert kinds(seen(old), seen(replace(old, state="replaced"), new)) == [("renewed", new.file)]
    assert kinds(seen(old), seen(new)) == [("renewed", new.file)]
    # The same name, another certificate.
    assert kinds(seen(old), seen(replace(new, file=old.file))) == [("renewed", old.file)]
    # Somebody else's renews nothing.
    assert kinds(seen(old), seen(keystore("b", 1000, key="n"))) == [("new", "/ks/b.p12"), ("gone", old.file)]


def test_a_file_that_was_moved_is_neither_gone_nor_new() -> None:
    a = keystore()
    assert kinds(seen(a), seen(replace(a, file="/ks/more/other.p12"))) == [("moved", "/ks/more/other.p12")]
    # A closed file has no key identifier; its name tells.
    closed = keystore(days=None, state="closed", key=None)
    assert kinds(seen(closed), seen(replace(closed, file="/ks/more/a.p12"))) == [("moved", "/ks/more/a.p12")]


def test_another_certificate_in_the_same_file_is_no_renewal() -> None:
    a = keystore(days=100)
    for other in (keystore("a", 50, key="n"), replace(keystore("b", 400, key="n"), file=a.file)):
        assert kinds(seen(a), seen(other)) == [("other_certificate", a.file)]


@pytest.mark.parametrize("now", RANKS[:-1])
@pytest.mark.parametrize("before", RANKS[:-1])
def test_worse_and_better(before: str, now: str) -> None:
    """A file that closes is never better: what is in it is unknown. What is over is over, for whatever reason."""
    is_worse = RANKS.index(now) < RANKS.index(before) or (now == "closed" and before != "unreadable")
    wanted = (
        [] if now == before or {now, before} <= {*map(str, OVER)} else ["worse" if is_worse else "better"]
    )
    earlier, later = seen(keystore(state=before)), seen(keystore(state=now), at=NOW + DAY)
    assert [kind for kind, _ in kinds(earlier, later)] == wanted


# ── folders ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("problem", ["folder_missing", "folder_unreadable", "folder_hangs", EMPTY])
def test_of_a_folder_that_is_gone_no_file_is_gone_or_renewed(problem: str) -> None:
    old, other = keystore("a", 20), replace(keystore("b"), file="/other/b.p12")
    later = seen(other, problems={"/ks": problem}, at=NOW + DAY)
    (change,) = compare(seen(old, other), later)
    assert (change.kind, change.folder, change.count, change.is_alarming) == ("folder_gone", "/ks", 1, True)
    # It is remembered, and said once.
    kept = later.with_unseen(seen(old, other))
    assert kinds(kept, replace(later, at=NOW + 2 * DAY)) == []
    assert kinds(kept, seen(old, other, at=NOW + 3 * DAY)) == [("folder_back", "/ks")]
    assert kinds(kept, seen(other, at=NOW + 3 * DAY)) == [("folder_back", "/ks"), ("gone", old.file)]


# ── thresholds ───────────────────────────────────────────────────────────────────────────────────────────
def test_each_threshold_is_reported_once() -> None:
    end, said, crossed = date(2027, 6, 1), {}, []  # type: ignore[var-annotated]
    for number in range(250):
        at = NOW + number * DAY
        left = (end - at.date()).days
        watched = replace(
            keystore(), not_after=end, days_left=left, state="expired" if left < 0 else "complete"
        )
        reached, said = thresholds_reached(seen(watched, at=at), said)
        crossed += [(left, event.days) for event in reached]
    assert crossed == [(90, 90), (30, 30), (14, 14), (7, 7), (1, 1), (-1, 0)]


def test_of_several_at_once_the_nearest_counts() -> None:
    reached, said = thresholds_reached(seen(keystore(days=10), keystore("b", -3, "expired", "l")), {})
    assert [(event.keystore.file, event.days) for event in reached] == [("/ks/b.p12", 0), ("/ks/a.p12", 14)]
    assert thresholds_reached(seen(replace(keystore(days=10), days_left=9), at=NOW + DAY), said)[0] == ()


@pytest.mark.parametrize(("days", "crossed"), [(45, [45, 30, 14, 7, 1, 0]), (7, [7, 1, 0]), (0, [0])])
def test_the_first_threshold_is_what_the_watch_asks_for(days: int, crossed: list[int]) -> None:
    end, said, found = NOW.date() + timedelta(days=100), {}, []  # type: ignore[var-annotated]
    for number in range(103):
        at = NOW + number * DAY
        left = (end - at.date()).days
        watched = replace(
            keystore(), not_after=end, days_left=left, state="expired" if left < 0 else "complete"
        )
        reached, said = thresholds_reached(seen(watched, at=at), said, timedelta(days=days))
        found += [event.days for event in reached]
    assert found == crossed


def test_a_renewal_restarts_the_thresholds_and_silences_the_old_file() -> None:
    _, said = thresholds_reached(seen(keystore(days=10)), {})
    old, new = keystore(days=6, state="replaced"), keystore("a2", 80, key="n")
    reached, said = thresholds_reached(seen(old, new), said)
    assert [event.keystore.file for event in reached] == [new.file]


def test_a_copy_of_a_certificate_is_reported_once() -> None:
    copy = replace(keystore(days=10), file="/ks/copy.p12")
    assert len(thresholds_reached(seen(keystore(days=10), copy), {})[0]) == 1


# ── a clock that jumped ──────────────────────────────────────────────────────────────────────────────────
def test_a_report_of_a_fast_clock_is_repeated_at_its_time() -> None:
    ahead = NOW + 1000 * DAY
    over = replace(keystore(days=-930, state="expired"), not_after=keystore(days=70).not_after)
    reached, said = thresholds_reached(seen(over, at=ahead), {})
    assert [event.days for event in reached] == [0]
    right = keystore(days=70)
    reached, said = thresholds_reached(seen(right), said)
    assert [event.days for event in reached] == [90]
    assert [
        event.days
        for event in thresholds_reached(seen(replace(right, days_left=29), at=NOW + 41 * DAY), said)[0]
    ] == [30]


def test_a_clock_that_went_back_makes_nothing_better() -> None:
    later, earlier = seen(keystore()), seen(keystore(state="expired"), at=NOW + 1000 * DAY)
    assert compare(earlier, later) == ()
    # What time has nothing to do with is said.
    assert kinds(earlier, seen(keystore(state="unreadable"))) == [("worse", "/ks/a.p12")]


def test_it_is_kept_as_json_and_rubbish_is_refused() -> None:
    made, snapshots = seen(keystore(), problems={"/x": EMPTY}), TypeAdapter(Snapshot)
    kept = snapshots.dump_python(made, mode="json")
    assert [saved["file"] for saved in kept["keystores"]] == ["/ks/a.p12"]
    assert snapshots.validate_python(kept) == made
    for rubbish in (
        {},
        {"at": "2026-01-01", "keystores": [], "problems": {}},
        {**kept, "keystores": [{"file": "a", "state": "odd"}]},
    ):
        with pytest.raises(ValidationError):
            snapshots.validate_python(rubbish)
