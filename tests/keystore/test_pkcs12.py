"""The codec: what is written is read back, in its order; passwords, damage and other files are told apart."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.contents import (
    Attribute,
    CertificateBag,
    Key,
    OtherBag,
    Pkcs12Contents,
    Plain,
    attributes_of,
)
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache, Function
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12, unlock
from ehtoolkit.keystore.codec.protection import Encryption, Mac
from ehtoolkit.keystore.codec.writer import EncryptionProfile, seal, write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.secret import Secret
from tests.keystore.quick_writer import QUICK, write_quick
from tests.support.keys import cheap_rounds

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

pytestmark = pytest.mark.full_cost

PKCS8 = der.sequence(
    der.integer(0),
    der.sequence(der.object_identifier("1.2.840.113549.1.1.1"), der.NULL),
    der.octet_string(der.sequence(der.integer(0), der.integer(3233))),
)

aliases = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=20)
attributes = st.builds(
    lambda alias, key_id, trusted, other: (*attributes_of(alias, key_id, trusted=trusted), *other),
    aliases,
    st.none() | st.binary(max_size=30),
    st.booleans(),
    st.sampled_from(
        [
            (),
            (Attribute("1.3.6.1.4.1.311.17.1", (der.value(0x1E, b"\0C"),)),),
            (Attribute("1.2.3.4.5", (der.integer(7), der.octet_string(b"x"))), Attribute("1.2.3", ())),
        ]
    ),
)
contents = st.builds(
    Pkcs12Contents,
    keys=st.lists(st.builds(Key, st.just(Plain(PKCS8)), attributes | st.just(())), max_size=4).map(tuple),
    certificates=st.lists(
        st.builds(CertificateBag, st.binary(max_size=60).map(der.sequence), attributes | st.just(())),
        max_size=4,
    ).map(tuple),
    others=st.lists(
        st.builds(
            OtherBag, st.just("1.2.840.113549.1.12.10.1.5"), st.just(der.sequence(der.NULL)), attributes
        ),
        max_size=1,
    ).map(tuple),
)


def clashes(some: Pkcs12Contents) -> bool:
    """Whether a name is that of a key, but for capitals; names of certificates alone may be."""
    keys = {bag.alias for bag in some.keys if bag.alias is not None}
    return any(key != other and key.lower() == other.lower() for key in keys for other in {*some.aliases})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(some=contents, profile=st.sampled_from(list(EncryptionProfile)), password=st.text(max_size=12))
def test_what_is_written_is_read_back_in_its_order(
    some: Pkcs12Contents, profile: EncryptionProfile, password: str
) -> None:
    if clashes(some):
        with pytest.raises(errors.DuplicateAlias):
            seal(some, DerivedKeyCache(Secret(password)), QUICK[profile])
        return
    data = seal(some, DerivedKeyCache(Secret(password)), QUICK[profile])
    read = read_pkcs12(data, Secret(password))
    assert read == some
    assert [bag.alias for bag in read.keys] == [bag.alias for bag in some.keys]
    if some.keys or some.certificates or some.others:
        with pytest.raises(errors.KeystorePasswordWrong):
            read_pkcs12(data, Secret(password + "x"))


@pytest.mark.parametrize("profile", list(EncryptionProfile))
def test_a_file_says_how_it_is_protected(
    keystore_maker: KeystoreMaker, password: Secret, profile: EncryptionProfile
) -> None:
    data = write_pkcs12(keystore_maker.complete.contents, password, profile)
    assert data[:2] == b"\x30\x82"  # DER, with a length
    protection = outline_pkcs12(data).protection
    assert isinstance(protection.mac, Mac)
    encryptions = [part for part in protection.encryptions if isinstance(part, Encryption)]
    assert len(encryptions) == 3  # two keys, and the certificates together
    stated = {(part.cipher, part.key.function, part.key.digest, part.key.iterations) for part in encryptions}
    mac = (protection.mac.key.digest, protection.mac.key.iterations)
    if profile is EncryptionProfile.MODERN:
        assert stated == {("aes256-cbc", Function.PBKDF2, "sha256", 100_000)}
        assert mac == ("sha256", 100_000)
        assert len({part.iv for part in encryptions}) == 3
    else:
        assert stated == {("des-ede3-cbc", Function.PKCS12_KEY, "sha1", 50_000)}
        assert mac == ("sha1", 100_000)
    assert read_pkcs12(data, password) == keystore_maker.complete.contents


def test_tests_that_write_cheaper_files_change_nothing_in_the_program() -> None:
    """Asked of a process without the fixtures of these tests."""
    program = (
        "from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile; print(*("
        "(one.value, (new := EncryptionParams.new(one)).bags.iterations, new.mac.iterations) "
        "for one in EncryptionProfile))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "('compatible', 50000, 100000) ('modern', 100000, 100000)\n"


def test_tests_write_cheaper_files_that_are_still_sound(
    keystore_maker: KeystoreMaker, password: Secret
) -> None:
    """So few that a test is quick, and no fewer than the diagnosis calls sound."""
    with cheap_rounds():
        data = write_pkcs12(keystore_maker.complete.contents, password)
    diagnosis = diagnose(data, password, keystore_maker.start)
    assert diagnosis.outline is not None
    assert {*diagnosis.outline.iterations, diagnosis.outline.mac_iterations} == {10_000}
    assert not diagnosis.has("iterations_low")


def test_names_can_be_seen_without_the_password(keystore_maker: KeystoreMaker, password: Secret) -> None:
    keys = outline_pkcs12(write_pkcs12(keystore_maker.complete.contents, password)).visible_bags
    assert [key.alias for key in keys if not isinstance(key, OtherBag)] == [
        "authentication",
        str((1 << 127) + 7),
    ]


def test_two_files_of_the_same_share_no_salt(keystore_maker: KeystoreMaker, password: Secret) -> None:
    first, second = (
        outline_pkcs12(write_pkcs12(keystore_maker.prepared.contents, password)).protection for _ in range(2)
    )
    assert {derivation.salt for derivation in first.derivations()}.isdisjoint(
        derivation.salt for derivation in second.derivations()
    )


def test_names_that_differ_only_in_case_are_refused() -> None:
    keys = tuple(Key(Plain(PKCS8), attributes_of(alias)) for alias in ("ABC", "abc"))
    with pytest.raises(errors.DuplicateAlias) as refusal:
        write_pkcs12(Pkcs12Contents(keys, ()), Secret("p"))
    assert refusal.value.facts == {"alias": "abc"}


@pytest.fixture(scope="module")
def sealed(keystore_maker: KeystoreMaker) -> bytes:
    """A complete keystore under the password ``right``."""
    return seal(
        keystore_maker.complete.contents, DerivedKeyCache(Secret("right")), QUICK[EncryptionProfile.MODERN]
    )


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("place", ["mac", "key", "certificates"])
def test_a_flipped_bit_under_the_right_password_is_damage(sealed: bytes, place: str) -> None:
    mac_salt = sealed.rindex(b"m" * 20)
    at = {"mac": mac_salt - 3, "key": len(sealed) // 6, "certificates": mac_salt - 1_000}[place]
    with pytest.raises(errors.KeystoreDamaged) as damage:
        read_pkcs12(flipped(sealed, at), Secret("right"))
    assert damage.value.facts == {"reason": "integrity"}
    with pytest.raises(errors.KeystorePasswordWrong):
        read_pkcs12(flipped(sealed, at), Secret("wrong"))


def test_a_key_under_a_password_of_its_own_is_not_a_wrong_password(keystore_maker: KeystoreMaker) -> None:
    first, second = (write_quick(keystore_maker.complete.contents, Secret(word)) for word in ("one", "two"))
    foreign = outline_pkcs12(second).visible_bags[0]
    structure = outline_pkcs12(first)
    bags = (foreign, *structure.visible_bags[1:])
    with pytest.raises(errors.KeystoreDamaged) as damage:
        unlock(replace(structure, safes=(bags, *structure.safes[1:])), DerivedKeyCache(Secret("one")))
    assert damage.value.facts == {"reason": "contents"}


@pytest.mark.parametrize("kept", [1, 2, 10, 100, 1_000, 2_500])
def test_the_end_is_missing(sealed: bytes, kept: int) -> None:
    with pytest.raises(errors.KeystoreDamaged) as damage:
        read_pkcs12(sealed[:kept], Secret("right"))
    assert damage.value.facts == {"reason": "truncated"}


def test_something_after_the_end_does_no_harm(keystore_maker: KeystoreMaker, sealed: bytes) -> None:
    assert read_pkcs12(sealed + b"\r\n", Secret("right")) == keystore_maker.complete.contents


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.tuples(st.integers(0, 6_000), st.binary(max_size=4)), max_size=4),
    tail=st.integers(0, 6_000),
)
def test_no_mutation_brings_anything_but_our_errors(
    keystore_maker: KeystoreMaker, cuts: list[tuple[int, bytes]], tail: int
) -> None:
    data = bytearray(
        seal(keystore_maker.installed.contents, DerivedKeyCache(Secret("p")), QUICK[EncryptionProfile.MODERN])
    )
    for at, patch in cuts:
        data[at : at + len(patch)] = patch
    with contextlib.suppress(errors.KeystoreError):
        read_pkcs12(bytes(data[: len(data) - tail]), Secret("p"))
