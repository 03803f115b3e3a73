"""The check of a file with the platform: its answer beside what the file itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.diagnosis import Severity
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.procedures.state.standing import Standing


@dataclass(frozen=True, slots=True)
class FileSays:
    """What the file says, to be held against the platform's answer.

    Attributes:
        state: by the clock of the environment.
        token_key: whether there is an encryption key of this certificate.
        carries: whether there are older ones.
        holder: None until the certificate is there.
    """

    state: CertificateState
    not_after: datetime | None
    token_key: bool
    carries: bool
    holder: DistinguishedName | None

    @classmethod
    def of(cls, keystore: Keystore, now: datetime) -> FileSays:
        own = keystore.current_encryption
        return cls(
            state=keystore.state(now),
            not_after=keystore.not_after,
            token_key=bool(own),
            carries=len(keystore.encryption) > len(own),
            holder=keystore.holder,
        )


@dataclass(frozen=True, slots=True)
class PlatformCheck:
    """``at``: when, by the clock of the environment."""

    standing: Standing
    file: FileSays
    at: datetime

    @property
    def contradicts(self) -> bool:
        """Whether the platform says that something is wrong."""
        return self.standing.checked and self.standing.severity is Severity.ERROR

    def word(self, texts: Translator) -> str:
        """Return where the certificate stands, in a word or two."""
        if not self.standing.checked:
            return texts.get("troubleshoot.platform.unchecked")
        return texts.get(f"troubleshoot.platform.state.{self.standing.state}")
