"""What is saved of damaged files: all that can be proven, and nothing that cannot."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.contents import (
    CertificateBag,
    Key,
    OtherBag,
    Pkcs12Contents,
    Plain,
    attributes_of,
)
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.protection import Mac
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.entries import is_sound_key, judge_certificates
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.lost_items import LostItem
from ehtoolkit.keystore.repair.recovery import Recovered, recover
from ehtoolkit.keystore.rewrite import rewrite_file
from ehtoolkit.keystore.storage.keystore_file import open_keystore, read_keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import Sample
from tests.keystore.part_writer import Writer

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

NEW = Secret("Nieuw-2027!")
SECRET = "1.2.840.113549.1.12.10.1.5"
"""The bag of a secret key (RFC 7292, section 4.2.5)."""


def test_a_sound_file_gives_everything_and_lacks_nothing(sound: list[Sample]) -> None:
    for sample in sound:
        assert recover(sample.data, sample.secret) == Recovered(read_pkcs12(sample.data, sample.secret))


def test_the_truncated_file_of_the_corpus(samples: dict[str, Sample]) -> None:
    sample, whole = samples["z_trunc.p12"], samples["bc_complete.p12"]
    rescued = recover(sample.data, sample.secret)
    assert rescued.contents.keys == read_pkcs12(whole.data, whole.secret).keys
    assert rescued.contents.certificates == ()
    assert rescued.lost == (LostItem("certificates", "truncated"), LostItem("rest", "truncated"))
    assert rescued.mended is None
    with pytest.raises(errors.KeystorePasswordWrong):
        recover(sample.data, Secret("another"))


def test_the_flipped_bit_of_the_corpus(samples: dict[str, Sample]) -> None:
    """It is in the encryption certificate: everything else is proven, and that is not handed on."""
    sample, whole = samples["z_bitflip.p12"], samples["bc_complete.p12"]
    before = read_pkcs12(whole.data, whole.secret)
    rescued = recover(sample.data, sample.secret)
    assert rescued.contents.keys == before.keys
    (missing,) = set(before.certificates) - set(rescued.contents.certificates)
    assert rescued.lost == (LostItem("certificate", "damaged", missing.alias),)
    keystore = Keystore.of(rescued.contents)
    assert len(keystore.chain) == 3
    assert len(keystore.encryption) == 1


@pytest.mark.parametrize(
    ("name", "mended"), [("z_crlf.p12", "line_ends"), ("z_base64.p12", "base64"), ("x_JKS.p12", None)]
)
def test_what_can_be_undone_gives_everything(
    samples: dict[str, Sample], name: str, mended: str | None
) -> None:
    rescued = recover(samples[name].data, samples[name].secret)
    assert rescued.lost == ()
    assert rescued.mended == mended
    whole = "bc_complete.p12" if mended else "sun17_three.p12"
    before = read_pkcs12(samples[whole].data, samples[whole].secret)
    assert {key.alias for key in rescued.contents.keys} == {key.alias for key in before.keys}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("z_zero.p12", errors.NotAKeystore),
        ("z_zeros.p12", errors.NotAKeystore),
        ("z_certder.p12", errors.NotAKeystore),
        ("z_pem.p12", errors.NotAKeystore),
        ("z_evil_iter.p12", errors.LimitExceeded),
    ],
)
def test_where_there_is_nothing_to_save(
    samples: dict[str, Sample], name: str, error: type[errors.KeystoreError]
) -> None:
    with pytest.raises(error):
        recover(samples[name].data, samples[name].secret)


def cuts(sample: Sample, step: int) -> Iterator[tuple[int, Recovered | errors.KeystoreError]]:
    """What is saved of a file's first bytes, at every ``step`` and without the last; keys are derived once for all."""
    cache = DerivedKeyCache(sample.secret)
    for cut in (*range(step, len(sample.data) - 1, step), len(sample.data) - 1):
        try:
            yield cut, recover(sample.data[:cut], sample.secret, cache=cache)
        except errors.KeystoreError as error:
            yield cut, error


@pytest.mark.parametrize("step", [128, pytest.param(64, marks=pytest.mark.long)])
def test_files_that_are_cut(sound: list[Sample], step: int) -> None:
    """What is there counts: more of a file never saves less, nothing is invented, and at the end all is back."""
    looked = saved = 0
    for sample in sound:
        whole = read_pkcs12(sample.data, sample.secret)
        keys = {key.pkcs8 for key in whole.keys}
        ders = {bag.der for bag in whole.certificates}
        most_keys = most_certificates = 0
        for cut, result in cuts(sample, step):
            looked += 1
            if isinstance(result, errors.KeystoreError):
                assert isinstance(result, errors.KeystoreDamaged | errors.NotAKeystore), (
                    sample.name,
                    cut,
                    result,
                )
                assert most_keys == most_certificates == 0, (sample.name, cut)
                continue
            contents = result.contents
            assert {key.pkcs8 for key in contents.keys} <= keys
            assert {bag.der for bag in contents.certificates} <= ders
            assert len(contents.keys) >= most_keys, (sample.name, cut)
            assert len(contents.certificates) >= most_certificates, (sample.name, cut)
            is_whole = (len(contents.keys), len(contents.certificates)) == (
                len(keys),
                len(whole.certificates),
            )
            # Where only the integrity code was cut, nothing is lost.
            assert is_whole or LostItem("rest", "truncated") in result.lost, (sample.name, cut)
            most_keys, most_certificates = len(contents.keys), len(contents.certificates)
            saved += 1
        assert most_keys == len(whole.keys), sample.name
        assert most_certificates == len(whole.certificates), sample.name
    print(f"cuts: {looked} looked at, {saved} with something saved")


@pytest.mark.parametrize("name", ["bc_three.p12", "bc_complete_der.p12", "sun17_three.p12"])
def test_a_file_that_ends_in_zeros_after_a_crash(samples: dict[str, Sample], name: str) -> None:
    """Its length is right, and its parts no longer fit together."""
    sample = samples[name]
    size, whole = len(sample.data), read_pkcs12(sample.data, sample.secret)
    cache = DerivedKeyCache(sample.secret)
    for cut in (size // 2, size * 3 // 4, size - 100):
        zeros = recover(sample.data[:cut] + bytes(size - cut), sample.secret, cache=cache).contents
        short = recover(sample.data[:cut], sample.secret, cache=cache).contents
        assert zeros.keys == short.keys == whole.keys
        assert zeros.certificates == short.certificates
        assert zeros.certificates


def test_both_keys_are_in_the_first_three_kilobytes(samples: dict[str, Sample]) -> None:
    """As the facts say of files that BouncyCastle wrote."""
    for name in ("bc_complete.p12", "bc_three.p12"):
        rescued = recover(samples[name].data[:2_800], samples[name].secret)
        assert [key.alias for key in rescued.contents.keys] == ["authentication", "key 2"]


@pytest.mark.parametrize("name", ["bc_three.p12", "bc_complete_der.p12", "sun17_three.p12", "ossl3.p12"])
def test_flipped_bits_anywhere(samples: dict[str, Sample], name: str) -> None:
    """One bit costs one key or certificate, or nothing at all, wherever it is."""
    sample = samples[name]
    whole = read_pkcs12(sample.data, sample.secret)
    source = random.Random(7)  # noqa: S311
    keys, ders = {key.pkcs8 for key in whole.keys}, [bag.der for bag in whole.certificates]
    cache = DerivedKeyCache(sample.secret)
    recover(sample.data, sample.secret, cache=cache)
    fewest_keys, fewest_certificates, failed = len(keys), len(ders), 0
    for _ in range(250):
        data = bytearray(sample.data)
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)
        try:
            found = recover(bytes(data), sample.secret, cache=cache).contents
        except (errors.KeystoreError, errors.FileUnreadable):
            failed += 1
            continue
        assert {key.pkcs8 for key in found.keys} <= keys
        fewest_keys = min(fewest_keys, len(found.keys))
        fewest_certificates = min(
            fewest_certificates, len([bag for bag in found.certificates if bag.der in ders])
        )
    assert fewest_keys >= len(keys) - 1
    assert failed <= 5  # in the salt of what a file of one key has
    print(
        f"{name}: {failed} of 250 gave nothing; at least {fewest_keys} keys, {fewest_certificates} certificates"
    )


@pytest.mark.parametrize("iterations", [1_900_000, 3_000_000])
def test_a_key_that_costs_too_much_does_not_cost_the_others(
    keystore_maker: KeystoreMaker, password: Secret, iterations: int
) -> None:
    """Over the limit of one derivation, and with the others over that of all together; nothing else is lost."""
    contents = keystore_maker.complete.contents
    first, second = contents.keys
    writer = Writer(contents, password)
    more = 10 if iterations < 2_000_000 else 1  # derivations that are all allowed alone
    costly = [writer.clear(writer.keys(iterations=(iterations + place, 1))) for place in range(more)]
    data = writer.file(*costly, writer.sealed(writer.certificates()))
    with pytest.raises(errors.LimitExceeded):
        read_pkcs12(data, password)

    rescued = recover(data, password)

    assert second.pkcs8 in {key.pkcs8 for key in rescued.contents.keys}
    assert rescued.contents.certificates == contents.certificates
    purposes = {(lost.kind, lost.alias, lost.purpose) for lost in rescued.lost}
    assert purposes == {("key", first.alias, "authentication")}
    assert {lost.reason for lost in rescued.lost} <= {"unsupported", "damaged"}


def test_lost_names_and_ids_are_replaced(keystore_maker: KeystoreMaker, password: Secret) -> None:
    """Cut right behind the last byte of the second key, before its name."""
    contents = keystore_maker.complete.contents
    data = write_pkcs12(contents, password, EncryptionProfile.COMPATIBLE)
    name = str((1 << 127) + 7).encode("utf-16-be")
    cut = data.index(name) - 20
    found = recover(data[:cut], password).contents
    assert [key.pkcs8 for key in found.keys] == [key.pkcs8 for key in contents.keys]
    assert found.keys[0] == contents.keys[0]
    assert found.keys[1].alias is not None
    assert found.keys[1].local_key_id == contents.keys[1].local_key_id


def test_a_damaged_certificate_is_not_handed_on(keystore_maker: KeystoreMaker) -> None:
    contents = keystore_maker.complete.contents
    ids = [
        key.key_id for key in (keystore_maker.complete.authentication, *keystore_maker.complete.encryption)
    ]
    assert all(judge_certificates(contents.certificates, ids))
    for place, bag in enumerate(contents.certificates):
        at = len(bag.der) // 2
        damaged = replace(bag, der=bag.der[:at] + bytes([bag.der[at] ^ 4]) + bag.der[at + 1 :])
        bags = (*contents.certificates[:place], damaged, *contents.certificates[place + 1 :])
        assert judge_certificates(bags, ids)[place] is False, bag.alias


@pytest.mark.parametrize(
    ("written", "flipped"),
    [
        (
            bytes.fromhex("0603551d0f"),
            bytes.fromhex("0603551d0e"),
        ),  # keyUsage becomes a second subjectKeyIdentifier
        (bytes.fromhex("a4"), bytes.fromhex("a5")),  # directoryName becomes ediPartyName
    ],
)
def test_a_bit_that_makes_the_extensions_unreadable_costs_one_certificate(
    keystore_maker: KeystoreMaker, written: bytes, flipped: bytes
) -> None:
    name = x509.SubjectAlternativeName([x509.DirectoryName(x509.Name([]))])
    key = keystore_maker.keys["authentication"].public_key()
    leaf = (
        x509.CertificateBuilder(
            keystore_maker.issuer_name,
            keystore_maker.subject,
            key,
            7,
            keystore_maker.start,
            keystore_maker.end,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.KeyUsage(*[True] * 9), critical=True)
        .add_extension(name, critical=False)
        .sign(keystore_maker.keys["issuer"], hashes.SHA256())
    )
    sound = CertificateBag(leaf.public_bytes(Encoding.DER))
    at = sound.der.index(bytes.fromhex("0603551d0e"))
    damaged = CertificateBag(sound.der[:at] + sound.der[at:].replace(written, flipped, 1))
    assert damaged != sound
    issuers = keystore_maker.installed.contents.certificates[1:]
    ids = [keystore_maker.complete.authentication.key_id]
    assert judge_certificates((sound, *issuers), ids) == (True, True, True)
    assert judge_certificates((damaged, *issuers), ids) == (False, True, True)


def test_what_is_neither_key_nor_certificate_is_named_where_nothing_proves_it(
    keystore_maker: KeystoreMaker, password: Secret
) -> None:
    """In a file whose MAC alone is damaged, and which opens."""
    others = tuple(OtherBag(SECRET, der.octet_string(b"x"), attributes_of(name)) for name in ("a", "b"))
    contents = replace(keystore_maker.complete.contents, others=others)
    data = write_pkcs12(contents, password)
    mac = outline_pkcs12(data).mac
    assert isinstance(mac, Mac)
    rescued = recover(data.replace(mac.value, bytes(len(mac.value))), password)
    assert (rescued.contents.keys, rescued.contents.certificates) == (contents.keys, contents.certificates)
    assert rescued.contents.others == ()
    assert rescued.lost == (LostItem("other", "unproven", "a"), LostItem("other", "unproven", "b"))


def test_certificates_without_their_issuer(keystore_maker: KeystoreMaker) -> None:
    leaf, issuing, root = (bag for bag in keystore_maker.installed.contents.certificates)
    ids = [keystore_maker.complete.authentication.key_id]
    assert judge_certificates((leaf,), ids) == (True,)
    assert judge_certificates((leaf,), []) == (None,)
    assert judge_certificates((leaf, issuing), ids) == (True, True)
    assert judge_certificates((issuing,), ids) == (None,)
    assert judge_certificates((root,), []) == (True,)
    assert judge_certificates((CertificateBag(b"0\0"),), ids) == (False,)
    stand_in = keystore_maker.prepared.contents.certificates
    assert judge_certificates(stand_in, ids) == (True,)
    assert judge_certificates(stand_in, []) == (None,)


def test_a_key_with_inconsistent_numbers_is_lost(keystore_maker: KeystoreMaker) -> None:
    pkcs8 = keystore_maker.complete.contents.keys[0].pkcs8
    assert is_sound_key(pkcs8)
    for at in (60, 300, 600, 900):
        assert not is_sound_key(pkcs8[:at] + bytes([pkcs8[at] ^ 1]) + pkcs8[at + 1 :])
    other = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert is_sound_key(other)
    assert not is_sound_key(b"0\0")


def test_a_key_of_another_kind_is_carried_along(keystore_maker: KeystoreMaker, password: Secret) -> None:
    other = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    contents = keystore_maker.complete.contents
    mixed = Pkcs12Contents(
        (*contents.keys, Key(Plain(other), attributes_of("ed", b"e"))), contents.certificates
    )
    data = write_pkcs12(mixed, password)
    assert read_pkcs12(data, password) == mixed
    assert recover(data[:-40], password).contents.keys == mixed.keys
    with pytest.raises(errors.KeyUnfit):
        Keystore.of(mixed)


def test_certificates_in_the_clear_do_not_make_a_wrong_password_right(samples: dict[str, Sample]) -> None:
    sample = samples["sun_nomac_plaincerts.p12"]
    assert recover(sample.data, sample.secret).contents.keys
    with pytest.raises(errors.KeystorePasswordWrong):
        recover(sample.data, Secret("another"))


def test_into_a_new_file(samples: dict[str, Sample], tmp_path: Path) -> None:
    source, target = tmp_path / "a.p12", tmp_path / "b.p12"
    shutil.copyfile(samples["z_bitflip.p12"].path, source)
    rescued = rewrite_file(
        source, samples["z_bitflip.p12"].secret, target, NEW, EncryptionProfile.COMPATIBLE, salvage=True
    )
    assert read_keystore(target, NEW) == rescued.contents
    assert open_keystore(target, NEW).installed
    assert source.read_bytes() == samples["z_bitflip.p12"].data
    with pytest.raises(errors.FileExists):
        rewrite_file(source, samples["z_bitflip.p12"].secret, target, NEW, salvage=True)
    with pytest.raises(errors.PasswordNotAllowed):
        rewrite_file(source, samples["z_bitflip.p12"].secret, tmp_path / "c.p12", Secret(""), salvage=True)
    with pytest.raises(errors.KeystorePasswordWrong) as refusal:
        rewrite_file(source, Secret("another"), tmp_path / "c.p12", NEW, salvage=True)
    assert refusal.value.facts == {"path": str(source)}
    assert not (tmp_path / "c.p12").exists()
