"""Signing, verifying, and all the ways to make a signature cover something else than what is read."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.ehealth.certra import build_get_actor_qualities
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.signature import KeySigner, sign_element, verify_element
from ehtoolkit.ehealth.soap.xml import CERTRA, SIGNATURE, Element, serialise, unwrap, wrap


@pytest.fixture(params=["rsa", "p384"])
def any_signer(request: pytest.FixtureRequest, signer: KeySigner, card_signer: KeySigner) -> KeySigner:
    return signer if request.param == "rsa" else card_signer


@pytest.fixture
def request_element(now, person) -> Element:
    return build_get_actor_qualities(now, person)


@pytest.fixture
def signed(request_element: Element, signer: KeySigner) -> Element:
    return sign_element(request_element, signer)


def find(element: Element, name: str) -> Element:
    found = element.find(f".//{SIGNATURE(name)}")
    assert found is not None
    return found


def refused(element: Element) -> object:
    with pytest.raises(errors.SignatureInvalid) as caught:
        verify_element(element)
    return caught.value.facts["reason"]


def test_what_was_signed_verifies_in_its_envelope(request_element: Element, any_signer: KeySigner) -> None:
    verified = verify_element(unwrap(wrap(sign_element(request_element, any_signer))))
    assert verified.certificate == any_signer.chain[0]
    assert verified.chain == tuple(any_signer.chain)
    assert serialise(verified.element) == etree.tostring(request_element, method="c14n", exclusive=True)


def test_the_form_is_the_one_of_the_protocol(signed: Element, signer: KeySigner) -> None:
    signature = signed[-1]
    assert signature.tag == SIGNATURE("Signature")
    assert [element.tag for element in signature] == [
        SIGNATURE("SignedInfo"),
        SIGNATURE("SignatureValue"),
        SIGNATURE("KeyInfo"),
    ]
    algorithms = [element.get("Algorithm") for element in signature.iter("*") if element.get("Algorithm")]
    assert algorithms == [
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ]
    assert find(signed, "Reference").get("URI") == f"#{signed.get('Id')}"
    (x509_data,) = find(signed, "KeyInfo")
    assert [base64.b64decode(element.text or "") for element in x509_data] == [
        certificate.public_bytes(Encoding.DER) for certificate in signer.chain
    ]


def test_a_p384_signature_is_r_and_s(request_element: Element, card_signer: KeySigner) -> None:
    signed = sign_element(request_element, card_signer)
    assert len(base64.b64decode(find(signed, "SignatureValue").text or "")) == 96
    algorithm = find(signed, "SignatureMethod").get("Algorithm")
    assert algorithm == "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"


def test_signing_leaves_the_request_alone(request_element: Element, signer: KeySigner) -> None:
    before = serialise(request_element)
    sign_element(request_element, signer)
    assert serialise(request_element) == before


def test_what_a_card_says_goes_through(request_element: Element, signer: KeySigner) -> None:
    class Card:
        chain = signer.chain

        def sign(self, data: bytes) -> bytes:
            raise errors.PinWrong(tries_left=2)

    with pytest.raises(errors.PinWrong):
        sign_element(request_element, Card())


@pytest.mark.interop
@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")
@pytest.mark.parametrize("empty", [False, True])
def test_xmlsec1_agrees(empty: bool, now, person, any_signer: KeySigner, tmp_path: Path) -> None:
    request = (
        operations.GET_CERTIFICATE_INFO.new_request(now) if empty else build_get_actor_qualities(now, person)
    )
    signed = sign_element(request, any_signer)
    file = tmp_path / "request.xml"
    file.write_bytes(serialise(unwrap(wrap(signed))))
    name = f"{CERTRA}:{etree.QName(signed).localname}"
    command = ["xmlsec1", "--verify", "--insecure", "--id-attr:Id", name, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_foreign_signatures_verify(vectors: Path) -> None:
    count = 0
    for file in sorted(vectors.glob("*.soap.xml")):
        message = unwrap(file.read_bytes())
        if message.find(SIGNATURE("Signature")) is None:
            assert refused(message) == "missing"
            continue
        verified = verify_element(message)
        count += 1
        assert verified.element.tag == message.tag
        assert verified.element.find(SIGNATURE("Signature")) is None
        assert len(verified.chain) in (2, 3), file.name
    assert count == 10


def test_a_changed_value_is_seen(signed: Element) -> None:
    signed[0].text = "79031421971"
    assert refused(signed) == "value"


def test_a_changed_attribute_is_seen(signed: Element) -> None:
    signed.set("IssueInstant", "2030-01-01T00:00:00Z")
    assert refused(signed) == "value"


def test_another_key_is_seen(signed: Element, card_signer: KeySigner, holder, issuing, rsa_keys) -> None:
    other = issuing.issue(holder.chain[0].subject, rsa_keys[2]).chain[0]
    certificate = find(signed, "X509Certificate")
    certificate.text = base64.b64encode(other.public_bytes(Encoding.DER)).decode()
    assert refused(signed) == "value"
    certificate.text = base64.b64encode(card_signer.chain[0].public_bytes(Encoding.DER)).decode()
    assert refused(signed) == "value"


def wrap_moved_original(signed: Element) -> Element:
    """The classic attack: the signed element becomes a child of one that says something else."""
    outer = deepcopy(signed)
    outer.remove(outer[-1])
    outer.set("Id", "_other")
    outer[0].text = "00000000097"
    outer.append(signed)
    return outer


def wrap_signature_in_place(signed: Element) -> Element:
    """The signature stays under the root, and refers to the original below it."""
    original = deepcopy(signed)
    original.remove(original[-1])
    signed.set("Id", "_other")
    signed[0].text = "00000000097"
    signed.insert(1, original)
    return signed


def wrap_same_id(signed: Element) -> Element:
    original = deepcopy(signed)
    original.remove(original[-1])
    signed[0].text = "00000000097"
    signed.insert(0, original)
    return signed


def second_signature(signed: Element) -> Element:
    signed.append(deepcopy(signed[-1]))
    return signed


def signature_lower_down(signed: Element) -> Element:
    signed[0].append(signed[-1])
    return signed


def id_under_another_name(signed: Element) -> Element:
    signed[0].set("ID", signed.get("Id") or "")
    return signed


def xml_id(signed: Element) -> Element:
    signed[0].set("{http://www.w3.org/XML/1998/namespace}id", signed.get("Id") or "")
    return signed


def no_id(signed: Element) -> Element:
    del signed.attrib["Id"]
    return signed


def whole_document(signed: Element) -> Element:
    find(signed, "Reference").set("URI", "")
    return signed


def hashes_in_reference(signed: Element) -> Element:
    find(signed, "Reference").set("URI", f"##{signed.get('Id')}")
    return signed


@pytest.mark.parametrize(
    "attack",
    [
        wrap_moved_original,
        wrap_signature_in_place,
        wrap_same_id,
        second_signature,
        signature_lower_down,
        id_under_another_name,
        xml_id,
        no_id,
        whole_document,
        hashes_in_reference,
    ],
)
def test_wrapping_is_refused(attack: Callable[[Element], Element], signed: Element) -> None:
    assert refused(attack(signed)) == "wrapping"


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        ("SignatureMethod", "nonsense"),
        ("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        ("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ("Transform", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
    ],
)
def test_other_algorithms_are_refused(name: str, algorithm: str, signed: Element) -> None:
    find(signed, name).set("Algorithm", algorithm)
    assert refused(signed) == "algorithm"


def two_references(signature: Element) -> None:
    reference = find(signature, "Reference")
    reference.addnext(deepcopy(reference))


def one_transform(signature: Element) -> None:
    transforms = find(signature, "Transforms")
    transforms.remove(transforms[0])


def an_object(signature: Element) -> None:
    etree.SubElement(signature, SIGNATURE("Object"))


def no_key_info(signature: Element) -> None:
    signature.remove(signature[-1])


def key_value(signature: Element) -> None:
    etree.SubElement(signature[-1], SIGNATURE("KeyValue"))


def no_certificate(signature: Element) -> None:
    del signature[-1][0][:]


def a_subject_name(signature: Element) -> None:
    etree.SubElement(signature[-1][0], SIGNATURE("X509SubjectName"))


def inclusive_namespaces(signature: Element) -> None:
    etree.SubElement(find(signature, "CanonicalizationMethod"), "{http://www.w3.org/2001/10/xml-exc-c14n#}X")


def nested_value(signature: Element) -> None:
    etree.SubElement(find(signature, "DigestValue"), "x")


@pytest.mark.parametrize(
    "change",
    [
        two_references,
        one_transform,
        an_object,
        no_key_info,
        key_value,
        no_certificate,
        a_subject_name,
        inclusive_namespaces,
        nested_value,
    ],
)
def test_another_form_is_refused(change: Callable[[Element], None], signed: Element) -> None:
    change(signed[-1])
    assert refused(signed) == "form"


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"no certificate").decode(), "AAAA"])
def test_a_broken_certificate_is_refused(text: str, signed: Element) -> None:
    find(signed, "X509Certificate").text = text
    assert refused(signed) == "certificate"


def test_a_key_of_another_kind_is_refused(signed: Element, issuing) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    certificate = issuing.issue(issuing.chain[0].subject, key).chain[0]
    find(signed, "X509Certificate").text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    assert refused(signed) == "certificate"


@pytest.mark.parametrize("text", ["", "????", "AAAA"])
def test_a_broken_value_is_refused(text: str, signed: Element) -> None:
    find(signed, "SignatureValue").text = text
    assert refused(signed) == "value"


def test_line_ends_of_java_are_fine(signed: Element) -> None:
    for name in ("SignatureValue", "X509Certificate"):
        text = "".join((find(signed, name).text or "").split())
        find(signed, name).text = (
            "\r\n" + "\r\n".join(text[n : n + 76] for n in range(0, len(text), 76)) + "\r\n"
        )
    message = unwrap(wrap(signed))
    assert "&#13;" in etree.tostring(message).decode()
    assert verify_element(message).element.tag == signed.tag


def test_a_comment_cannot_split_what_was_signed(request_element: Element, signer: KeySigner) -> None:
    data = wrap(sign_element(request_element, signer)).replace(b"79031421872", b"79031<!-- x -->421872")
    assert verify_element(unwrap(data)).element[0].text == "79031421872"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_refused_or_changes_nothing(data: st.DataObject, vectors: Path) -> None:
    """Whatever is done to a signed message: what still verifies says what was signed, to the byte."""
    (file,) = vectors.glob("016-*.soap.xml")
    body = file.read_bytes()
    original = etree.tostring(verify_element(unwrap(body)).element, method="c14n", exclusive=True)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 400)))
    piece = data.draw(
        st.sampled_from([b"", b" ", b"\r", b"&#13;", b"A", b"<!-- -->", b"</", body[start:end] * 2])
    )
    try:
        element = verify_element(unwrap(body[:start] + piece + body[end:])).element
    except errors.MessageInvalid:
        return
    assert etree.tostring(element, method="c14n", exclusive=True) == original
