"""Makes encryption tokens: the holder's encryption certificate, in a CMS SignedData by the platform."""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.training.authority.pki import Issuer


def make_etk(encryption: x509.Certificate, chain: Sequence[x509.Certificate], signer: Issuer) -> bytes:
    """Return the encryption token as DER: the certificate ``encryption``, signed by ``signer``.

    As in the one public sample: SHA-256, PKCS#1 v1.5, no signed attributes; with the certificates of the signer, and of
    the holder's authentication key with its ``chain``, its own first. Raises TypeError when the key of ``signer`` is
    not RSA.
    """
    key = signer.key
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("tokens are signed with RSA")
    content = encryption.public_bytes(Encoding.DER)
    signer_certificate = _asn1(signer.certificate)
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber(
                    {
                        "issuer": signer_certificate.issuer,
                        "serial_number": signer_certificate.serial_number,
                    }
                ),
            ),
            "digest_algorithm": sha256,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"}),
            "signature": key.sign(content, padding.PKCS1v15(), hashes.SHA256()),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "data", "content": content},
            "certificates": [signer_certificate, *(_asn1(certificate) for certificate in chain)],
            "signer_infos": [info],
        }
    )
    token: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return token


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
