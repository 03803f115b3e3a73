"""Which roots a card may stand under, and the way from a certificate to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID

from ehtoolkit.crypto.library_errors import UNREADABLE

_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class CardRoots:
    """``anchors``: believed as they are, down to the last byte. ``names``: the common names of roots that are
    believed by name when they have signed themselves; that tells a card of another country or of a trainer, and
    would not tell a forger who makes a root of that name. ``training``: they are those of the training platform.
    """

    anchors: tuple[Certificate, ...] = ()
    names: frozenset[str] = frozenset()
    training: bool = False

    def anchors_with(self, others: Sequence[Certificate]) -> list[Certificate]:
        """The anchors, and those of ``others`` that are believed by name."""
        return [*self.anchors, *(one for one in others if self._is_named(one))]

    def _is_named(self, certificate: Certificate) -> bool:
        return common_name(certificate.subject) in self.names and is_signed(certificate, certificate)


BELGIAN_ROOTS: Final = CardRoots(
    names=frozenset({"Belgium Root CA3", "Belgium Root CA4", "Belgium Root CA6"})
)


def path_to_root(
    certificate: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate]
) -> list[Certificate] | None:
    """``certificate`` and the authorities above it, from ``others``, up to one of ``anchors``; None without a way.

    Signatures and the right to sign certificates are looked at, dates are not.
    """
    path = [certificate]
    while path[-1] not in anchors:
        above = (one for one in (*anchors, *others) if is_authority(one) and is_signed(path[-1], one))
        issuer = next(above, None)
        if issuer is None or issuer in path or len(path) >= _DEPTH:
            return None
        path.append(issuer)
    return path


def is_authority(certificate: Certificate) -> bool:
    """Whether it may sign certificates."""
    try:
        extensions = certificate.extensions
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid  # without the extension every usage is allowed
    except UNREADABLE:
        return False


def is_signed(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether ``issuer`` has issued ``certificate``: by name, and by its signature."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def common_name(name: x509.Name) -> str:
    """The CN of a name, empty where there is none."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""
