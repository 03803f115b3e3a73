"""The public view of a keystore: holder, dates and state, without private keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from cryptography.x509 import Certificate

from ehtoolkit.crypto.signatures import is_signed_by
from ehtoolkit.identity import DistinguishedName, Environment, environment_of_issuer
from ehtoolkit.keystore.certificates import issuer_name_of
from ehtoolkit.keystore.entries import Entry
from ehtoolkit.keystore.state import CertificateState, state_at

_E = TypeVar("_E", bound=Entry)


@dataclass(frozen=True, slots=True, eq=False)
class KeystoreView(Generic[_E]):
    """A keystore as it can be shown, without a private key.

    Attributes:
        authentication: the key that signs, or what belongs to it; its chain is empty until the certificate is
            installed.
        encryption: all other keys, which open messages, the old ones too.
    """

    authentication: _E = field(compare=False)
    encryption: tuple[_E, ...] = field(compare=False)

    @property
    def key_id(self) -> str:
        """The platform's PublicKeyIdentifier of the authentication key: 40 hexadecimal digits, upper case."""
        return self.authentication.key_id.hex().upper()

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """The certificate and its issuers as far as they are in the file; empty until it is installed."""
        return self.authentication.chain

    @property
    def installed(self) -> bool:
        """Whether the real certificate is there."""
        return bool(self.chain)

    @property
    def holder(self) -> DistinguishedName | None:
        """Whose keystore it is; None until the certificate is installed, and for a name of another form."""
        return DistinguishedName.of_holder(self.chain[0]) if self.chain else None

    @property
    def environment(self) -> Environment | None:
        """Where the certificate is good, by its issuer; None if unknown."""
        name = issuer_name_of(self.chain[0]) if self.chain else None
        return None if name is None else environment_of_issuer(name)

    @property
    def not_before(self) -> datetime | None:
        """The first moment of the certificate, in UTC; None until it is installed."""
        return self.chain[0].not_valid_before_utc if self.chain else None

    @property
    def not_after(self) -> datetime | None:
        """The last moment of the certificate, in UTC; None until it is installed."""
        return self.chain[0].not_valid_after_utc if self.chain else None

    @property
    def current_encryption(self) -> tuple[_E, ...]:
        """The encryption keys of this certificate, newest last: their certificate has its subject and is
        signed by the authentication key. Those carried over from an older keystore are not among them."""
        if not self.chain:
            return ()
        subject, public_key = self.chain[0].subject, self.chain[0].public_key()
        found = [
            entry
            for entry in self.encryption
            if entry.chain and entry.chain[0].subject == subject and is_signed_by(entry.chain[0], public_key)
        ]
        return tuple(sorted(found, key=lambda entry: entry.chain[0].not_valid_before_utc))

    def state(self, now: datetime) -> CertificateState:
        """Return the state at ``now`` (aware), by content alone."""
        if self.not_before is None or self.not_after is None:
            return state_at(now, None, has_encryption_key=False)
        validity = (self.not_before, self.not_after)
        return state_at(now, validity, has_encryption_key=bool(self.current_encryption))
