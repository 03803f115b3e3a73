"""A simulated year of a watch: whatever is due is reported at once and every week, and nothing is called fine that is
not known to be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.changes import ChangeKind
from ehtoolkit.auditing.export.metrics import metrics_text
from ehtoolkit.auditing.export.nagios_plugin import PluginStatus, plugin_result
from ehtoolkit.i18n import Translator
from ehtoolkit.watch.report import ClockProblem, Reason, WatchReport
from tests.auditing.conftest import NOW
from tests.watch.simulated_year import BELGIUM, DAYS, NAMES, NEAR, WEEK, Year, reported_in

TEXTS = Translator("en")


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_a_year(seed: int, tmp_path: Path) -> None:
    year = Year(tmp_path, seed)
    reported: dict[str, date] = {}
    day = 0
    while day < DAYS:
        year.happen(day)
        at = NOW + timedelta(days=day)
        report = year.run(at).report
        due, context = year.due(at), f"day {day}: {year.events[-8:]}"
        check(year, report, due, context)

        today = at.astimezone(BELGIUM).date()
        reported |= dict.fromkeys(reported_by(report), today)
        for name in due:
            last = reported.get(name)
            assert last is not None, (name, context)
            assert (today - last).days < WEEK, (name, last, context)
        day += 1 if year.random.random() > 0.02 else year.random.randint(2, 6)  # the computer was asleep
        if year.random.random() < 0.01:
            reported |= dict.fromkeys(reported_by(check_clock_back(year, at)), today)
        if year.random.random() < 0.02:
            check_overlap(year, at)
    year.broken.clear()
    year.is_greylisting = year.is_disk_full = False
    year.run(NOW + timedelta(days=DAYS + 7))
    everything = set(year.sent["webhook"])
    for address, sent in year.sent.items():
        assert len(sent) == len(set(sent)), f"a message twice: {address}"
        assert set(sent) == everything, f"one is lost, whatever was not reachable: {address}"
    assert len(year.events) > 60


def check(year: Year, report: WatchReport, due: set[str], context: str) -> None:
    """What a run says of today: fine only where nothing is due, and the same as Nagios and Prometheus."""
    assert (report.status == "due") >= bool(due), (due, context)
    assert report.reason is not Reason.FINE or not due, (due, context)
    if report.reason is Reason.DUE:
        assert due or report.alarming or report.clock, context
    for change in report.changes:
        if change.kind is ChangeKind.BETTER and change.keystore is not None:
            assert any(niss in change.keystore.file for niss in year.repaired), (change, context)
    assert report.audit is not None
    is_due = report.audit.judged(unattended=True).is_due
    status = plugin_result(report.audit, TEXTS, timedelta(days=NEAR), timedelta(0)).status
    assert (status is not PluginStatus.OK) == is_due == bool(audit_due(report.audit)), context
    # Of what is gone, only the watch knows.
    assert bool(report.pressing or report.missing) == bool(due), (due, context)


def audit_due(audit: Audit) -> float:
    families = text_string_to_metric_families(metrics_text(audit, NAMES))
    (found,) = (family for family in families if family.name == "ehtoolkit_audit_due")
    return float(found.samples[0].value)


def reported_by(report: WatchReport) -> set[str]:
    return reported_in(report.payload(TEXTS, NAMES)) if report.reason is Reason.DUE else set()


def check_clock_back(year: Year, at: datetime) -> WatchReport:
    """A second run on the same day, by a clock that is an hour behind. Return its report."""
    report = year.run(at - timedelta(hours=1)).report
    assert (report.clock, report.reason) == (ClockProblem.BACK, Reason.DUE)
    assert report.reached == ()
    assert report.news == ()
    assert year.run(at).report.reason is None
    return report


def check_overlap(year: Year, at: datetime) -> None:
    """A run while another one is running: only one of them reports."""
    met: list[str] = []

    def audit() -> Audit:
        with pytest.raises(errors.WatchRunning) as running:
            year.run(at)
        met.append(running.value.key)
        return year.audit(at)

    sent = {target: len(ids) for target, ids in year.sent.items()}
    result = year.runner.run(year.watch, audit, lambda: at)
    assert met == ["watch_running"]
    assert result.report.reason is None, "nothing twice on one day"
    assert {target: len(ids) for target, ids in year.sent.items()} == sent
