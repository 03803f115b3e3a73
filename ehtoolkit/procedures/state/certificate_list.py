"""List the certificates of a card's holder at the platform, pick one, and prepare a new request from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardKey, CardSigner, PinSource, check_certificates, pin_for
from ehtoolkit.ehealth.certificate_info_xml import CertificateHolder, CertificateInfo
from ehtoolkit.identity import DistinguishedName, Identifier, Person
from ehtoolkit.identity.distinguished_name import normalise_name
from ehtoolkit.keystore.standing import Action, proposed_action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import (
    require_environment,
    require_same_holder,
    shown,
    shown_key_ids,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import state_of
from ehtoolkit.result_display import Displayed
from ehtoolkit.system.files import require_file


@dataclass(frozen=True, slots=True, repr=False)
class ListedCertificate(Displayed):
    """One certificate, or one request for it.

    Attributes:
        info: in the platform's words.
        files: the keystores in the folder that have its key, newest first; none when the file is lost, put away, or on
            another computer.
        archived: those in the archive beside it.
    """

    info: CertificateInfo
    files: tuple[Path, ...]
    archived: tuple[Path, ...] = ()

    @property
    def key_id(self) -> str:
        """The platform's PublicKeyIdentifier, 40 hexadecimal digits, upper case."""
        return self.info.key_id

    @property
    def holder(self) -> CertificateHolder:
        """The person or organisation, with the application id."""
        return self.info.holder

    @property
    def file(self) -> Path | None:
        return self.files[0] if self.files else None

    @property
    def place(self) -> Path | None:
        """The file, or where it was put away; None where this computer has none."""
        return next(iter((*self.files, *self.archived)), None)

    @property
    def state(self) -> State:
        """As the platform sees it; the file may lack what the platform has."""
        return state_of(self.info, has_encryption_key=True)

    @property
    def next(self) -> Action | None:
        """The next step as the platform sees it; it may need a file that is not there."""
        return proposed_action(self.state)

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield "holder", f"{self.holder.type}={self.holder.number}"
        for name in ("state", "next", "not_before", "not_after", "key_id", "file"):
            yield name, getattr(self, name)

    @property
    def revocable(self) -> bool:
        return self.info.revocable

    @property
    def not_before(self) -> datetime | None:
        """The first moment of the certificate; None until it was delivered."""
        return self.info.not_before

    @property
    def not_after(self) -> datetime | None:
        """The last moment of the certificate; None until it was delivered."""
        return self.info.not_after


def list_certificates(
    card: Card, pin: PinSource, context: Context, *, to_revoke: bool = False
) -> tuple[ListedCertificate, ...]:
    """Return what the platform has for the card's holder and for their organisations, newest first.

    Args:
        pin: the first PIN, for the authentication key, or what asks for it once the card was checked.
        to_revoke: without the files of a folder that cannot be listed, such as a drive that is gone: a certificate is
            revoked by its key.

    Raises what the card raises, `errors.PlatformError` and, unless ``to_revoke``, `errors.FileUnreadable`.
    """
    check_certificates(card, context.clock.now(), (CardKey.AUTHENTICATION,))
    signer = CardSigner(card, CardKey.AUTHENTICATION, pin_for(CardKey.AUTHENTICATION, pin))
    infos = context.platform.certra.get_certificate_info_for_citizen(signer)
    key_ids = [info.key_id for info in infos]
    files = _files_by_key(context.keystores, key_ids, skip_unlistable=to_revoke)
    archived = _files_by_key(context.keystores / ARCHIVE, key_ids, skip_unlistable=to_revoke)
    found = (
        ListedCertificate(info, tuple(files[info.key_id]), tuple(archived[info.key_id])) for info in infos
    )
    return tuple(sorted(found, key=lambda each: each.info.requested_at, reverse=True))


def _files_by_key(folder: Path, key_ids: Iterable[str], *, skip_unlistable: bool) -> dict[str, list[Path]]:
    """Return the keystores in ``folder`` by the keys they have, newest first, an entry for each of ``key_ids``. A key
    is known by its localKeyID, which is readable without a password and is the platform's identifier."""
    files: dict[str, list[Path]] = {key_id: [] for key_id in key_ids}
    if files:
        with suppress(errors.FileUnreadable) if skip_unlistable else nullcontext():
            for found in find_keystores(folder):
                for key_id in {key.key_id for key in found.keys if key.key_id is not None} & files.keys():
                    files[key_id].append(found.path)
    return files


# ── Pick one certificate of the list ─────────────────────────────────────────────────────────────────────
_KEY_ID: Final = re.compile(r"[0-9A-F]{40}")

Pick = Callable[[Sequence[ListedCertificate]], ListedCertificate]
"""Gives the one that is meant; raises when it is not in the list."""


def by_key(key_id: str) -> Pick:
    """Return a `Pick` of the certificate with that key identifier, in upper or lower case.

    Raises `errors.IdentifierInvalid` (kind ``key_id``) for what is none; the `Pick` raises
    `errors.CertificateNotListed`.
    """
    wanted = key_id.strip().upper()
    if not _KEY_ID.fullmatch(wanted):
        raise errors.IdentifierInvalid(kind="key_id", reason="characters")

    def pick(listed: Sequence[ListedCertificate]) -> ListedCertificate:
        found = _find(listed, {wanted})
        if found is None:
            raise errors.CertificateNotListed(key_id=wanted)
        return found

    return pick


def by_file(path: Path, open_file: Callable[[], KeystoreFile], person: Person, context: Context) -> Pick:
    """Return a `Pick` of the certificate whose key is in the keystore ``path``, without its password, which may be
    forgotten.

    Args:
        open_file: opens the keystore where that is not enough: software that is not made for eHealth writes no
            identifier of the key beside it, or another one.
        person: the card's holder.

    Raises `errors.KeystoreNotFound`. The `Pick` raises what ``open_file`` raises, `errors.WrongEnvironment` or
    `errors.DifferentKeystoreHolder` for a file that is another's, and `errors.CertificateNotListed`.
    """
    require_file(path)

    def pick(listed: Sequence[ListedCertificate]) -> ListedCertificate:
        closed = FoundKeystore.at_path(path)
        found = _find(listed, shown_key_ids(closed))
        if found is not None:
            return found
        require_environment(closed, context)
        _require_named_for(closed, person)
        file = open_file()
        require_environment(file, context)
        if file.keystore.installed:
            require_same_holder(file, person)
        return by_key(file.keystore.key_id)(listed)

    return pick


def _find(listed: Sequence[ListedCertificate], key_ids: Collection[str]) -> ListedCertificate | None:
    return next((certificate for certificate in listed if certificate.key_id in key_ids), None)


def _require_named_for(file: FoundKeystore, person: Person) -> None:
    """Check that the name of a file is not that of a personal keystore of someone else. Raises
    `errors.DifferentKeystoreHolder`."""
    identifier = file.name.identifier
    if identifier is not None and identifier.is_person and identifier != person.identifier:
        card = shown(DistinguishedName.for_person(person))
        raise errors.DifferentKeystoreHolder(path=str(file.path), holder=identifier.text, card=card)


def holder_name(info: CertificateInfo) -> DistinguishedName | None:
    """Return the holder's distinguished name, as far as type, number and application id tell; None for a type or form
    that this program does not know."""
    holder = info.holder
    try:
        identifier = Identifier(holder.type, holder.number)
        name = normalise_name(f"{holder.name} {holder.first_names}" if identifier.is_person else holder.name)
        return DistinguishedName(identifier, name, holder.application_id)
    except errors.InputInvalid:
        return None
