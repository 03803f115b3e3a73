"""Compare two audits: of two folders, or an audit with one that was saved as JSON or CSV."""

from __future__ import annotations

from ehtoolkit.auditing.comparison.audit_comparison import AuditComparison, compare_states
from ehtoolkit.auditing.comparison.saved_audit import read_saved_audit
from ehtoolkit.auditing.comparison.state import AuditState

__all__ = ["AuditComparison", "AuditState", "compare_states", "read_saved_audit"]
