"""The request for a certificate, PKCS#10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from ehtoolkit.crypto.certificate_signature import hash_for
from ehtoolkit.identity import DistinguishedName

if TYPE_CHECKING:
    from ehtoolkit.crypto.key_kinds import PrivateKey


def certificate_request(key: PrivateKey, name: DistinguishedName) -> x509.CertificateSigningRequest:
    """Make a request for ``name``, which is the one in the contract, without extensions.

    Signed with SHA256withRSA, or SHA384withECDSA for P-384.
    """
    return x509.CertificateSigningRequestBuilder().subject_name(name.to_name()).sign(key, hash_for(key))
