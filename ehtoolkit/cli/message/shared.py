"""Arguments, certificates and findings that the commands on sealed messages share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from cryptography.x509 import Certificate

from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.finding_lines import print_finding, print_findings
from ehtoolkit.cli.options import PATH
from ehtoolkit.cli.terminal import echo
from ehtoolkit.crypto.certificates import display_name
from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
from ehtoolkit.ehealth.sealing.other_software_errors import names_elsewhere
from ehtoolkit.finding import Finding, Severity, describe_finding, sort_by_severity
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.procedures.messages import authorities_in_files

AUTHORITY = click.option("--authority", "authorities", type=PATH, multiple=True)


def trusted_authorities(session: Session, files: Sequence[Path]) -> tuple[TrustedAuthorities, datetime]:
    """Return the authorities to trust, those in ``files`` too, and the time. Nothing is sent, so production need not be
    confirmed."""
    is_training = session.settings.environment == "training"
    known = session.training.message_authorities() if is_training else TrustedAuthorities()
    return known.with_anchors(authorities_in_files(files).anchors), session.clock.now()


def describe_certificate(certificate: Certificate) -> dict[str, Any]:
    holder = DistinguishedName.of_holder(certificate)
    return {
        "holder": None if holder is None else holder.identifier.text,
        "holder_name": display_name(certificate.subject) if holder is None else holder.name,
        "application_id": None if holder is None else holder.application_id,
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": str(certificate.serial_number),
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }


def describe_findings(findings: Sequence[Finding], session: Session) -> list[dict[str, Any]]:
    return [
        {
            **describe_finding(finding, session.texts),
            "layer": finding.facts.get("layer"),
            "other_software": {name: list(words) for name, words in names_elsewhere(finding).items()},
        }
        for finding in sort_by_severity(findings)
    ]


def print_message_findings(session: Session, findings: Sequence[Finding]) -> None:
    """Print errors and warnings with their names in other software, and how many notes and passed checks there are;
    with --verbose print these too, with --quiet not even their number."""
    others = list[Finding]()
    for finding in sort_by_severity(findings):
        if finding.severity in (Severity.ERROR, Severity.WARNING):
            elsewhere = [f"{name}: {', '.join(words)}" for name, words in names_elsewhere(finding).items()]
            print_finding(finding, session.texts, more=elsewhere)
        else:
            others.append(finding)
    if session.options.quiet or not others:
        return
    if session.options.verbose:
        print_findings(session, others, indent=0)
    else:
        echo(session.texts.get("cli.more", count=len(others)))
