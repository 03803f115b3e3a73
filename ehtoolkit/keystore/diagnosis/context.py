"""What is known about one file, for the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import Name

from ehtoolkit.finding import Finding
from ehtoolkit.identity import DistinguishedName, Environment, Identifier, environment_of_issuer
from ehtoolkit.keystore.certificates import issuer_name_of
from ehtoolkit.keystore.diagnosis.content import FileContent
from ehtoolkit.keystore.diagnosis.file import FileFacts, FolderListing
from ehtoolkit.keystore.diagnosis.outline import Outline
from ehtoolkit.keystore.state import CertificateState, state_at


@dataclass(frozen=True, slots=True)
class DiagnosisContext:
    """What a diagnosis knows beside the file.

    Attributes:
        now: aware.
        wanted: the environment that the file is meant for, None if not said.
        listing: what lies in the same folder, None if not looked for.
    """

    file: FileFacts
    outline: Outline
    content: FileContent
    now: datetime
    wanted: Environment | None
    listing: FolderListing | None

    @property
    def owner(self) -> DistinguishedName | None:
        """Of the certificate; None while there is none, and for a name of another form."""
        return None if self.content.leaf is None else DistinguishedName.of_holder(self.content.leaf)

    @property
    def environment(self) -> Environment | None:
        """By the issuer's whole name."""
        issuer = None if self.content.leaf is None else issuer_name_of(self.content.leaf)
        return None if issuer is None else environment_of_issuer(issuer)

    @property
    def identifier(self) -> Identifier | None:
        """Of the owner; while he is not known, what the file name says."""
        if self.owner is not None:
            return self.owner.identifier
        return None if self.file.named is None else self.file.named.identifier

    @property
    def application_id(self) -> str | None:
        if self.owner is not None:
            return self.owner.application_id
        return None if self.file.named is None else self.file.named.application_id

    @property
    def state(self) -> CertificateState | None:
        """By content alone; None when that does not tell."""
        keystore, leaf = self.content.keystore, self.content.leaf
        if leaf is None:
            waiting = any(certificate.is_dummy for certificate in self.content.certificates)
            return CertificateState.PREPARED if waiting else None
        if keystore is not None:
            return keystore.state(self.now)
        validity = (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
        return state_at(self.now, validity, has_encryption_key=bool(self.outline.etk_serials))


Rule = Callable[[DiagnosisContext], Iterator[Finding]]


def name_text(name: Name) -> str:
    """Return a name in one line, whatever is in it; empty where it cannot be written."""
    try:
        return name.rfc4514_string()
    except ValueError:
        return ""
