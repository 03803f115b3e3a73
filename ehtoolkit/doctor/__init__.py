"""Diagnose this computer, its card, module, platform and clock; and the triage "is it the certificate?".

Nothing here changes anything, nothing raises, and nothing that hangs keeps the rest waiting.
"""

from __future__ import annotations

from ehtoolkit.doctor.certificate_triage import Triage as Triage
from ehtoolkit.doctor.certificate_triage import TriageVerdict as TriageVerdict
from ehtoolkit.doctor.certificate_triage import triage as triage
from ehtoolkit.doctor.check_result import CheckResult as CheckResult
from ehtoolkit.doctor.check_result import CheckTopic as CheckTopic
from ehtoolkit.doctor.check_result import Section as Section
from ehtoolkit.doctor.health_check import HealthReport as HealthReport
from ehtoolkit.doctor.health_check import examine as examine
from ehtoolkit.doctor.known_errors import Contact as Contact
from ehtoolkit.doctor.known_errors import KnownError as KnownError
from ehtoolkit.doctor.known_errors import find_known_error as find_known_error
from ehtoolkit.doctor.report import report_of as report_of
