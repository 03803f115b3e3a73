"""Derive keys from passwords: PBKDF2 (RFC 8018) and PKCS#12's function (RFC 7292, appendix B).

A `DerivedKeyCache` derives each key of one password once, however often a file is read and written.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from typing import Final, NamedTuple

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.secret import Secret


class Function(Enum):
    """How a key is made; the value is the purpose byte of PKCS#12's function."""

    PBKDF2 = 0
    PKCS12_KEY = 1
    PKCS12_IV = 2
    PKCS12_MAC = 3


_NAMES: Final = ("sha1", "sha224", "sha256", "sha384", "sha512", "sha512_224", "sha512_256")
DIGESTS: Final = {
    name: hashlib.new(name, usedforsecurity=False).digest_size
    for name in _NAMES
    if name in hashlib.algorithms_available
}
"""The hash functions that are known, by `hashlib`'s names, and the bytes that each gives."""

# Iterations of PBKDF2 with SHA-256 that one iteration is worth, measured: with 32-bit and with 64-bit hashes.
_PBKDF2_WORK: Final = (1.0, 3.0)
_COMPILED_WORK: Final = (0.5, 1.4)
_PYTHON_WORK: Final = (2.4, 3.6)
_LONG_DIGESTS: Final = frozenset({"sha384", "sha512", "sha512_224", "sha512_256"})


@dataclass(frozen=True, slots=True)
class Derivation:
    """Everything that makes a key but the password; equal derivations of one password give equal keys.

    Attributes:
        digest: one of `DIGESTS`.
        length: of the key, in bytes.
    """

    function: Function
    digest: str
    salt: bytes
    iterations: int
    length: int

    @property
    def work(self) -> float:
        """What it costs, in iterations of PBKDF2 with SHA-256."""
        if self.function is Function.PBKDF2:
            weights = _PBKDF2_WORK
        else:
            weights = _COMPILED_WORK if is_compiled() else _PYTHON_WORK
        blocks = -(-self.length // DIGESTS[self.digest])
        return self.iterations * blocks * weights[self.digest in _LONG_DIGESTS]


def password_inputs(function: Function, password: str) -> tuple[bytes, ...]:
    """Return the bytes that programs feed to ``function`` for ``password``, the usual ones first.

    PBKDF2 takes UTF-8, PKCS#12's function big-endian UTF-16 with two zero bytes at the end. For the empty
    password some programs give it these zero bytes, others nothing. The other forms are Java's, each found in
    files that it wrote; the MAC always has the usual one.

    - Beside BouncyCastle, Java 17 takes for PBKDF2 what PKCS#12's function takes, without the upper bit of
      each byte (of ASCII too, where BouncyCastle comes first); Java 25 takes the same as if it were UTF-8.
      NSS once did so, too.
    - Java 25 alone takes for PKCS#12's function UTF-8, without the upper bits, as if it were Latin-1.
    """
    text = password.encode("utf-8", "surrogatepass")
    characters = _utf16(password)
    if function is Function.PBKDF2:
        mended = characters.decode("utf-8", "replace").encode("utf-8")
        return _distinct(text, _without_upper_bits(characters), mended) if password else (text,)
    if function is Function.PKCS12_MAC:
        return (characters,) if password else (characters, b"")
    others = _utf16(_without_upper_bits(text).decode("ascii")) if password else b""
    return _distinct(characters, others)


def _utf16(text: str) -> bytes:
    return (text + "\0").encode("utf-16-be", "surrogatepass")


def _without_upper_bits(octets: bytes) -> bytes:
    return bytes(octet & 0x7F for octet in octets)


def _distinct(*forms: bytes) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(forms))


def derive(derivation: Derivation, password_input: bytes) -> bytes:
    """Return the key; the interpreter's lock is released where the derivation is compiled."""
    if derivation.function is Function.PBKDF2:
        return hashlib.pbkdf2_hmac(
            derivation.digest, password_input, derivation.salt, derivation.iterations, derivation.length
        )
    compiled = _compiled()
    if compiled is not None:
        with suppress(ValueError):  # this library lacks the digest
            return compiled(derivation, password_input)
    return derive_in_python(derivation, password_input)


# ── PKCS#12's own function (RFC 7292, appendix B) ────────────────────────────────────────────────────────
_Derive = Callable[[Derivation, bytes], bytes]

# Only names with a version: macOS kills a process that loads the bare one.
_LIBRARIES: Final = {
    "linux": ("libcrypto.so.3", "libcrypto.so.1.1"),
    "darwin": ("libcrypto.3.dylib", "libcrypto.1.1.dylib"),
    "win32": ("libcrypto-3.dll", "libcrypto-3-x64.dll", "libcrypto-1_1.dll", "libcrypto-1_1-x64.dll"),
}
_PROBE: Final = Derivation(Function.PKCS12_KEY, "sha1", b"saltsalt", 3, 70)


def is_compiled() -> bool:
    """Return whether PKCS#12's function runs in libcrypto here."""
    return _compiled() is not None


def derive_in_python(derivation: Derivation, password_input: bytes) -> bytes:
    """Return the same as `derive`, for PKCS#12's function, wherever Python runs."""
    # The named functions take half the time of `hashlib.new`, but not every digest has one.
    hash_function = getattr(hashlib, derivation.digest, None) or partial(hashlib.new, derivation.digest)
    block = hash_function(usedforsecurity=False).block_size
    prefix = bytes([derivation.function.value]) * block
    state = _fill(derivation.salt, block) + _fill(password_input, block)
    key = b""
    while True:
        part: bytes = hash_function(prefix + state).digest()
        for _ in range(derivation.iterations - 1):
            part = hash_function(part).digest()
        key += part
        if len(key) >= derivation.length:
            return key[: derivation.length]
        step = int.from_bytes((part * block)[:block], "big") + 1
        state = b"".join(
            ((int.from_bytes(state[at : at + block], "big") + step) % (1 << 8 * block)).to_bytes(block, "big")
            for at in range(0, len(state), block)
        )


def _fill(text: bytes, block: int) -> bytes:
    """Return ``text`` repeated until it fills whole blocks; nothing stays nothing."""
    if not text:
        return b""
    wanted = -(-len(text) // block) * block
    return (text * (wanted // len(text) + 1))[:wanted]


@cache
def _compiled() -> _Derive | None:
    """Return libcrypto's function, None where there is none or it does not agree with ours."""
    for name in _LIBRARIES.get(sys.platform, ()):
        try:
            function = _bind(ctypes.CDLL(name))
        except (OSError, AttributeError):  # no such library, or one without the function
            continue
        try:
            if function(_PROBE, b"\0p\0\0") == derive_in_python(_PROBE, b"\0p\0\0"):
                return function
        except ValueError:  # the library refuses, as one in FIPS mode does
            continue
    return None


def _bind(library: ctypes.CDLL) -> _Derive:
    generate = library.PKCS12_key_gen_uni
    generate.restype = ctypes.c_int
    generate.argtypes = (
        *(ctypes.c_char_p, ctypes.c_int) * 2,
        *(ctypes.c_int,) * 3,
        ctypes.c_char_p,
        ctypes.c_void_p,
    )
    by_name = library.EVP_get_digestbyname
    by_name.restype = ctypes.c_void_p
    by_name.argtypes = (ctypes.c_char_p,)

    def compiled(derivation: Derivation, password_input: bytes) -> bytes:
        salt, length = derivation.salt, derivation.length
        key = ctypes.create_string_buffer(length)
        method = by_name(derivation.digest.replace("_", "-").encode())
        purpose, iterations = derivation.function.value, derivation.iterations
        done = method and generate(
            password_input, len(password_input), salt, len(salt), purpose, iterations, length, key, method
        )
        if not done:
            raise ValueError(derivation.digest)
        return key.raw

    return compiled


# ── The keys of one password ─────────────────────────────────────────────────────────────────────────────
class UnlockResult(NamedTuple):
    """A key (and the initialisation vector with it) for one form of the password."""

    form: int
    key: bytes
    iv: bytes


class DerivedKeyCache:
    """Derives keys from a password, and keeps the keys.

    Once it is closed it has forgotten the password and gives only keys that it has derived before: all that
    a procedure needs which saves the same file again. Whatever is derived counts against `limits.WORK`.
    """

    def __init__(self, password: Secret) -> None:
        self._inputs: dict[Function, tuple[bytes, ...]] = {
            function: password_inputs(function, password.reveal()) for function in Function
        }
        self._forms = {function: len(inputs) for function, inputs in self._inputs.items()}
        self._settled: dict[Function, int] = {}
        self._keys: dict[tuple[Derivation, int], bytes] = {}
        self._work = 0.0

    def close(self) -> None:
        """Forget the password."""
        self._inputs = {}

    def key(self, derivation: Derivation) -> bytes:
        """Return the key for the form of the password that has opened something before, else for the usual one: what is
        written is written with it. Raises as `attempts`."""
        return next(self.attempts(derivation)).key

    def attempts(self, key: Derivation, iv: Derivation | bytes = b"") -> Iterator[UnlockResult]:
        """Yield a key and its initialisation vector for each form in which programs use the password, the likely one
        first. ``iv``: the vector, or how it too comes from the password.

        Raises `errors.LimitExceeded` before a derivation over the limits, `errors.KeystorePasswordWrong`
        when the cache is closed and has no such key.
        """
        none_found = True
        likely = self._settled.get(key.function, 0)
        for form in sorted(range(self._forms[key.function]), key=lambda form: form != likely):
            found, vector = self._find(key, form), iv if isinstance(iv, bytes) else self._find(iv, form)
            if found is not None and vector is not None:
                none_found = False
                yield UnlockResult(form, found, vector)
        if none_found:
            raise errors.KeystorePasswordWrong

    def settle(self, derivation: Derivation, attempt: UnlockResult) -> None:
        """Record that the form of ``attempt`` was right: it comes first from now on, since one program wrote the whole
        file."""
        self._settled[derivation.function] = attempt.form

    def _find(self, derivation: Derivation, form: int) -> bytes | None:
        inputs = self._inputs.get(derivation.function, ())
        if (derivation, form) not in self._keys and form < len(inputs):
            limits.check("iterations", derivation.iterations)
            limits.check("work", self._work + derivation.work)  # one that is refused leaves room for others
            self._work += derivation.work
            self._keys[derivation, form] = derive(derivation, inputs[form])
        return self._keys.get((derivation, form))
