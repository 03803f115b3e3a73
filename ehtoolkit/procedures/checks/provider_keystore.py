"""Assign a keystore to a provider: same holder, whole, and until when valid. The file is only read.

The password opens it for this one look and is kept nowhere; what was seen is kept, so that the record can show the end
of the certificate without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.identity import PERSON_TYPE, Environment
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.folder import ARCHIVE, HolderFiles
from ehtoolkit.keystore.storage.holder_file import LONG_AGO, HolderFile
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.providers import Assignment, Provider, Registry, open_registry
from ehtoolkit.providers.database import location_of
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings

_UNFIT: Final[Mapping[CertificateState, errors.UnassignableReason]] = {
    CertificateState.PREPARED: "waiting",
    CertificateState.NO_ETK: "no_etk",
    CertificateState.EXPIRED: "expired",
}


def assign_keystore(
    registry: Registry,
    record: Provider,
    path: Path,
    password: Secret | None,
    *,
    now: datetime,
    environment: Environment,
    insist: bool = False,
) -> Provider:
    """Assign a keystore to the provider of ``record``, as it is on disk now. Without ``password`` what can be seen of
    the file counts, and its name; of the file that is assigned already, what its password has shown before stays.
    ``insist``: although it does not fit.

    Raises `errors.KeystorePasswordWrong`, `errors.KeystoreNotFound`, `errors.NotAssignable` (reason ``other``: someone
    else's, ``waiting``, ``no_etk``, ``expired``, ``environment``; never to be insisted on: ``unreadable``), and what
    `Registry.assign` raises. Then nothing was changed.
    """
    diagnosis = diagnose(path, password, now, environment=environment)
    require_readable(path, diagnosis, password)
    reason = rejection_reason(record, diagnosis, environment)
    if reason is not None and not insist:
        raise errors.NotAssignable(path=str(path), reason=reason)
    found, present = assignment_of(path, diagnosis), record.keystore
    is_present = present is not None and present.path == found.path and found.key_id in (None, present.key_id)
    return record if is_present and not diagnosis.opened else registry.assign(record.id or 0, found)


def require_readable(path: Path, diagnosis: Diagnosis, password: Secret | None) -> None:
    """Check that the file is there and readable, and that ``password``, if there is one, opens it. Raises what
    `assign_keystore` raises about the file itself."""
    if not path.is_file():
        raise errors.KeystoreNotFound(path=str(path))
    if diagnosis.outline is None:
        raise errors.NotAssignable(path=str(path), reason="unreadable")
    if password is not None and not diagnosis.opened:
        raise errors.KeystorePasswordWrong


def rejection_reason(
    record: Provider, diagnosis: Diagnosis, environment: Environment
) -> errors.UnassignableReason | None:
    """Return why this keystore is not to be the provider's; None where nothing speaks against it.

    An organisation's certificate does not say whether the provider works for it; the rules compare its
    number with the record's.
    """
    named = diagnosis.file.named
    holder = named.identifier if diagnosis.owner is None and named is not None else None
    if diagnosis.owner is not None:
        holder = diagnosis.owner.identifier
    if holder is not None and holder.is_person and record.niss and holder.value != record.niss:
        return "other"
    if diagnosis.environment is not None and diagnosis.environment is not environment:
        return "environment"
    return None if diagnosis.state is None else _UNFIT.get(diagnosis.state)


def assignment_of(path: Path, diagnosis: Diagnosis) -> Assignment:
    """Return what is kept of a keystore: nothing that its password protects but the public parts of the certificate."""
    return Assignment(
        path=str(path.absolute()),
        key_id=diagnosis.key_id,
        holder=None if diagnosis.owner is None else diagnosis.owner.identifier.text,
        not_after=diagnosis.not_after,
    )


# ── A keystore that was moved ────────────────────────────────────────────────────────────────────────────
def move_in_registry(
    moved: Iterable[tuple[Path, Path]], settings: Settings, clock: Clock, environment: Environment
) -> None:
    """Let the records of providers follow keystores that were moved or renamed, from where to where. Instead of
    one that was put into the archive, a provider gets the one that has replaced it, where that is the provider's and
    whole.

    A registry that is not there yet is not made. Raises what `open_registry` and its methods raise; the files stay
    where they are then, and the same call goes on.
    """
    place = location_of(settings).path
    if place is not None and not place.exists():
        return
    with open_registry(settings, clock) as registry:
        for old, new in moved:
            for record in registry.relocate(str(old.absolute()), str(new.absolute())):
                if new.parent.name == ARCHIVE:
                    _assign_successor(registry, record, old.parent, settings.notes, clock.now(), environment)


def _assign_successor(
    registry: Registry, record: Provider, folder: Path, notes: Path, now: datetime, environment: Environment
) -> None:
    path = newer_than_assigned(record, HolderFiles.in_folder(folder, notes, now), environment)
    if path is None or record.id is None:
        return
    diagnosis = CachedStates.read(notes).of_file(path)
    if diagnosis is not None and diagnosis.name is not None:
        known = Assignment(
            str(path.absolute()), diagnosis.key_id, diagnosis.name.identifier.text, diagnosis.not_after
        )
        registry.assign(record.id, known)
        return
    with suppress(errors.NotAssignable):  # the record shows which one it had
        assign_keystore(registry, record, path, None, now=now, environment=environment)


def current_of(record: Provider, files: HolderFiles, environment: Environment) -> Path | None:
    """Return the file that the provider's software is to read: after a renewal the new one, once it is complete.
    Without one that serves, the newest that is called like a keystore of this provider; None without any. ``files``: of
    the folder."""
    current = files.current((f"{PERSON_TYPE}={record.niss}", None), environment)
    return None if current is None else current.path


def newer_than_assigned(record: Provider, files: HolderFiles, environment: Environment) -> Path | None:
    """Return the current file of this provider where none is assigned, or, to be proposed after a renewal, where
    another one is that is older or has no moment in its name; else None."""
    current = files.current((f"{PERSON_TYPE}={record.niss}", None), environment)
    if current is None or record.keystore is None:
        return None if current is None else current.path
    path = Path(record.keystore.path)
    if current.path.absolute() == path:
        return None
    beside = (other for other in files.others(current) if other.path.absolute() == path)
    assigned = next(beside, None) or HolderFile(path, parse_name(path.name), LONG_AGO, lambda: None)
    return current.path if assigned.name.moment is None or current.is_newer_than(assigned) else None
