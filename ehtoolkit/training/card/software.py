"""A training card in software: the profile in its folder, with the PIN rules and mishaps of a real card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.port import CardFiles, CardIdentity, CardKey, PinEntry, is_usable_for, require_pin
from ehtoolkit.crypto.keys import PrivateKey, raw_signature, sign
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import write_private
from ehtoolkit.training.card.pin_tries import PinTries
from ehtoolkit.training.card.profile import CardProfile, load_profile

READER: Final = "ehtoolkit Training"
REMOVED_MARKER: Final = "removed"
"""A file of this name in the card's folder: the card is out of the reader."""


class SoftwareCard:
    """The `Card` of a folder that `ehtoolkit.training.card.profile.save_profile` wrote.

    Several processes may use one folder: the PIN counter and the marker are files, looked at in every call. A card
    that is out is absent; one that went out since the last call was removed, once.

    Every call may raise `errors.CardUnknown`, `errors.CardAbsent`, `errors.CardRemoved`, and `errors.CardFault` (code
    ``profile``) when the folder is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tries = PinTries(folder)
        self._lock = Lock()
        self._profile: CardProfile | None = None

    # ── the card ─────────────────────────────────────────────────────────────────────────────────────────
    @property
    def reader(self) -> str:
        return READER

    def identity(self) -> CardIdentity:
        return self.profile().identity

    def files(self) -> CardFiles:
        return self.profile().files

    def chain(self, key: CardKey) -> Sequence[Certificate]:
        profile = self.profile()
        certificate = profile.certificates.get(key)
        if certificate is None or not is_usable_for(certificate, key):
            raise errors.CardCertificateMissing(certificate=key.value)
        return (certificate, profile.citizen_ca, profile.root)

    def require_key(self, key: CardKey) -> None:
        self.chain(key)

    def pin_entry(self, key: CardKey) -> PinEntry:
        self._read()
        return PinEntry.HERE

    def pin_tries_left(self) -> int | None:
        self._read()
        return self._tries.tries_left

    def sign(self, key: CardKey, data: bytes, pin: Secret | None) -> bytes:
        self.chain(key)
        self.verify_pin(Secret(require_pin(pin)))
        return _signature(self._read().keys[key], data)

    def cancel(self) -> None:
        """Do nothing: the PIN is asked here, so that no call ever waits for a person."""

    def close(self) -> None:
        with self._lock:
            self._profile = None

    # ── the holder and the trainer ───────────────────────────────────────────────────────────────────────
    @property
    def plugged(self) -> bool:
        return not (self._folder / REMOVED_MARKER).exists()

    def plug(self) -> None:
        (self._folder / REMOVED_MARKER).unlink(missing_ok=True)

    def unplug(self) -> None:
        write_private(self._folder / REMOVED_MARKER, b"")

    def verify_pin(self, pin: Secret) -> None:
        """Show the card a PIN, of whatever form; a wrong one costs a try. Raises `errors.PinWrong` and
        `errors.PinBlocked`."""
        self._read()
        self._tries.verify(pin.reveal())

    def change_pin(self, old: Secret, new: Secret) -> None:
        """Replace ``old`` by ``new``. Raises what a PIN can raise; a ``new`` one that is malformed costs no
        try."""
        self._read()
        self._tries.change(require_pin(old), require_pin(new))

    def unblock(self) -> None:
        """Give the card three tries again, as the municipality does; the PIN stays."""
        self._read()
        self._tries.unblock()

    def profile(self) -> CardProfile:
        """Return everything on the card."""
        return self._read()

    def _read(self) -> CardProfile:
        with self._lock:
            known, self._profile = self._profile, None
            if not self.plugged:
                raise errors.CardRemoved if known else errors.CardAbsent
            self._profile = known or load_profile(self._folder)
            return self._profile


def _signature(key: PrivateKey, data: bytes) -> bytes:
    signature = sign(key, SHA256(), data)
    return signature if isinstance(key, RSAPrivateKey) else raw_signature(signature, key.key_size)
