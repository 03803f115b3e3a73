"""A file is judged alike whether its private keys are opened or not; and they stay closed where that is so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.derivation import Derivation, DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, unlock
from ehtoolkit.keystore.codec.protection import Encrypted, Encryption
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.diagnosis.content import claimed_content
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker, Sample
from tests.keystore.quick_writer import write_quick

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PASSWORD = Secret("Kine-2026 & co")
CLOSED = {
    "bc_authonly.p12",
    "bc_complete.p12",
    "bc_complete_der.p12",
    "bc_incomplete.p12",
    "bc_three.p12",
    "bcty_PKCS12-3DES-3DES.p12",
    "bcty_PKCS12-AES256-AES128.p12",
    "connector_rsa-1-dummy.p12",
    "connector_rsa-2-chain.p12",
    "connector_rsa-3-etk.p12",
    "w_reversed.p12",
}
"""Files of BouncyCastle, which names a key by its certificate, and one like them. Names that are times, as Java makes
them, tell nothing of the key."""


def test_other_programs_files_are_judged_alike(samples: dict[str, Sample]) -> None:
    for sample in samples.values():
        for password in (sample.secret, Secret("another"), None):
            opened = diagnose(sample.path, password, NOW)
            assert diagnose(sample.path, password, NOW, keys=False) == opened, sample.name


@pytest.mark.parametrize("profile", list(EncryptionProfile))
@pytest.mark.parametrize("stage", ["prepared", "installed", "complete"])
def test_our_own_are_judged_alike(
    keystore_maker: KeystoreMaker, profile: EncryptionProfile, stage: str
) -> None:
    keystore: Keystore = getattr(keystore_maker, stage)
    data = write_quick(keystore.contents, PASSWORD, profile)
    opened, closed = (diagnose(data, PASSWORD, NOW, keys=keys) for keys in (True, False))
    assert closed == opened
    assert closed.opened
    assert claimed_content(outline_pkcs12(data), DerivedKeyCache(PASSWORD)) is not None


def test_keys_stay_closed_and_no_vector_is_derived(samples: dict[str, Sample]) -> None:
    closed = set()
    for sample in samples.values():
        try:
            structure, cache = outline_pkcs12(sample.data), DerivedKeyCache(sample.secret)
            found = claimed_content(structure, cache)
        except errors.KeystoreError:
            continue
        cache.close()
        if found is None:
            continue
        closed.add(sample.name)
        keys = structure.closed_keys
        (safe,) = (safe for safe in structure.safes if isinstance(safe, Encrypted))
        assert isinstance(safe.encryption, Encryption)
        derived = [key.encryption.key for key in keys if isinstance(key.encryption, Encryption)]
        if isinstance(safe.encryption.iv, Derivation):
            derived.append(safe.encryption.iv)
        assert len(derived) >= len(keys) >= 1
        for derivation in derived:
            with pytest.raises(errors.KeystorePasswordWrong):  # a closed cache has only what it derived
                cache.key(derivation)
    assert closed == CLOSED


def test_what_has_no_mac_or_no_clear_name_is_opened(keystore_maker: KeystoreMaker) -> None:
    data = write_quick(keystore_maker.complete.contents, PASSWORD)
    structure = outline_pkcs12(data)
    assert claimed_content(replace(structure, mac=None), DerivedKeyCache(PASSWORD)) is None

    contents = unlock(structure, DerivedKeyCache(PASSWORD), keys=False)
    first, second = contents.keys
    assert first.closed
    assert Keystore.claimed(contents) is not None
    for unclear in (
        (first, replace(second, attributes=first.attributes)),
        (first, replace(second, attributes=())),
        (),
    ):
        assert Keystore.claimed(replace(contents, keys=unclear)) is None
    assert Keystore.claimed(replace(contents, certificates=contents.certificates[:1])) is None


def test_a_key_that_lies_open_is_looked_at(keystore_maker: KeystoreMaker) -> None:
    structure = outline_pkcs12(write_quick(keystore_maker.complete.contents, PASSWORD))
    sealed = [safe for safe in structure.safes if isinstance(safe, Encrypted)]
    bare = replace(structure, safes=(keystore_maker.complete.contents.keys, *sealed))
    assert claimed_content(bare, DerivedKeyCache(PASSWORD)) is None


def test_what_is_believed(keystore_maker: KeystoreMaker) -> None:
    """A key under a password of its own, whose name is right, is not noticed until it is opened."""
    structure, other = (
        outline_pkcs12(write_quick(keystore_maker.complete.contents, word))
        for word in (PASSWORD, Secret("another"))
    )
    sealed = [safe for safe in structure.safes if isinstance(safe, Encrypted)]
    mixed = replace(structure, safes=(other.visible_bags, *sealed))
    assert claimed_content(mixed, DerivedKeyCache(PASSWORD)) is not None
    with pytest.raises(errors.KeystoreDamaged):
        unlock(mixed, DerivedKeyCache(PASSWORD))
