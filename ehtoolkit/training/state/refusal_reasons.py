"""Why the training platform refuses: a code, a sentence in English, parameters, as the real one answers.

Only ``CERT_NOT_YET_DELIVERED`` is known of the real platform; clients have to show the others as they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, str]] = {
    # who signed
    "SIGNATURE_INVALID": "The XML signature of the request is missing or does not hold.",
    "SIGNER_NOT_TRUSTED": "The certificate that signed does not come from a trusted authority.",
    "SIGNER_CERTIFICATE_EXPIRED": "The certificate that signed is out of date.",
    "SIGNER_CERTIFICATE_NOT_YET_VALID": "The certificate that signed is not valid yet.",
    "SIGNER_CERTIFICATE_REVOKED": "The certificate that signed was revoked.",
    "SIGNER_KEY_USAGE_WRONG": "The certificate that signed may not be used for this request.",
    "SIGNER_MISMATCH": "The request names another person than the one who signed it.",
    "SIGNER_NAME_MISMATCH": "The names in the request are not those on the card.",
    "REQUEST_ID_REUSED": "A request with this Id and another content was answered before.",
    # what was asked
    "ACTOR_MISMATCH": "A personal certificate is for the person who signs, without application id.",
    "IDENTIFIER_INVALID": "The type or the number of the actor is not valid.",
    "NAME_INVALID": "The name cannot be part of a certificate.",
    "APPLICATION_ID_INVALID": "The application id has 1 to 30 letters, digits, dashes or underscores.",
    "CONTACT_DATA_INVALID": "An e-mail address or a telephone number is not valid.",
    "BASE_SERVICE_UNKNOWN": "There is no such base service for this kind of certificate.",
    "CONTRACT_UNKNOWN": "The text of the contract is not one that this platform wrote.",
    "CONTRACT_DN_MISMATCH": "The distinguished name in the contract was changed.",
    "CONTRACT_SIGNER_MISMATCH": "The signer in the contract was changed.",
    "CONTRACT_KEY_MISMATCH": "The contract is for the revocation of another certificate.",
    "CONTRACT_REASON_MISMATCH": "The reason in the contract was changed.",
    "CSR_INVALID": "The certificate signing request cannot be read.",
    "CSR_SIGNATURE_INVALID": "The certificate signing request is not signed by its own key.",
    "CSR_SUBJECT_MISMATCH": "The subject of the certificate signing request is not that of the contract.",
    "KEY_UNFIT": "Certificates are not issued for keys of this kind.",
    "KEY_ALREADY_USED": "The key is in use for something else.",
    # what the platform has
    "CERT_UNKNOWN": "No certificate was requested for this key.",
    "CERT_NOT_YET_DELIVERED": "The certificate has not been delivered yet.",
    "CERT_REFUSED": "The request for this certificate was refused.",
    "CERT_ALREADY_REQUESTED": "A certificate for the same distinguished name is being made.",
    "CERT_ALREADY_ACTIVE": "A certificate for the same distinguished name is active.",
    "CERT_VALIDATION_EXPIRED": "Nobody confirmed the request at its validation address in time.",
    # revocation
    "CERT_IN_PROGRESS": "The certificate is still being made; it can be revoked once it is delivered.",
    "CERT_ALREADY_REVOKED": "The certificate is revoked already.",
    "CERT_EXPIRED": "The certificate is out of date and cannot be revoked any more.",
    "REVOCATION_NOT_ALLOWED": "This person may not revoke the certificate.",
    # people without an identity card
    "SSIN_NOT_BIS": "Only people with a BIS number can ask without an identity card.",
    # encryption tokens
    "ETK_NOT_STARTED": "No registration was started for this key.",
    "ETK_CERTIFICATE_INVALID": "The encryption certificate is not as it should be.",
    "ETK_SERIAL_MISMATCH": "The serial number is not the one in the challenge.",
    "ETK_ALREADY_REGISTERED": "An encryption token is registered for this certificate.",
    "ETK_NOT_REGISTERED": "No encryption token is registered for this certificate.",
}


class Refusal(Exception):
    """A request that was understood and is refused; becomes a Status with this code, one of `MESSAGES`."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = MESSAGES[code]
        self.parameters = parameters
