"""A private key, open or closed, and the files of a folder by what shows of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ehtoolkit.clock import SystemClock
from ehtoolkit.crypto.certificates import key_identifier
from ehtoolkit.keystore.codec.contents import Key, Plain, attributes_of
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, unlock
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.key_pairs import store_private_key
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore, visible_key_ids
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.secret import Secret

PASSWORD = Secret("Kine-2026 & co")


@pytest.fixture(scope="module")
def keystore() -> Keystore:
    return Keystore.prepare(generate_private_key(65537, 2048), SystemClock().now())


@pytest.fixture(scope="module")
def data(keystore: Keystore) -> bytes:
    return write_pkcs12(keystore.contents, PASSWORD)


def test_a_closed_key_gives_no_material(data: bytes) -> None:
    (key,) = unlock(outline_pkcs12(data), DerivedKeyCache(PASSWORD), keys=False).keys
    assert key.closed
    for name in ("pkcs8", "key"):
        with pytest.raises(ValueError, match="closed"):
            getattr(key, name)


def test_an_open_key_is_loaded_by_the_keystore_alone(data: bytes) -> None:
    contents = unlock(outline_pkcs12(data), DerivedKeyCache(PASSWORD))
    assert not contents.keys[0].closed
    with pytest.raises(ValueError, match="not loaded"):
        _ = contents.keys[0].key
    assert Keystore.of(contents).authentication.key.key_size == 2048


def test_a_loaded_key_is_kept(keystore: Keystore) -> None:
    assert Keystore.of(keystore.contents).authentication.key is keystore.authentication.key


def test_other_material_is_matched_again(keystore: Keystore) -> None:
    other = generate_private_key(65537, 2048)
    changed = replace(keystore.authentication, material=Plain(store_private_key(other)))
    again = Keystore.of(replace(keystore.contents, keys=(changed,)))
    assert again.authentication.key_id == key_identifier(other.public_key()) != keystore.authentication.key_id


def test_keys_are_equal_by_material_and_attributes(keystore: Keystore, data: bytes) -> None:
    read = unlock(outline_pkcs12(data), DerivedKeyCache(PASSWORD)).keys
    assert read == keystore.contents.keys
    assert read[0].chain == ()
    assert Keystore.of(replace(keystore.contents, keys=read)) == keystore


def test_neither_repr_nor_outline_shows_the_key(keystore: Keystore) -> None:
    key, secret = keystore.authentication, store_private_key(keystore.authentication.key)
    for shown in (repr(key), repr(key.outline)):
        assert secret.hex() not in shown
        assert repr(secret)[2:30] not in shown


@pytest.mark.parametrize(
    ("local_key_id", "key_id"), [(b"\xab" * 20, "AB" * 20), (b"Time 1764500000000", None), (None, None)]
)
def test_an_outline_takes_a_key_identifier_alone(local_key_id: bytes | None, key_id: str | None) -> None:
    outline = Key(Plain(b""), attributes_of("authentication", local_key_id)).outline
    assert (outline.alias, outline.key_id, outline.kind) == ("authentication", key_id, None)


def test_a_file_is_read_when_its_keys_are_first_asked_for(
    tmp_path: Path, keystore: Keystore, data: bytes
) -> None:
    path = tmp_path / "SSIN=79031421872 20261124-120000.p12"
    path.write_bytes(data)
    (file,) = find_keystores(tmp_path)
    assert file.is_whole
    assert file.authentication_id == file.key_id == keystore.key_id
    assert visible_key_ids(data) == (keystore.key_id,)
    path.write_bytes(b"")
    assert file.is_whole
    (changed,) = find_keystores(tmp_path)
    assert not changed.is_whole
    assert (changed.keys, changed.key_id) == ((), None)


def test_a_file_that_is_gone_is_older_than_all_others(tmp_path: Path) -> None:
    file = FoundKeystore.at_path(tmp_path / "gone.p12")
    assert (file.moment, file.keys, file.is_whole) == (LONG_AGO, (), False)
