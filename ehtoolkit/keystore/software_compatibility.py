"""Dated tables of software, with sources: which protection each reads, and which knows no EC keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit.keystore.codec.writer import EncryptionProfile


@dataclass(frozen=True, slots=True)
class KeystoreReader:
    """A program, and which profiles it opens.

    Attributes:
        name: as its makers call it, with the versions; the same in all languages.
        opens: the profiles whose files it opens.
        opens_rc2: whether it opens what the official program writes, with RC2-40 over the certificates; so do other
            programs with BouncyCastle's and older OpenSSL's own defaults.
    """

    name: str
    opens: frozenset[EncryptionProfile]
    opens_rc2: bool = True


_ALL: Final = frozenset(EncryptionProfile)
_COMPATIBLE: Final = frozenset((EncryptionProfile.COMPATIBLE,))

# Measured on 2026-11-27, where no other day stands. “Run”: against our files, as a PKCS#12 provider. The others:
# `tests/keystore/test_readers.py`, and `test_interop_password.py` for Java, NSS and GnuTLS.
KEYSTORE_READERS: Final = (
    KeystoreReader("Java 17 (SunJSSE, keytool)", _ALL),
    # Run, 1.70 and 1.80, Java 11 and 17.
    KeystoreReader("BouncyCastle ≥ 1.70", _ALL),
    # Run on 2026-11-29: “pad block corrupted” of 1.60, 1.68 and 1.69 on Java 17, of 1.68 on 21 and 25; fine on Java 11.
    KeystoreReader("BouncyCastle 1.60–1.69 (Java ≥ 17)", _COMPATIBLE),
    # Run; shipped beside connector 4.0.2: “PKCS12 key store mac invalid” on Java 11 and 17.
    KeystoreReader("BouncyCastle 1.55", _COMPATIBLE),
    # “Unknown private key format” for EC keys, “unsupported HMAC” for the others, “Undefined length encoding” for BER,
    # which BouncyCastle 1.80 writes.
    KeystoreReader("Mono 6.12 (Mono.Security, RSA keys)", _COMPATIBLE),
    # 2026-11-29: “MonoBtlsPkcs12.Import failed” for a complete keystore of either profile; it opens a file with one
    # key.
    KeystoreReader("Mono 6.12 (X509Certificate2)", frozenset()),
    KeystoreReader("OpenSSL 3, without -legacy", _ALL, opens_rc2=False),
    KeystoreReader("OpenSSL 3, with -legacy", _ALL),
    KeystoreReader("NSS", _ALL),
    KeystoreReader("GnuTLS", _ALL),
)


def readers_without(profile: EncryptionProfile) -> str:
    """List the table's programs that do not open files of ``profile``, in one line."""
    return "; ".join(reader.name for reader in KEYSTORE_READERS if profile not in reader.opens)


def readers_without_rc2() -> str:
    """List the table's programs that refuse RC2-40 over certificates, in one line."""
    return "; ".join(reader.name for reader in KEYSTORE_READERS if not reader.opens_rc2)


# Programs that cannot work with an EC authentication key, as their makers call them, before the first version, or
# month of a version, that can; without one where none is known.
_WITHOUT_ELLIPTIC_KEYS: Final = (
    # 2026-11-29: 4.0.2 run with an EC key: “not a RSAPrivateKey instance” of registration and etee; sessions requested
    # and renewed with P-384. 4.7.3 run with P-384: whole life.
    "eHealth connector (Java) < 4.3",
    # 2026-11-27: icure/freehealth-connector 890806b78 (2025-08-21) and fcb0e54cb (2025-08-22).
    "Freehealth connector < 2025-08",
    # 2026-11-27: icure/freehealth-connector 9bb60d1b8 (2026-04), SSOServiceImpl.kt casts the key to RSAPrivateKey.
    "I.AM Connect M2M (RS256)",
)


def software_without_elliptic_keys() -> str:
    """List the programs that cannot work with an EC authentication key, in one line."""
    return "; ".join(_WITHOUT_ELLIPTIC_KEYS)
