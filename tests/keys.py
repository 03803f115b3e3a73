"""RSA keys made beforehand, for tests that walk through many procedures: making a pair takes as long as the rest of a
procedure. A generator of keys is an edge of the program, like a card or a wire, and only this edge is replaced: what
is dealt are keys from the same generator, each of them once until the pack is taken up again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

GENERATING: Final = (
    "ehtoolkit.procedures.request",
    "ehtoolkit.procedures.complete",
    "ehtoolkit.procedures.foreign",
)
"""The modules of procedures that make a key pair."""


@dataclass
class KeyPack:
    """``dealt``: how many of ``keys`` are out; a new one is made when there is none left."""

    keys: list[RSAPrivateKey] = field(default_factory=list)
    dealt: int = 0

    def deal(self, public_exponent: int, key_size: int) -> RSAPrivateKey:
        """Stands where ``generate_private_key`` stands."""
        if self.dealt == len(self.keys):
            self.keys.append(generate_private_key(public_exponent, key_size))
        self.dealt += 1
        key = self.keys[self.dealt - 1]
        assert (key.public_key().public_numbers().e, key.key_size) == (public_exponent, key_size)
        return key

    def take_up(self) -> None:
        """Begin anew, for a platform that has seen none of them."""
        self.dealt = 0

    def into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the procedures have their keys from here."""
        for module in GENERATING:
            monkeypatch.setattr(f"{module}.generate_private_key", self.deal)
