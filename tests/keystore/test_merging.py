"""Old decryption keys carried into the renewed keystore, and public parts handed out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.keystore.codec.contents import CertificateBag, attributes_of
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.key_pairs import encoded
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.merging import check_same_holder, merge_old_keys
from ehtoolkit.keystore.repair.pem import (
    CertificateFormat,
    ExportedPart,
    export_certificates,
)
from ehtoolkit.keystore.state import State
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker, Sample

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

OLD_SERIAL = (1 << 127) + 7
NEW_SERIAL = (1 << 127) + 9


@pytest.fixture(scope="session")
def renewal(keystore_maker: KeystoreMaker) -> KeystoreMaker:
    """The same holder three years later: another authentication key, another encryption key."""
    keys = {
        **keystore_maker.keys,
        "authentication": keystore_maker.keys["renewed"],
        "encryption": keystore_maker.keys["stranger"],
    }
    return KeystoreMaker(
        keys, keystore_maker.start + timedelta(days=1100), keystore_maker.end + timedelta(days=1100)
    )


@pytest.fixture(scope="session")
def renewed(renewal: KeystoreMaker) -> Keystore:
    certificate = renewal.encryption_certificate(serial=NEW_SERIAL)
    return renewal.installed.with_encryption(renewal.keys["encryption"], certificate)


def serials(keystore: Keystore) -> list[int]:
    return [key.chain[0].serial_number for key in keystore.encryption]


def test_the_old_key_comes_along(
    keystore_maker: KeystoreMaker, renewal: KeystoreMaker, renewed: Keystore, password: Secret
) -> None:
    merged = merge_old_keys(renewed, keystore_maker.complete)
    assert serials(merged) == [NEW_SERIAL, OLD_SERIAL]
    assert merged.encryption[1].key.private_numbers() == keystore_maker.keys["encryption"].private_numbers()
    assert merged.authentication == renewed.authentication
    assert [key.chain[0].serial_number for key in merged.current_encryption] == [NEW_SERIAL]
    assert merged.state(renewal.start + timedelta(days=1)) is State.COMPLETE
    assert merged.contents.keys[:2] == renewed.contents.keys
    assert merged.contents.certificates[: len(renewed.contents.certificates)] == renewed.contents.certificates
    assert merged.contents.keys[2] == keystore_maker.complete.contents.keys[1]
    assert Keystore.of(read_pkcs12(write_pkcs12(merged.contents, password), password)) == merged
    assert merge_old_keys(merged, keystore_maker.complete) == merged


@pytest.mark.parametrize("count", [1, 2])
def test_the_old_keys_come_along_where_the_key_that_signed_is_lost(
    keystore_maker: KeystoreMaker, renewed: Keystore, count: int
) -> None:
    """As from a damaged file, of which the first key that is left is taken for it."""
    key, signer = generate_private_key(65537, 2048), keystore_maker.keys["authentication"]
    second = keystore_maker.certificate(
        keystore_maker.subject, key, keystore_maker.subject, signer, OLD_SERIAL + 1
    )
    whole = keystore_maker.complete.with_encryption(key, second)
    left = Keystore.of(replace(whole.contents, keys=whole.contents.keys[1 : 1 + count]))
    merged = merge_old_keys(renewed, left)
    assert serials(merged) == [NEW_SERIAL, OLD_SERIAL, OLD_SERIAL + 1][: 1 + count]
    assert merged.authentication == renewed.authentication


def test_into_a_certificate_that_waits_for_its_etk(
    keystore_maker: KeystoreMaker, renewal: KeystoreMaker
) -> None:
    merged = merge_old_keys(renewal.installed, keystore_maker.complete)
    assert serials(merged) == [OLD_SERIAL]
    assert merged.state(renewal.start + timedelta(days=1)) is State.NO_ETK


def test_a_certificate_that_came_alone_gets_its_key(keystore_maker: KeystoreMaker, renewed: Keystore) -> None:
    """What a merge of other software leaves: the old encryption certificate as an entry, without its key."""
    alone = CertificateBag(
        encoded(keystore_maker.encryption_certificate()), attributes_of(str(OLD_SERIAL), trusted=True)
    )
    contents = replace(renewed.contents, certificates=(alone, *renewed.contents.certificates))
    old = keystore_maker.installed.with_encryption(
        keystore_maker.keys["encryption"], x509.load_der_x509_certificate(alone.der)
    )
    merged = merge_old_keys(Keystore.of(contents), old)
    assert serials(merged) == [NEW_SERIAL, OLD_SERIAL]
    first = merged.contents.certificates[0]
    assert first.der == alone.der
    assert not first.is_trusted_entry
    assert first.local_key_id == merged.contents.keys[2].local_key_id is not None
    assert len(merged.contents.certificates) == len(contents.certificates)


def test_names_and_ids_that_are_taken(keystore_maker: KeystoreMaker, renewal: KeystoreMaker) -> None:
    same_name = renewal.encryption_certificate(serial=OLD_SERIAL)
    new = renewal.installed.with_encryption(renewal.keys["encryption"], same_name)
    taken = new.contents.keys[1].local_key_id
    old_contents = keystore_maker.complete.contents
    old = Keystore.of(
        replace(
            old_contents,
            keys=(
                old_contents.keys[0],
                replace(old_contents.keys[1], attributes=attributes_of(str(OLD_SERIAL), taken)),
            ),
        )
    )
    merged = merge_old_keys(new, old)
    aliases = [key.alias for key in merged.contents.keys]
    assert aliases == ["authentication", str(OLD_SERIAL), f"{OLD_SERIAL} (2)"]
    ids = [key.local_key_id for key in merged.contents.keys]
    assert len(set(ids)) == 3
    for key in merged.contents.keys:
        assert sum(bag.local_key_id == key.local_key_id for bag in merged.contents.certificates) == 1
    assert len(set(map(str.lower, merged.contents.aliases))) == len(set(merged.contents.aliases))


def test_a_key_without_a_certificate_comes_along_too(
    keystore_maker: KeystoreMaker, renewed: Keystore
) -> None:
    contents = keystore_maker.complete.contents
    lone = [bag for bag in contents.certificates if bag.alias != str(OLD_SERIAL)]
    merged = merge_old_keys(renewed, Keystore.of(replace(contents, certificates=tuple(lone))))
    assert [key.alias for key in merged.encryption] == [str(NEW_SERIAL), str(OLD_SERIAL)]
    assert merged.encryption[1].chain == ()
    again = merge_old_keys(merged, keystore_maker.complete)  # now with its certificate
    assert serials(again) == [NEW_SERIAL, OLD_SERIAL]
    assert len(again.contents.keys) == 3


def test_another_holder_is_refused_by_name(keystore_maker: KeystoreMaker, renewed: Keystore) -> None:
    unrelated = KeystoreMaker(keystore_maker.keys)
    unrelated.__dict__["person"] = Person(Niss.parse("74120812314"), "Jan", "Peeters")
    with pytest.raises(errors.HoldersDiffer) as refusal:
        merge_old_keys(renewed, unrelated.complete)
    assert "79031421872" in str(refusal.value.facts["new"])
    assert "74120812314" in str(refusal.value.facts["old"])
    with pytest.raises(errors.HoldersDiffer):
        check_same_holder(unrelated.complete, renewed)


def test_a_keystore_that_waits_has_no_holder(keystore_maker: KeystoreMaker, renewed: Keystore) -> None:
    for new, old in ((keystore_maker.prepared, renewed), (renewed, keystore_maker.prepared)):
        with pytest.raises(errors.CertificateMissing):
            merge_old_keys(new, old)


def test_names_of_another_form_have_to_be_the_same(keystore_maker: KeystoreMaker) -> None:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lab")])
    first, second, third = (
        KeystoreMaker(keystore_maker.keys),
        KeystoreMaker(keystore_maker.keys),
        KeystoreMaker(keystore_maker.keys),
    )
    first.__dict__["subject"] = second.__dict__["subject"] = subject
    third.__dict__["subject"] = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lab")])
    check_same_holder(first.installed, second.installed)
    for other in (third.installed, keystore_maker.installed):
        with pytest.raises(errors.HoldersDiffer):
            check_same_holder(first.installed, other)


def test_the_name_alone_may_change(keystore_maker: KeystoreMaker, renewal: KeystoreMaker) -> None:
    """A holder who married is the same holder."""
    married = KeystoreMaker(renewal.keys, renewal.start, renewal.end)
    name = replace(DistinguishedName.for_person(keystore_maker.person), name="DUPONT ELISE")
    married.__dict__["subject"] = name.to_name()
    assert len(merge_old_keys(married.installed, keystore_maker.complete).encryption) == 1


def test_organisations_of_the_corpus(samples: dict[str, Sample], renewed: Keystore) -> None:
    def opened(name: str) -> Keystore:
        return Keystore.of(read_pkcs12(samples[name].data, samples[name].secret))

    three, complete, authonly = map(opened, ("bc_three.p12", "bc_complete.p12", "bc_authonly.p12"))
    assert merge_old_keys(three, complete) == three
    merged = merge_old_keys(authonly, three)
    assert serials(merged) == serials(three)
    with pytest.raises(errors.HoldersDiffer):
        merge_old_keys(renewed, three)


class TestExport:
    def test_the_certificate(self, keystore_maker: KeystoreMaker) -> None:
        keystore, leaf = keystore_maker.complete, keystore_maker.chain[0]
        assert x509.load_pem_x509_certificate(export_certificates(keystore, "certificate")) == leaf
        der = export_certificates(keystore, "certificate", CertificateFormat.DER)
        assert x509.load_der_x509_certificate(der) == leaf

    def test_the_chain(self, keystore_maker: KeystoreMaker) -> None:
        assert x509.load_pem_x509_certificates(export_certificates(keystore_maker.complete, "chain")) == list(
            keystore_maker.chain
        )
        message = export_certificates(keystore_maker.complete, "chain", CertificateFormat.DER)
        assert sorted(load_der_pkcs7_certificates(message), key=_serial) == sorted(
            keystore_maker.chain, key=_serial
        )

    def test_the_encryption_certificates(self, keystore_maker: KeystoreMaker, renewed: Keystore) -> None:
        merged = merge_old_keys(renewed, keystore_maker.complete)
        found = x509.load_pem_x509_certificates(export_certificates(merged, "etk"))
        assert [certificate.serial_number for certificate in found] == [NEW_SERIAL, OLD_SERIAL]
        assert (
            len(load_der_pkcs7_certificates(export_certificates(merged, "etk", CertificateFormat.DER))) == 2
        )

    def test_what_is_not_there(self, keystore_maker: KeystoreMaker) -> None:
        parts: tuple[ExportedPart, ...] = ("certificate", "chain")
        for part in parts:
            with pytest.raises(errors.CertificateMissing) as refusal:
                export_certificates(keystore_maker.prepared, part)
            assert refusal.value.facts == {}
        with pytest.raises(errors.CertificateMissing) as refusal:
            export_certificates(keystore_maker.installed, "etk")
        assert refusal.value.facts == {"reason": "no_etk"}

    def test_nothing_secret_is_in_it(self, keystore_maker: KeystoreMaker) -> None:
        for form in CertificateFormat:
            for part in get_args(ExportedPart):
                shown = export_certificates(keystore_maker.complete, part, form)
                assert b"PRIVATE" not in shown
                for key in keystore_maker.complete.contents.keys:
                    assert key.pkcs8[-40:] not in shown


def _serial(certificate: Certificate) -> int:
    return certificate.serial_number
