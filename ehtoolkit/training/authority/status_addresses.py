"""Where the status of a training certificate can be asked, as the certificate says it itself."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from ehtoolkit.training.authority.pki import Issuer

HOST: Final = "pki-training.ehtoolkit.invalid"
"""In the certificates: a name that no network has (RFC 2606), so that nobody is asked by mistake. The training server
answers the same paths at its own address."""
OCSP_PATH: Final = "/ocsp"
LISTS: Final = "/crl/"
ISSUERS: Final = "/crt/"


def status_extensions(issuer: Issuer) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Where a certificate says that its status can be asked, with "is critical"."""

    def at(path: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(f"http://{HOST}{path}")

    number = number_of(issuer)
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(AuthorityInformationAccessOID.OCSP, at(OCSP_PATH)),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, at(f"{ISSUERS}{number}.crt")),
        ]
    )
    point = x509.DistributionPoint([at(f"{LISTS}{number}.crl")], None, None, None)
    return (access, False), (x509.CRLDistributionPoints([point]), False)


def number_of(issuer: Issuer) -> str:
    """``001``: how an issuer's name ends."""
    return issuer.common_name.rpartition(" ")[2]
