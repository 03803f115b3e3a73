"""``certificate test``: prove with a keystore that it works, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.certificate.output import KEYSTORE
from ehtoolkit.cli.certificate.sts_session import CLAIMS
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.finding_lines import print_findings
from ehtoolkit.cli.options import PASSWORDS, PLATFORM
from ehtoolkit.cli.terminal import echo
from ehtoolkit.ehealth.sts.claims import Quality
from ehtoolkit.finding import describe_finding
from ehtoolkit.procedures.certificate_test import CertificateTest, CheckedLine, asked_host, prove_certificate
from ehtoolkit.toolkit import revocation_asker


@command(PASSWORDS, PLATFORM)
@KEYSTORE
@click.option("--offline", is_flag=True)
@CLAIMS
def test(session: Session, keystore: Path, offline: bool, claims: Quality | None) -> int:
    context = session.toolkit.context
    file = session.open_keystore(keystore)
    if offline:
        session.say("certificate_test.sends.nothing")
    else:
        holder = file.keystore.holder
        number = file.keystore.key_id if holder is None else holder.identifier.text
        session.say("certificate_test.sends", hosts=asked_host(context), holder=number)
    with revocation_asker(session.settings) as ask:
        found = prove_certificate(file, context, offline=offline, quality=claims, ask_revocation=ask)
    session.warn_of_clock()
    if session.options.as_json:
        session.print_json(describe_test(session, found))
    else:
        _tell(session, found)
    return exit_code_of_test(found)


def exit_code_of_test(found: CertificateTest) -> int:
    """Return the exit code by the worst line; of amber lines, by whether the certificate is waited for, or the platform
    did not answer."""
    if found.verdict in ("green", "offline"):
        return ExitCode.FINE
    if found.colour == "red":
        return ExitCode.NOT_FINE
    if found.waits:
        return ExitCode.WAITING
    failures = [line.failure for line in found.lines if isinstance(line.failure, errors.PlatformError)]
    return failures[0].exit_code if failures else ExitCode.NOT_FINE


def print_faults(session: Session, found: CertificateTest) -> None:
    """Print the lines that are not green, and what the test comes to."""
    for line in found.lines:
        if line.colour != "green":
            _tell_line(session, line)
    echo(found.sentence(session.texts))


def _tell(session: Session, found: CertificateTest) -> None:
    texts = session.texts
    for part, lines in groupby(found.lines, key=lambda line: line.thing.part):
        echo(texts.get(f"certificate_test.part.{part}"))
        for line in lines:
            _tell_line(session, line)
    print_findings(session, found.remarks, indent=0)
    echo("\n" + found.sentence(texts))


def _tell_line(session: Session, line: CheckedLine) -> None:
    texts = session.texts
    colour = texts.get(f"certificate_test.colour.{line.colour}")
    echo("  " + texts.get("cli.told", severity=colour, message=line.finding.message(texts)))
    if line.failure is not None:
        echo(f"    {texts.error(line.failure)}")
    if line.colour != "green":
        echo(f"    → {line.finding.next_step(texts)}")


def describe_test(session: Session, found: CertificateTest) -> Mapping[str, object]:
    """Return the object of the command line's contract about a test."""
    texts = session.texts
    return {
        "keystore": str(found.keystore),
        "environment": str(session.toolkit.context.environment),
        "holder": None if found.holder is None else found.holder.identifier.text,
        "asked": found.asked,
        "state": None if found.state is None else str(found.state),
        "colour": str(found.colour),
        "verdict": found.verdict,
        "message": found.sentence(texts),
        "lines": [_described_line(session, line) for line in found.lines],
        "remarks": [describe_finding(remark, texts) for remark in found.remarks],
    }


def _described_line(session: Session, line: CheckedLine) -> dict[str, Any]:
    failure, texts = line.failure, session.texts
    return {
        "part": str(line.thing.part),
        "thing": str(line.thing),
        "colour": str(line.colour),
        **describe_finding(line.finding, texts),
        "error": None if failure is None else failure.key,
        "error_message": None if failure is None else texts.error(failure),
    }
