"""Diagnosis: what a file is, what is wrong with it, and what to do, in sentences for people."""

from __future__ import annotations

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.keystore.diagnosis.describe import describe_diagnosis, describe_finding
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.file import FileFacts
from ehtoolkit.keystore.diagnosis.folder_listing import FolderListing
from ehtoolkit.keystore.diagnosis.html import diagnosis_html, findings_html
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
    "findings_html",
]
