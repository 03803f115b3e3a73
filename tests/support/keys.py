"""What cryptography costs in tests that are about something else: fewer rounds, RSA keys made beforehand, and keys of
passwords that another test has derived.

A generator of keys is an edge of the program, like a card or a wire, and so are the functions of hashlib and libcrypto
that derive keys from passwords. Only these edges are replaced: what is dealt are keys of primes from the same
generator, each key once in a test, and what is remembered is what the same function has given for the same arguments.
The rounds of the writer are a number in its code, and the number of tests is the least that the diagnosis does not
complain of: so a keystore that a test writes looks as sound as one that the program writes.
"""

from __future__ import annotations

import ctypes
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from ehtoolkit.keystore.codec import derivation, writer
from ehtoolkit.keystore.codec.writer import Cost, EncryptionProfile

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


def _put(path: Path, content: bytes) -> None:
    """Write a file that other workers see whole, or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def _pairs() -> Iterator[tuple[int, int]]:
    """Which two primes a key has, key by key: two that are new, and then each of these with every older one."""
    for first in count(0, 2):
        yield first, first + 1
        yield from ((older, new) for older in range(first) for new in (first, first + 1))


def _made_of(p: int, q: int, exponent: int) -> RSAPrivateKey:
    """A key as sound as a generated one, the larger prime first as there. Who knows another key with one of its primes
    breaks it: keys of tests protect nobody."""
    d = rsa.rsa_recover_private_exponent(exponent, p, q)
    numbers = RSAPrivateNumbers(
        *(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)),
        RSAPublicNumbers(exponent, p * q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


@dataclass
class KeyPack:
    """``dealt``: how many of ``keys`` are out; a new one is made when there is none left.

    Only some keys are generated: ten of them have the primes of 190 (`_pairs`).

    ``folder``: where workers keep what they make for each other; without, each makes its own.
    """

    folder: Path | None = None
    keys: list[RSAPrivateKey] = field(default_factory=list)
    dealt: int = 0
    primes: list[int] = field(default_factory=list, repr=False)
    pairs: Iterator[tuple[int, int]] = field(default_factory=_pairs, repr=False)
    lock: Lock = field(default_factory=Lock, repr=False)

    def deal(self, public_exponent: int, key_size: int, backend: object = None) -> RSAPrivateKey:
        """Stands where ``generate_private_key`` stands."""
        if key_size != _SIZE:
            return _generate(public_exponent, key_size)
        with self.lock:
            if self.dealt == len(self.keys):
                self.keys.append(self._another(public_exponent))
            self.dealt += 1
            key = self.keys[self.dealt - 1]
        assert (key.public_key().public_numbers().e, key.key_size) == (public_exponent, key_size)
        return key

    def _another(self, exponent: int) -> RSAPrivateKey:
        """The key behind the last."""
        first, second = next(self.pairs)
        if second < len(self.primes):
            smaller, larger = sorted((self.primes[first], self.primes[second]))
            return _made_of(larger, smaller, exponent)
        key = self._generated(exponent)
        numbers = key.private_numbers()
        self.primes += (numbers.p, numbers.q)
        return key

    def _generated(self, exponent: int) -> RSAPrivateKey:
        """A key with the next two primes, as the first worker that needed them has made it."""
        if self.folder is None:
            return _generate(exponent, _SIZE)
        path = self.folder / f"{len(self.primes)}.der"
        with suppress(FileNotFoundError):
            found = load_der_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
            assert isinstance(found, RSAPrivateKey)
            return found
        key = _generate(exponent, _SIZE)
        _put(path, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        return key

    def take_up(self) -> None:
        """Begin anew, for a platform that has seen none of them."""
        self.dealt = 0

    def into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every module have its keys from here: all call ``rsa.generate_private_key``."""
        monkeypatch.setattr(rsa, "generate_private_key", self.deal)


_FEW: Final = 1000
"""Rounds that are done sooner than looked up."""

_derive = hashlib.pbkdf2_hmac
_load = ctypes.CDLL


@dataclass(frozen=True)
class DerivedKeys:
    """What was derived for any test, by any worker: the corpora are opened by twenty files of tests.

    ``folder``: a file for each key.
    """

    folder: Path

    def into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every module have its derived keys from here. The program binds libcrypto once in a process: now."""
        monkeypatch.setattr(hashlib, "pbkdf2_hmac", self._derive)
        with monkeypatch.context() as patch:
            patch.setattr(ctypes, "CDLL", lambda name: _Libcrypto(_load(name), self))
            derivation.is_compiled()
        monkeypatch.setattr(_Libcrypto, "is_remembering", True)

    @staticmethod
    def out_of(monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every module derive its keys itself."""
        monkeypatch.setattr(hashlib, "pbkdf2_hmac", _derive)
        monkeypatch.setattr(_Libcrypto, "is_remembering", False)

    def once(self, arguments: tuple[object, ...], derive: Callable[[], bytes]) -> bytes:
        """What ``derive`` gives, which depends on ``arguments`` alone."""
        path = self.folder / hashlib.sha256(repr(arguments).encode()).hexdigest()
        with suppress(FileNotFoundError):
            return path.read_bytes()
        key = derive()
        _put(path, key)
        return key

    def _derive(
        self, digest: str, password: bytes, salt: bytes, rounds: int, length: int | None = None
    ) -> bytes:
        """Stand where `hashlib.pbkdf2_hmac` stands."""
        arguments = (digest, password, salt, rounds, length)
        return _derive(*arguments) if rounds < _FEW else self.once(arguments, lambda: _derive(*arguments))


class _Libcrypto:
    """Stands where libcrypto stands: its two functions, as `ctypes` would give them."""

    is_remembering = False

    def __init__(self, library: ctypes.CDLL, keys: DerivedKeys) -> None:
        self._keys = keys
        self._digests: dict[int | None, bytes] = {}
        self._find = library.EVP_get_digestbyname
        self._generate = library.PKCS12_key_gen_uni
        self.EVP_get_digestbyname = _Function(self._find, self._digest)
        self.PKCS12_key_gen_uni = _Function(self._generate, self._key)

    def _digest(self, name: bytes) -> int | None:
        method: int | None = self._find(name)
        self._digests[method] = name
        return method

    def _key(self, *arguments: Any) -> int:
        *given, buffer, method = arguments
        if not self.is_remembering or given[5] < _FEW:
            return int(self._generate(*arguments))

        def derive() -> bytes:
            if not self._generate(*arguments):
                return b""
            return bytes(buffer.raw)

        key = self._keys.once((self._digests[method], *given), derive)
        if key:
            buffer.raw = key
        return bool(key)


class _Function:
    """Stands where one of them stands; its types are those of the one behind it."""

    def __init__(self, behind: Any, instead: Callable[..., Any]) -> None:
        vars(self).update(behind=behind, instead=instead)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(vars(self)["behind"], name, value)

    def __call__(self, *arguments: Any) -> Any:
        return vars(self)["instead"](*arguments)
