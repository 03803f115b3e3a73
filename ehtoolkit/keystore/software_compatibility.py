"""Dated tables of software, with sources: which protection each reads, and which knows no EC keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ehtoolkit.keystore.codec.writer import EncryptionProfile


@dataclass(frozen=True, slots=True)
class KeystoreReader:
    """A program, and which profiles it opens.

    Attributes:
        name: as its makers call it, with the versions; the same in all languages.
        opens: the profiles whose files it opens.
        seen: when this was measured or looked up.
        source: by whom, and what the others answered.
        opens_rc2: whether it opens what the official program writes, with RC2-40 over the certificates; so do other
            programs with BouncyCastle's and older OpenSSL's own defaults.
    """

    name: str
    opens: frozenset[EncryptionProfile]
    seen: date
    source: str
    opens_rc2: bool = True


_ALL: Final = frozenset(EncryptionProfile)
_COMPATIBLE: Final = frozenset((EncryptionProfile.COMPATIBLE,))
_SEEN: Final = date(2026, 11, 27)
_SEEN_LATER: Final = date(2026, 11, 29)
_RUN: Final = "run against our files, as a PKCS#12 provider"

KEYSTORE_READERS: Final = (
    KeystoreReader("Java 17 (SunJSSE, keytool)", _ALL, _SEEN, "tests/keystore/test_interop_password.py"),
    KeystoreReader("BouncyCastle ≥ 1.70", _ALL, _SEEN, f"{_RUN}, 1.70 and 1.80, Java 11 and 17"),
    KeystoreReader(
        "BouncyCastle 1.60–1.69 (Java ≥ 17)",
        _COMPATIBLE,
        _SEEN_LATER,
        f"{_RUN}: “pad block corrupted” of 1.60, 1.68 and 1.69 on Java 17, of 1.68 on 21 and 25; fine on Java 11",
    ),
    KeystoreReader(
        "BouncyCastle 1.55",
        _COMPATIBLE,
        _SEEN,
        f"{_RUN}; it is shipped beside connector 4.0.2: “PKCS12 key store mac invalid” on Java 11 and 17",
    ),
    KeystoreReader(
        "Mono 6.12 (Mono.Security, RSA keys)",
        _COMPATIBLE,
        _SEEN,
        "tests/keystore/test_readers.py: “Unknown private key format” for EC keys, “unsupported HMAC” for the others, "
        "“Undefined length encoding” for BER, which BouncyCastle 1.80 writes",
    ),
    KeystoreReader(
        "Mono 6.12 (X509Certificate2)",
        frozenset(),
        _SEEN_LATER,
        "tests/keystore/test_readers.py: “MonoBtlsPkcs12.Import failed” for a complete keystore of either profile; it "
        "opens a file with one key",
    ),
    KeystoreReader(
        "OpenSSL 3, without -legacy", _ALL, _SEEN, "tests/keystore/test_readers.py", opens_rc2=False
    ),
    KeystoreReader("OpenSSL 3, with -legacy", _ALL, _SEEN, "tests/keystore/test_readers.py"),
    KeystoreReader("NSS", _ALL, _SEEN, "tests/keystore/test_interop_password.py"),
    KeystoreReader("GnuTLS", _ALL, _SEEN, "tests/keystore/test_interop_password.py"),
)


def readers_without(profile: EncryptionProfile) -> str:
    """List the table's programs that do not open files of ``profile``, in one line."""
    return "; ".join(reader.name for reader in KEYSTORE_READERS if profile not in reader.opens)


def readers_without_rc2() -> str:
    """List the table's programs that refuse RC2-40 over certificates, in one line."""
    return "; ".join(reader.name for reader in KEYSTORE_READERS if not reader.opens_rc2)


# ── Software that knows no EC keys ───────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Unfit:
    """A program, up to a version, that cannot work with an EC authentication key.

    Attributes:
        name: as its makers call it; the same in all languages.
        before: the first version, or month of a version, that can; empty where none is known.
        seen: when this was looked up.
        source: where it is said or was measured.
    """

    name: str
    before: str
    seen: date
    source: str

    def __str__(self) -> str:
        return f"{self.name} < {self.before}" if self.before else self.name


WITHOUT_ELLIPTIC_KEYS: Final = (
    Unfit(
        "eHealth connector (Java: registration, etee)",
        "4.3",
        _SEEN_LATER,
        "4.0.2 run with an EC key: “not a RSAPrivateKey instance” of both; sessions requested and renewed with P-384; "
        "4.7.3 run with P-384: whole life",
    ),
    Unfit(
        "Freehealth connector",
        "2025-08",
        date(2026, 11, 27),
        "icure/freehealth-connector 890806b78 (2025-08-21) and fcb0e54cb (2025-08-22)",
    ),
    Unfit(
        "machine-to-machine login with RS256",
        "",
        date(2026, 11, 27),
        "icure/freehealth-connector 9bb60d1b8 (2026-04), SSOServiceImpl.kt casts the key to RSAPrivateKey",
    ),
)


def software_without_elliptic_keys() -> str:
    """List the table's programs in one line."""
    return "; ".join(map(str, WITHOUT_ELLIPTIC_KEYS))
