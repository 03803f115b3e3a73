"""Findings of a certificate test about what platform, depot and STS answered: decided by the answers alone.

A line of a test is a finding, and the error that came instead of an answer, if there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.keys import EC, KeyKind
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.finding import info as of_keystores
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.procedures.checks.keystore_proof import TEST
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.session import SessionReport, SessionVerdict
from ehtoolkit.procedures.state.depot import DepotToken, TokenMatch
from ehtoolkit.procedures.state.situation import Situation
from ehtoolkit.procedures.state.standing import Standing, of_other

NEWER: Final = "depot_newer"
"""The finding that names the newer keystore with the key of the depot's token."""
_TOKEN: Final = ("depot_", "etk_")
"""How findings of a standing about the token begin."""

Line = tuple[Finding, errors.EhToolkitError | None]
SessionAnswer = SessionReport | errors.ClaimsUnfit | None
"""How asking for a session went, or why it was not known what to ask for; None: not asked."""


def certificate(standing: Standing | None) -> Line:
    """Return what the platform knows of the certificate. ``standing``: None where it was not asked."""
    if standing is None:
        return TEST.warning("known_not_asked"), None
    if standing.unchecked is not None:
        return TEST.warning("known_unanswered"), standing.unchecked
    if standing.info is not None and standing.info.is_active:
        return TEST.ok("known_active"), None
    worst = next((finding for finding in standing.findings if not finding.key.startswith(_TOKEN)), None)
    if worst is not None and worst.severity is Severity.ERROR:
        return worst, None
    return TEST.warning("known_waits" if standing.state.is_pending else "known_other"), None


def token(situation: Situation, standing: Standing | None) -> Line:
    """Return what the depot's token is to the keystore."""
    if standing is None:
        return TEST.warning("depot_not_asked"), None
    failure = situation.token if isinstance(situation.token, errors.PlatformError) else situation.silence
    if isinstance(failure, errors.ResponseUntrusted):
        return TEST.error("depot_untrusted"), failure
    if failure is not None:
        return TEST.warning("depot_unanswered"), failure
    if situation.published is None:
        return TEST.warning("depot_waits"), None
    return _of_token(situation.published, situation, waits=standing.state is State.TO_ACTIVATE), None


def _of_token(published: DepotToken, situation: Situation, *, waits: bool) -> Finding:
    """Return what the token is to the keystore. ``waits``: another one is to be activated."""
    serial = published.serial
    match published.ours:
        case TokenMatch.CURRENT:
            return TEST.ok("depot_current", serial=serial)
        case TokenMatch.OLD:
            return TEST.warning("depot_to_activate" if waits else "depot_older", serial=serial)
        case TokenMatch.NONE:
            return TEST.warning("depot_none_yet") if waits else TEST.error("depot_none")
        case TokenMatch.OTHER:
            active = situation.known is not None and situation.known.is_active
            found = of_other(published, Severity.ERROR, situation.replacing if active else ())
            return found if found.key == NEWER else TEST.error("depot_other", serial=serial)


def message(proven: Finding, depot: Finding) -> Finding:
    """Return how a sealed message opened; of one for a newer keystore, for which."""
    if depot.key == NEWER and proven.key == "not_for_this_keystore":
        return TEST.error("message_newer", serial=depot.facts["serial"], file=depot.facts["file"])
    return proven


def session(situation: Situation, session: SessionAnswer) -> Line:
    """Return how a session was asked for: an error only where the certificate was not accepted."""
    if isinstance(session, SessionReport):
        return _of_report(session), session.failure
    if session is not None:
        return TEST.warning("session_claims_unknown"), session
    if situation.silence is not None:
        return TEST.warning("session_unanswered"), situation.silence
    return TEST.warning("session_waits") if situation.asked else TEST.warning("session_not_asked"), None


def _of_report(report: SessionReport) -> Finding:
    if report.verdict is SessionVerdict.FINE:
        return next(finding for finding in report.findings if finding.severity is Severity.OK)
    if report.verdict is SessionVerdict.CERTIFICATE:
        return report.findings[0]
    return replace(report.findings[0], severity=Severity.WARNING)


def kind(kind: KeyKind) -> Iterator[Finding]:
    """Yield which software cannot work with a key of this kind."""
    if kind.algorithm == EC:
        software = software_without_elliptic_keys()
        yield of_keystores("key_elliptic", kind=str(kind), software=software)


def beside_lines(standing: Standing | None, session: SessionAnswer) -> Iterator[Finding]:
    """Yield what is good to know beside the lines: that a newer file is there, for one."""
    if standing is not None and standing.checked:
        for finding in standing.findings:
            if finding.severity in (Severity.WARNING, Severity.INFO) and not finding.key.startswith(_TOKEN):
                yield finding
    if isinstance(session, SessionReport) and session.failure is None:
        yield from (finding for finding in session.findings if finding.key != _of_report(session).key)
