"""Entries that are neither key nor certificate are carried along: what cannot be opened stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.contents import OtherBag, Pkcs12Contents, attributes_of
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.structure import SHROUDED_KEY, SYMMETRIC_KEY
from ehtoolkit.keystore.codec.writer import EncryptionProfile, shroud, write_pkcs12
from ehtoolkit.keystore.rewrite import change_password, rewrite_file
from ehtoolkit.keystore.storage.keystore_file import read_keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker
from tests.keystore.quick_writer import QUICK

NEW, OTHER = Secret("Nieuw-2027!"), Secret("Anders-2027!")
CRL = "1.2.840.113549.1.12.10.1.4"


def secret(plain: bytes, password: Secret) -> bytes:
    sealed = shroud(plain, DerivedKeyCache(password), QUICK[EncryptionProfile.MODERN])
    return der.sequence(der.object_identifier(SHROUDED_KEY), der.explicit(0, der.octet_string(sealed)))


@pytest.fixture(
    params=["no private key within", "another password", "an unknown protection", "no secret at all", "a CRL"]
)
def contents(
    request: pytest.FixtureRequest, keystore_maker: KeystoreMaker, password: Secret
) -> Pkcs12Contents:
    """A keystore with an entry that is no private key under the file's password."""
    pkcs8 = keystore_maker.complete.contents.keys[0].pkcs8
    unknown = der.sequence(
        der.sequence(der.object_identifier("1.3.6.1.4.1.99999.1")), der.octet_string(b"sealed")
    )
    values = {
        "no private key within": (SYMMETRIC_KEY, secret(b"sixteen bytes !!", password)),
        "another password": (SYMMETRIC_KEY, secret(pkcs8, OTHER)),
        "an unknown protection": (
            SYMMETRIC_KEY,
            der.sequence(der.object_identifier(SHROUDED_KEY), der.explicit(0, der.octet_string(unknown))),
        ),
        "no secret at all": (SYMMETRIC_KEY, der.octet_string(b"x")),
        "a CRL": (CRL, der.sequence(der.object_identifier("1.2.3"), der.explicit(0, der.octet_string(b"x")))),
    }
    oid, value = values[request.param]
    others = (OtherBag(oid, value, attributes_of("other")),)
    return replace(keystore_maker.complete.contents, others=others)


def test_saving_anew_keeps_the_keys_and_the_entry(
    contents: Pkcs12Contents, password: Secret, tmp_path: Path
) -> None:
    path = tmp_path / "a.p12"
    path.write_bytes(write_pkcs12(contents, password))
    for name, salvage in (("converted", False), ("rescued", True)):
        made = rewrite_file(path, password, tmp_path / name, NEW, salvage=salvage)
        assert (read_keystore(tmp_path / name, NEW), made.lost) == (contents, ())
    change_password(path, password, NEW)
    assert read_keystore(path, NEW) == contents
