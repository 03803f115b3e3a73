"""``certificate session``: ask the STS for a session, as practice software does every morning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from ehtoolkit.cli.certificate.output import KEYSTORE
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.finding_lines import print_findings
from ehtoolkit.cli.options import FILE_PATH, PASSWORDS, PLATFORM, EnumChoice
from ehtoolkit.cli.terminal import describe_error, echo
from ehtoolkit.ehealth.sts.claims import Quality
from ehtoolkit.finding import describe_finding
from ehtoolkit.procedures.sts_session import SessionReport, ask_session, session_request
from ehtoolkit.system.files import require_new
from ehtoolkit.system.unnamed_files import create_whole

CLAIMS: Final = click.option("--claims", type=EnumChoice(Quality), metavar="QUALITY")


@command(PASSWORDS, PLATFORM)
@KEYSTORE
@CLAIMS
@click.option("--save-assertion", "save", type=FILE_PATH)
def session(session: Session, keystore: Path, claims: Quality | None, save: Path | None) -> int:
    if save is not None:
        require_new(save)
    context = session.toolkit.context
    file = session.open_keystore(keystore)
    request = session_request(file, context, claims)
    session.say(
        "session.sends",
        url=context.platform.sts.client.url,
        holder=request.holder.identifier.text,
        asked=sum(claim.value is None for claim in request.claims),
    )
    report = ask_session(request, context)
    if save is not None and report.assertion is not None:
        create_whole(save, report.assertion.xml.reveal().encode())
        session.say("session.saved", file=save)
    session.warn_of_clock()
    if session.options.as_json:
        session.print_json(_described(session, report, keystore, save))
    else:
        _tell(session, report)
    if report.failure is not None:
        return report.failure.exit_code
    return ExitCode.FINE if report.verdict == "fine" else ExitCode.NOT_FINE


def _tell(session: Session, report: SessionReport) -> None:
    print_findings(session, report.findings, indent=0)
    if report.failure is not None:
        echo(session.texts.error(report.failure), err=True)
        if report.verdict != "software":  # the finding says who can help, and it is not the platform
            echo(session.texts.next_step(report.failure), err=True)


def _described(
    session: Session, report: SessionReport, keystore: Path, save: Path | None
) -> Mapping[str, object]:
    """Return the object of the command line's contract about a session; the assertion itself is not in it."""
    assertion, failure = report.assertion, report.failure
    described: dict[str, object] = {
        "keystore": str(keystore),
        "environment": str(session.toolkit.context.environment),
        "holder": report.request.holder.identifier.text,
        "quality": str(report.request.quality),
        "verdict": str(report.verdict),
        "claims": [{"uri": claim.uri, "value": claim.value} for claim in report.request.claims],
        "begins": None if assertion is None else assertion.not_before,
        "ends": None if assertion is None else assertion.not_on_or_after,
        "attributes": {} if assertion is None else {uri: list(of) for uri, of in assertion.values.items()},
        "signer": None if assertion is None else assertion.signer.subject.rfc4514_string(),
        "signer_proven": None if assertion is None else assertion.proven,
        "saved": None if save is None or assertion is None else str(save),
        "findings": [describe_finding(finding, session.texts) for finding in report.findings],
    }
    if failure is not None:
        described |= describe_error(failure, session.texts)
    return described
