"""``certificate status``: what the platform and the depot say of a keystore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ehtoolkit.cli.certificate.output import KEYSTORE, report_result
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.finding_lines import print_brief
from ehtoolkit.cli.options import PASSWORDS, PLATFORM
from ehtoolkit.cli.terminal import describe_error
from ehtoolkit.finding import Severity, describe_finding
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.state.platform_status import PlatformStatus
from ehtoolkit.procedures.state.platform_status import status as platform_status_of


@command(PASSWORDS, PLATFORM)
@KEYSTORE
def status(session: Session, keystore: Path) -> int:
    """Show the state of a certificate and all findings. Returns the exit code: that of the platform's failure
    if it was not asked, 1 for a finding of severity error, else that of the state; 0 for a certificate that is ready to
    install."""
    context, file = session.toolkit.context, session.open_keystore(keystore)
    platform_status = platform_status_of(file, context)
    is_blocked = platform_status.state is State.PREPARED and platform_status.next is None
    variant = "blocked" if is_blocked else None if platform_status.checked else "unchecked"
    more = _describe(platform_status, session.texts)
    code = report_result(
        session,
        platform_status.outcome,
        "status",
        variant=variant,
        more=more,
        without_card=platform_status.situation.without_card,
    )
    if not session.options.as_json:
        print_brief(session, platform_status.findings)
        if platform_status.unchecked is not None:
            session.print_error(platform_status.unchecked)
    if platform_status.unchecked is not None:
        return platform_status.unchecked.exit_code
    if platform_status.severity is Severity.ERROR:
        return ExitCode.NOT_FINE
    return ExitCode.FINE if platform_status.has("ready") else code


def _describe(platform_status: PlatformStatus, texts: Translator) -> dict[str, Any]:
    """Return a status as JSON has it. ``checked``: whether the platform was asked and answered; ``keystore_state`` and
    ``urgency``: how the keystore stands, as in an audit; ``replaceable_from``: from when the platform says that the
    certificate can be renewed; ``findings`` with ``key``, ``severity``, ``message``,
    ``next``. A status that was not checked also has ``error``, ``message`` and ``facts``, as an error has them."""
    failed = {} if platform_status.unchecked is None else describe_error(platform_status.unchecked, texts)
    return {
        "checked": platform_status.checked,
        "keystore_state": platform_status.standing.state,
        "urgency": platform_status.standing.urgency,
        "replaceable_from": None if platform_status.info is None else platform_status.info.replaceable_from,
        "findings": [describe_finding(finding, texts) for finding in platform_status.findings],
        **failed,
    }
