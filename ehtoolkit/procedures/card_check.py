"""Look at a card: what it proves by itself, and what the authorities of its certificates say about revocation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ehtoolkit.card.port import Card
from ehtoolkit.card.trust import error, info, ok, warning
from ehtoolkit.card.verification import TrustedCertificate, verify
from ehtoolkit.ehealth.revocation import RevocationChecker
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.finding import Finding, Topic, sort_by_severity
from ehtoolkit.procedures.context import Context

_TOGETHER: Final = {
    RevocationStatus.UNKNOWN: (warning, "revocation_unknown"),
    RevocationStatus.UNTRUSTED: (warning, "revocation_untrusted"),
    RevocationStatus.SILENT: (info, "revocation_unchecked"),
    RevocationStatus.NOWHERE: (info, "revocation_nowhere"),
}
"""Findings that speak of all certificates with the same fate."""


def check_card(card: Card, context: Context) -> tuple[Finding, ...]:
    """Return everything that can be said of the card without a PIN, worst first; what is not proven is a finding and
    raises nothing.

    Asks the network about revocation, but in training; only about certificates that lead to a known root. Raises
    `errors.CardError` when the card cannot be read.
    """
    now = context.clock.now()
    found = verify(card, context.card_roots(), now)
    if context.others is None:
        return sort_by_severity((*found.findings, info("revocation_training")))
    checker = RevocationChecker(context.others, context.clock)
    current = [each for each in found.trusted if each.certificate.not_valid_after_utc >= now]
    verdicts = [
        (certificate, checker.check(certificate.certificate, certificate.issuer)) for certificate in current
    ]
    return sort_by_severity((*found.findings, *_findings(verdicts)))


def _findings(verdicts: Sequence[tuple[TrustedCertificate, RevocationResult]]) -> Iterator[Finding]:
    if verdicts and all(verdict.status is RevocationStatus.GOOD for _, verdict in verdicts):
        yield ok("revocation_good")
    together: dict[RevocationResult, list[str]] = {}
    for each, verdict in verdicts:
        if verdict.status is RevocationStatus.REVOKED:
            yield _revoked(each, verdict)
        elif verdict.status is not RevocationStatus.GOOD:
            together.setdefault(verdict, []).append(each.name)
    for verdict, names in together.items():
        say, key = _TOGETHER[verdict.status]
        yield say(key, certificates=tuple(names), host=verdict.host, reason=verdict.reason)


def _revoked(trusted: TrustedCertificate, verdict: RevocationResult) -> Finding:
    since = verdict.since or trusted.certificate.not_valid_before_utc
    if trusted.label:
        return error("certificate_revoked", certificate=trusted.label, date=since).about(Topic.CERTIFICATE)
    return error("authority_revoked", name=trusted.name, date=since)
