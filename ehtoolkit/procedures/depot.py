"""Whose token does the depot give out: is there a key for it in this keystore, and which?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ehtoolkit import errors
from ehtoolkit.ehealth.certificates.etk import Etk, check_etk, read_etk
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import KeyEntry, Keystore
from ehtoolkit.procedures.parts import Parts


class Ours(StrEnum):
    """What the depot's current token is to a keystore."""

    CURRENT = "current"
    """For an encryption key of its certificate."""
    OLD = "old"
    """For a key that was carried over from an older keystore."""
    OTHER = "other"
    """For a key that it does not have: messages for the holder do not open with it."""
    NONE = "none"
    """The depot has no token of this holder."""


@dataclass(frozen=True, slots=True)
class Published:
    """``etk``: the token, its CMS signature checked; None when the depot has none. ``entry``: the key of the
    keystore that it is for."""

    ours: Ours
    etk: Etk | None = None
    entry: KeyEntry | None = None

    @property
    def serial(self) -> str:
        """Of the token, in decimal: what its key is called in a keystore."""
        return "" if self.etk is None else str(self.etk.serial)


def published(keystore: Keystore, holder: DistinguishedName, parts: Parts) -> Published:
    """Ask the depot for the holder's token and look for its key in ``keystore``, whose certificate is installed.

    Raises `errors.ResponseUntrusted` (reason ``etk``) for one that is no token, or is for a key of ours in a
    certificate that we never signed; and the `errors.PlatformError` of a question without an answer.
    """
    data = parts.platform.depot.get_etk(holder.identifier, holder.application_id)
    if data is None:
        return Published(Ours.NONE)
    etk = read_etk(data)
    public_key = etk.encryption_certificate.public_key()
    for entry in keystore.current_encryption:
        if entry.key.public_key() == public_key:
            check_etk(data, entry.key.public_key(), keystore.chain[0])
            return Published(Ours.CURRENT, etk, entry)
    for entry in keystore.encryption:
        if entry.key.public_key() == public_key:
            return Published(Ours.OLD, etk, entry)
    return Published(Ours.OTHER, etk)


def require_published(keystore: Keystore, holder: DistinguishedName, parts: Parts) -> None:
    """Raise `errors.ResponseUntrusted` (reason ``depot``) unless the depot gives out a token of this keystore's own."""
    if published(keystore, holder, parts).ours is not Ours.CURRENT:
        raise errors.ResponseUntrusted(reason="depot")
