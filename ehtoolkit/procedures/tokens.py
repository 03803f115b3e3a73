"""The tokens that the depot gives out for a holder: what anybody finds who wants to write to him."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.ehealth.certificates.etk import Etk, read_etk
from ehtoolkit.ehealth.etkdepot import TokenName
from ehtoolkit.identity import DistinguishedName, Identifier, normalise_application_id
from ehtoolkit.keystore import find_keystores
from ehtoolkit.procedures.parts import Parts


@dataclass(frozen=True, slots=True)
class FoundToken:
    """``name``: what was asked for, or what the depot files it under. ``etk``: None when it is no token, or its
    signature does not hold. ``files``: the keystores in the folder that have its key, newest first."""

    name: TokenName
    etk: Etk | None
    files: tuple[Path, ...] = ()

    @property
    def holder(self) -> DistinguishedName | None:
        """Whose token it is, by its certificate; None when that is no name of the platform's."""
        return None if self.etk is None else _holder(self.etk.encryption_certificate)

    @property
    def sound(self) -> bool:
        """Whether its signature holds, and it is for whom it was asked for."""
        holder = self.holder
        return holder is not None and (holder.identifier.type, holder.identifier.value) == (
            self.name.type,
            self.name.number,
        )


def parse_holder(text: str) -> tuple[Identifier, str | None]:
    """Read ``TYPE=ID[,APPID]``: the number, and the application id to ask for.

    ``TYPE=ID`` stands for whatever application id (None), ``TYPE=ID,`` for the token without one (empty). Raises
    `errors.IdentifierInvalid`.
    """
    number, comma, application_id = text.partition(",")
    identifier = Identifier.parse(number)
    if not comma or not application_id.strip():
        return identifier, "" if comma else None
    return identifier, normalise_application_id(application_id)


def find_tokens(identifier: Identifier, application_id: str | None, parts: Parts) -> tuple[FoundToken, ...]:
    """All tokens of ``identifier``, or the one under ``application_id`` (empty: the one without).

    Several that match are looked up one by one. Raises `errors.PlatformError`.
    """
    depot = parts.platform.depot
    wanted = TokenName(identifier.type, identifier.value, application_id or None)
    answer = depot.search_all(identifier) if application_id is None else depot.search(wanted)
    if answer.etk is not None:
        return (_found(wanted, answer.etk, parts),)
    tokens = ((name, depot.search(name).etk) for name in answer.matching)
    return tuple(_found(name, etk, parts) for name, etk in tokens if etk is not None)


def _found(name: TokenName, data: bytes, parts: Parts) -> FoundToken:
    try:
        etk = read_etk(data)
    except errors.ResponseUntrusted:
        return FoundToken(name, None)
    alias = str(etk.serial)
    files = (one.path for one in find_keystores(parts.keystores) if alias in {key.alias for key in one.keys})
    return FoundToken(name, etk, tuple(files))


def _holder(certificate: Certificate) -> DistinguishedName | None:
    try:
        return DistinguishedName.of_subject(certificate.subject)
    except (errors.DistinguishedNameInvalid, ValueError):  # ValueError: a name that is no name
        return None
