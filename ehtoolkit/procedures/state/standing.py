"""The standing of a certificate: its state, and findings from file, platform and depot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.clock import days_until
from ehtoolkit.ehealth.certificate_info import CertificateInfo, CertStatus, EtkStatus
from ehtoolkit.finding import Fact, Finding, Severity
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.procedures.result import NextAction, ProcedureResult, State, Validation
from ehtoolkit.procedures.state.depot import DepotToken, TokenMatch
from ehtoolkit.procedures.state.request_status import RequestStatus
from ehtoolkit.procedures.state.situation import Situation
from ehtoolkit.procedures.state.successors import Successor
from ehtoolkit.result_display import Displayed, masked

CATALOGUE: Final = "standing"
_KNOWN: Final = frozenset(CertStatus)
_KNOWN_ETK: Final = frozenset(EtkStatus)
_NEWER: Final = {
    CertificateState.PREPARED: ("renewal_unsent", Severity.WARNING),
    CertificateState.WAITING: ("renewal_waiting", Severity.INFO),
    CertificateState.NO_ETK: ("renewal_ready", Severity.WARNING),
}
"""What is said of a newer file by its state, before it is complete."""


@dataclass(frozen=True, slots=True, repr=False)
class Standing(Displayed):
    """How a keystore stands with the platform.

    Attributes:
        outcome: state and next step.
        findings: worst first.
        situation: what was observed.
    """

    outcome: ProcedureResult
    findings: tuple[Finding, ...]
    situation: Situation = field(repr=False, compare=False)

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
    def next(self) -> NextAction | None:
        return self.outcome.next

    @property
    def not_after(self) -> datetime | None:
        return self.outcome.not_after

    @property
    def severity(self) -> Severity:
        """Of the worst finding."""
        return self.findings[0].severity if self.findings else Severity.OK

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("state", self.state), ("next", self.next), ("keystore", self.keystore))
        yield from (("not_after", self.not_after), ("checked", self.checked))
        yield "findings", tuple(finding.key for finding in self.findings)

    def __getstate__(self) -> list[object]:
        """Return what is pickled: all but the certificates, which cannot be."""
        situation = self.situation
        token = None if isinstance(situation.token, DepotToken) else situation.token
        delivery = (
            replace(situation.delivery, chain=())
            if isinstance(situation.delivery, RequestStatus)
            else situation.delivery
        )
        return [self.outcome, self.findings, replace(situation, token=token, delivery=delivery)]

    def _repr_html_(self) -> str:
        from ehtoolkit.finding_html import findings_html
        from ehtoolkit.i18n import texts_of_settings

        return Displayed._repr_html_(self) + masked(findings_html(self.findings, texts_of_settings()))

    def has(self, key: str) -> bool:
        """Return whether there is a finding of that key."""
        return any(finding.key == key for finding in self.findings)


def finding(key: str, severity: Severity, **facts: Fact) -> Finding:
    """Return a finding whose sentences are in the catalogue of this module."""
    return Finding(key, severity, facts, CATALOGUE)


def of_platform(info: CertificateInfo, *, has_encryption_key: bool) -> Iterator[Finding]:
    """Yield what the platform says of an installed certificate, where that is not fine."""
    if info.status == CertStatus.REVOKED:
        yield finding("revoked", Severity.ERROR)
    elif info.is_active:
        yield from _of_token(info, has_encryption_key=has_encryption_key)
    if info.status not in _KNOWN or info.etk_status not in _KNOWN_ETK:
        yield finding("words", Severity.WARNING, certificate=info.status, token=info.etk_status)


def _of_token(info: CertificateInfo, *, has_encryption_key: bool) -> Iterator[Finding]:
    if info.has_token and not has_encryption_key:
        yield finding("etk_key_missing", Severity.ERROR)
    elif info.token_waits:
        yield finding("etk_to_activate", Severity.WARNING)
    elif info.etk_status in (EtkStatus.REVOKED, EtkStatus.EXPIRED):
        yield finding("etk_over", Severity.ERROR)
    elif not info.has_token and info.etk_status in _KNOWN_ETK:
        yield finding("etk_missing", Severity.WARNING)


def of_depot(situation: Situation) -> Iterator[Finding]:
    """Yield what the depot's token is to the keystore of an active certificate. While another token waits for
    activation, or none was made, it is expected that the depot has an older one or none."""
    known, published = situation.known, situation.published
    if isinstance(situation.token, errors.ResponseUntrusted):
        yield finding("depot_untrusted", Severity.ERROR)
    elif isinstance(situation.token, errors.PlatformError):
        yield finding("depot_unchecked", Severity.WARNING)
    elif known is not None and published is not None:
        yield from _of_published(published, known, situation.replacing)


def _of_published(
    published: DepotToken, known: CertificateInfo, newer: tuple[Successor, ...]
) -> Iterator[Finding]:
    expected = known.etk_status != EtkStatus.VALID_ACTIVE
    severity = Severity.INFO if expected else Severity.ERROR
    match published.ours:
        case TokenMatch.CURRENT:
            yield finding("depot_ours", Severity.OK, serial=published.serial)
        case TokenMatch.OLD:
            yield finding("depot_old", severity, serial=published.serial)
        case TokenMatch.NONE if not expected:
            yield finding("depot_empty", severity)
        case TokenMatch.OTHER:
            yield of_other(published, severity, newer)


def of_other(published: DepotToken, severity: Severity, newer: tuple[Successor, ...]) -> Finding:
    """Return that the depot gives out a token for a key that is not in the keystore, and which newer one has it."""
    for keystore in newer:
        if published.serial in keystore.aliases:
            return finding("depot_newer", severity, serial=published.serial, file=keystore.path.name)
    return finding("depot_other", severity, serial=published.serial)


def of_newer(newer: tuple[Successor, ...]) -> Iterator[Finding]:
    """Yield which file takes the place of this one, and what to do with it; nothing when none does."""
    for keystore in newer[:1]:
        key, severity = _NEWER.get(keystore.state, ("newer", Severity.WARNING))
        yield finding(key, severity, file=keystore.path.name)


def before_installation(delivery: RequestStatus) -> Iterator[Finding]:
    """Yield what the platform says of a key whose certificate is not in the file yet."""
    if delivery.delivered:
        yield finding("ready", Severity.INFO)
    elif delivery.state is CertificateState.PREPARED:
        yield finding("never_sent", Severity.WARNING, refusal=delivery.refusal)
    elif delivery.state is CertificateState.REFUSED:
        yield finding("refused", Severity.ERROR, refusal=delivery.refusal)


def to_confirm(validation: Validation | None) -> Iterator[Finding]:
    """Yield what the holder of a request without a card still has to do, unless they have done it: only the platform
    knows."""
    if validation is None:
        return
    if validation.url is None or validation.until is None:
        yield finding("to_confirm_by_mail", Severity.WARNING)
    else:
        yield finding("to_confirm", Severity.WARNING, url=validation.url, until=validation.until)


def over_since(end: datetime, now: datetime) -> Finding:
    """Return the finding that a certificate is over since ``end``, in the words of the diagnosis of keystores."""
    return Finding("state_expired", Severity.ERROR, {"date": end, "days": -days_until(end, now)})


def of_file(situation: Situation) -> Iterator[Finding]:
    """Yield what the file alone says, in the words of the diagnosis of keystores."""
    begin, end = situation.not_before, situation.not_after
    if begin is None or end is None:
        yield Finding("state_prepared", Severity.WARNING)
        return
    days = abs(days_until(end, situation.now))
    match situation.file_state:
        case CertificateState.EXPIRED:
            yield over_since(end, situation.now)
        case CertificateState.NOT_YET_VALID:
            yield Finding("state_not_yet_valid", Severity.WARNING, {"moment": begin})
        case CertificateState.NO_ETK:
            yield Finding("state_no_etk", Severity.WARNING, {"date": end})
        case CertificateState.RENEWABLE:
            yield Finding("state_renewable", Severity.WARNING, {"date": end, "days": days})
        case _:
            yield Finding("state_complete", Severity.OK, {"date": end, "days": days})
