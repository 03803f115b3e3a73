"""What the rules find in a record, and that they say nothing of one that is in order."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.finding import Finding, Severity, Topic, Urgency
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Assignment, Period, Provider
from ehtoolkit.providers.provider import KNOWN, type_table
from ehtoolkit.providers.rules import examine_provider
from ehtoolkit.providers.rules.numbers import CATALOGUE, type_word
from tests.support.catalogues import messages, placeholders

SAYERS = ("error", "warning", "due", "info", "ok")
RULES = Path(__file__).resolve().parents[2] / "ehtoolkit" / "providers" / "rules"
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
TODAY = NOW.date()
LATER = NOW + timedelta(days=800)
GOOD = "53886171521"
OTHER = "54120753527"  # another physiotherapist's


def nihii(head: int, code: str = "521", modulus: int = 97) -> str:
    return f"{head:06d}{modulus - head % modulus:02d}{code}"


@pytest.fixture
def fine(elise: Provider) -> Provider:
    keystore = Assignment("/k.p12", "AB", f"SSIN={elise.niss}", LATER)
    return replace(elise, keystore=keystore)


def found(record: Provider, now: datetime = NOW) -> dict[str, Finding]:
    return {finding.key: finding for finding in examine_provider(record, now)}


def wrong(record: Provider, now: datetime = NOW) -> set[str]:
    return {finding.key for finding in examine_provider(record, now) if finding.severity is not Severity.OK}


def period(start: object, end: object = None, inami: str = GOOD, kind: str = "physiotherapist") -> Period:
    first = date.fromisoformat(str(start))
    return Period(kind, first, None if end is None else date.fromisoformat(str(end)), inami)


def with_periods(record: Provider, *periods: Period) -> Provider:
    return replace(record, periods=periods)


def test_a_correct_record_has_only_passed_checks(fine: Provider) -> None:
    assert wrong(fine) == set()
    assert found(fine).keys() == {"period_today", "certificate_valid"}
    assert found(fine)["period_today"].facts == {"period": 2, "start": date(2020, 1, 1)}


@pytest.mark.parametrize(
    ("changes", "key", "severity"),
    [
        ({"niss": ""}, "niss_missing", Severity.ERROR),
        ({"niss": "7903142187"}, "niss_form", Severity.ERROR),
        ({"niss": "ABC"}, "niss_form", Severity.ERROR),
        ({"niss": "79031421873"}, "niss_check_digits", Severity.ERROR),
        ({"niss": "79133021850"}, "niss_date", Severity.ERROR),
        ({"birth_date": date(1979, 4, 13)}, "birth_date_differs", Severity.WARNING),
        ({"inami": ""}, "inami_missing", Severity.WARNING),
        ({"inami": "538861"}, "inami_form", Severity.ERROR),
        ({"inami": "53886117521"}, "inami_check_digits", Severity.ERROR),
        ({"inami": nihii(141207)}, "inami_other_type", Severity.WARNING),
        ({"inami": OTHER}, "inami_not_of_today", Severity.WARNING),
        ({"inami": "53886171527"}, "competence_differs", Severity.WARNING),
        ({"enterprise_number": "0486132723"}, "enterprise_check_digits", Severity.WARNING),
        ({"enterprise_number": "48613"}, "enterprise_form", Severity.WARNING),
        ({"types": (), "periods": ()}, "type_missing", Severity.WARNING),
        ({"periods": ()}, "period_none", Severity.WARNING),
        ({"keystore": None}, "certificate_none", Severity.WARNING),
    ],
)
def test_a_record_with_one_fault(
    fine: Provider, changes: dict[str, Any], key: str, severity: Severity
) -> None:
    keystore = replace(fine.keystore, holder=None) if fine.keystore is not None else None
    record = replace(fine, **{"keystore": keystore, **changes})
    assert found(record)[key].severity is severity
    assert key in wrong(record)


def test_a_number_of_another_length_is_counted(fine: Provider) -> None:
    """Masked, a number of nine digits looks like one of eleven."""
    finding = found(replace(fine, niss="860206997"))["niss_form"]
    assert finding.facts["length"] == 9
    assert "it has 9 characters, and an SSIN has 11 digits" in Translator("en").get(
        "registry.niss_form", **finding.facts
    )


@pytest.mark.parametrize(
    ("periods", "key", "facts"),
    [
        (
            [period("2020-01-01", "2019-12-31")],
            "period_backwards",
            {"period": 1, "start": date(2020, 1, 1), "end": date(2019, 12, 31)},
        ),
        ([period("2020-01-01", inami="")], "period_number_missing", {"period": 1}),
        ([period("2020-01-01", inami="12")], "period_form", {"period": 1, "number": "12"}),
        (
            [period("2020-01-01", inami="54120735527")],
            "period_check_digits",
            {"period": 1, "head": "541207", "given": "35", "expected": "53 / 02"},
        ),
        ([period("2020-01-01", inami="53886171")], "competence_missing", {"period": 1}),
        (
            [period("2020-01-01", "2021-06-30"), period("2021-06-01")],
            "periods_overlap",
            {"first": 1, "second": 2, "start": date(2021, 6, 1), "end": date(2021, 6, 30)},
        ),
        (
            [period("2020-01-01"), period("2021-06-01")],
            "periods_overlap_open",
            {"first": 1, "second": 2, "start": date(2021, 6, 1)},
        ),
        (
            [period("2020-01-01", "2021-06-30"), period("2021-07-02")],
            "periods_gap",
            {"first": 1, "second": 2, "start": date(2021, 7, 1), "end": date(2021, 7, 1)},
        ),
        (
            [period("2020-01-01", "2021-06-30"), period("2021-07-01", inami=OTHER)],
            "number_changes",
            {"period": 2, "before": "53886171", "after": "54120753"},
        ),
        (
            [period("2020-01-01", "2026-11-24")],
            "period_over",
            {"type": "registry.type.physiotherapist", "end": date(2026, 11, 24)},
        ),
        (
            [period("2026-11-26")],
            "period_to_come",
            {"type": "registry.type.physiotherapist", "start": date(2026, 11, 26)},
        ),
        (
            [period("2020-01-01", inami=nihii(141207))],
            "period_other_type",
            {"period": 1, "number": nihii(141207), "type": "registry.type.physiotherapist"},
        ),
    ],
)
def test_periods_with_one_fault(
    fine: Provider, periods: Sequence[Period], key: str, facts: dict[str, object]
) -> None:
    assert found(with_periods(fine, *periods))[key].facts == facts


def test_neighbours_that_touch_are_in_order(fine: Provider) -> None:
    assert wrong(with_periods(fine, period("2020-01-01", "2021-06-30"), period("2021-07-01"))) == set()
    assert found(with_periods(fine, period(TODAY, TODAY)))["period_today"].facts["period"] == 1


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


ENDS = period("2020-01-01", day(30))
NURSE = period("2020-01-01", inami=nihii(419999, "401"), kind="nurse")


@pytest.mark.parametrize(
    ("periods", "last"),
    [
        ([period("2020-01-01", TODAY)], (1, TODAY, 0)),
        ([period("2020-01-01", day(90))], (1, day(90), 90)),
        ([period("2020-01-01", day(91))], None),
        ([period("2020-01-01")], None),
        ([period("2020-01-01", day(-1))], None),  # another finding says that it is over
        ([ENDS, period(day(31))], None),
        ([ENDS, period(day(20))], None),
        ([ENDS, period(day(32))], (1, day(30), 30)),  # a day without one
        ([ENDS, period(day(31), day(60))], (2, day(60), 60)),
        ([ENDS, period(day(31), day(200))], None),
        ([ENDS, period(day(31), day(40)), period(day(41))], None),
        ([ENDS, period("2021-01-01")], None),
        ([ENDS, period("2021-01-01", day(10))], (1, day(30), 30)),
        ([ENDS, period("2021-01-01", "2022-01-01")], (1, day(30), 30)),
        ([ENDS, NURSE], (1, day(30), 30)),
        ([ENDS, period(day(31), day(20))], (1, day(30), 30)),  # ends before it begins
    ],
)
def test_a_period_that_ends_soon_is_due(
    fine: Provider, periods: Sequence[Period], last: tuple[int, date, int] | None
) -> None:
    finding = found(with_periods(fine, *periods)).get("period_ends")
    if last is None:
        assert finding is None
    else:
        assert finding is not None
        assert tuple(finding.facts[name] for name in ("period", "end", "days")) == last
        assert (finding.severity, finding.urgency, finding.topic, finding.until) == (
            Severity.WARNING,
            Urgency.SOON,
            Topic.PERIOD,
            last[1],
        )


@pytest.mark.parametrize(("within", "is_near"), [(29, False), (30, True)])
def test_the_end_of_a_period_is_near_when_the_user_says_so(
    fine: Provider, within: int, is_near: bool
) -> None:
    findings = examine_provider(with_periods(fine, ENDS), NOW, due_within=timedelta(days=within))
    assert ("period_ends" in {finding.key for finding in findings}) is is_near


def test_a_period_within_another_is_compared_with_the_long_one(fine: Provider) -> None:
    """The third follows the second without a gap, but the first covers both."""
    record = with_periods(
        fine, period("2020-01-01", "2024-12-31"), period("2021-01-01", "2021-12-31"), period("2022-01-01")
    )
    overlaps = [
        finding.facts for finding in examine_provider(record, NOW) if finding.key == "periods_overlap"
    ]
    assert [(overlap["first"], overlap["second"], overlap["end"]) for overlap in overlaps] == [
        (1, 2, date(2021, 12, 31)),
        (1, 3, date(2024, 12, 31)),
    ]


def test_types_have_periods_of_their_own(fine: Provider) -> None:
    """Two professions side by side do not overlap; each needs a period of today."""
    record = replace(
        fine,
        types=("physiotherapist", "podiatrist"),
        periods=(period("2020-01-01"), period("2020-01-01", "2020-12-31", OTHER, "podiatrist")),
    )
    assert wrong(record) == {"period_over"}


def test_the_day_is_that_of_brussels(fine: Provider) -> None:
    record = with_periods(fine, period("2026-11-26"))
    assert "period_to_come" in wrong(record, datetime(2026, 11, 25, 22, 59, tzinfo=UTC))
    assert wrong(record, datetime(2026, 11, 25, 23, 0, tzinfo=UTC)) == set()


def test_a_wrong_number_is_reported_once(fine: Provider) -> None:
    """And not again as another number than before, and as another than the main one."""
    record = with_periods(fine, period("2020-01-01", "2021-06-30"), period("2021-07-01", inami="54120735527"))
    assert wrong(record) == {"period_check_digits"}


def test_numbers_of_the_second_series_hold(fine: Provider) -> None:
    number = nihii(419999, "401", modulus=89)
    record = replace(
        fine, types=("nurse",), inami=number, periods=(period("2020-01-01", inami=number, kind="nurse"),)
    )
    assert wrong(record) == set()


@pytest.mark.parametrize(
    ("keystore", "key", "severity"),
    [
        (Assignment("/k", None, "SSIN=80010112345", LATER), "certificate_other_niss", Severity.ERROR),
        (Assignment("/k", None, "NIHII=12345678", LATER), "certificate_other_inami", Severity.ERROR),
        (Assignment("/k", None, "CBE=0403019261", LATER), "certificate_other_enterprise", Severity.ERROR),
        (Assignment("/k", None, "WHAT=1", LATER), "certificate_unknown_holder", Severity.WARNING),
        (Assignment("/k"), "certificate_unread", Severity.INFO),
        (Assignment("/k", None, None, NOW - timedelta(seconds=1)), "certificate_over", Severity.ERROR),
        (Assignment("/k", None, None, NOW + timedelta(days=89)), "certificate_ends", Severity.WARNING),
    ],
)
def test_a_certificate_that_does_not_fit(
    fine: Provider, keystore: Assignment, key: str, severity: Severity
) -> None:
    assert found(replace(fine, keystore=keystore))[key].severity is severity


@pytest.mark.parametrize(
    ("within", "key"), [(119, "certificate_valid"), (120, "certificate_ends"), (200, "certificate_ends")]
)
def test_the_end_of_a_certificate_is_near_when_the_user_says_so(
    fine: Provider, within: int, key: str
) -> None:
    end = NOW + timedelta(days=120)
    record = replace(fine, keystore=Assignment("/k", None, None, end))
    findings = examine_provider(record, NOW, due_within=timedelta(days=within))
    about = [finding for finding in findings if finding.key.startswith("certificate_")]
    assert [finding.key for finding in about] == [key]
    assert [finding.until for finding in about if finding.is_due] == ([end] if within >= 120 else [])


@pytest.mark.parametrize("holder", ["SSIN=79031421872", "NIHII=53886171", "CBE=0486132722", "EHP=1234567890"])
def test_a_certificate_that_fits_or_tells_nothing(fine: Provider, holder: str) -> None:
    assert wrong(replace(fine, keystore=Assignment("/k", None, holder, LATER))) == set()


def test_a_type_of_the_settings_is_checked_and_named_by_its_key(fine: Provider) -> None:
    table = type_table({"osteopath": ("7",)})
    record = replace(fine, types=("osteopath",), periods=(period("2020-01-01", kind="osteopath"),))
    findings = {finding.key: finding for finding in examine_provider(record, NOW, table)}
    assert "osteopath" in findings["period_other_type"].message(Translator("fr"))
    assert not any(key.endswith("other_type") for key in found(record))  # of an unknown type nothing is known
    for own in ({"Osteo Path": ("7",)}, {"osteopath": ("x",)}):
        with pytest.raises(errors.SettingInvalid):
            type_table(own)


NEAR = st.dates(TODAY - timedelta(days=100), TODAY + timedelta(days=200))


@given(
    st.lists(
        st.builds(
            Period,
            st.sampled_from(["doctor", "nurse"]),
            st.dates() | NEAR,
            st.none() | st.dates() | NEAR,
            st.sampled_from(["", "12", GOOD, OTHER, "53886171", nihii(141207)]),
        ),
        max_size=6,
    )
)
def test_any_periods_have_consistent_findings(periods: list[Period]) -> None:
    record = Provider("X", types=("doctor",), periods=tuple(periods)).tidy()
    findings = examine_provider(record, NOW)
    assert [finding.severity.rank for finding in findings] == sorted(
        finding.severity.rank for finding in findings
    )
    for finding in findings:
        assert finding.message(Translator("de"))
    about_today = [
        finding
        for finding in findings
        if finding.key in ("period_today", "period_none", "period_over", "period_to_come")
    ]
    assert len(about_today) == len(record.types)
    covered = {period.type for period in record.periods if period.covers(TODAY)}
    assert len([finding for finding in about_today if finding.key == "period_today"]) == len(covered)
    ends = {
        finding.facts["type"]: finding.facts["end"] for finding in findings if finding.key == "period_ends"
    }
    assert ends == {type_word(kind): end for kind in covered if (end := _last_covered(record, kind))}


def _last_covered(record: Provider, kind: str) -> date | None:
    """Return the last day from today on that periods cover without a gap; None for one that is not near."""
    days = (TODAY + timedelta(days=number) for number in range(92))
    periods = [each for each in record.periods if each.type == kind]
    gap = next((day for day in days if not any(period.covers(day) for period in periods)), None)
    return None if gap is None else gap - timedelta(days=1)


def test_every_finding_has_its_sentences_and_no_other_text_is_kept() -> None:
    emitted: dict[str, set[str]] = {}
    for path in RULES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                first = node.args[0]
                if node.func.id in SAYERS and isinstance(first, ast.Constant):
                    emitted[str(first.value)] = {str(keyword.arg) for keyword in node.keywords}
    assert len(emitted) > 35
    words = ("type", "conventioned", "column", "row")
    for language in LANGUAGES:
        texts = messages(CATALOGUE, language)
        keys = {f"{CATALOGUE}.{key}{end}" for key in emitted for end in ("", ".next")}
        assert {key for key in texts if key.split(".")[1] not in words} == keys
        for key, facts in emitted.items():
            for end in ("", ".next"):
                text = texts[f"{CATALOGUE}.{key}{end}"]
                assert placeholders(text) <= facts, key
                assert text.endswith((".", "}")), key
        for kind in KNOWN:
            assert Translator(language).has(f"{CATALOGUE}.type.{kind}")
