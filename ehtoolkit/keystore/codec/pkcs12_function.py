"""PKCS#12's key derivation (RFC 7292, appendix B): compiled where libcrypto is within reach, else in Python.

No Python library offers it. The libcrypto that the interpreter's own `hashlib` uses has it, five times as
fast as Python and without holding the interpreter's lock.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Final

Derive = Callable[[bytes, bytes, int, int, int, str], bytes]
"""Password (as bytes), salt, purpose byte, iterations, length, digest → key."""

# Only names with a version: macOS kills a process that loads the bare one.
_LIBRARIES: Final = {
    "linux": ("libcrypto.so.3", "libcrypto.so.1.1"),
    "darwin": ("libcrypto.3.dylib", "libcrypto.1.1.dylib"),
    "win32": ("libcrypto-3.dll", "libcrypto-3-x64.dll", "libcrypto-1_1.dll", "libcrypto-1_1-x64.dll"),
}
_PROBE: Final = (b"\0p\0\0", b"saltsalt", 1, 3, 70, "sha1")


def derive(password: bytes, salt: bytes, purpose: int, iterations: int, length: int, digest: str) -> bytes:
    """``length`` bytes of key for ``purpose`` (1 key, 2 initialisation vector, 3 MAC)."""
    arguments = (password, salt, purpose, iterations, length, digest)
    compiled = _compiled()
    if compiled is not None:
        try:
            return compiled(*arguments)
        except ValueError:  # this library lacks the digest
            return derive_in_python(*arguments)
    return derive_in_python(*arguments)


def is_compiled() -> bool:
    """Whether `derive` runs in libcrypto here."""
    return _compiled() is not None


def derive_in_python(
    password: bytes, salt: bytes, purpose: int, iterations: int, length: int, digest: str
) -> bytes:
    """The same as `derive`, wherever Python runs."""
    # The named functions take half the time of `hashlib.new`, but not every digest has one.
    hash_function = getattr(hashlib, digest, None) or partial(hashlib.new, digest)
    block = hash_function(usedforsecurity=False).block_size
    prefix = bytes([purpose]) * block
    state = _fill(salt, block) + _fill(password, block)
    key = b""
    while True:
        part: bytes = hash_function(prefix + state).digest()
        for _ in range(iterations - 1):
            part = hash_function(part).digest()
        key += part
        if len(key) >= length:
            return key[:length]
        step = int.from_bytes((part * block)[:block], "big") + 1
        state = b"".join(
            ((int.from_bytes(state[at : at + block], "big") + step) % (1 << 8 * block)).to_bytes(block, "big")
            for at in range(0, len(state), block)
        )


def _fill(text: bytes, block: int) -> bytes:
    """``text`` repeated until it fills whole blocks; nothing stays nothing."""
    if not text:
        return b""
    wanted = -(-len(text) // block) * block
    return (text * (wanted // len(text) + 1))[:wanted]


@cache
def _compiled() -> Derive | None:
    """libcrypto's function, if there is one and it agrees with ours."""
    for name in _LIBRARIES.get(sys.platform, ()):
        try:
            function = _bind(ctypes.CDLL(name))
        except (OSError, AttributeError):  # no such library, or one without the function
            continue
        try:
            if function(*_PROBE) == derive_in_python(*_PROBE):
                return function
        except ValueError:  # the library refuses, as one in FIPS mode does
            continue
    return None


def _bind(library: ctypes.CDLL) -> Derive:
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

    def compiled(
        password: bytes, salt: bytes, purpose: int, iterations: int, length: int, digest: str
    ) -> bytes:
        key = ctypes.create_string_buffer(length)
        method = by_name(digest.replace("_", "-").encode())
        done = method and generate(
            password, len(password), salt, len(salt), purpose, iterations, length, key, method
        )
        if not done:
            raise ValueError(digest)
        return key.raw

    return compiled
