"""The status of a certificate: file, platform and depot, asked without a card and compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ehtoolkit import errors
from ehtoolkit.finding import Finding, Severity, sort_by_severity
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import NextAction, ProcedureResult, State, next_action
from ehtoolkit.procedures.state.history import record_state
from ehtoolkit.procedures.state.request_status import RequestStatus, ended, state_of
from ehtoolkit.procedures.state.situation import Situation, observe
from ehtoolkit.procedures.state.standing import (
    Standing,
    before_installation,
    finding,
    of_depot,
    of_file,
    of_newer,
    of_platform,
    over_since,
    to_confirm,
)


def status(file: KeystoreFile, context: Context) -> Standing:
    """Compare the keystore with what the platform and the depot say; signed by the keystore itself, where it can.

    A platform that does not answer, or whose answer makes no sense, is no error here: the standing then says what
    the file alone says, and why that was not checked. Raises `errors.WrongEnvironment` alone. What the platform said
    is kept for the first page.
    """
    require_environment(file, context)
    return record_standing(observe(file, context), file, context)


def record_standing(situation: Situation, file: KeystoreFile, context: Context) -> Standing:
    """Return the standing of what was observed of ``file``, and keep it for the first page."""
    found = standing_of(situation)
    start = None if found.info is None else found.info.replaceable_from
    record_state(file, context, found.state if found.checked else None, start)
    return found


def standing_of(situation: Situation) -> Standing:
    """Return how a certificate stands, by what was observed of it."""
    if situation.failure is not None:
        return _unchecked(situation)
    if isinstance(situation.delivery, RequestStatus):
        return _before_installation(situation, situation.delivery)
    return _installed(situation)


def _installed(situation: Situation) -> Standing:
    if isinstance(situation.info, errors.PlatformRefused):
        return _refused(situation, situation.info)
    known = situation.require_known()
    state = state_of(known, has_encryption_key=situation.has_encryption_key)
    findings = [
        *of_platform(known, has_encryption_key=situation.has_encryption_key),
        *of_newer(situation.replacing),
        *(of_depot(situation) if known.is_active else ()),
        *(_expired(situation) if state is State.EXPIRED else ()),
    ]
    return _standing(situation, state, findings)


def _refused(situation: Situation, refused: errors.PlatformRefused) -> Standing:
    """Return the standing after a refusal: the platform does not know this certificate, or does not answer one that is
    over (assumed)."""
    unknown = finding("unknown", Severity.ERROR, refusal=refused.words)
    if situation.file_state is not CertificateState.EXPIRED:
        return _standing(situation, State.UNKNOWN, [unknown])
    return _standing(situation, State.EXPIRED, [unknown, *_expired(situation)])


def _expired(situation: Situation) -> Iterable[Finding]:
    """Yield since when the certificate is expired; nothing where the computer's clock does not know it yet."""
    return (finding for finding in of_file(situation) if finding.severity is Severity.ERROR)


def _before_installation(situation: Situation, delivery: RequestStatus) -> Standing:
    if delivery.delivered:
        return _delivered(situation, delivery)
    if delivery.state is State.WAITING:
        validation = None if situation.is_overdue else situation.validation
        found = _standing(situation, State.WAITING, to_confirm(validation))
        outcome = replace(found.outcome, not_before=delivery.not_before, validation=validation)
        return replace(found, outcome=outcome)
    if situation.is_overdue:
        return _standing(situation, State.REFUSED, [finding("overdue", Severity.ERROR)])
    return _standing(situation, delivery.state, before_installation(delivery))


def _delivered(situation: Situation, delivery: RequestStatus) -> Standing:
    """Return the standing of a certificate that was delivered and not installed."""
    if situation.known is not None and ended(situation.known) is State.REVOKED:
        return _standing(situation, State.REVOKED, [finding("revoked_before", Severity.ERROR)])
    end = delivery.chain[0].not_valid_after_utc if delivery.chain else None
    if end is None or end >= situation.now:
        return _standing(situation, delivery.state, before_installation(delivery))
    found = _standing(situation, State.EXPIRED, [over_since(end, situation.now)])
    return replace(found, outcome=replace(found.outcome, not_after=end))


def _unchecked(situation: Situation) -> Standing:
    state = situation.file_state
    if state is CertificateState.NOT_YET_VALID:  # a word of the file's alone; its ETK is there or not
        state = State.COMPLETE if situation.has_encryption_key else State.NO_ETK
    found = _standing(situation, state, [finding("unchecked", Severity.WARNING), *of_file(situation)])
    # Whether a prepared request was ever sent, only the platform knows: completing asks it, and leads on.
    step = NextAction.COMPLETE if state is State.PREPARED else next_action(state)
    return replace(found, outcome=replace(found.outcome, next=step))


def _standing(situation: Situation, state: State, findings: Iterable[Finding]) -> Standing:
    step = next_action(state)
    if step is NextAction.RENEW and situation.holder is not None and situation.holder.has_bis_number:
        step = NextAction.REQUEST  # a renewal is signed with a card
    outcome = ProcedureResult(
        *(situation.path, situation.key_id, state, step),
        not_before=situation.not_before,
        not_after=situation.not_after,
    )
    return Standing(outcome, sort_by_severity(findings), situation)
