"""A card's key as a signer of messages: certificate chain, and a signature made with the PIN given for it."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.x509 import Certificate

from ehtoolkit.card.port import Card, CardKey
from ehtoolkit.secret import Secret


class CardSigner:
    """Signs once or more with one key of one card; the PIN lives as long as this object."""

    def __init__(self, card: Card, key: CardKey, pin: Secret | None) -> None:
        self._card = card
        self._key = key
        self._pin = pin

    @property
    def chain(self) -> Sequence[Certificate]:
        """Leaf, citizen CA and root, as the platform wants them."""
        return self._card.chain(self._key)

    def sign(self, data: bytes) -> bytes:
        return self._card.sign(self._key, data, self._pin)
