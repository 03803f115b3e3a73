"""An audit as OpenMetrics text, for Prometheus: the textfile collector reads it, or any web server hands it out.

Everything is a gauge: an audit counts nothing up, and the textfile collector reads the older format of Prometheus: it
has no types ``info`` and ``stateset``, and a file with them is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.tables.rows import STATES, states_of
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState, State, renewable_from
from ehtoolkit.result_display import masked
from ehtoolkit.version import __version__

"""The values of the label ``state``."""
_LABELS: Final = ("keystore", "file", "practice")
"""Labels of everything that is said of one keystore."""
_ABOUT: Final = ("holder", "application_id", "environment", "kind", "authentication_key")
"""Further labels of ``ehtoolkit_keystore_info``: columns of the table of keystores."""


def audit_metrics(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return the metrics of ``audit``, with the pseudonyms of this computer. Raises what `Pseudonyms.in_folder`
    raises."""
    if audit.secrets is None:
        raise ValueError("metrics need AuditOptions.secrets, the folder of the key of pseudonyms")
    return metrics_text(audit, Pseudonyms.in_folder(audit.secrets), full=options.full)


def metrics_text(audit: AuditResult, names: Pseudonyms, *, full: bool = False) -> str:
    """Return the metrics of ``audit``.

    Args:
        names: of the label ``keystore``.
        full: with whole NISS in the labels ``file`` and ``holder``, which are masked without it.

    Metrics of a keystore are there for each file once. What an audit does not know has no sample: no end of a file
    that was never open, no revocation where the issuer never gave a definite answer. Of an issuer that does not answer,
    or was not asked this time, the last one counts; but of a good one only where issuers are asked.
    """
    families = (*_of_keystores(audit, names, full), *_of_audit(audit))
    text: bytes = generate_latest(SimpleNamespace(collect=lambda: families))  # type: ignore[no-untyped-call]
    return text.decode("utf-8")


def _of_keystores(audit: AuditResult, names: Pseudonyms, full: bool) -> Iterator[GaugeMetricFamily]:
    hide, taken = str if full else masked, Counter[str]()
    info = _gauge("keystore_info", "What is known of a keystore; always 1.", (*_LABELS, *_ABOUT))
    ends = _gauge("keystore_not_after_timestamp_seconds", "When its certificate ends.", _LABELS)
    renewable = _gauge(
        "keystore_renewable_from_timestamp_seconds",
        "When its certificate can be replaced, by the usual months: only the platform knows.",
        _LABELS,
    )
    state = _gauge("keystore_state", "The state that a keystore is in; always 1.", (*_LABELS, "state"))
    revoked = _gauge(
        "keystore_revoked", "1: its issuer said last that it is revoked; 0: that it is not.", _LABELS
    )
    answered = _gauge(
        "keystore_revocation_answer_timestamp_seconds", "When its issuer gave that answer.", _LABELS
    )
    etk = _gauge(
        "keystore_etk_missing", "1: its certificate is there and its encryption key is not.", _LABELS
    )
    unread = _gauge("keystore_read_error", "1: the file cannot be read, or is no keystore.", _LABELS)
    acknowledged = _gauge("keystore_acknowledged", "1: it is acknowledged; 0: it counts.", _LABELS)
    families = (info, ends, renewable, state, revoked, answered, etk, unread, acknowledged)
    for row in audit.rows.keystores:
        name, own = names.of(row.file), row.state
        taken[name] += 1
        # Two paths that are no text may be printed alike; two series never have the same name.
        suffix = "" if taken[name] == 1 else f"-{taken[name]}"
        labels = [name + suffix, hide(row.file), row.practice or ""]
        info.add_metric([*labels, *(hide(getattr(row, about) or "") for about in _ABOUT)], 1)
        state.add_metric([*labels, row.state], 1)
        unread.add_metric(labels, float(own == FileState.UNREADABLE))
        acknowledged.add_metric(labels, float(row.acknowledged))
        if own not in (FileState.UNREADABLE, FileState.CLOSED):
            etk.add_metric(labels, float(own == State.NO_ETK))
        answer = audit.answers.get(row.file)
        if answer is not None and (answer.revoked or audit.request.revocation):
            revoked.add_metric(labels, float(answer.revoked))
            answered.add_metric(labels, int(answer.at.timestamp()))
        end = audit.ends.get(row.file)
        if end is not None:
            ends.add_metric(labels, int(end.timestamp()))
            renewable.add_metric(labels, int(renewable_from(end).timestamp()))
    yield from families


def _of_audit(audit: AuditResult) -> Iterator[GaugeMetricFamily]:
    verdict = audit.judged(unattended=True)
    count = _gauge("keystores", "Keystores by state.", ("state",))
    found = states_of(audit.rows.keystores)
    for state in STATES:
        count.add_metric([state], found[state])
    yield count
    findings = _gauge("findings", "Findings by severity, without those that are acknowledged.", ("severity",))
    for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO):
        findings.add_metric(
            [str(severity)],
            sum(audit_finding.finding.severity is severity for audit_finding in audit.counted_findings),
        )
    yield findings
    for name, meaning, value in (
        ("audit_timestamp_seconds", "When the audit was made.", int(audit.now.timestamp())),
        (
            "audit_due",
            "1: something is due, or a keystore stayed closed; 0: nothing is.",
            int(verdict.is_due),
        ),
        (
            "audit_read_errors",
            "Files and folders that could not be read, without acknowledged ones.",
            verdict.unread,
        ),
        ("audit_files_passed_over", "Files that were not looked at.", audit.passed_over),
        ("audit_providers", "Records of providers.", len(audit.rows.providers)),
    ):
        gauge = _gauge(name, meaning, ())
        gauge.add_metric([], value)
        yield gauge
    build = _gauge("build_info", "The version of ehtoolkit; always 1.", ("version",))
    build.add_metric([__version__], 1)
    yield build


def _gauge(name: str, meaning: str, labels: Iterable[str]) -> GaugeMetricFamily:
    unit = "seconds" if name.endswith("_seconds") else ""
    return GaugeMetricFamily(f"ehtoolkit_{name}", meaning, labels=tuple(labels), unit=unit)
