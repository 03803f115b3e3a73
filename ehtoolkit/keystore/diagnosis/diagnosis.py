"""The diagnosis of one file: what it is, what is in it, what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ehtoolkit.clock import days_until
from ehtoolkit.finding import Finding, Severity, sort_by_severity
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.diagnosis.file import FileFacts
from ehtoolkit.keystore.diagnosis.outline import KeyOutline, Outline
from ehtoolkit.keystore.state import KeystoreState

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A value without secrets, which shows itself as a card in Jupyter.

    ``now``: the moment that it was made for, aware. ``opened``: whether everything was decrypted. ``outline``:
    None for what is no keystore. ``state``: by content alone; None when that does not tell. ``owner``:
    None while no certificate shows him, and for a name of another form; ``subject`` is the name in one line.
    ``environment``: by the issuer's whole name. ``key_id``: the platform's identifier of the
    authentication key, 40 hexadecimal digits, None while it cannot be seen. ``authentication_key``: its kind, as
    ``EC P-384``, None while it cannot be seen. ``certificates``: how many the
    file holds, doubles included; None while they cannot be seen. ``findings``: worst first.
    ``proper_name``: what the official program would call the file, which is its name when that is right;
    None when nobody knows whose it is. ``refused``: no password opens the file as it is.
    ``chain``: the holder's certificate and its issuers, as far as they can be seen.
    """

    file: FileFacts
    now: datetime
    opened: bool
    findings: tuple[Finding, ...]
    outline: Outline | None = None
    state: KeystoreState | None = None
    owner: DistinguishedName | None = None
    subject: str | None = None
    issuer: str | None = None
    environment: Environment | None = None
    key_id: str | None = None
    authentication_key: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    certificates: int | None = None
    proper_name: str | None = None
    refused: bool = False
    chain: tuple[Certificate, ...] = field(default=(), repr=False)

    def with_finding(self, finding: Finding) -> Diagnosis:
        """The same, with one finding more; one of the same key gives way to it."""
        others = (one for one in self.findings if one.key != finding.key)
        return replace(self, findings=sort_by_severity((*others, finding)))

    @property
    def keys(self) -> tuple[KeyOutline, ...]:
        """The private keys that are known, in the order of the file."""
        return () if self.outline is None else self.outline.keys

    @property
    def days_left(self) -> int | None:
        """Whole days until the certificate ends, or since, negative; None without a certificate."""
        return None if self.not_after is None else days_until(self.not_after, self.now)

    @property
    def severity(self) -> Severity:
        """Of the worst finding."""
        return self.findings[0].severity if self.findings else Severity.OK

    def has(self, key: str) -> bool:
        """Whether there is a finding of that key."""
        return any(finding.key == key for finding in self.findings)

    def _repr_html_(self) -> str:
        from ehtoolkit.keystore.diagnosis.html import diagnosis_html
        from ehtoolkit.keystore.markup import texts_of_settings

        return diagnosis_html(self, texts_of_settings())
