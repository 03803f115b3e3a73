"""Who can read the file: Java, .NET, old software. Follows from the other findings, which give the reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.finding import Finding, info, ok, warning
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.compatible_software import readers_without
from ehtoolkit.keystore.diagnosis.context import DiagnosisContext

_NEITHER: Final = frozenset(("mac_pbmac1", "cipher_gcm"))

JAVA_REFUSES: Final = _NEITHER | {"cipher_rare"}
"""The JDK's own software, 17 and 25; BouncyCastle reads what is in `cipher_rare`."""
JAVA_LOSES: Final = frozenset(
    (
        "key_unprotected",
        "local_key_ids_missing",
        "key_kind_mismatch",
        "key_mismatch",
        "aliases_case",
        "aliases_repeated",
        "password_empty",
        "password_not_portable",
    )
)
"""Java or BouncyCastle open the file without some of its keys, with wrong certificates, or not on every
version."""
DOTNET_REFUSES: Final = _NEITHER | {"iterations_high", "iterations_total"}
_RC4: Final = "rc4"

_OLD_MAC: Final = "sha1"
_BROKEN: Final = ("damaged_", "content_")


def readers(case: DiagnosisContext, found: frozenset[str]) -> Iterator[Finding]:
    """``found``: the keys of the other findings. Of a file that is damaged, or protected in a way that is not
    known, nothing is said."""
    if any(key.startswith(_BROKEN) for key in found) or ("unsupported" in found and not found & _NEITHER):
        return
    if found & JAVA_REFUSES:
        yield warning("java_unreadable")
    elif found & JAVA_LOSES:
        yield warning("java_partly")
    else:
        yield ok("java_readable")
    has_rc4 = any(cipher.startswith(_RC4) for cipher in case.outline.ciphers)
    yield warning("dotnet_unreadable") if has_rc4 or found & DOTNET_REFUSES else ok("dotnet_readable")
    if _is_old(case):
        yield ok("old_readable")
    else:
        yield info("old_unreadable", readers=readers_without(EncryptionProfile.MODERN))


def _is_old(case: DiagnosisContext) -> bool:
    """PKCS#12's own ciphers and SHA-1, as every program of the last twenty years reads them."""
    return not case.outline.has_pbes2 and case.outline.mac in (_OLD_MAC, None)
