"""Write PKCS#12 with few rounds."""

from __future__ import annotations

from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import Derivation, DerivedKeyCache, Function
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal
from ehtoolkit.secret import Secret

# One iteration: the tests are about the structure.
QUICK = {
    EncryptionProfile.MODERN: EncryptionParams(
        EncryptionProfile.MODERN,
        Derivation(Function.PBKDF2, "sha256", b"s" * 20, 1, 32),
        Derivation(Function.PKCS12_MAC, "sha256", b"m" * 20, 1, 32),
    ),
    EncryptionProfile.COMPATIBLE: EncryptionParams(
        EncryptionProfile.COMPATIBLE,
        Derivation(Function.PKCS12_KEY, "sha1", b"s" * 20, 1, 24),
        Derivation(Function.PKCS12_MAC, "sha1", b"m" * 20, 1, 20),
    ),
}


def write_quick(
    some: Pkcs12Contents, password: Secret, profile: EncryptionProfile = EncryptionProfile.MODERN
) -> bytes:
    return seal(some, DerivedKeyCache(password), QUICK[profile])
