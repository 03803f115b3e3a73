"""Ask for each open keystore of an audit whether its certificate is revoked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.audit.audit_finding import AuditFinding, warning
from ehtoolkit.audit.discovery import Stop
from ehtoolkit.audit.keystores import AuditedKeystore
from ehtoolkit.ehealth.revocation.certificate_check import AskRevocation
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


def ask_about(
    seen: Mapping[Path, AuditedKeystore], ask: AskRevocation, stop: Stop
) -> dict[Path, AuditedKeystore]:
    """``seen`` with what authorities say of their certificates. Raises `errors.Cancelled`."""
    return dict(_asked(seen, ask, stop))


def _asked(
    seen: Mapping[Path, AuditedKeystore], ask: AskRevocation, stop: Stop
) -> Iterator[tuple[Path, AuditedKeystore]]:
    for path, one in seen.items():
        if stop():
            raise errors.Cancelled
        if one.state in _CURRENT and one.reading.opened:
            yield path, replace(one, revocation=ask(one.reading.certificates, one.environment))
        else:
            yield path, one


def about(seen: AuditedKeystore) -> Iterator[Finding]:
    """What the issuer says of the certificate of ``seen``, where something has to be done about it."""
    answer = seen.revocation
    if answer is not None and answer.key != UNASKED and answer.severity in (Severity.ERROR, Severity.WARNING):
        yield answer


def silent(seen: Iterable[AuditedKeystore]) -> Iterator[AuditFinding]:
    """One finding for each host that gave no usable answer, however many certificates it was asked about."""
    hosts = Counter(
        str(one.revocation.facts["host"])
        for one in seen
        if one.revocation is not None and one.revocation.key == UNASKED
    )
    for host, count in hosts.items():
        yield AuditFinding(warning(UNASKED, host=host, count=count))
