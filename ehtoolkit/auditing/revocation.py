"""Ask for each open keystore of an audit whether its certificate is revoked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.audit_finding import AuditFinding, warning
from ehtoolkit.auditing.discovery import Stop
from ehtoolkit.auditing.keystores import AuditedKeystore
from ehtoolkit.ehealth.revocation import AskRevocation
from ehtoolkit.ehealth.revocation_answers import revocation_finding
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.keystore.state import CertificateState

UNASKED: Final = "revocation_unasked"
_CURRENT: Final = frozenset(
    {
        CertificateState.NO_ETK,
        CertificateState.RENEWABLE,
        CertificateState.NOT_YET_VALID,
        CertificateState.COMPLETE,
    }
)
"""Keystores that are asked about: of a certificate that has ended, authorities need not know any more."""


def ask_about(seen: dict[str, AuditedKeystore], ask: AskRevocation, stop: Stop) -> None:
    """Put into ``seen`` what authorities say of their certificates, which are not needed any more then. Raises
    `errors.Cancelled`."""
    for file, keystore in seen.items():
        if stop():
            raise errors.Cancelled
        if keystore.state in _CURRENT and keystore.reading.opened:
            answer = revocation_finding(ask(keystore.reading.certificates, keystore.environment))
            seen[file] = replace(keystore, reading=replace(keystore.reading, chain=()), revocation=answer)


def about(seen: AuditedKeystore) -> Iterator[Finding]:
    """Yield what the issuer says of the certificate of ``seen``, where something has to be done about it."""
    answer = seen.revocation
    if answer is not None and answer.key != UNASKED and answer.severity in (Severity.ERROR, Severity.WARNING):
        yield answer


def silent(seen: Iterable[AuditedKeystore]) -> Iterator[AuditFinding]:
    """Yield one finding for each host that gave no usable answer, however many certificates it was asked about."""
    hosts = Counter(
        str(keystore.revocation.facts["host"])
        for keystore in seen
        if keystore.revocation is not None and keystore.revocation.key == UNASKED
    )
    for host, count in hosts.items():
        yield AuditFinding(warning(UNASKED, host=host, count=count))
