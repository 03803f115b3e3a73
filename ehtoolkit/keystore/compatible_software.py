"""Which software reads which protection of a PKCS#12 file: a dated table with its sources."""

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
    """

    name: str
    opens: frozenset[EncryptionProfile]
    seen: date
    source: str


_ALL: Final = frozenset(EncryptionProfile)
_COMPATIBLE: Final = frozenset((EncryptionProfile.COMPATIBLE,))
_SEEN: Final = date(2026, 11, 27)
_RUN: Final = "run against our files, as a PKCS#12 provider"

TABLE: Final = (
    KeystoreReader("Java 17 (SunJSSE, keytool)", _ALL, _SEEN, "tests/keystore/test_interop_password.py"),
    KeystoreReader("BouncyCastle ≥ 1.70", _ALL, _SEEN, f"{_RUN}, 1.70 and 1.80, Java 11 and 17"),
    KeystoreReader(
        "BouncyCastle 1.60–1.69 (Java 17)",
        _COMPATIBLE,
        _SEEN,
        f"{_RUN}, 1.60 and 1.69: “pad block corrupted” on Java 17, fine on Java 11",
    ),
    KeystoreReader(
        "BouncyCastle 1.55",
        _COMPATIBLE,
        _SEEN,
        f"{_RUN}; it is shipped beside connector 4.0.2: “PKCS12 key store mac invalid” on Java 11 and 17",
    ),
    KeystoreReader(
        "Mono 6.12 (RSA keys)",
        _COMPATIBLE,
        _SEEN,
        "tests/keystore/test_readers.py: “Unknown private key format” for EC keys, “unsupported HMAC” for the others",
    ),
    KeystoreReader("OpenSSL 3, without -legacy", _ALL, _SEEN, "tests/keystore/test_readers.py"),
    KeystoreReader("NSS", _ALL, _SEEN, "tests/keystore/test_interop_password.py"),
    KeystoreReader("GnuTLS", _ALL, _SEEN, "tests/keystore/test_interop_password.py"),
)


def readers_without(profile: EncryptionProfile) -> str:
    """List the table's programs that do not open files of ``profile``, in one line."""
    return "; ".join(one.name for one in TABLE if profile not in one.opens)
