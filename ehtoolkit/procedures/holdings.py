"""What the platform has for a card's holder: every certificate, also one whose file or password is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ehtoolkit.card import Card, CardKey, check_certificates
from ehtoolkit.card.port import CardSigner
from ehtoolkit.display import Displayed
from ehtoolkit.ehealth.actors import CertificateHolder
from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.keystore import find_keystores
from ehtoolkit.keystore.storage.move import FOLDER as ARCHIVE
from ehtoolkit.procedures.outcome import Next, State
from ehtoolkit.procedures.parts import Parts
from ehtoolkit.procedures.status import state_of
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True, repr=False)
class Holding(Displayed):
    """One certificate, or one request for it. ``info``: in the platform's words. ``files``: the keystores in
    the folder that have its key, newest first; none when the file is lost, put away, or on another computer.
    ``archived``: those in the archive beside it."""

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
    def state(self) -> State:
        """As the platform sees it; the file may lack what the platform has."""
        return state_of(self.info, has_encryption_key=True)[0]

    @property
    def next(self) -> Next | None:
        """The next step as the platform sees it; it may need a file that is not there."""
        return state_of(self.info, has_encryption_key=True)[1]

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
        return None if self.info.details is None else self.info.details.not_before

    @property
    def not_after(self) -> datetime | None:
        """The last moment of the certificate; None until it was delivered."""
        return None if self.info.details is None else self.info.details.not_after


def holdings(card: Card, pin: Secret | None, parts: Parts) -> tuple[Holding, ...]:
    """First PIN: what the platform has for the card's holder and for his organisations, newest first.

    Raises what the card raises, and `errors.PlatformError`.
    """
    check_certificates(card, parts.clock.now(), (CardKey.AUTHENTICATION,))
    signer = CardSigner(card, CardKey.AUTHENTICATION, pin)
    infos = parts.platform.certra.get_certificate_info_for_citizen(signer)
    files = _files_by_key(parts.keystores, (info.key_id for info in infos))
    archived = _files_by_key(parts.keystores / ARCHIVE, (info.key_id for info in infos))
    found = (Holding(info, tuple(files[info.key_id]), tuple(archived[info.key_id])) for info in infos)
    return tuple(sorted(found, key=lambda one: one.info.requested_at, reverse=True))


def _files_by_key(folder: Path, key_ids: Iterable[str]) -> dict[str, list[Path]]:
    """By the localKeyID of each key, which is readable without a password and is the platform's identifier."""
    files: dict[str, list[Path]] = {key_id: [] for key_id in key_ids}
    if files:
        for found in find_keystores(folder):
            for key_id in {key.key_id for key in found.keys if key.key_id is not None} & files.keys():
                files[key_id].append(found.path)
    return files
