"""Diagnosis: what a file is, what is wrong with it, and what to do, in sentences for people."""

from __future__ import annotations

from ehtoolkit.finding import Finding, Severity, describe_finding
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.diagnosis.diagnose import diagnose, unanswered
from ehtoolkit.keystore.diagnosis.diagnosis import (
    Diagnosis,
    describe_diagnosis,
)
from ehtoolkit.keystore.diagnosis.file import FileFacts, FolderListing
from ehtoolkit.keystore.diagnosis.outline import Outline

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
    "unanswered",
]
