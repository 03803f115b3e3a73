"""Errors of acknowledged keystores and findings."""

from __future__ import annotations

from ehtoolkit.errors.arguments import InputInvalid


class AcknowledgementUnknown(InputInvalid):
    """There is no acknowledgement with that id (facts: id, known)."""

    id: str
    known: str


class FindingUnknown(InputInvalid):
    """A keystore does not have this finding, so that it cannot be acknowledged (facts: path, finding, known)."""

    path: str
    finding: str
    known: str
