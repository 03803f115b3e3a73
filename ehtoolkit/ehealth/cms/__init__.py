"""Cryptographic Message Syntax (RFC 5652), read as a stream and judged: signed data, enveloped data, and their BER.

The sender of a message chooses its nesting, its lengths and the number of its parts: limits hold before anything is
decoded, and content passes by in pieces. Structures are decoded by asn1crypto, and computed with by `cryptography`.
"""

from ehtoolkit.ehealth.cms.ber_stream import BerStream, ByteSource, CmsLimitExceeded, MalformedCms
from ehtoolkit.ehealth.cms.enveloped_data import EnvelopedDataReader, KeyTransport
from ehtoolkit.ehealth.cms.signature_check import SignatureFault, SignerFields, check_signature, read_signer
from ehtoolkit.ehealth.cms.signed_data import SignedDataReader

__all__ = [
    "BerStream",
    "ByteSource",
    "CmsLimitExceeded",
    "EnvelopedDataReader",
    "KeyTransport",
    "MalformedCms",
    "SignatureFault",
    "SignedDataReader",
    "SignerFields",
    "check_signature",
    "read_signer",
]
