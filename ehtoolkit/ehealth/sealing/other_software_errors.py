"""Names that other software gives to findings about a message, to look up a line of its log.

Seen by running etee-crypto-lib 2.2.0 and e-Contract's unsealer on messages with each fault; the words of the .NET
client are read from its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ehtoolkit.finding import Finding

ETEE_CRYPTO: Final = "etee-crypto"
ECONTRACT: Final = "e-Contract"
DOTNET: Final = ".NET"
SOFTWARE: Final = (ETEE_CRYPTO, ECONTRACT, DOTNET)
ETEE_CRYPTO_HASH: Final = "sha256"
"""The only hash that etee-crypto 2.2.0 accepts in a signature, and only with an RSA key."""
ETEE_CRYPTO_CIPHER: Final = "2.16.840.1.101.3.4.1.2"
"""The only cipher that etee-crypto 2.2.0 accepts: AES-128 in CBC mode."""

_SAYS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        ETEE_CRYPTO: {
            "OUTER_SIGNED_DATA_STRUCTURE_INCORRECT": "not_sealed cut_off",
            "ASN1ParsingException": "not_sealed cut_off",  # out of the interface for streams
            "INNER_SIGNED_DATA_STRUCTURE_INCORRECT": "inner_damaged",
            "{LAYER}_SIGNED_DATA_CONTENT_MISSING": "content_missing",
            "MESSAGE_{LAYER}_SIGNED_PART_HAS_MORE_THAN_ONE_SIGNER_INFORMATION": "signers_several",
            "{LAYER}_CERTIFICATE_EXPECTED_BUT_NOT_PRESENT": "signer_certificate_missing",
            "OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED": "outer_content_changed",
            "OUTER_SIGNATURE_DOES_NOT_MATCH_AUTHENTICATION_CERTIFICATE": "outer_signature_wrong signature_salt",
            "INNER_SIGNATURE_COULD_NOT_BE_VERIFIED": "inner_content_changed",
            "INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE": "inner_signature_wrong",
            "OUTER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED": "ec_signature",
            "OUTER_SIGNATURE_ALGORITHM_UNAUTHORIZED": "ec_signature",
            "OUTER_SIGNATURE_KEY_LENGTH_UNAUTHORIZED": "ec_signature",
            "{LAYER}_SIGNATURE_KEY_LENGTH_UNAUTHORIZED": "signer_key_unfit",
            "{LAYER}_CERTIFICATE_HAS_INVALID_KEYUSAGE": "signer_key_usage",
            "{LAYER}_CERTIFICATE_EXPIRED": "signer_expired",
            "{LAYER}_CERTIFICATE_CHAIN_NOT_TRUSTED": "signer_expired signer_not_trusted",
            "{LAYER}_SIGNATURE_COULD_NOT_BE_VERIFIED": "signer_expired",
            "SIGNING_TIME_MISSING": "signing_time_missing",
            "SIGNING_TIME_EXPIRED": "signing_time_old signing_time_future",
            "{LAYER}_CERTIFICATE_STATUS_UNKNOWN": "revocation_not_asked revocation_unknown",
            "DECRYPTION_PRIVATE_KEY_NOT_FOUND": "not_for_this_keystore",
            "ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS": "no_key_transport_recipient",
            "MESSAGE_INTEGRITY_INVALID": "signers_differ",
        },
        ECONTRACT: {
            "CMSException": "not_sealed cut_off envelope_damaged inner_damaged",
            "CMSSignerDigestMismatchException": "content_missing outer_content_changed inner_content_changed",
            "SecurityException: woops": "signers_several outer_signature_wrong inner_signature_wrong signers_differ",
            "no sender certificate present": "signer_certificate_missing",
            "CMSVerifierCertificateNotValidException": "signer_expired",
            "message does not seem to be addressed to you": "not_for_this_keystore no_key_transport_recipient",
        },
        DOTNET: {
            "The message isn't a triple wrapped message": "not_sealed cut_off envelope_damaged inner_damaged",
            "InvalidMessageException": "content_missing signers_several",
            "The outer signature is missing certificates": "signer_certificate_missing",
            "NotSignatureValid": "outer_content_changed outer_signature_wrong inner_content_changed "
            "inner_signature_wrong",
            "UntrustedSubject": "signer_not_trusted",
            "UntrustedRoot": "signer_not_trusted",
            "isn't a message that is addressed to you": "not_for_this_keystore",
            "SubjectDoesNotMachEnvelopingSubject": "signers_differ",
        },
    }
)
"""What each software says, and the keys of our findings that it says it for."""
_ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "envelope": ("DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED",),
        "key_transport": ("DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED",),
        "outer": ("OUTER_SIGNATURE_ALGORITHM_UNAUTHORIZED", "OUTER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED"),
        "inner": ("INNER_SIGNATURE_ALGORITHM_UNAUTHORIZED", "INNER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED"),
    }
)
_ALGORITHM_FINDINGS: Final = ("algorithm_not_allowed", "algorithm_elsewhere")
_LAYERS: Final = ("OUTER", "INNER")


def known_names(*findings: str) -> tuple[str, ...]:
    """Return what other software says of any of ``findings`` (keys), in whichever layer, each once."""
    names = [name for key in findings for software in SOFTWARE for name in _names(software, key)]
    if any(key in findings for key in _ALGORITHM_FINDINGS):
        names += [name for layer in _ALGORITHMS.values() for name in layer]
    return tuple(dict.fromkeys(name.replace("{LAYER}", layer) for name in names for layer in _LAYERS))


def named_findings() -> tuple[str, ...]:
    """Return the keys of the findings that other software has names for."""
    named = (key for says in _SAYS.values() for keys in says.values() for key in keys.split())
    return (*dict.fromkeys(named), *_ALGORITHM_FINDINGS)


def names_elsewhere(finding: Finding) -> dict[str, tuple[str, ...]]:
    """Return what each software of `SOFTWARE` says of it; without those that say nothing."""
    layer = str(finding.facts.get("layer", "outer"))
    if finding.key in _ALGORITHM_FINDINGS:
        return {ETEE_CRYPTO: _ALGORITHMS[layer]}
    found = {software: _names(software, finding.key) for software in SOFTWARE}
    return {
        software: tuple(name.replace("{LAYER}", layer.upper()) for name in names)
        for software, names in found.items()
        if names
    }


def _names(software: str, key: str) -> tuple[str, ...]:
    return tuple(name for name, keys in _SAYS[software].items() if key in keys.split())
