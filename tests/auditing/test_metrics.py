"""Metrics of an audit, as Prometheus and its client library read them; the rules and the dashboard that use them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ehtoolkit import errors
from ehtoolkit.auditing.acknowledgements import Acknowledgement, AcknowledgementStore
from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.export.metrics import metrics_text
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.tables.rows import STATES
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.keystore.storage.records import LastAnswer
from ehtoolkit.secret import Secret
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop
from tests.auditing.practice import LEFT, audited, with_row

MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
NAMES = Pseudonyms(b"k" * 32)
Samples = dict[str, list[tuple[dict[str, str], float]]]


@pytest.fixture(scope="module")
def audit(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    with audited(tmp_path_factory.mktemp("practice"), workshop) as made:
        yield made


def samples(text: str) -> Samples:
    """By name, as the parser of the client library has them; it refuses what is no OpenMetrics."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def promtool(*arguments: object, text: str = "") -> str:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not here (Debian package prometheus)")
    command = ["promtool", *map(str, arguments)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# ── the text ─────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_openmetrics_and_the_older_format_too(audit: Audit) -> None:
    text = metrics_text(audit, NAMES)
    assert text.endswith("# EOF\n")
    found = samples(text)
    assert all(name.startswith("ehtoolkit_") for name in found)
    families = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)
    assert {kind for _, kind in families} == {"gauge"}
    assert re.findall(r"^# HELP (\S+) \S", text, re.MULTILINE) == [name for name, _ in families]
    assert re.findall(r"^# UNIT (\S+) seconds$", text, re.MULTILINE) == [
        name for name, _ in families if name.endswith("_seconds")
    ]


@pytest.mark.interop
def test_promtool_takes_it(audit: Audit) -> None:
    assert promtool("check", "metrics", text=metrics_text(audit, NAMES)) == ""
    assert promtool("check", "metrics", text=metrics_text(hostile(audit), NAMES, full=True)) == ""


def test_values_are_those_of_the_tables(audit: Audit) -> None:
    found = samples(metrics_text(audit, NAMES, full=True))
    by_file = {labels["file"]: labels["keystore"] for labels, _ in found["ehtoolkit_keystore_info"]}
    assert list(by_file) == list(audit.keystores["file"])
    assert len(set(by_file.values())) == len(by_file)
    ends = {
        labels["file"]: value for labels, value in found["ehtoolkit_keystore_not_after_timestamp_seconds"]
    }
    days = audit.keystores.dropna(subset="not_after").set_index("file")["days_left"]
    assert {file: int((value - NOW.timestamp()) / 86400) for file, value in ends.items()} == dict(days)
    renewable = found["ehtoolkit_keystore_renewable_from_timestamp_seconds"]
    assert {82 <= (ends[labels["file"]] - value) / 86400 <= 93 for labels, value in renewable} == {True}
    states = {labels["file"]: labels["state"] for labels, _ in found["ehtoolkit_keystore_state"]}
    assert sorted(states.values()) == [*("complete",) * 2, "expired", "renewable", "replaced", "unreadable"]
    counts = {labels["state"]: value for labels, value in found["ehtoolkit_keystores"]}
    assert counts == {state: list(states.values()).count(state) for state in STATES}
    errors_of_reading = [labels["file"] for labels, value in found["ehtoolkit_keystore_read_error"] if value]
    assert [Path(path).name for path in errors_of_reading] == ["rubbish.p12"]
    single = {
        name: found[f"ehtoolkit_audit_{name}"][0][1] for name in ("timestamp_seconds", "due", "read_errors")
    }
    assert single == {"timestamp_seconds": int(NOW.timestamp()), "due": 1, "read_errors": 1}
    severities = {labels["severity"]: value for labels, value in found["ehtoolkit_findings"]}
    assert severities == {
        severity: list(audit.findings["severity"]).count(severity)
        for severity in ("error", "warning", "info")
    }


def test_what_is_not_known_has_no_sample(audit: Audit, workshop: Workshop, tmp_path: Path) -> None:
    assert "ehtoolkit_keystore_revoked" not in samples(metrics_text(audit, NAMES))
    workshop.write(tmp_path, ELISE)
    (tmp_path / "letter.txt").write_text("no keystore")
    closed = samples(metrics_text(audit_folder([tmp_path], None, AuditOptions(now=NOW, processes=1)), NAMES))
    assert "ehtoolkit_keystore_not_after_timestamp_seconds" not in closed
    assert "ehtoolkit_keystore_etk_missing" not in closed
    assert closed["ehtoolkit_keystore_state"][0][0]["state"] == "closed"
    assert closed["ehtoolkit_audit_files_passed_over"] == [({}, 1.0)]
    assert closed["ehtoolkit_audit_due"] == [({}, 1.0)]


def test_a_revoked_one_and_one_without_etk(workshop: Workshop, tmp_path: Path) -> None:
    workshop.write(tmp_path, ELISE, stage="installed")
    options = AuditOptions(
        now=NOW,
        processes=1,
        ask_revocation=lambda chain, environment: RevocationResult(
            RevocationStatus.REVOKED, "x.be", since=NOW
        ),
    )
    found = samples(metrics_text(audit_folder([tmp_path], lambda _: PASSWORD, options), NAMES))
    assert found["ehtoolkit_keystore_revoked"][0][1] == 1
    assert found["ehtoolkit_keystore_state"][0][0]["state"] == "revoked"

    found = samples(
        metrics_text(
            audit_folder([tmp_path], lambda _: PASSWORD, replace(options, ask_revocation=None)), NAMES
        )
    )
    assert found["ehtoolkit_keystore_etk_missing"][0][1] == 1


def test_a_folder_that_is_gone_is_a_read_error(tmp_path: Path) -> None:
    found = samples(metrics_text(audit_folder([tmp_path / "gone"], None, AuditOptions(now=NOW)), NAMES))
    assert found["ehtoolkit_audit_read_errors"] == [({}, 1.0)]


# ── labels ───────────────────────────────────────────────────────────────────────────────────────────────
def hostile(audit: Audit) -> Audit:
    """With names that would end a label, or a line."""
    changed = with_row(audit, "keystores", 0, practice='Les "Tilleuls"\nrue \\n 1} 2\r\n# EOF')
    return with_row(changed, "keystores", 1, practice="été ☃ \u2028")


def test_quotes_and_newlines_are_only_text(audit: Audit) -> None:
    quoted = hostile(audit)
    found = samples(metrics_text(quoted, NAMES))
    names = [labels["practice"] for labels, _ in found["ehtoolkit_keystore_info"]]
    assert names[:2] == list(quoted.keystores["practice"][:2])


def test_no_whole_niss_but_when_it_is_asked_for(audit: Audit) -> None:
    text, full = metrics_text(audit, NAMES), metrics_text(audit, NAMES, full=True)
    numbers = (ELISE, KARL, CLAIRE, LEFT)
    assert [number for number in numbers if number in text] == []
    assert [number for number in numbers if number in full] == list(numbers)
    # The label by which series are known is the same, whichever it is.
    keystores = re.compile(r'keystore="(\w+)"')
    assert keystores.findall(text) == keystores.findall(full)


def test_two_people_of_one_birthday_are_two_series(workshop: Workshop, tmp_path: Path) -> None:
    workshop.write(tmp_path, "79031421872")
    workshop.write(tmp_path, "79031421971", pair=2)
    text = metrics_text(
        audit_folder([tmp_path], lambda _: PASSWORD, AuditOptions(now=NOW, processes=1)), NAMES
    )
    files = {labels["file"] for labels, _ in samples(text)["ehtoolkit_keystore_info"]}
    assert len(files) == 1  # masked, they are called alike
    assert len(samples(text)["ehtoolkit_keystore_info"]) == 2


def test_two_paths_that_are_printed_alike_are_two_series(workshop: Workshop, tmp_path: Path) -> None:
    workshop.write(tmp_path, ELISE, name="a\x01.p12")
    workshop.write(tmp_path, KARL, pair=2, name="a\x02.p12")
    made = audit_folder([tmp_path], lambda _: PASSWORD, AuditOptions(now=NOW, processes=1))
    found = samples(metrics_text(made, NAMES))["ehtoolkit_keystore_info"]
    assert len({labels["keystore"] for labels, _ in found}) == 2


def test_the_names_are_kept_and_hang_on_the_key(tmp_path: Path) -> None:
    first = Pseudonyms.in_folder(tmp_path / "kept").of("a.p12")
    assert Pseudonyms.in_folder(tmp_path / "kept").of("a.p12") == first
    assert Pseudonyms.in_folder(tmp_path / "other").of("a.p12") != first
    key = tmp_path / "kept" / "pseudonyms.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.write_bytes(b"cut")
    with pytest.raises(errors.FileUnreadable):
        Pseudonyms.in_folder(tmp_path / "kept")


# ── rules and dashboard ──────────────────────────────────────────────────────────────────────────────────
def expressions() -> list[str]:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(found) >= 9
    return [expression.replace("$practice", ".*") for expression in found]


def test_they_ask_for_metrics_and_states_that_there_are(audit: Audit) -> None:
    made = set(re.findall(r"^# TYPE (\S+)", metrics_text(audit, NAMES), re.MULTILINE))
    asked = "\n".join([(MONITORING / "alerts.yml").read_text(encoding="utf-8"), *expressions()])
    assert set(re.findall(r"ehtoolkit_\w+", asked)) <= made
    states = "|".join(re.findall(r'state=~?"([\w|]+)"', asked)).split("|")
    assert {"replaced", "revoked", "closed"} <= set(states) <= set(STATES)
    document = (MONITORING.parent / "MONITORING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(ehtoolkit_\w+)`", document)) == made


@pytest.mark.interop
def test_promtool_takes_the_rules_and_the_questions_of_the_dashboard(tmp_path: Path) -> None:
    assert "SUCCESS" in promtool("check", "rules", MONITORING / "alerts.yml")
    rules = [
        {"record": f"dashboard:{number}", "expr": expression}
        for number, expression in enumerate(expressions())
    ]
    file = tmp_path / "dashboard.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"{len(rules)} rules found" in promtool("check", "rules", file)


def series(audit: Audit) -> list[dict[str, Any]]:
    """What Prometheus would have read, the whole time."""
    return [
        {
            "series": name
            + json.dumps(dict(labels, instance="a", job="b"))
            .replace('": "', '="')
            .replace('", "', '",')
            .replace('{"', "{"),
            "values": f"{value:.0f}x100",
        }
        for name, found in samples(metrics_text(audit, NAMES)).items()
        for labels, value in found
    ]


@pytest.mark.interop
@pytest.mark.parametrize("acknowledged", [False, True])
def test_the_rules_find_what_the_audit_found(workshop: Workshop, tmp_path: Path, acknowledged: bool) -> None:
    """One that has expired, one with 20 days left, one with 60, one that is fine, and an old one that was replaced; and
    nothing about any of them once all are acknowledged."""
    for number, (niss, begins, ends) in enumerate(
        ((KARL, -900, -3), (ELISE, -900, 20), (CLAIRE, -900, 60), ("73052117386", -100, 900))
    ):
        workshop.write(tmp_path, niss, begins, ends, pair=number)
    workshop.write(tmp_path, "73052117386", -1000, 10, pair=4, at="20240101-000000")
    (tmp_path / "rubbish.p12").write_bytes(bytes(range(256)))
    closed = workshop.write(tmp_path / "closed", "73052117386", name="closed.p12")
    workshop.write(tmp_path, "90020200494", stage="installed", pair=5)
    options = AuditOptions(now=NOW, processes=1, acknowledgements=tmp_path / "home")

    def password_of(file: Path) -> Secret | None:
        return None if file == closed else PASSWORD

    if acknowledged:
        marks = audit_folder([tmp_path], password_of, options).marks
        AcknowledgementStore(tmp_path / "home").add(
            [Acknowledgement.of(mark, NOW, "known", None, None) for mark in marks]
        )
    # The tests of promtool begin in 1970.
    ends_since_1970: dict[str, datetime] = {}
    made = audit_folder([tmp_path], password_of, options)
    for file, end in made.ends.items():
        ends_since_1970[file] = NOW.fromtimestamp(0, NOW.tzinfo) + (end - NOW)
    epoch = NOW.fromtimestamp(0, NOW.tzinfo)
    # An issuer that is silent for nine days, one that answered yesterday, and two that said revoked long ago.
    days = {ELISE: (True, 30), CLAIRE: (False, 9), "73052117386 20260816": (False, 1)}
    days["73052117386 20240101"] = (True, 30)
    answers = {
        row.file: LastAnswer(revoked, epoch - timedelta(days=ago))
        for row in made.rows.keystores
        for name, (revoked, ago) in days.items()
        if name in row.file
    }
    assert len(answers) == 4
    asked = made.request.model_copy(update={"revocation": True})
    shifted = replace(made, ends=ends_since_1970, now=epoch, answers=answers, request=asked)
    assert all(end > shifted.now - timedelta(days=4) for end in ends_since_1970.values())
    expected = {
        "EHealthCertificateExpired": 1,
        "EHealthCertificateEndsSoon": 1,
        "EHealthCertificateEnds": 1,
        "EHealthReadErrors": 1,
        "EHealthKeystoreClosed": 1,
        "EHealthCertificateRevoked": 1,
        "EHealthRevocationAnswerOld": 1,
        "EHealthAuditDue": 1,
        "EHealthAuditOld": 0,
        "EHealthAuditAbsent": 0,
        "EHealthEtkMissing": 1,
    }
    if acknowledged:
        expected = dict.fromkeys(expected, 0)
    tests = {
        "rule_files": [str(MONITORING / "alerts.yml")],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": series(shifted),
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{name}"}}) or vector(0)',
                        "eval_time": "5m",
                        "exp_samples": [{"labels": "{}", "value": count}],
                    }
                    for name, count in expected.items()
                ],
            }
        ],
    }
    rule_tests = tmp_path / "tests.yml"
    rule_tests.write_text(json.dumps(tests))
    assert "SUCCESS" in promtool("test", "rules", rule_tests)


def of_prometheus(name: str, values: str, **labels: str) -> dict[str, str]:
    """A series with a value every five minutes."""
    named = ",".join(f'{key}="{value}"' for key, value in {"instance": "a", "job": "b", **labels}.items())
    return {"series": f"ehtoolkit_{name}{{{named}}}", "values": values}


DAY = 24 * 12
"""Values of a day."""
GOES = f"1x{2 * DAY} _x{20 * DAY}"
"""There for two days."""
STAYS = f"1x{22 * DAY}"
OVER_TIME: dict[str, tuple[list[dict[str, str]], dict[str, set[str]]]] = {
    "EHealthKeystoreGone": (
        [
            of_prometheus("audit_timestamp_seconds", STAYS),
            *(of_prometheus("keystore_info", GOES, keystore=name) for name in ("gone", "old", "known")),
            of_prometheus("keystore_info", STAYS, keystore="there"),
            of_prometheus("keystore_state", GOES, keystore="old", state="replaced"),
            of_prometheus("keystore_acknowledged", GOES, keystore="known"),
        ],
        {"47h": set(), "60h": {"gone"}, "14d": {"gone"}, "18d": set()},
    ),
    "EHealthAuditOld": (
        [of_prometheus("audit_timestamp_seconds", f"3600x{4 * DAY}")],
        {"2d": set(), "50h": {""}},
    ),
    "EHealthAuditFromTheFuture": (
        [of_prometheus("audit_timestamp_seconds", f"36000x{DAY}")],
        {"5h": {""}, "12h": set()},
    ),
    "EHealthAuditAbsent": (
        [of_prometheus("audit_timestamp_seconds", f"1x{DAY} _x{3 * DAY}")],
        {"20h": set(), "30h": set(), "52h": {""}},
    ),
}
"""Alerts about what changes with time: the series, and whom the alert names when."""


@pytest.mark.interop
@pytest.mark.parametrize("alert", OVER_TIME)
def test_an_alert_fires_and_ends_when_it_should(alert: str, tmp_path: Path) -> None:
    given, firing = OVER_TIME[alert]
    tests = {
        "rule_files": [str(MONITORING / "alerts.yml")],
        "evaluation_interval": "30m",
        "tests": [
            {
                "interval": "5m",
                "input_series": given,
                "promql_expr_test": [
                    {
                        "expr": f'count by (keystore) (ALERTS{{alertname="{alert}",alertstate="firing"}})',
                        "eval_time": at,
                        "exp_samples": [
                            {"labels": f'{{keystore="{name}"}}' if name else "{}", "value": 1}
                            for name in sorted(names)
                        ],
                    }
                    for at, names in firing.items()
                ],
            }
        ],
    }
    file = tmp_path / "tests.yml"
    file.write_text(json.dumps(tests))
    assert "SUCCESS" in promtool("test", "rules", file)


def test_every_alert_is_tried() -> None:
    text = (MONITORING / "alerts.yml").read_text(encoding="utf-8")
    tried = {*OVER_TIME, *re.findall(r'"(EHealth\w+)": [1-9]', Path(__file__).read_text(encoding="utf-8"))}
    assert set(re.findall(r"alert: (\w+)", text)) == tried
