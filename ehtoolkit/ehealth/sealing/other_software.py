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

_Names = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
_TRIPLE: Final = "The message isn't a triple wrapped message"
_WOOPS: Final = "SecurityException: woops"
_NO_STRUCTURE: Final = ("OUTER_SIGNED_DATA_STRUCTURE_INCORRECT", "ASN1ParsingException")
"""The second one out of the interface for streams."""
_NOT_ADDRESSED: Final = "message does not seem to be addressed to you"

_NAMES: Final[Mapping[str, _Names]] = MappingProxyType(
    {
        "not_sealed": (_NO_STRUCTURE, ("CMSException",), (_TRIPLE,)),
        "cut_off": (_NO_STRUCTURE, ("CMSException",), (_TRIPLE,)),
        "envelope_damaged": ((), ("CMSException",), (_TRIPLE,)),
        "inner_damaged": (("INNER_SIGNED_DATA_STRUCTURE_INCORRECT",), ("CMSException",), (_TRIPLE,)),
        "content_missing": (
            ("{LAYER}_SIGNED_DATA_CONTENT_MISSING",),
            ("CMSSignerDigestMismatchException",),
            ("InvalidMessageException",),
        ),
        "signers_several": (
            ("MESSAGE_{LAYER}_SIGNED_PART_HAS_MORE_THAN_ONE_SIGNER_INFORMATION",),
            (_WOOPS,),
            ("InvalidMessageException",),
        ),
        "signer_certificate_missing": (
            ("{LAYER}_CERTIFICATE_EXPECTED_BUT_NOT_PRESENT",),
            ("no sender certificate present",),
            ("The outer signature is missing certificates",),
        ),
        "outer_content_changed": (
            ("OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED",),
            ("CMSSignerDigestMismatchException",),
            ("NotSignatureValid",),
        ),
        "outer_signature_wrong": (
            ("OUTER_SIGNATURE_DOES_NOT_MATCH_AUTHENTICATION_CERTIFICATE",),
            (_WOOPS,),
            ("NotSignatureValid",),
        ),
        "inner_content_changed": (
            ("INNER_SIGNATURE_COULD_NOT_BE_VERIFIED",),
            ("CMSSignerDigestMismatchException",),
            ("NotSignatureValid",),
        ),
        "inner_signature_wrong": (
            ("INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE",),
            (_WOOPS,),
            ("NotSignatureValid",),
        ),
        "signature_salt": (
            ("OUTER_SIGNATURE_DOES_NOT_MATCH_AUTHENTICATION_CERTIFICATE",),
            (),
            (),
        ),
        "ec_signature": (
            (
                "OUTER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED",
                "OUTER_SIGNATURE_ALGORITHM_UNAUTHORIZED",
                "OUTER_SIGNATURE_KEY_LENGTH_UNAUTHORIZED",
            ),
            (),
            (),
        ),
        "signer_key_unfit": (("{LAYER}_SIGNATURE_KEY_LENGTH_UNAUTHORIZED",), (), ()),
        "signer_key_usage": (("{LAYER}_CERTIFICATE_HAS_INVALID_KEYUSAGE",), (), ()),
        "signer_expired": (
            (
                "{LAYER}_CERTIFICATE_EXPIRED",
                "{LAYER}_CERTIFICATE_CHAIN_NOT_TRUSTED",
                "{LAYER}_SIGNATURE_COULD_NOT_BE_VERIFIED",
            ),
            ("CMSVerifierCertificateNotValidException",),
            (),
        ),
        "signer_not_trusted": (
            ("{LAYER}_CERTIFICATE_CHAIN_NOT_TRUSTED",),
            (),
            ("UntrustedSubject", "UntrustedRoot"),
        ),
        "signing_time_missing": (("SIGNING_TIME_MISSING",), (), ()),
        "signing_time_old": (("SIGNING_TIME_EXPIRED",), (), ()),
        "signing_time_future": (("SIGNING_TIME_EXPIRED",), (), ()),
        "revocation_not_asked": (("{LAYER}_CERTIFICATE_STATUS_UNKNOWN",), (), ()),
        "revocation_unknown": (("{LAYER}_CERTIFICATE_STATUS_UNKNOWN",), (), ()),
        "not_for_this_keystore": (
            ("DECRYPTION_PRIVATE_KEY_NOT_FOUND",),
            (_NOT_ADDRESSED,),
            ("isn't a message that is addressed to you",),
        ),
        "no_key_transport_recipient": (
            ("ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS",),
            (_NOT_ADDRESSED,),
            (),
        ),
        "signers_differ": (
            ("MESSAGE_INTEGRITY_INVALID",),
            (_WOOPS,),
            ("SubjectDoesNotMachEnvelopingSubject",),
        ),
    }
)
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
    names = [name for key in findings for software in _NAMES.get(key, ()) for name in software]
    if any(key in findings for key in _ALGORITHM_FINDINGS):
        names += [name for layer in _ALGORITHMS.values() for name in layer]
    return tuple(dict.fromkeys(name.replace("{LAYER}", layer) for name in names for layer in _LAYERS))


def named_findings() -> tuple[str, ...]:
    """Return the keys of the findings that other software has names for."""
    return (*_NAMES, *_ALGORITHM_FINDINGS)


def names_elsewhere(finding: Finding) -> dict[str, tuple[str, ...]]:
    """Return what each software of `SOFTWARE` says of it; without those that say nothing."""
    layer = str(finding.facts.get("layer", "outer"))
    if finding.key in _ALGORITHM_FINDINGS:
        return {ETEE_CRYPTO: _ALGORITHMS[layer]}
    found = _NAMES.get(finding.key, ((), (), ()))
    return {
        software: tuple(name.replace("{LAYER}", layer.upper()) for name in names)
        for software, names in zip(SOFTWARE, found, strict=True)
        if names
    }
