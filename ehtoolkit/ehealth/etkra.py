"""EtkRA, the registration authority for encryption tokens: messages and calls."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.client import SoapClient
from ehtoolkit.ehealth.soap.signature import Signer, sign_element
from ehtoolkit.ehealth.soap.xml import ETKRA, Element, add, boolean, child_octets


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered token (``etk``: CMS). ``to_be_activated``: it replaces one, and waits for activateETK."""

    etk: bytes
    to_be_activated: bool


def build_start(at: datetime, public_key: RSAPublicKey) -> Element:
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    request = operations.START_ETK_REGISTRATION.new_request(at)
    add(request, ETKRA, "PublicEncryptionKey", base64.b64encode(spki).decode())
    return request


def read_challenge(response: Element) -> bytes:
    return child_octets(response, ETKRA("Challenge"))


def build_complete(at: datetime, certificate: bytes) -> Element:
    request = operations.COMPLETE_ETK_REGISTRATION.new_request(at)
    add(request, ETKRA, "ToBeRegistered", base64.b64encode(certificate).decode())
    return request


def read_registered(response: Element) -> Registered:
    return Registered(
        etk=child_octets(response, ETKRA("ETK")),
        to_be_activated=boolean(response, ETKRA("ToBeActivated")),
    )


@dataclass(frozen=True, slots=True)
class EtkRa:
    """Every request is signed by the keystore's authentication key, and none is ever sent twice by us: after
    an `errors.ResponseLost` the platform has to be asked what it has (the ETK status, then the depot)."""

    client: SoapClient
    clock: Clock

    def start_registration(self, public_key: RSAPublicKey, signer: Signer) -> bytes:
        """Announce the encryption key ``public_key``, and return the challenge, for
        `certificate_request.solve_challenge`."""
        request = sign_element(build_start(self.clock.now(), public_key), signer)
        return self.client.ask(operations.START_ETK_REGISTRATION, request, read_challenge)

    def complete_registration(self, certificate: bytes, signer: Signer) -> Registered:
        """Register the encryption certificate (DER), and return its token. Check that with `etk.check_etk`."""
        request = sign_element(build_complete(self.clock.now(), certificate), signer)
        return self.client.ask(operations.COMPLETE_ETK_REGISTRATION, request, read_registered)

    def activate(self, signer: Signer) -> None:
        """Make the waiting token of ``signer``, the new certificate, the one that the depot gives out."""
        request = sign_element(operations.ACTIVATE_ETK.new_request(self.clock.now()), signer)
        self.client.ask(operations.ACTIVATE_ETK, request, _nothing)


def _nothing(_: Element) -> None:
    return None
