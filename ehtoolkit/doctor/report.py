"""Write the health report as a file to send: without a name, a number, a path or a secret."""

from __future__ import annotations

import json
from typing import Any

from ehtoolkit.doctor.certificate_triage import Triage
from ehtoolkit.doctor.check_result import CheckResult
from ehtoolkit.doctor.health_check import HealthReport, versions
from ehtoolkit.finding import describe_finding
from ehtoolkit.i18n import Translator

NAME = "ehtoolkit-doctor.json"


def report_of(examination: HealthReport, texts: Translator, found: Triage | None = None) -> bytes:
    """Return the report as JSON, with sentences in the language of ``texts``. Facts by which a person could be
    identified are left out, in sentences too.

    ``found``: the triage of a keystore; its file's name, which holds a number, does not come along.
    """
    report: dict[str, Any] = {
        "report": "ehtoolkit doctor",
        "time": examination.at.isoformat(timespec="seconds"),
        "seconds": examination.seconds,
        "environment": examination.environment,
        **versions(),
        "lines": [_fit_to_send(line, texts) for line in examination.lines],
    }
    if found is not None:
        report["certificate"] = {
            "verdict": str(found.verdict),
            "message": found.sentence(texts),
            "call": found.call(texts),
            "codes": found.codes,
            "advice": [known.key for known in found.advice],
            "lines": [_fit_to_send(line, texts) for line in found.lines],
        }
    return json.dumps(report, ensure_ascii=False, indent=1, default=str).encode()


def described(line: CheckResult, texts: Translator) -> dict[str, Any]:
    """Return a line as the JSON of the command line has it."""
    return {"about": str(line.about), **describe_finding(line, texts)}


def _fit_to_send(line: CheckResult, texts: Translator) -> dict[str, Any]:
    facts = {
        name: value for name, value in line.facts.items() if line.is_tellable(name) and value is not None
    }
    return {**described(line.fit_to_send(), texts), "facts": facts}
