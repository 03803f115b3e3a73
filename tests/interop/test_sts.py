"""Sessions held against software that others wrote: requests against xmlsec1, the schemas of signatures and
certificates, assertions against xmlsec1 and OpenSAML."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from ehtoolkit.card.port import CardKey, CardSigner
from ehtoolkit.ehealth.soap.signature import KeySigner, Signer
from ehtoolkit.ehealth.soap.xml import SAML, SECURITY, SIGNATURE, SOAP, UTILITY, Element, unwrap
from ehtoolkit.ehealth.sts.claims import Quality, claims_of
from ehtoolkit.ehealth.sts.service import issue_request, secured
from ehtoolkit.identity import ContactData, Identifier
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.support.sts_messages import challenge_response, renew_request

pytestmark = pytest.mark.interop
PASSWORD = Secret("Kine-2026")
SAML_SCHEMA = Path("/usr/share/xml/opensaml/cs-sstc-schema-assertion-1.1.xsd")
SOAP_SCHEMA = Path("/usr/share/xml/xmltooling/soap-envelope.xsd")
SIGNATURE_SCHEMA = Path("/usr/share/xml/xmltooling/xmldsig-core-schema.xsd")
OURS = "//*[local-name()='Security']/*[local-name()='Signature']"


@pytest.fixture(scope="module", params=["elise", "claire"])
def traced(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, KeySigner, Toolkit]:
    """The messages of a session with an RSA key, and with one on P-384: issued by two keys with its challenge, issued,
    renewed."""
    home = tmp_path_factory.mktemp("sts")
    toolkit = open_toolkit(load_settings(home=home, trace=home / "trace", training_delivery=0.0))
    holder = _keystore(toolkit, request.param)
    (home / "trace").rename(home / "before")
    claims = claims_of(Quality.PHYSIOTHERAPIST, holder[1])
    sts = toolkit.context.platform.sts
    now = toolkit.context.clock.now()

    def send(message: bytes, signer: Signer) -> Element:
        return unwrap(sts.client.transport.post(sts.client.url, secured(message, signer, now), {}).body)

    first = sts.issue(holder[0], claims)
    send(renew_request("urn:uuid:1", first.xml.reveal().encode()), holder[0])
    card = CardSigner(toolkit.open_card(f"training:{request.param}"), CardKey.AUTHENTICATION, Secret("1234"))
    asked = send(issue_request("urn:uuid:2", claims, holder[0].chain[0], now), card)
    send(challenge_response(asked, "urn:uuid:2"), holder[0])
    return home / "trace", holder[0], toolkit


def _keystore(toolkit: Toolkit, name: str) -> tuple[KeySigner, Identifier]:
    card = toolkit.open_card(f"training:{name}")
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("a@example.be", "+32 2 555 01 42"))
    outcome = request(
        requested, card, lambda _: Secret("1234"), PASSWORD, toolkit.context, show=lambda _: None
    )
    file = KeystoreFile.open(outcome.keystore, PASSWORD)
    assert complete(file, toolkit.context).state == "complete"
    return KeySigner(file.keystore.authentication.key, file.keystore.chain), person.identifier


def requests_of(traced: tuple[Path, KeySigner, Toolkit]) -> list[Path]:
    found = sorted(traced[0].glob("*-request.xml"))
    assert len(found) == 4
    return found


def assertions_of(traced: tuple[Path, KeySigner, Toolkit], folder: Path) -> list[Path]:
    written = []
    for answer in sorted(traced[0].glob("*-response.xml")):
        for assertion in etree.parse(answer).iter(SAML("Assertion")):
            written.append(folder / answer.name)
            written[-1].write_bytes(etree.tostring(assertion, with_tail=False))
    assert len(written) == 3
    return written


def test_xmlsec1_verifies_every_request(traced: tuple[Path, KeySigner, Toolkit], tmp_path: Path) -> None:
    for message in requests_of(traced):
        token = etree.parse(message).find(f".//{SECURITY('BinarySecurityToken')}")
        assert token is not None
        key = tmp_path / "key.pem"
        key.write_bytes(_public_key("".join((token.text or "").split())))
        command = [
            *("xmlsec1", "--verify", "--enabled-key-data", "rsa,ec", "--pubkey-pem", str(key)),
            *("--id-attr:Id", f"{SOAP}:Body", "--id-attr:Id", f"{UTILITY}:Timestamp"),
            *("--id-attr:Id", f"{SECURITY}:BinarySecurityToken", "--node-xpath", OURS, str(message)),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"{message.name}: {done.stderr}"
        assert "References (ok/all): 3/3" in done.stderr + done.stdout


def _public_key(der: str) -> bytes:
    import base64

    from cryptography import x509

    key = x509.load_der_x509_certificate(base64.b64decode(der)).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.skipif(
    not SIGNATURE_SCHEMA.exists(), reason="the schema of signatures (xmltooling-schemas) is not installed"
)
def test_every_signature_is_valid_by_its_schema(traced: tuple[Path, KeySigner, Toolkit]) -> None:
    schema = etree.XMLSchema(etree.parse(SIGNATURE_SCHEMA))
    seen = 0
    for message in sorted(traced[0].glob("*.xml")):
        for signature in etree.parse(message).iter(SIGNATURE("Signature")):
            schema.assertValid(etree.fromstring(etree.tostring(signature, with_tail=False)))
            seen += 1
    assert seen >= 8


@pytest.mark.skipif(
    not SAML_SCHEMA.exists(), reason="the schemas of SAML (opensaml-schemas) are not installed"
)
def test_every_assertion_is_valid_by_the_schema_of_saml(
    traced: tuple[Path, KeySigner, Toolkit], tmp_path: Path
) -> None:
    schema = schema_of({SIGNATURE: SIGNATURE_SCHEMA, SAML: SAML_SCHEMA})
    for file in assertions_of(traced, tmp_path):
        schema.assertValid(etree.parse(file))


@pytest.mark.skipif(
    not SOAP_SCHEMA.exists(), reason="the schema of SOAP (xmltooling-schemas) is not installed"
)
def test_every_message_is_valid_by_the_schemas_of_what_is_in_it(
    traced: tuple[Path, KeySigner, Toolkit],
) -> None:
    """SOAP 1.1, and wherever they stand signatures and assertions, that of a renewal among them."""
    schema = schema_of({SOAP: SOAP_SCHEMA, SIGNATURE: SIGNATURE_SCHEMA, SAML: SAML_SCHEMA})
    messages = sorted(traced[0].glob("*.xml"))
    assert len(messages) == 8
    for message in messages:
        schema.assertValid(etree.parse(message))
    renewed = [path for path in requests_of(traced) if b"RenewTarget" in path.read_bytes()]
    assert len(renewed) == 1
    broken = etree.parse(renewed[0])
    for assertion in broken.iter(SAML("Assertion")):
        del assertion.attrib["Issuer"]
    assert not schema.validate(broken), "it looks at what is inside"


def schema_of(files: dict[str, Path]) -> etree.XMLSchema:
    """One of several namespaces."""
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{file.as_uri()}"/>'
        for namespace, file in files.items()
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver))


def test_xmlsec1_verifies_every_assertion(traced: tuple[Path, KeySigner, Toolkit], tmp_path: Path) -> None:
    for file in assertions_of(traced, tmp_path):
        command = [
            "xmlsec1",
            "--verify",
            "--insecure",
            "--id-attr:AssertionID",
            f"{SAML}:Assertion",
            str(file),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("samlsign") is None, reason="samlsign (opensaml-tools) is not installed")
def test_opensaml_opens_every_assertion(traced: tuple[Path, KeySigner, Toolkit], tmp_path: Path) -> None:
    """As objects of SAML 1.1, with the signature profile of SAML checked and the signature verified; and not one that
    was changed."""
    _, _, toolkit = traced
    assert toolkit.training is not None
    signer = tmp_path / "signer.pem"
    certificate = toolkit.training.authorities.sts_signer.certificate
    signer.write_bytes(certificate.public_bytes(Encoding.PEM))
    for file in assertions_of(traced, tmp_path):
        assert _samlsign(file, signer) == 0
        text = file.read_bytes()
        changed = text.replace(b"</AttributeValue>", b"x</AttributeValue>", 1)
        assert changed != text
        file.write_bytes(changed)
        assert _samlsign(file, signer) != 0
        file.write_bytes(
            text.replace(b"<AttributeStatement>", b"<Statement>", 1).replace(
                b"</AttributeStatement>", b"</Statement>", 1
            )
        )
        assert _samlsign(file, signer) != 0


def _samlsign(file: Path, certificate: Path) -> int:
    command = ["samlsign", "-f", str(file), "-c", str(certificate)]
    return subprocess.run(command, capture_output=True).returncode
