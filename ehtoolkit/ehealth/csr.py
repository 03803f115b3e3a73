"""The request for a certificate, PKCS#10."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit.identity import DistinguishedName


def certificate_request(key: RSAPrivateKey, name: DistinguishedName) -> x509.CertificateSigningRequest:
    """A request for ``name``, which is the one in the contract: SHA256withRSA, no extensions."""
    return x509.CertificateSigningRequestBuilder().subject_name(name.to_name()).sign(key, hashes.SHA256())
