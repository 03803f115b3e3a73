"""What an eHealth keystore is: prepared, installed, complete; whose it is; in which state, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.codec.contents import (
    TRUSTED_KEY_USAGE,
    CertificateBag,
    Key,
    Pkcs12Contents,
    Plain,
    attributes_of,
)
from ehtoolkit.keystore.key_pairs import encoded, is_placeholder, load_private_key, store_private_key
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State, renewable_from

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker


def test_a_prepared_keystore_holds_the_key_and_the_stand_in(keystore_maker: KeystoreMaker) -> None:
    keystore = keystore_maker.prepared
    (key,), (certificate,) = keystore.contents.keys, keystore.contents.certificates
    assert key.alias == certificate.alias == "authentication"
    assert key.local_key_id == certificate.local_key_id == bytes.fromhex(keystore.key_id)
    assert is_placeholder(certificate.der)
    assert keystore.chain == ()
    assert (keystore.installed, keystore.holder, keystore.environment) == (False, None, None)
    assert (keystore.not_before, keystore.not_after) == (None, None)
    assert (
        keystore.authentication.key.private_numbers()
        == keystore_maker.keys["authentication"].private_numbers()
    )


def test_an_installed_keystore_has_the_chain_and_an_entry_for_each_issuer(
    keystore_maker: KeystoreMaker,
) -> None:
    keystore = keystore_maker.installed
    assert keystore.chain == keystore_maker.chain
    assert keystore.key_id == keystore_maker.prepared.key_id
    assert keystore.holder == DistinguishedName.for_person(keystore_maker.person)
    assert keystore.environment is Environment.TRAINING
    assert (keystore.not_before, keystore.not_after) == (keystore_maker.start, keystore_maker.end)
    assert [bag.alias for bag in keystore.contents.certificates] == [
        "authentication",
        "2.5.4.5=20260001,CN=ehtoolkit TRAINING eHealth issuing CA 001,O=Training,C=BE",
        "CN=Training root,O=Training,C=BE",
    ]
    assert [bag.is_trusted_entry for bag in keystore.contents.certificates] == [False, True, True]
    assert not any(is_placeholder(bag.der) for bag in keystore.contents.certificates)


def test_an_encryption_key_is_called_by_the_serial_number_of_its_certificate(
    keystore_maker: KeystoreMaker,
) -> None:
    (key,) = keystore_maker.complete.encryption
    assert key.alias == "170141183460469231731687303715884105735"
    assert key.chain == (keystore_maker.complete.contents and key.chain[0],)
    assert key.local_key_id == key.key_id
    assert key.key.private_numbers() == keystore_maker.keys["encryption"].private_numbers()
    assert keystore_maker.complete.current_encryption == (key,)
    assert [key.alias for key in keystore_maker.complete.contents.keys] == ["authentication", key.alias]


def test_what_is_installed_a_second_time_changes_nothing(keystore_maker: KeystoreMaker) -> None:
    assert keystore_maker.installed.with_chain(keystore_maker.chain) == keystore_maker.installed


def test_an_issuer_of_the_same_name_gets_a_name_of_its_own(keystore_maker: KeystoreMaker) -> None:
    newer = keystore_maker.certificate(
        keystore_maker.root_name,
        keystore_maker.keys["stranger"],
        keystore_maker.root_name,
        keystore_maker.keys["stranger"],
    )
    issuing = keystore_maker.certificate(
        keystore_maker.issuer_name,
        keystore_maker.keys["issuer"],
        keystore_maker.root_name,
        keystore_maker.keys["stranger"],
    )
    again = keystore_maker.installed.with_chain([keystore_maker.chain[0], issuing, newer])
    before = [bag.alias for bag in keystore_maker.installed.contents.certificates]
    aliases = [bag.alias for bag in again.contents.certificates]
    # The earlier issuer has signed this certificate, too, and stays; the earlier root has signed nothing of the chain.
    assert aliases[1] == before[1]
    assert aliases[2:] == [f"{before[1]} (2)", before[2]]
    assert encoded(newer) in [bag.der for bag in again.contents.certificates]


def test_a_certificate_of_another_key_is_refused(keystore_maker: KeystoreMaker) -> None:
    foreign = keystore_maker.certificate(
        keystore_maker.subject,
        keystore_maker.keys["stranger"],
        keystore_maker.issuer_name,
        keystore_maker.keys["issuer"],
    )
    with pytest.raises(errors.ResponseUntrusted) as refusal:
        keystore_maker.prepared.with_chain([foreign, *keystore_maker.chain[1:]])
    assert refusal.value.facts == {"reason": "key"}
    with pytest.raises(errors.ResponseUntrusted) as refusal:
        keystore_maker.installed.with_encryption(
            keystore_maker.keys["stranger"], keystore_maker.encryption_certificate()
        )
    assert refusal.value.facts == {"reason": "key"}


def test_a_chain_in_the_wrong_order_is_refused(keystore_maker: KeystoreMaker) -> None:
    leaf, issuing, root = keystore_maker.chain
    for chain in ([leaf, root, issuing], [leaf, root]):
        with pytest.raises(errors.ResponseUntrusted) as refusal:
            keystore_maker.prepared.with_chain(chain)
        assert refusal.value.facts == {"reason": "chain"}


def test_an_encryption_key_is_not_added_twice(keystore_maker: KeystoreMaker) -> None:
    with pytest.raises(errors.DuplicateAlias):
        keystore_maker.complete.with_encryption(
            keystore_maker.keys["encryption"], keystore_maker.encryption_certificate()
        )


def test_old_encryption_keys_stay_and_are_not_current(keystore_maker: KeystoreMaker) -> None:
    unrelated = keystore_maker.keys["stranger"]
    old = keystore_maker.certificate(
        keystore_maker.subject,
        keystore_maker.keys["renewed"],
        keystore_maker.subject,
        unrelated,
        serial=12345,
    )
    carried = keystore_maker.installed.with_encryption(keystore_maker.keys["renewed"], old)
    assert [key.alias for key in carried.encryption] == ["12345"]
    assert carried.current_encryption == ()
    assert carried.state(keystore_maker.start) is State.NO_ETK
    both = carried.with_encryption(keystore_maker.keys["encryption"], keystore_maker.encryption_certificate())
    assert [key.alias for key in both.encryption] == ["12345", str((1 << 127) + 7)]
    assert [key.alias for key in both.current_encryption] == [str((1 << 127) + 7)]
    assert both.state(keystore_maker.start) is State.COMPLETE


def second() -> timedelta:
    return timedelta(seconds=1)


def test_states(keystore_maker: KeystoreMaker) -> None:
    renewal = datetime(2029, 11, 24, 10, 0, tzinfo=UTC)
    table = {
        keystore_maker.start - second(): ("prepared", "not_yet_valid", "not_yet_valid"),
        keystore_maker.start: ("prepared", "no_etk", "complete"),
        renewal - second(): ("prepared", "no_etk", "complete"),
        renewal: ("prepared", "no_etk", "renewable"),
        keystore_maker.end: ("prepared", "no_etk", "renewable"),
        keystore_maker.end + second(): ("prepared", "expired", "expired"),
    }
    keystores = (keystore_maker.prepared, keystore_maker.installed, keystore_maker.complete)
    for now, states in table.items():
        assert tuple(keystore.state(now) for keystore in keystores) == states, now


def test_a_certificate_without_its_key_is_no_encryption_key(keystore_maker: KeystoreMaker) -> None:
    """Some merging software makes these; the key then has to come from the old file."""
    bag = CertificateBag(encoded(keystore_maker.encryption_certificate()), attributes_of("77", trusted=True))
    contents = keystore_maker.installed.contents
    orphan = Keystore.of(Pkcs12Contents(contents.keys, (*contents.certificates, bag)))
    assert orphan.state(keystore_maker.start) is State.NO_ETK


@pytest.mark.parametrize(
    ("moment", "earlier"),
    [
        ("2030-02-24", "2029-11-24"),
        ("2030-05-31", "2030-02-28"),
        ("2028-05-31", "2028-02-29"),
        ("2030-03-31", "2029-12-31"),
        ("2030-01-01", "2029-10-01"),
        ("0001-02-03", "0001-02-03"),
    ],
)
def test_three_months_by_the_calendar(moment: str, earlier: str) -> None:
    assert renewable_from(datetime.fromisoformat(moment)) == datetime.fromisoformat(earlier)


class TestFilesOfOthers:
    """Keystores whose names or identifiers are not as we write them."""

    def contents(
        self, keystore_maker: KeystoreMaker, *roles: str, alias: str | None = None
    ) -> Pkcs12Contents:
        attributes = () if alias is None else attributes_of(alias)
        keys = tuple(Key(Plain(store_private_key(keystore_maker.keys[role])), attributes) for role in roles)
        return Pkcs12Contents(
            keys, tuple(CertificateBag(encoded(each)) for each in reversed(keystore_maker.chain))
        )

    def test_the_authentication_key_without_its_name_is_the_one_with_an_issued_certificate(
        self, keystore_maker: KeystoreMaker
    ) -> None:
        keystore = Keystore.of(self.contents(keystore_maker, "stranger", "authentication"))
        assert keystore.key_id == keystore_maker.prepared.key_id
        assert keystore.chain == keystore_maker.chain
        assert [key.alias for key in keystore.encryption] == [None]

    def test_the_name_may_be_in_capitals(self, keystore_maker: KeystoreMaker) -> None:
        keystore = Keystore.of(self.contents(keystore_maker, "authentication", alias="Authentication"))
        assert keystore.authentication.alias == "Authentication"

    def test_a_file_without_a_key_is_no_keystore(self, keystore_maker: KeystoreMaker) -> None:
        with pytest.raises(errors.NotAKeystore) as refusal:
            Keystore.of(self.contents(keystore_maker))
        assert refusal.value.facts == {"kind": "no_key"}

    def test_an_unknown_issuer_is_of_no_environment(self, keystore_maker: KeystoreMaker) -> None:
        leaf = keystore_maker.certificate(
            keystore_maker.subject,
            keystore_maker.keys["authentication"],
            keystore_maker.root_name,
            keystore_maker.keys["root"],
        )
        keystore = keystore_maker.prepared.with_chain([leaf])
        assert (keystore.installed, keystore.environment) == (True, None)
        assert keystore.holder == DistinguishedName.for_person(keystore_maker.person)

    def test_a_name_of_another_form_is_of_no_holder(self, keystore_maker: KeystoreMaker) -> None:
        key = keystore_maker.keys["authentication"]
        leaf = keystore_maker.certificate(
            keystore_maker.root_name, key, keystore_maker.issuer_name, keystore_maker.keys["issuer"]
        )
        assert keystore_maker.prepared.with_chain([leaf]).holder is None

    def test_a_certificate_that_is_none(self, keystore_maker: KeystoreMaker) -> None:
        contents = self.contents(keystore_maker, "authentication")
        with pytest.raises(errors.KeystoreDamaged) as damage:
            Keystore.of(Pkcs12Contents(contents.keys, (CertificateBag(b"\x30\x03\x02\x01\x00"),)))
        assert damage.value.facts == {"reason": "certificate"}


class TestKeys:
    def test_a_key_is_loaded_as_it_was_stored(self, keystore_maker: KeystoreMaker) -> None:
        key = keystore_maker.keys["authentication"]
        assert load_private_key(store_private_key(key)).private_numbers() == key.private_numbers()

    def test_a_number_of_a_key_that_changed_is_noticed(self, keystore_maker: KeystoreMaker) -> None:
        stored = store_private_key(keystore_maker.keys["authentication"])
        for at in (100, 300, 600, 800, 900, 1_000, 1_150):
            with pytest.raises(errors.KeystoreDamaged) as damage:
                load_private_key(stored[:at] + bytes([stored[at] ^ 4]) + stored[at + 1 :])
            assert damage.value.facts == {"reason": "key"}

    def test_an_elliptic_key_is_loaded_as_it_was_stored(self) -> None:
        key = generate_private_key(SECP384R1())
        assert load_private_key(store_private_key(key)).private_numbers() == key.private_numbers()

    def test_a_key_that_no_keystore_has_is_unfit(self) -> None:
        stored = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(errors.KeyUnfit) as unfit:
            load_private_key(stored)
        assert unfit.value.facts == {"kind": "Ed25519", "reason": "algorithm"}


def test_no_secret_shows_itself(keystore_maker: KeystoreMaker) -> None:
    text = (
        repr(keystore_maker.complete)
        + repr(keystore_maker.complete.contents)
        + repr(keystore_maker.complete.authentication)
    )
    numbers = keystore_maker.keys["authentication"].private_numbers()
    assert str(numbers.d) not in text
    assert f"{numbers.p:x}"[:32] not in text
    assert repr(store_private_key(keystore_maker.keys["authentication"]))[10:60] not in text
    assert TRUSTED_KEY_USAGE in repr(keystore_maker.complete.contents.certificates)
