"""Diagnosis: what a file is, what is wrong with it, and what to do, in sentences for people."""

from __future__ import annotations

from ehtoolkit.finding import Finding, Severity, describe_finding
from ehtoolkit.keystore.diagnosis.diagnose import diagnose, unanswered
from ehtoolkit.keystore.diagnosis.diagnosis import (
    Diagnosis,
    describe_diagnosis,
    diagnosis_html,
)
from ehtoolkit.keystore.diagnosis.file import FileFacts, FolderListing
from ehtoolkit.keystore.diagnosis.outline import KeyOutline, Outline

__all__ = [
    "Diagnosis",
    "FileFacts",
    "Finding",
    "FolderListing",
    "KeyOutline",
    "Outline",
    "Severity",
    "describe_diagnosis",
    "describe_finding",
    "diagnose",
    "diagnosis_html",
    "unanswered",
]
