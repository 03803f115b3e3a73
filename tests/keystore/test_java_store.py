"""JKS and JCEKS: read whole, refused when damaged, and never a burden."""

from __future__ import annotations

import hashlib
import random
import re
import struct
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.key_pairs import encoded
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.java_store import _derive, read_java_store
from ehtoolkit.keystore.repair.lost_items import LostItem, Purpose
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.rewrite import rewrite_file
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker, Sample
from tests.support.keystores import load_any

sha1 = partial(hashlib.sha1, usedforsecurity=False)
NAMES = ("x_JKS.p12", "x_JCEKS.p12")
"""The second takes a second to read: what does not depend on the protection of keys is shown with the first."""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_in_them(samples: dict[str, Sample], name: str) -> None:
    sample, twin = samples[name], samples["sun17_three.p12"]
    contents, same = read_java_store(sample.data, sample.secret), read_pkcs12(twin.data, twin.secret)
    assert {(key.alias, key.pkcs8) for key in contents.keys} == {(key.alias, key.pkcs8) for key in same.keys}
    assert {bag.der for bag in contents.certificates} == {bag.der for bag in same.certificates}
    assert contents == load_any(sample.data, sample.secret)
    keystore = Keystore.of(contents)
    assert keystore.chain == Keystore.of(same).chain
    assert len(keystore.current_encryption) == 2
    for key in contents.keys:
        assert sum(bag.local_key_id == key.local_key_id for bag in contents.certificates) == 1


def test_a_wrong_password_and_damage(samples: dict[str, Sample]) -> None:
    data, secret = samples["x_JKS.p12"].data, samples["x_JKS.p12"].secret
    for wrong in ("", "Test-pass1", "€"):
        with pytest.raises(errors.KeystorePasswordWrong):
            read_java_store(data, Secret(wrong))
    flipped = bytearray(data)
    flipped[-21] ^= 1
    with pytest.raises(errors.KeystoreDamaged) as damage:
        read_java_store(bytes(flipped), secret)
    assert damage.value.facts == {"reason": "integrity"}
    for cut in (4, 11, 200, len(data) - 1):
        with pytest.raises(errors.KeystoreDamaged) as damage:
            read_java_store(data[:cut], secret)
        assert damage.value.facts == {"reason": "truncated"}


def test_only_these_two_formats(samples: dict[str, Sample]) -> None:
    for name in ("bc_complete.p12", "z_pem.p12", "z_zero.p12"):
        with pytest.raises(errors.NotAKeystore):
            read_java_store(samples[name].data, samples[name].secret)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (struct.pack(">III", 0xFEEDFEED, 3, 0), errors.KeystoreDamaged),
        (struct.pack(">III", 0xFEEDFEED, 2, 1 << 31), errors.LimitExceeded),
        (struct.pack(">IIIIH", 0xFEEDFEED, 2, 1, 9, 0) + bytes(20), errors.KeystoreDamaged),
        (struct.pack(">IIIIHQI", 0xFEEDFEED, 2, 1, 1, 0, 0, 1 << 31), errors.KeystoreDamaged),
        (struct.pack(">IIIIHQ", 0xCECECECE, 2, 1, 3, 0, 0) + b"\xac\xed\0\5", errors.KeystoreUnsupported),
        (struct.pack(">IIIIH", 0xFEEDFEED, 2, 1, 2, 2) + b"\xff\xff" + bytes(30), errors.KeystoreUnsupported),
        (b"\xfe\xed\xfe\xed" + bytes(2_000_000), errors.LimitExceeded),
    ],
)
def test_headers_that_lie(data: bytes, error: type[errors.KeystoreError]) -> None:
    began = time.perf_counter()
    with pytest.raises(error):
        read_java_store(data, Secret("p"))
    assert time.perf_counter() - began < 0.5


def test_an_empty_store_and_its_password() -> None:
    """As keytool writes it: a digest over the password, a sentence and the header."""
    header = struct.pack(">III", 0xFEEDFEED, 2, 0)
    digest = sha1("pw".encode("utf-16-be") + b"Mighty Aphrodite" + header).digest()
    assert read_java_store(header + digest, Secret("pw")).keys == ()
    with pytest.raises(errors.KeystorePasswordWrong):
        read_java_store(header + digest, Secret("pv"))


def test_a_count_without_end_is_refused_before_it_is_counted(samples: dict[str, Sample]) -> None:
    """With the digest made anew, as whoever made such a file would."""
    data = samples["x_JCEKS.p12"].data
    count = bytes.fromhex("0203030d40")  # 200,000 as the file has it
    assert data.count(count) == 3
    hostile = data.replace(count, bytes.fromhex("02037fffff"))[:-20]
    digest = sha1("Test-Pass1".encode("utf-16-be") + b"Mighty Aphrodite" + hostile).digest()
    began = time.perf_counter()
    with pytest.raises(errors.LimitExceeded) as refusal:
        read_java_store(hostile + digest, Secret("Test-Pass1"))
    assert refusal.value.facts["reason"] == "iterations"
    assert time.perf_counter() - began < 0.5


def test_two_equal_halves_of_a_salt() -> None:
    """OpenJDK turns the first one round then, lest both halves of the key be equal."""
    key = _derive(b"pw", b"abcdabcd", 3)
    assert key[:16] != key[16:]
    assert key == _derive(b"pw", b"dcbaabcd", 3)


@pytest.mark.parametrize("name", NAMES)
def test_conversion_to_a_file(samples: dict[str, Sample], tmp_path: Path, name: str) -> None:
    target = tmp_path / "new" / "SSIN=79031421872 20261124-130000.p12"
    contents = rewrite_file(samples[name].path, samples[name].secret, target, Secret("Nieuw-2027!")).contents
    assert open_keystore(target, Secret("Nieuw-2027!")).contents == contents
    with pytest.raises(errors.FileExists):
        rewrite_file(samples[name].path, samples[name].secret, target)
    with pytest.raises(errors.KeystorePasswordWrong) as refusal:
        rewrite_file(samples[name].path, Secret("another"), tmp_path / "b.p12")
    assert refusal.value.facts == {"path": str(samples[name].path)}
    assert not (tmp_path / "b.p12").exists()


def test_conversion_of_text_keeps_everything(samples: dict[str, Sample], tmp_path: Path) -> None:
    target, whole = tmp_path / "new.p12", samples["bc_complete.p12"]
    contents = rewrite_file(samples["z_base64.p12"].path, whole.secret, target).contents
    assert contents == read_pkcs12(whole.data, whole.secret) == read_pkcs12(target.read_bytes(), whole.secret)


def test_what_is_saved_of_a_damaged_one(samples: dict[str, Sample]) -> None:
    data, secret = samples["x_JKS.p12"].data, samples["x_JKS.p12"].secret
    whole = read_java_store(data, secret)
    most, found = 0, []
    for cut in range(len(data) // 8, len(data), len(data) // 8):
        try:
            rescued = recover(data[:cut], secret)
        except errors.KeystoreError as error:
            assert not most
            found.append(type(error).__name__)
            continue
        assert {key.pkcs8 for key in rescued.contents.keys} <= {key.pkcs8 for key in whole.keys}
        assert len(rescued.contents.keys) >= most
        assert rescued.lost == (LostItem("rest", "truncated"),)
        most = len(rescued.contents.keys)
    assert most == len(whole.keys) == 3, found
    flipped = bytearray(data)
    flipped[-21] ^= 1  # in the last certificate
    rescued = recover(bytes(flipped), secret)
    assert rescued.contents.keys == whole.keys
    assert rescued.lost == (LostItem("rest", "damaged"),)
    with pytest.raises(errors.KeystorePasswordWrong):
        recover(data[:-30], Secret("another"))


def test_an_issuer_does_not_get_the_alias_of_a_key_with_a_damaged_certificate(
    samples: dict[str, Sample], tmp_path: Path
) -> None:
    data, secret = samples["x_JKS.p12"].data, samples["x_JKS.p12"].secret
    whole = Keystore.of(read_java_store(data, secret))
    key_id, (leaf, *issuers) = whole.authentication.local_key_id, map(encoded, whole.chain)
    damaged = leaf[:-20] + bytes([leaf[-20] ^ 1]) + leaf[-19:]  # in its signature
    source, target = tmp_path / "a.jks", tmp_path / "a.p12"
    source.write_bytes(data.replace(leaf, damaged))

    rewrite_file(source, secret, target, salvage=True)

    found = read_pkcs12(target.read_bytes(), secret)
    assert {key.pkcs8 for key in found.keys} == {key.pkcs8 for key in whole.contents.keys}
    assert [bag for bag in found.certificates if bag.local_key_id == key_id] == []
    kept = {bag.der: bag for bag in found.certificates}
    assert [kept[der].is_trusted_entry for der in issuers] == [True, True]
    assert damaged not in kept


@pytest.mark.parametrize(("name", "place"), [("x_JKS.p12", 0), ("x_JKS.p12", 1), ("x_JCEKS.p12", 2)])
def test_a_key_that_does_not_open_is_named_and_its_certificates_are_saved(
    samples: dict[str, Sample], name: str, place: int
) -> None:
    data, secret = samples[name].data, samples[name].secret
    whole = Keystore.of(read_java_store(data, secret))
    lost = (whole.authentication, *whole.encryption)[place]
    leaf = encoded(lost.chain[0])
    at = (
        data.index(leaf, data.index((lost.alias or "").encode())) - 40
    )  # in the key, which is before its chain
    recovered = recover(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], secret)
    purpose: Purpose = "encryption" if place else "authentication"
    named = LostItem("key", "damaged", lost.alias, lost.key_id.hex().upper(), purpose)
    assert recovered.lost == (named, LostItem("rest", "damaged"))
    rescued = recovered.contents
    assert {key.alias for key in rescued.keys} == {key.alias for key in whole.contents.keys} - {lost.alias}
    assert {bag.der for bag in rescued.certificates} == {bag.der for bag in whole.contents.certificates}
    (saved,) = (bag for bag in rescued.certificates if bag.alias == lost.alias)
    assert (saved.der, saved.is_trusted_entry, saved.local_key_id) == (leaf, True, None)


@pytest.mark.parametrize("iterations", [1_900_000, 3_000_000])
def test_a_key_that_costs_too_much_does_not_cost_the_others(
    samples: dict[str, Sample], iterations: int
) -> None:
    """Over the limit of one derivation, and of all together. The digest is right: nothing else is lost."""
    data, secret = samples["x_JCEKS.p12"].data, samples["x_JCEKS.p12"].secret
    whole = Keystore.of(read_java_store(data, secret))
    count = re.search(rb"\x04\x08.{8}\x02\x03(.{3})", data, re.DOTALL)  # of the first key, behind its salt
    assert count is not None
    body = data[: count.start(1)] + iterations.to_bytes(3, "big") + data[count.end(1) : -20]
    costly = body + sha1(secret.reveal().encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()
    with pytest.raises(errors.LimitExceeded):
        read_java_store(costly, secret)

    recovered = recover(costly, secret)

    (lost,) = recovered.lost
    assert (lost.kind, lost.reason) == ("key", "unsupported")
    aliases = {key.alias for key in recovered.contents.keys}
    assert aliases == {key.alias for key in whole.contents.keys} - {lost.alias}
    assert {bag.der for bag in recovered.contents.certificates} == {
        bag.der for bag in whole.contents.certificates
    }


def trust_store(password: str, *certificates: bytes) -> bytes:
    """A JKS that holds certificates alone."""
    x509 = struct.pack(">H5s", 5, b"X.509")
    body = b"".join(
        struct.pack(">IHsQ", 2, 1, b"%d" % number, 0) + x509 + struct.pack(">I", len(der)) + der
        for number, der in enumerate(certificates)
    )
    data = struct.pack(">III", 0xFEEDFEED, 2, len(certificates)) + body
    return data + sha1(password.encode("utf-16-be") + b"Mighty Aphrodite" + data).digest()


def test_what_is_saved_of_a_damaged_one_with_certificates_alone(keystore_maker: KeystoreMaker) -> None:
    leaf, issuer, root = map(encoded, keystore_maker.chain)
    store, secret = trust_store("pw", root, issuer, leaf), Secret("pw")
    whole = read_java_store(store, secret).certificates
    assert [bag.der for bag in whole] == [root, issuer, leaf]
    for cut, left in ((1, whole), (30, whole[:2]), (30 + len(leaf), whole[:2]), (90 + len(leaf), whole[:1])):
        rescued = recover(store[:-cut], secret)
        assert (rescued.contents.certificates, rescued.lost) == (left, (LostItem("rest", "truncated"),))
    for nothing in (store[: len(root)], trust_store("pw", leaf)[:-1]):
        with pytest.raises(errors.KeystoreDamaged):
            recover(nothing, secret)
    with pytest.raises(errors.KeystorePasswordWrong):  # or a bit is another one: nothing tells
        recover(store, Secret("another"))


@given(tail=st.binary(max_size=200), magic=st.sampled_from([0xFEEDFEED, 0xCECECECE]), count=st.integers(0, 3))
def test_no_bytes_bring_anything_but_our_errors(tail: bytes, magic: int, count: int) -> None:
    try:
        read_java_store(struct.pack(">III", magic, 2, count) + tail, Secret("p"))
    except errors.KeystoreError:
        return


@pytest.mark.parametrize(("name", "count"), [("x_JKS.p12", 400), ("x_JCEKS.p12", 12)])
def test_mutations(samples: dict[str, Sample], name: str, count: int) -> None:
    source = random.Random(3)  # noqa: S311
    for _ in range(count):
        data = bytearray(samples[name].data)
        for _ in range(source.choice([1, 2, 8])):
            data[source.randrange(min(len(data), source.choice([60, 400, 20_000])))] = source.randrange(256)
        try:
            read_java_store(bytes(data), Secret("Wrong-Pass1"))
        except errors.KeystoreError:
            continue
