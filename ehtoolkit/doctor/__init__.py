"""What is wrong with this computer, card, module, platform or clock; and the triage "is it the certificate?".

Nothing here changes anything, nothing raises, and nothing that hangs keeps the rest waiting.
"""

from __future__ import annotations

from ehtoolkit.doctor.check_result import About, Line, Section
from ehtoolkit.doctor.health_check import Examination, examine
from ehtoolkit.doctor.known_errors import Advice, Contact, advice_for
from ehtoolkit.doctor.report import report_of
from ehtoolkit.doctor.triage import Triage, Verdict, triage

__all__ = [
    "About",
    "Advice",
    "Contact",
    "Examination",
    "Line",
    "Section",
    "Triage",
    "Verdict",
    "advice_for",
    "examine",
    "report_of",
    "triage",
]
