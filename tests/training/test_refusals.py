"""What the platform does not grant: one wrong thing at a time, each with its own code."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact
from ehtoolkit.ehealth.certra import certificate_request
from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.identity import ContactData, DistinguishedName, Identifier, Niss, Organisation, Person
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.service.actors import check_contact
from ehtoolkit.training.state.refusal_reasons import Refusal

if TYPE_CHECKING:
    from tests.training.conftest import Client

    MakeClient = Callable[..., Client]

CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")


def code_of(call: Callable[[], object]) -> str:
    """The code that the platform refuses with."""
    with pytest.raises(errors.PlatformRefused) as refused:
        call()
    return str(refused.value.facts["code"])


# ── who signed ───────────────────────────────────────────────────────────────────────────────────────────
def test_another_persons_number(client: MakeClient, platform: Platform) -> None:
    elise, bram = client("elise"), client("bram")
    signer = elise.signer(CardKey.AUTHENTICATION)
    assert code_of(lambda: platform.certra.get_actor_qualities(bram.person, signer)) == "SIGNER_MISMATCH"


def test_the_signature_key_where_the_authentication_key_is_due(
    client: MakeClient, platform: Platform
) -> None:
    person = client()
    signer = person.signer(CardKey.SIGNATURE)
    call = lambda: platform.certra.get_actor_qualities(person.person, signer)  # noqa: E731
    assert code_of(call) == "SIGNER_KEY_USAGE_WRONG"


def test_the_authentication_key_where_the_signature_key_is_due(client: MakeClient) -> None:
    person = client()
    assert code_of(lambda: person.request(key=CardKey.AUTHENTICATION)) == "SIGNER_KEY_USAGE_WRONG"


def test_a_contract_signed_by_another_person(client: MakeClient) -> None:
    elise, bram = client("elise"), client("bram")
    assert code_of(lambda: bram.request(elise.contract())) == "SIGNER_MISMATCH"


def test_names_that_are_not_those_on_the_card(client: MakeClient, platform: Platform) -> None:
    client_ = client()
    misspelt = dataclasses.replace(client_.person, first_names="Elise Marie")
    contract = platform.certra.generate_contract(misspelt, misspelt, CONTACT)
    assert code_of(lambda: client_.request(contract)) == "SIGNER_NAME_MISMATCH"


def test_an_expired_card(client: MakeClient, platform: Platform) -> None:
    rita = client("rita")
    signer = rita.signer(CardKey.AUTHENTICATION)
    assert (
        code_of(lambda: platform.certra.get_actor_qualities(rita.person, signer))
        == "SIGNER_CERTIFICATE_EXPIRED"
    )
    assert code_of(rita.request) == "SIGNER_CERTIFICATE_EXPIRED"


def test_a_card_expires_when_the_clock_moves(client: MakeClient, training: TrainingPlatform) -> None:
    person = client()
    training.clock.move("+8y")
    assert code_of(person.request) == "SIGNER_CERTIFICATE_EXPIRED"


def test_a_card_of_an_authority_that_is_not_trusted_until_it_is(
    client: MakeClient, training: TrainingPlatform, platform: Platform, keys: tuple[rsa.RSAPrivateKey, ...]
) -> None:
    person = client()
    foreign = self_signed_card(person.person, keys[3])
    call = lambda: platform.certra.get_actor_qualities(person.person, foreign)  # noqa: E731
    assert code_of(call) == "SIGNER_NOT_TRUSTED"
    assert "Élise" in training.trust(foreign.chain[0])
    assert call().natural_person


def test_a_chain_that_only_claims_to_end_in_the_training_root(
    client: MakeClient, training: TrainingPlatform, platform: Platform, keys: tuple[rsa.RSAPrivateKey, ...]
) -> None:
    person = client()
    leaf = self_signed_card(person.person, keys[3]).chain[0]
    genuine = person.card.chain(CardKey.AUTHENTICATION)
    forged = KeySigner(keys[3], (leaf, *genuine[1:]))
    call = lambda: platform.certra.get_actor_qualities(person.person, forged)  # noqa: E731
    assert code_of(call) == "SIGNER_NOT_TRUSTED"


def test_a_citizen_certificate_is_no_authority(
    client: MakeClient, platform: Platform, keys: tuple[rsa.RSAPrivateKey, ...]
) -> None:
    """A certificate "signed" by somebody's card key, with that card's chain above it."""
    bram = client("bram")
    issuing = bram.card.chain(CardKey.AUTHENTICATION)
    victim = client("elise").person
    assert isinstance(bram.training.authorities.citizen.key, rsa.RSAPrivateKey)
    forged = _certificate(victim, keys[3], issuing[0].subject, bram.training.authorities.citizen.key)
    signer = KeySigner(keys[3], (forged, *issuing))
    assert code_of(lambda: platform.certra.get_actor_qualities(victim, signer)) == "SIGNER_NOT_TRUSTED"


def test_the_key_of_a_certificate_that_this_platform_did_not_deliver(
    client: MakeClient, platform: Platform, keys: tuple[rsa.RSAPrivateKey, ...]
) -> None:
    person = client()
    person.chain = self_signed_card(person.person, person.key).chain
    assert code_of(lambda: platform.certra.get_certificate_info(person.holder)) == "SIGNER_NOT_TRUSTED"
    assert code_of(person.register) == "SIGNER_NOT_TRUSTED"


# ── the contract and the request ─────────────────────────────────────────────────────────────────────────
def test_contact_data_are_kept_as_they_came() -> None:
    """Our client sends less than the platform takes, which has what was sent before, too."""
    sent = ("a&b@x.be", "12", "p..q@x.be", "025550142")
    check_contact(RegisteredContact(*sent))
    for email, phone in (("elise", "12"), ("p@x.be", "02/555.01.42"), ("p@x.be", "0032-2")):
        with pytest.raises(Refusal):
            check_contact(RegisteredContact(email, phone, None, None))


def test_a_contract_with_one_changed_character(client: MakeClient) -> None:
    person = client()
    contract = person.contract()
    value = next(element for element in contract.element.iter() if element.tag.endswith("}Value"))
    value.text = f"{value.text} "
    assert code_of(lambda: person.request(contract)) == "CONTRACT_UNKNOWN"


def test_a_contract_with_changed_line_ends(client: MakeClient) -> None:
    person = client()
    contract = person.contract()
    assert "\r\n" in contract.texts["fr"]
    for value in contract.element.iter():
        if value.tag.endswith("}Value"):
            value.text = (value.text or "").replace("\r\n", "\n")
    assert code_of(lambda: person.request(contract)) == "CONTRACT_UNKNOWN"


def test_a_contract_with_another_name_in_it(client: MakeClient) -> None:
    person = client()
    contract = person.contract()
    other = contract.dn.replace("79031421872", "85110230740")
    assert code_of(lambda: person.request(dataclasses.replace(contract, dn=other))) == "CONTRACT_DN_MISMATCH"


def test_a_contract_with_another_signer_in_it(client: MakeClient) -> None:
    elise, bram = client("elise"), client("bram")
    contract = elise.contract()
    identifier = next(element for element in contract.element.iter() if element.tag.endswith("}Id"))
    identifier.text = bram.person.niss.digits
    assert code_of(lambda: bram.request(contract)) == "CONTRACT_SIGNER_MISMATCH"


def test_a_request_with_another_subject_than_the_contract(client: MakeClient, platform: Platform) -> None:
    person = client()
    contract = person.contract()
    other = DistinguishedName(Identifier("SSIN", "85110230740"), "DESMEDT BRAM JOZEF")
    csr = certificate_request(person.key, other)
    signed = person.signed(csr, contract)
    assert code_of(lambda: platform.certra.generate_certificate(signed, "")) == "CSR_SUBJECT_MISMATCH"


def test_a_key_that_is_too_small(client: MakeClient) -> None:
    person = client()
    person.key = rsa.generate_private_key(65537, 1024)  # noqa: S505
    assert code_of(person.request) == "KEY_UNFIT"


@pytest.mark.parametrize("key", ["curve", "dsa"])
def test_a_key_of_a_kind_that_no_keystore_has(client: MakeClient, key: str) -> None:
    person = client()
    made: dict[str, Callable[[], Any]] = {
        "curve": lambda: ec.generate_private_key(ec.SECP256K1()),
        "dsa": lambda: dsa.generate_private_key(2048),
    }
    person.key = made[key]()
    assert code_of(person.request) == "KEY_UNFIT"


def test_a_key_of_another_person(client: MakeClient) -> None:
    client("elise").request()
    assert code_of(client("bram").request) == "KEY_ALREADY_USED"


def test_a_second_key_while_the_first_one_waits(client: MakeClient) -> None:
    client().request()
    assert code_of(client(first=2).request) == "CERT_ALREADY_REQUESTED"


def test_a_second_key_while_the_first_one_is_active(client: MakeClient) -> None:
    client().deliver()
    assert code_of(client(first=2).request) == "CERT_ALREADY_ACTIVE"


def test_an_actor_who_is_not_the_signer(client: MakeClient) -> None:
    elise = client("elise")
    assert code_of(lambda: elise.contract(client("bram").person)) == "ACTOR_MISMATCH"


def test_an_unknown_certificate(platform: Platform) -> None:
    assert code_of(lambda: platform.certra.get_certificate("00" * 20)) == "CERT_UNKNOWN"


def test_the_refusal_says_from_when_a_replacement_is_possible(client: MakeClient, platform: Platform) -> None:
    person = client()
    person.deliver()
    start = platform.certra.get_certificate_info(person.holder).replaceable_from
    assert start is not None
    with pytest.raises(errors.PlatformRefused) as refused:
        client(first=2).request()
    assert start.astimezone().date().isoformat() in str(refused.value.facts["detail"])


# ── the encryption token ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def holder(client: MakeClient) -> Client:
    person = client()
    person.deliver()
    return person


def test_a_serial_number_that_was_not_in_the_challenge(holder: Client, platform: Platform) -> None:
    serial = holder.serial()
    der = holder.encryption_certificate(serial ^ 1)
    assert code_of(lambda: platform.etkra.complete_registration(der, holder.holder)) == "ETK_SERIAL_MISMATCH"


def test_a_registration_that_was_not_started(holder: Client, platform: Platform) -> None:
    der = holder.encryption_certificate(12345)
    assert code_of(lambda: platform.etkra.complete_registration(der, holder.holder)) == "ETK_NOT_STARTED"


def test_an_encryption_certificate_by_another_key(
    holder: Client, platform: Platform, keys: tuple[rsa.RSAPrivateKey, ...]
) -> None:
    der = encryption_certificate(
        keys[3], holder.chain[0], holder.encryption_key.public_key(), holder.serial()
    )
    with pytest.raises(errors.PlatformRefused) as refused:
        platform.etkra.complete_registration(der, holder.holder)
    assert refused.value.facts["code"] == "ETK_CERTIFICATE_INVALID"
    assert "signature" in str(refused.value.facts["detail"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"usage": ("key_encipherment",)}, "keyUsage"),
        ({"usage": ("key_encipherment", "data_encipherment", "digital_signature")}, "keyUsage"),
        ({"subject": "Somebody else"}, "subject"),
        ({"longer": timedelta(days=1)}, "validity"),
    ],
)
def test_an_encryption_certificate_that_is_not_as_it_should_be(
    holder: Client, platform: Platform, change: OddCertificate, reason: str
) -> None:
    der = _odd_encryption_certificate(holder, holder.serial(), **change)
    with pytest.raises(errors.PlatformRefused) as refused:
        platform.etkra.complete_registration(der, holder.holder)
    assert f"Reason={reason}" in str(refused.value.facts["detail"])


def test_bytes_that_are_no_certificate(holder: Client, platform: Platform) -> None:
    holder.serial()
    call = lambda: platform.etkra.complete_registration(b"0\x03\x02\x01\x01", holder.holder)  # noqa: E731
    assert code_of(call) == "ETK_CERTIFICATE_INVALID"


def test_the_authentication_key_as_encryption_key(holder: Client, platform: Platform) -> None:
    call = lambda: platform.etkra.start_registration(holder.key.public_key(), holder.holder)  # noqa: E731
    assert code_of(call) == "KEY_ALREADY_USED"


def test_a_second_token_for_the_same_certificate(
    holder: Client, platform: Platform, keys: tuple[rsa.RSAPrivateKey, ...]
) -> None:
    holder.register()
    call = lambda: platform.etkra.start_registration(keys[3].public_key(), holder.holder)  # noqa: E731
    assert code_of(call) == "ETK_ALREADY_REGISTERED"


def test_activation_of_nothing(holder: Client, platform: Platform) -> None:
    assert code_of(lambda: platform.etkra.activate(holder.holder)) == "ETK_NOT_REGISTERED"


def test_the_challenge_holds_the_serial_and_its_hash(holder: Client, platform: Platform) -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    challenge = platform.etkra.start_registration(holder.encryption_key.public_key(), holder.holder)
    plain = holder.encryption_key.decrypt(challenge[:256], PKCS1v15())
    assert len(plain) == 16
    assert challenge[256:] == hashlib.sha256(plain).digest()


# ── input of a wrong form ────────────────────────────────────────────────────────────────────────────────
def test_an_organisation_for_which_the_signer_has_no_mandate_is_left_to_a_person(client: MakeClient) -> None:
    bram = client("bram")
    contract = bram.contract(Organisation(Identifier("CBE", "0486132722"), "Cabinet Les Tilleuls"))
    assert not bram.request(contract).automatically_validated


def self_signed_card(person: Person, key: rsa.RSAPrivateKey) -> KeySigner:
    """Looks like an Authentication certificate of that person."""
    return KeySigner(key, (_certificate(person, key, None, key),))


def _certificate(
    person: Person, key: rsa.RSAPrivateKey, issuer: x509.Name | None, issuer_key: rsa.RSAPrivateKey
) -> x509.Certificate:
    from datetime import UTC, datetime

    from ehtoolkit.training.authority.pki import key_usage

    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"{person.full_name} (Authentication)"),
            x509.NameAttribute(NameOID.SURNAME, person.name),
            x509.NameAttribute(NameOID.GIVEN_NAME, person.first_names),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, person.niss.digits),
        ]
    )
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1000))
        .add_extension(key_usage("digital_signature"), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


class OddCertificate(TypedDict, total=False):
    usage: tuple[str, ...]
    subject: str | None
    longer: timedelta


def _odd_encryption_certificate(
    holder: Client,
    serial: int,
    *,
    usage: tuple[str, ...] = ("key_encipherment", "data_encipherment"),
    subject: str | None = None,
    longer: timedelta = timedelta(0),
) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    from ehtoolkit.training.authority.pki import key_usage

    leaf = holder.chain[0]
    name = leaf.subject
    if subject is not None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(leaf.subject)
        .public_key(holder.encryption_key.public_key())
        .serial_number(serial)
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_after_utc + longer)
        .add_extension(key_usage(*usage), critical=True)
        .sign(holder.key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER)


def test_niss_with_wrong_check_digits_is_the_clients_business(client: MakeClient) -> None:
    """Foreign clients' test people have such numbers; the real check is the card."""
    applicant = Person(Niss("80010112309"), "Zoé", "Dupont")
    person = client()
    contract = person.platform.certra.generate_contract(applicant, applicant, CONTACT)
    assert contract.distinguished_name.identifier.value == "80010112309"
    assert code_of(lambda: person.request(contract)) == "SIGNER_MISMATCH"
