"""What cryptography costs in tests that are about something else: fewer rounds, RSA keys made beforehand, and keys of
passwords that another test has derived.

A generator of keys is an edge of the program, like a card or a wire, and so is `hashlib`'s function that derives keys
from passwords. Only these edges are replaced: what is dealt are keys from the same generator, each of them once in a
test, and what is remembered is what the same function has given for the same arguments. The rounds of the writer are a
number in its code, and the number of tests is the least that the diagnosis does not complain of: so a keystore that a
test writes looks as sound as one that the program writes.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit.keystore.codec import writer
from ehtoolkit.keystore.codec.writer import Cost, EncryptionProfile

GENERATING: Final = ("ehtoolkit.procedures.complete",)
"""The modules that have imported ``generate_private_key`` itself; others call it as ``rsa.generate_private_key``."""

FULL: Final = writer.COSTS
"""What users' keystores cost."""
CHEAP: Final = dict.fromkeys(EncryptionProfile, Cost(10_000, 10_000))

FULL_ROUNDS: Final = ("full_cost", "interop")
"""Markers of tests about the cryptography itself, or whose files other programs read."""

_SIZE: Final = 2048

_generate = rsa.generate_private_key


@contextmanager
def cheap_rounds() -> Iterator[None]:
    """Let the writer derive its keys in a tenth of the time; in this process, also for the drivers of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "COSTS", CHEAP)
        yield


@dataclass
class KeyPack:
    """``dealt``: how many of ``keys`` are out; a new one is made when there is none left."""

    keys: list[RSAPrivateKey] = field(default_factory=list)
    dealt: int = 0
    lock: Lock = field(default_factory=Lock, repr=False)

    def deal(self, public_exponent: int, key_size: int, backend: object = None) -> RSAPrivateKey:
        """Stands where ``generate_private_key`` stands."""
        if key_size != _SIZE:
            return _generate(public_exponent, key_size)
        with self.lock:
            if self.dealt == len(self.keys):
                self.keys.append(_generate(public_exponent, key_size))
            self.dealt += 1
            key = self.keys[self.dealt - 1]
        assert (key.public_key().public_numbers().e, key.key_size) == (public_exponent, key_size)
        return key

    def take_up(self) -> None:
        """Begin anew, for a platform that has seen none of them."""
        self.dealt = 0

    def into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every module have its keys from here."""
        for module in GENERATING:  # first, since a module that is imported now must find the real one
            monkeypatch.setattr(f"{module}.generate_private_key", self.deal)
        monkeypatch.setattr(rsa, "generate_private_key", self.deal)


_FEW: Final = 1000
"""Rounds that are done sooner than looked up."""

_derive = hashlib.pbkdf2_hmac


@dataclass(frozen=True)
class DerivedKeys:
    """What was derived for any test, by any worker: the corpora are opened by twenty files of tests.

    ``folder``: a file for each key.
    """

    folder: Path

    def into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every module have its derived keys from here."""
        monkeypatch.setattr(hashlib, "pbkdf2_hmac", self._derive)

    @staticmethod
    def out_of(monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every module derive its keys itself."""
        monkeypatch.setattr(hashlib, "pbkdf2_hmac", _derive)

    def _derive(
        self, digest: str, password: bytes, salt: bytes, rounds: int, length: int | None = None
    ) -> bytes:
        """Stand where `hashlib.pbkdf2_hmac` stands."""
        arguments = (digest, password, salt, rounds, length)
        if rounds < _FEW:
            return _derive(*arguments)
        path = self.folder / hashlib.sha256(repr(arguments).encode()).hexdigest()
        with suppress(FileNotFoundError):
            return path.read_bytes()
        key = _derive(*arguments)
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            file.write(key)
        Path(file.name).replace(path)
        return key
