"""What leaves an audit, for calendars, Prometheus, Nagios and watches, says of a keystore what the judge says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import icalendar
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.export.formats import ExportOptions
from ehtoolkit.auditing.export.ics import calendar
from ehtoolkit.auditing.export.metrics import metrics_text
from ehtoolkit.auditing.export.nagios_plugin import PluginStatus, plugin_result
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.tables.rows import KeystoreRow
from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.finding import Urgency
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import OVER, FileState, State
from ehtoolkit.keystore.storage.records import CachedState, sha256_of_file, write_cached_state
from ehtoolkit.watch.configuration import MailTarget, WatchConfig
from ehtoolkit.watch.runner import RunResult, WatchRunner
from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop, keystore_maker, workshop
from tests.journeys.judged_keystores import (
    ANSWERS,
    BESIDE,
    STAGES,
    WITHOUT_CARD,
    WORDS_BESIDE_ANSWERS,
    write_with_neighbour,
)

__all__ = ["keystore_maker", "workshop"]

OPTIONS = AuditOptions(
    now=NOW,
    request=AuditRequest(environment=Environment.TRAINING, registry=False),
    processes=1,
    language="en",
)
NAMES = Pseudonyms(b"k" * 32)
TEXTS = Translator("en")
DUE = {str(Urgency.STOPS), str(Urgency.SOON)}
PAST = {*OVER, FileState.REPLACED, FileState.UNUSABLE, FileState.ELSEWHERE}
"""States of keystores whose end does not matter any more."""


def by_prometheus(audit: Audit) -> dict[str, str]:
    """The state of each file."""
    families = text_string_to_metric_families(metrics_text(audit, NAMES, full=True))
    samples = [sample for family in families for sample in family.samples]
    due = [sample.value for sample in samples if sample.name == "ehtoolkit_audit_due"]
    assert due == [float(audit.judged(unattended=True).is_due)]
    return {
        sample.labels["file"]: sample.labels["state"]
        for sample in samples
        if sample.name == "ehtoolkit_keystore_state"
    }


def in_calendar(audit: Audit) -> set[str]:
    """The files whose ends a calendar has."""
    made = icalendar.Calendar.from_ical(calendar(audit, TEXTS, ExportOptions(full=True)))
    text = "".join(str(event["description"]) for event in made.walk("VEVENT")).replace("\n", "")
    return {row.file for row in audit.rows.keystores if row.file in text}


def by_watch(home: Path, audit: Audit) -> RunResult:
    """The first run of a watch."""
    mail = MailTarget.make(("me@example.be",), "127.0.0.1", security="none")
    watch = WatchConfig(name="w", folders=tuple(audit.request.folders), mail=mail)
    store = WatchStore(home / "watch")
    store.add(watch)
    return WatchRunner(store, NAMES, lambda _: {"mail": lambda _: None}).run(
        watch, lambda: audit, lambda: NOW
    )


def audits(
    folder: Path, workshop: Workshop, stage: str, beside: str, niss: str, environment: Environment
) -> Iterator[Audit]:
    """Audits of a keystore and the other one of its holder, for each word of the platform and answer of the issuer,
    with the password and without.
    """
    paths, keystores = write_with_neighbour(folder, workshop, stage, beside, niss)
    for number, (word, said) in enumerate(product(WORDS_BESIDE_ANSWERS, ("none", "revoked"))):
        notes = folder.parent / f"home-{number}" / "notes"
        for path, keystore in zip(paths, keystores, strict=True):
            is_first = path == paths[0]
            seen = CachedState.of(keystore, sha256_of_file(path), word if is_first else "")
            write_cached_state(notes, replace(seen, answer=ANSWERS[said] if is_first else None))
        for opened in (True, False):
            request = AuditRequest(environment=environment, registry=False)
            options = replace(OPTIONS, notes=notes, request=request)
            yield audit_folder([folder], (lambda _: PASSWORD) if opened else None, options)


OURS, ANOTHER = Environment.TRAINING, Environment.PRODUCTION
CASES = (
    *product(STAGES, BESIDE, (ELISE,), (OURS,)),
    *product(STAGES, ("alone",), (ELISE,), (ANOTHER,)),
    *product(("prepared", "renewable"), BESIDE, (WITHOUT_CARD,), (OURS,)),  # else, a card changes nothing
)


@pytest.mark.parametrize(("stage", "beside", "niss", "environment"), CASES)
def test_what_leaves_an_audit_says_what_the_judge_says(
    stage: str, beside: str, niss: str, environment: Environment, tmp_path: Path, workshop: Workshop
) -> None:
    for number, audit in enumerate(audits(tmp_path / "ks", workshop, stage, beside, niss, environment)):
        rows = {row.file: row for row in audit.rows.keystores}
        assert by_prometheus(audit) == {file: row.state for file, row in rows.items()}
        assert in_calendar(audit) == {file for file, row in rows.items() if is_to_come(row)}

        due = {file for file, row in rows.items() if row.urgency in DUE}
        stops = {file for file, row in rows.items() if row.urgency == Urgency.STOPS}
        status = plugin_result(audit, TEXTS, DUE_WITHIN, timedelta(0)).status
        assert not stops or status is PluginStatus.CRITICAL
        assert not due or status is not PluginStatus.OK

        found = by_watch(tmp_path / f"watch-{number}", audit)
        assert found.report.audit is audit
        assert not due or (found.report.status, found.report.reason) == ("due", "due")
        # It reports an end once that is as near as the judge calls urgent, and no other.
        reported = {threshold.keystore.file for threshold in found.report.reached}
        assert reported == {file for file, row in rows.items() if is_near(row)}
        assert audit.is_due == bool(due)


def is_to_come(row: KeystoreRow) -> bool:
    """Whether its certificate has an end that matters and is not past."""
    return row.not_after is not None and row.not_after >= NOW.date() and row.state not in PAST


def is_near(row: KeystoreRow) -> bool:
    """Whether its end matters, and is near or past."""
    if row.days_left is None or row.state in PAST - {State.EXPIRED}:
        return False
    return row.state == State.EXPIRED or row.days_left <= DUE_WITHIN // timedelta(days=1)
