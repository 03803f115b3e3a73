"""Rules on protection and password: too weak, or not readable by other programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.finding import Finding, Topic, error, info, ok, warning
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.diagnosis.content import PBMAC1, Outline
from ehtoolkit.keystore.software_compatibility import readers_without, readers_without_rc2
from ehtoolkit.secret import Secret

DOTNET_ITERATIONS: Final = 300_000
"""What the loader of .NET takes for one part, by its documented defaults."""
DOTNET_TOTAL: Final = 1_000_000
"""And for all encrypted parts together."""

_FEW: Final = 10_000
"""Java writes so many; below, a guessed password costs little."""
_TOO_FEW: Final = 1_000
_WEAK: Final = ("rc2-40", "rc4-40")
_OLD: Final = ("rc2", "rc4", "des-ede2")
_RARE: Final = ("des-ede2", "aes192-cbc", "pbes2-des-ede3")
"""Refused by the JDK's own software, 17 and 25; `tests/keystore/test_interop_reading.py` asks it."""


def protection(outline: Outline) -> Iterator[Finding]:
    yield from _ciphers(outline)
    yield from _iterations(outline)
    if outline.open_keys:
        yield error("key_unprotected", count=outline.open_keys)
    if outline.hidden_keys:
        yield warning("keys_hidden", count=outline.hidden_keys)
    if outline.is_segmented:
        yield warning("parameters_segmented")
    if outline.open_certificates:
        yield info("certificates_unprotected")
    if outline.mac is None:
        yield warning("mac_missing")
    elif outline.mac == PBMAC1:
        yield warning("mac_pbmac1")


def _ciphers(outline: Outline) -> Iterator[Finding]:
    weak = _of(outline.ciphers, _WEAK)
    weak_keys = _of(outline.key_ciphers, _WEAK)
    if weak_keys:
        yield error("cipher_weak_key", ciphers=weak_keys)
    elif weak:  # what is sealed together are certificates, which are public
        yield info("cipher_weak", ciphers=weak, readers=readers_without_rc2())
    rare = _of(outline.ciphers, _RARE)
    if rare:
        yield warning("cipher_rare", ciphers=rare)
    old = tuple(cipher for cipher in _of(outline.ciphers, _OLD) if cipher not in (*weak, *rare))
    if old:
        yield info("cipher_old", ciphers=old)
    combined = tuple(cipher for cipher in outline.ciphers if "gcm" in cipher)
    if combined:
        yield warning("cipher_gcm", ciphers=combined)


def _iterations(outline: Outline) -> Iterator[Finding]:
    counts_of_encryption = outline.iterations
    mac = outline.mac_iterations
    counts = counts_of_encryption if mac is None else (*counts_of_encryption, mac)
    if not counts:
        return
    if max(counts) > DOTNET_ITERATIONS:
        yield warning("iterations_high", iterations=max(counts), limit=DOTNET_ITERATIONS)
    elif sum(counts_of_encryption) > DOTNET_TOTAL:
        yield warning("iterations_total", iterations=sum(counts_of_encryption), limit=DOTNET_TOTAL)
    if min(counts) < _FEW:
        say = warning if min(counts) < _TOO_FEW else info
        yield say("iterations_low", iterations=min(counts), usual=_FEW)


def _of(ciphers: tuple[str, ...], prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cipher for cipher in ciphers if cipher.startswith(prefixes))


# ── Who can read the file ────────────────────────────────────────────────────────────────────────────────
_NEITHER: Final = frozenset(("mac_pbmac1", "cipher_gcm"))

JAVA_REFUSES: Final = _NEITHER | {"cipher_rare", "parameters_segmented"}
"""The JDK's own software, 17 and 25; BouncyCastle reads the others than `_NEITHER`."""
_NOT_PORTABLE: Final = "password_not_portable"
"""Java writes such passwords in ways of its own, which .NET Core 3.1, BouncyCastle 1.55 and 1.80 and OpenSSL refuse."""

JAVA_LOSES: Final = frozenset(
    (
        "key_unprotected",
        "keys_hidden",
        "local_key_ids_missing",
        "key_kind_mismatch",
        "key_mismatch",
        "aliases_case",
        "aliases_repeated",
        "password_empty",
        _NOT_PORTABLE,
    )
)
"""Java or BouncyCastle open the file without some of its keys, with wrong certificates, or not on every
version."""
DOTNET_REFUSES: Final = _NEITHER | {"iterations_high", "iterations_total"}
_RC4: Final = "rc4"
_MACS_WITHOUT_DOTNET: Final = frozenset(("sha224", "sha512_224", "sha512_256"))
"""Digests that .NET does not compute."""

_OLD_MAC: Final = "sha1"
_BROKEN: Final = ("damaged_", "content_")


def readers(outline: Outline, found: frozenset[str]) -> Iterator[Finding]:
    """Report which other programs can read the file. ``found``: the keys of the other findings. Of a file that is
    damaged, or protected in a way that is not known, nothing is said."""
    if any(key.startswith(_BROKEN) for key in found) or ("unsupported" in found and not found & _NEITHER):
        return
    if found & JAVA_REFUSES:
        yield warning("java_unreadable").about(Topic.CIRCUMSTANCES)
    elif found & JAVA_LOSES:
        yield warning("java_partly").about(Topic.CIRCUMSTANCES)
    else:
        yield ok("java_readable")
    yield _dotnet(outline, found)
    if not _is_old(outline):
        yield info("old_unreadable", readers=readers_without(EncryptionProfile.MODERN))
    elif _NOT_PORTABLE not in found:
        yield ok("old_readable")


def _dotnet(outline: Outline, found: frozenset[str]) -> Finding:
    has_rc4 = any(cipher.startswith(_RC4) for cipher in outline.ciphers)
    if has_rc4 or outline.mac in _MACS_WITHOUT_DOTNET or found & DOTNET_REFUSES:
        return warning("dotnet_unreadable")
    return warning("dotnet_partly") if _NOT_PORTABLE in found else ok("dotnet_readable")


def _is_old(outline: Outline) -> bool:
    """Return whether the file has PKCS#12's own ciphers, and a MAC with SHA-1 or none, as every program of the last
    twenty years reads them."""
    return not outline.has_pbes2 and outline.mac in (_OLD_MAC, None)


# ── The password ─────────────────────────────────────────────────────────────────────────────────────────
_MOVED_KEYS: Final = frozenset("aqzwmAQZWM")
"""Letters that are elsewhere on the other one of the Belgian (AZERTY) and the American (QWERTY) keyboard."""


def wrong_password(password: Secret) -> Iterator[Finding]:
    """Report that this password does not open the file, which is sound as far as it can be seen, with hints at what the
    password looks like."""
    yield error("password_wrong").about(Topic.PASSWORD)
    text = password.reveal()
    if not text:
        yield info("password_hint_empty")
    if text != text.strip():
        yield info("password_hint_blanks")
    if _looks_like_caps_lock(text):
        yield info("password_hint_capitals")
    if _MOVED_KEYS & set(text):
        yield info("password_hint_keyboard")
    if not text.isascii():
        yield info("password_hint_accents")


def right_password(password: Secret) -> Iterator[Finding]:
    """Report a password that opens the file and that not every other program takes."""
    text = password.reveal()
    if not text:
        yield warning("password_empty")
    elif not (text.isascii() and text.isprintable()):
        yield warning("password_not_portable")


def _looks_like_caps_lock(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    if len(letters) < 2:
        return False
    # Caps lock makes "Kine" either "KINE" or "kINE".
    return all(map(str.isupper, letters[1:]))
