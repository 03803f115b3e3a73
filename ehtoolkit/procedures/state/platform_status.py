"""What the platform says of a certificate: its state, and findings from file, platform and depot; without a card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.clock import days_until
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, CertStatus, EtkStatus
from ehtoolkit.finding import (
    Fact,
    Finding,
    MessageKey,
    Severity,
    Topic,
    WithFindings,
    error,
    sort_by_severity,
    warning,
)
from ehtoolkit.keystore.diagnosis.diagnosis import state_finding
from ehtoolkit.keystore.diagnosis.remembered import by_issuer
from ehtoolkit.keystore.standing import MEANINGS, Action, Content, Known, Standing, standing
from ehtoolkit.keystore.state import State, from_word, with_platform_word
from ehtoolkit.keystore.storage.holder_keystores import Beside, HolderFiles
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import ProcedureResult, Validation, record_state
from ehtoolkit.procedures.state.observe import observe
from ehtoolkit.procedures.state.requests import RequestStatus, ended, state_of
from ehtoolkit.procedures.state.situation import DepotToken, Situation, Successor, TokenMatch
from ehtoolkit.result_display import Displayed, masked

CATALOGUE: Final = "standing"
_NEWER: Final = {
    State.PREPARED: ("renewal_unsent", Severity.WARNING),
    State.WAITING: ("renewal_waiting", Severity.INFO),
    State.NO_ETK: ("renewal_ready", Severity.WARNING),
    State.UNKNOWN: ("renewal_unclear", Severity.WARNING),
}
"""What is said of a newer file by its state, before it is complete."""


@dataclass(frozen=True, slots=True, repr=False)
class PlatformStatus(Displayed, WithFindings):
    """How a keystore stands with the platform.

    Attributes:
        outcome: state by the platform, and next step.
        findings: worst first.
        situation: what was observed.
        standing: how the keystore stands with all that is known of it: its dates and the other files of its holder,
            too.
    """

    outcome: ProcedureResult
    findings: tuple[Finding, ...]
    situation: Situation = field(repr=False, compare=False)
    standing: Standing = field(repr=False, compare=False)

    @property
    def info(self) -> CertificateInfo | None:
        """The platform's words about an installed certificate."""
        return self.situation.known if self.situation.installed else None

    @property
    def unchecked(self) -> errors.PlatformError | None:
        """Why the platform did not answer, or is not trusted; the state is then what the file alone says. None when it
        answered."""
        return self.situation.failure

    @property
    def checked(self) -> bool:
        """Whether the platform was asked and answered."""
        return self.unchecked is None

    @property
    def keystore(self) -> Path:
        return self.outcome.keystore

    @property
    def key_id(self) -> str:
        return self.outcome.key_id

    @property
    def state(self) -> State:
        return self.outcome.state

    @property
    def next(self) -> Action | None:
        return self.outcome.next

    @property
    def not_after(self) -> datetime | None:
        return self.outcome.not_after

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("state", self.state), ("next", self.next), ("keystore", self.keystore))
        yield from (("not_after", self.not_after), ("checked", self.checked))
        yield "findings", tuple(finding.key for finding in self.findings)

    def __reduce__(self) -> tuple[object, ...]:
        """Return what is pickled: all but the certificates, which cannot be. Before 3.11.4, Python ignores
        ``__getstate__`` of a dataclass with slots."""
        situation, delivery = self.situation, self.situation.delivery
        token = None if situation.published is not None else situation.token
        delivery = replace(delivery, chain=()) if isinstance(delivery, RequestStatus) else delivery
        return PlatformStatus, (
            self.outcome,
            self.findings,
            replace(situation, token=token, delivery=delivery),
            self.standing,
        )

    def _repr_html_(self) -> str:
        from ehtoolkit.finding_html import findings_html
        from ehtoolkit.i18n import texts_of_settings

        return Displayed._repr_html_(self) + masked(findings_html(self.findings, texts_of_settings()))


def finding(key: str, severity: Severity, variant: str = "", /, **facts: Fact) -> Finding:
    """Return a finding whose sentences are in the catalogue of this module."""
    return Finding(key, severity, facts, CATALOGUE, variant)


def _of_platform(info: CertificateInfo, *, has_encryption_key: bool) -> Iterator[Finding]:
    """Yield what the platform says of an installed certificate, where that is not fine."""
    if not info.is_active:
        if info.known_status is CertStatus.REVOKED:
            yield finding("revoked", Severity.ERROR)
    elif info.has_token and not has_encryption_key:
        yield finding("etk_key_missing", Severity.ERROR).about(Topic.TOKEN)
    elif info.token_waits:
        yield finding("etk_to_activate", Severity.WARNING).about(Topic.TOKEN)
    elif info.known_token in (EtkStatus.REVOKED, EtkStatus.EXPIRED):
        yield finding("etk_over", Severity.ERROR).about(Topic.TOKEN)
    elif info.has_token is False:
        yield finding("etk_missing", Severity.WARNING).about(Topic.TOKEN)
    if not info.understood:
        yield finding("words", Severity.WARNING, certificate=info.status, token=info.etk_status)


def _of_depot(situation: Situation, known: CertificateInfo) -> Iterator[Finding]:
    """Yield what the depot's token is to the keystore of an active certificate. While another token waits for
    activation, or none was made, it is expected that the depot has an older one or none."""
    expected = known.known_token is not EtkStatus.VALID_ACTIVE
    severity = Severity.INFO if expected else Severity.ERROR
    match situation.token:
        case errors.ResponseUntrusted():
            yield finding("depot_untrusted", Severity.ERROR).about(Topic.TOKEN)
        case errors.PlatformError():
            yield finding("depot_unchecked", Severity.WARNING).about(Topic.TOKEN)
        case DepotToken(TokenMatch.CURRENT) as published:
            yield finding("depot_ours", Severity.OK, serial=published.serial).about(Topic.TOKEN)
        case DepotToken(TokenMatch.OLD) as published:
            yield finding("depot_old", severity, serial=published.serial).about(Topic.TOKEN)
        case DepotToken(TokenMatch.NONE) if not expected:
            yield finding("depot_empty", severity).about(Topic.TOKEN)
        case DepotToken(TokenMatch.OTHER) as published:
            yield of_other(published, severity, situation.replacing)


def of_other(published: DepotToken, severity: Severity, newer: tuple[Successor, ...]) -> Finding:
    """Return that the depot gives out a token for a key that is not in the keystore, and which newer one has it."""
    for keystore in newer:
        if published.serial in keystore.aliases:
            return finding("depot_newer", severity, serial=published.serial, file=keystore.path.name).about(
                Topic.TOKEN
            )
    return finding("depot_other", severity, serial=published.serial).about(Topic.TOKEN)


def _of_file(situation: Situation) -> Finding:
    """Return what the file alone says, in the words of the diagnosis of keystores."""
    begin, end = situation.not_before, situation.not_after
    if begin is None or end is None:
        return warning("state_prepared")
    found = state_finding(situation.file_state, begin, end, situation.now)
    return warning("state_no_etk", date=end) if found is None else found


# ── Decided by what was observed ───────────────────────────────────────────────────────────────────────
def status(file: KeystoreFile, context: Context) -> PlatformStatus:
    """Compare the keystore with what the platform and the depot say; signed by the keystore itself, where it can.

    A platform that does not answer, or whose answer makes no sense, is no error here: the status then says what
    the file alone says, and why. Raises `errors.WrongEnvironment` alone. The answer is kept for the first page.
    """
    require_environment(file, context)
    return _with_issuer(record_platform_status(observe(file, context), file, context))


def _with_issuer(found: PlatformStatus) -> PlatformStatus:
    """Return a status with what the issuer said last, where it said that the certificate is revoked. The platform's own
    word is newer; without one, the certificate is revoked."""
    answer = found.situation.answer
    if answer is None or not answer.revoked or found.state.is_over:
        return found
    outcome = found.outcome if found.checked else replace(found.outcome, state=State.REVOKED)
    return replace(found, outcome=outcome, findings=sort_by_severity((by_issuer(answer), *found.findings)))


def record_platform_status(situation: Situation, file: KeystoreFile, context: Context) -> PlatformStatus:
    """Return the status of what was observed of ``file``, and keep it for the first page."""
    record_state(file, context)  # also of a file whose name does not tell whose it is
    found = platform_status_of(_with_notes(situation, file, context))
    start = None if found.info is None else found.info.replaceable_from
    delivery = found.situation.delivery
    delivered = (
        delivery.delivered if isinstance(delivery, RequestStatus) and not delivery.is_unclear else None
    )
    record_state(file, context, found.state if found.checked else None, start, delivered)
    return found


def _with_notes(situation: Situation, file: KeystoreFile, context: Context) -> Situation:
    """Return what was observed, with what was known before: the last words of platform and issuer, and the files of
    the folder."""
    known, now, key_id = CachedStates.read(context.notes), situation.now, situation.key_id
    situation = replace(situation, last_word=from_word(known.word_of(key_id)), answer=known.answer_of(key_id))
    try:
        files = HolderFiles.in_folder(file.path.parent, context.notes, now)
    except errors.FileUnreadable:
        return situation
    this = next((each for each in files.files if each.path.name == file.path.name), None)
    return situation if this is None else replace(situation, beside=files.beside(this))


def platform_status_of(situation: Situation) -> PlatformStatus:
    """Return how a certificate stands, by what was observed of it."""
    if situation.failure is not None:
        return _unchecked(situation)
    if isinstance(situation.delivery, RequestStatus):
        return _before_installation(situation, situation.delivery)
    return _installed(situation)


def _installed(situation: Situation) -> PlatformStatus:
    is_over = situation.file_state is State.EXPIRED
    if isinstance(situation.info, errors.PlatformRefused):
        # It does not know this certificate, or does not answer one that is over (assumed).
        state = State.EXPIRED if is_over else State.UNKNOWN
        findings = [finding("unknown", Severity.ERROR, refusal=situation.info.words)]
    else:
        known = situation.require_known()
        state = state_of(known, has_encryption_key=situation.has_encryption_key)
        findings = [
            *_of_platform(known, has_encryption_key=situation.has_encryption_key),
            *(_of_newer(keystore) for keystore in situation.replacing[:1]),
            *(_of_depot(situation, known) if known.is_active else ()),
        ]
    # The computer's clock may be behind the platform's.
    if is_over and state is State.EXPIRED:
        findings.append(_of_file(situation))
    return _platform_status(situation, state, findings)


def _of_newer(keystore: Successor) -> Finding:
    """Return which file takes the place of this one, and what to do with it."""
    key, severity = _NEWER.get(keystore.state, ("newer", Severity.WARNING))
    return finding(key, severity, file=keystore.path.name)


def _before_installation(situation: Situation, delivery: RequestStatus) -> PlatformStatus:
    if delivery.delivered:
        return _delivered(situation, delivery)
    if delivery.state is State.WAITING:
        validation = None if situation.is_overdue else situation.validation
        found = () if validation is None else (_to_confirm(validation),)
        return _platform_status(
            situation, State.WAITING, found, not_before=delivery.not_before, validation=validation
        )
    if delivery.is_unclear:
        return _platform_status(situation, State.UNKNOWN, [_unclear(situation, delivery)])
    if situation.is_overdue:
        return _platform_status(situation, State.REFUSED, [finding("overdue", Severity.ERROR)])
    if delivery.state is State.PREPARED:
        return _platform_status(situation, State.PREPARED, [_never_sent(situation, delivery)])
    return _platform_status(
        situation, delivery.state, [finding("refused", Severity.ERROR, refusal=delivery.refusal)]
    )


def _never_sent(situation: Situation, delivery: RequestStatus) -> Finding:
    """Return that the platform does not know the request, and what is to be done."""
    if situation.beside is Beside.IN_FORCE:
        return finding("never_sent", Severity.INFO, "in_force", refusal=delivery.refusal)
    if situation.without_card:
        return finding("never_sent", Severity.WARNING, "foreign", refusal=delivery.refusal)
    return finding("never_sent", Severity.WARNING, refusal=delivery.refusal)


def _unclear(situation: Situation, delivery: RequestStatus) -> Finding:
    """Return that the platform's answer about the request is not understood."""
    if situation.validation is None:
        return finding("request_unclear", Severity.WARNING, refusal=delivery.words)
    return finding("request_unclear_foreign", Severity.WARNING, refusal=delivery.words)


def _to_confirm(validation: Validation) -> Finding:
    """Return what the holder of a request without a card still has to do, unless they have done it: only the platform
    knows."""
    if validation.url is None or validation.until is None:
        return finding("to_confirm_by_mail", Severity.WARNING)
    return finding("to_confirm", Severity.WARNING, url=validation.url, until=validation.until)


def _delivered(situation: Situation, delivery: RequestStatus) -> PlatformStatus:
    """Return the status of a certificate that was delivered and not installed."""
    if situation.known is not None and ended(situation.known) is State.REVOKED:
        return _platform_status(situation, State.REVOKED, [finding("revoked_before", Severity.ERROR)])
    end = delivery.chain[0].not_valid_after_utc if delivery.chain else None
    if end is None or end >= situation.now:
        return _platform_status(situation, delivery.state, [finding("ready", Severity.INFO)])
    ended_at = error("state_expired", date=end, days=-days_until(end, situation.now))
    return _platform_status(situation, State.EXPIRED, [ended_at], not_after=end)


def _unchecked(situation: Situation) -> PlatformStatus:
    state = with_platform_word(situation.file_state, situation.last_word)
    findings, of_file = [finding("unchecked", Severity.WARNING)], _of_file(situation)
    if state is not situation.file_state:
        word = MessageKey(f"export.state.{state}")
        findings.append(finding("last_word", MEANINGS[state].severity, state=word))
    if of_file.severity is not Severity.OK or state.serves:
        findings.append(of_file)
    return _platform_status(situation, state, findings)


def _platform_status(
    situation: Situation, state: State, findings: Iterable[Finding], **changes: Any
) -> PlatformStatus:
    """Return the status in ``state``. ``changes``: to what the file and the state say of the outcome."""
    stands = standing(_known(situation, state), situation.now)
    outcome = ProcedureResult(
        situation.path,
        situation.key_id,
        state,
        None if stands.action is Action.NONE else stands.action,
        not_before=situation.not_before,
        not_after=situation.not_after,
    )
    return PlatformStatus(replace(outcome, **changes), sort_by_severity(findings), situation, stands)


def _known(situation: Situation, state: State) -> Known:
    """Return what is known of the keystore. ``state``: by the platform, where it answered."""
    info, delivery = situation.known, situation.delivery
    answer = situation.answer
    start = None if info is None or not situation.installed else info.replaceable_from
    said = state if situation.failure is None and situation.asked else None
    if said is State.UNKNOWN and situation.last_word is not None:
        said = situation.last_word
    return Known(
        content=Content(
            situation.not_before,
            situation.not_after,
            situation.has_encryption_key,
            renewable_from=start,
        ),
        word=situation.last_word if said is None else said,
        delivered=isinstance(delivery, RequestStatus) and delivery.delivered,
        revoked=None if answer is None else answer.revoked,
        revocation_at=None if answer is None else answer.at,
        beside=situation.beside,
        without_card=situation.without_card,
    )
