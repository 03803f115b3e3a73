"""Diagnose this computer, its card, module, platform and clock; and the triage "is it the certificate?".

Nothing here changes anything, nothing raises, and nothing that hangs keeps the rest waiting.
"""

from __future__ import annotations

from ehtoolkit.doctor.certificate_triage import Triage, TriageVerdict, triage
from ehtoolkit.doctor.check_result import CheckResult, Section, Topic
from ehtoolkit.doctor.health_check import HealthReport, examine
from ehtoolkit.doctor.known_errors import Contact, KnownError, find_known_error
from ehtoolkit.doctor.report import report_of

__all__ = [
    "CheckResult",
    "Contact",
    "HealthReport",
    "KnownError",
    "Section",
    "Topic",
    "Triage",
    "TriageVerdict",
    "examine",
    "find_known_error",
    "report_of",
    "triage",
]
