"""The services for encryption tokens: EtkRA, which registers them, and the depot, which gives them out."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.client import SoapClient, nothing
from ehtoolkit.ehealth.soap.signature import Signer, sign_element
from ehtoolkit.ehealth.soap.xml import (
    DEPOT,
    ETKRA,
    Element,
    add,
    add_base64,
    boolean,
    child,
    child_octets,
    child_text,
    octets,
    optional_child,
    optional_text,
)
from ehtoolkit.identity import Identifier


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered token (``etk``: CMS). ``to_be_activated``: it replaces one, and waits for activateETK."""

    etk: bytes
    to_be_activated: bool


def build_start(at: datetime, public_key: RSAPublicKey) -> Element:
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    request = operations.START_ETK_REGISTRATION.new_request(at)
    add_base64(request, ETKRA, "PublicEncryptionKey", spki)
    return request


def read_challenge(response: Element) -> bytes:
    return child_octets(response, ETKRA("Challenge"))


def build_complete(at: datetime, certificate: bytes) -> Element:
    request = operations.COMPLETE_ETK_REGISTRATION.new_request(at)
    add_base64(request, ETKRA, "ToBeRegistered", certificate)
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
        `solve_challenge`."""
        request = sign_element(build_start(self.clock.now(), public_key), signer)
        return self.client.ask(request, read_challenge)

    def complete_registration(self, certificate: bytes, signer: Signer) -> Registered:
        """Register the encryption certificate (DER), and return its token, to be checked by
        `ehtoolkit.ehealth.etk.check_etk`."""
        request = sign_element(build_complete(self.clock.now(), certificate), signer)
        return self.client.ask(request, read_registered)

    def activate(self, signer: Signer) -> None:
        """Make the waiting token of ``signer``, the new certificate, the one that the depot gives out."""
        request = sign_element(operations.ACTIVATE_ETK.new_request(self.clock.now()), signer)
        self.client.ask(request, nothing)


# ── The challenge of an ETK registration ─────────────────────────────────────────────────────────────────
SERIAL_LENGTH: Final = 16
_HASH_LENGTH: Final = 32


def solve_challenge(challenge: bytes, key: RSAPrivateKey) -> int:
    """Return the serial number for the encryption certificate, 1 to 2**128 - 1.

    ``challenge`` is an RSA PKCS#1 v1.5 ciphertext and the SHA-256 of the serial; the serial is the first 16
    bytes of the plaintext, unsigned and big-endian. A wrong key gives no error but random bytes (implicit
    rejection, against Bleichenbacher's attack), so it is the hash that decides. Raises
    `errors.ResponseUntrusted` (reason ``challenge``).
    """
    length = (key.key_size + 7) // 8
    ciphertext, digest = challenge[:length], challenge[length:]
    if len(digest) != _HASH_LENGTH:
        raise errors.ResponseUntrusted(reason="challenge")
    try:
        serial = key.decrypt(ciphertext, PKCS1v15())[:SERIAL_LENGTH]
    except ValueError as error:
        raise errors.ResponseUntrusted(reason="challenge") from error
    matches = hmac.compare_digest(hashlib.sha256(serial).digest(), digest)
    if len(serial) != SERIAL_LENGTH or not any(serial) or not matches:
        raise errors.ResponseUntrusted(reason="challenge")
    return int.from_bytes(serial, "big")


# ── The depot, where everyone finds the tokens to encrypt with ─────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class TokenName:
    """What a token is filed under; ``type`` may be one that we do not know. ``application_id`` None: none."""

    type: str
    number: str
    application_id: str | None = None


@dataclass(frozen=True, slots=True)
class DepotAnswer:
    """A token (CMS), the names of the tokens that match, or nothing at all."""

    etk: bytes | None = None
    matching: tuple[TokenName, ...] = ()


@dataclass(frozen=True, slots=True)
class EtkDepot:
    """Nothing here is signed, and everything may be asked again."""

    client: SoapClient
    clock: Clock

    def search(self, name: TokenName, *, any_application: bool = False) -> DepotAnswer:
        """Return what the depot has under ``name``; with ``any_application`` whatever its application id, as programs
        find that ask for none. Raises the `ehtoolkit.errors.PlatformError` of its failure."""
        request = operations.GET_ETK.new_request(self.clock.now())
        add_criteria(request, name, any_application=any_application)
        return self.client.ask(request, read_depot_answer)

    def get_etk(self, identifier: Identifier, application_id: str | None = None) -> bytes | None:
        """Return the token that messages for ``identifier`` are encrypted with; None when the depot has none."""
        return self.search(TokenName(identifier.type, identifier.value, application_id)).etk


def add_criteria(request: Element, name: TokenName, *, any_application: bool = False) -> None:
    """Add SearchCriteria for the token of ``name`` to ``request``. An empty ApplicationID, the one element that is ever
    sent empty, means "the token without application id"; left out it means "whatever application id"."""
    identifier = add(add(request, DEPOT, "SearchCriteria"), DEPOT, "Identifier")
    add(identifier, DEPOT, "Type", name.type)
    add(identifier, DEPOT, "Value", name.number)
    if not any_application:
        add(identifier, DEPOT, "ApplicationID", name.application_id)


def read_depot_answer(response: Element) -> DepotAnswer:
    token = optional_child(response, DEPOT("ETK"))
    return DepotAnswer(
        etk=None if token is None else octets(token),
        matching=tuple(
            _read_name(child(match, DEPOT("Identifier"))) for match in response.findall(DEPOT("MatchingEtk"))
        ),
    )


def _read_name(identifier: Element) -> TokenName:
    return TokenName(
        type=child_text(identifier, DEPOT("Type")),
        number=child_text(identifier, DEPOT("Value")),
        application_id=optional_text(identifier, DEPOT("ApplicationID")),
    )
