"""Set a keystore up for a provider: is it his, is it whole, and until when is it good. The file is only looked at.

The password opens it for this one look and is kept nowhere; what was seen is kept, so that the record can show the end
of the certificate without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import PERSON_TYPE, Environment
from ehtoolkit.keystore import FoundKeystore, find_keystores, parse_name
from ehtoolkit.keystore.diagnosis import Diagnosis, diagnose
from ehtoolkit.keystore.state import KeystoreState
from ehtoolkit.providers import Assignment, Provider, Registry
from ehtoolkit.secret import Secret

_UNFIT: Final = {
    KeystoreState.PREPARED: "waiting",
    KeystoreState.NO_ETK: "no_etk",
    KeystoreState.EXPIRED: "expired",
}


def set_up(
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
    the file counts, and its name. ``insist``: although it does not fit.

    Raises `errors.KeystorePasswordWrong`, `errors.KeystoreNotFound`, `errors.NotAssignable` (reason ``other``: somebody
    else's, ``waiting``, ``no_etk``, ``expired``, ``environment``; never to be insisted on: ``unreadable``), and what
    `Registry.assign` raises. Then nothing was changed.
    """
    seen = diagnose(path, password, now, environment=environment)
    require_readable(path, seen, password)
    reason = unfit(record, seen, environment)
    if reason is not None and not insist:
        raise errors.NotAssignable(path=str(path), reason=reason)
    return registry.assign(record.id or 0, assignment_of(path, seen))


def require_readable(path: Path, seen: Diagnosis, password: Secret | None) -> None:
    """Raises what `set_up` raises about the file itself."""
    if not path.is_file():
        raise errors.KeystoreNotFound(path=str(path))
    if seen.outline is None:
        raise errors.NotAssignable(path=str(path), reason="unreadable")
    if password is not None and not seen.opened:
        raise errors.KeystorePasswordWrong


def unfit(record: Provider, seen: Diagnosis, environment: Environment) -> str | None:
    """Why this keystore is not to be the provider's; None where nothing speaks against it.

    Of an organisation's certificate nobody can tell here whether the provider works for it; the rules compare its
    number with the record's.
    """
    named = seen.file.named
    holder = named.identifier if seen.owner is None and named is not None else None
    if seen.owner is not None:
        holder = seen.owner.identifier
    if holder is not None and holder.is_person and record.niss and holder.value != record.niss:
        return "other"
    if seen.environment is not None and seen.environment is not environment:
        return "environment"
    return None if seen.state is None else _UNFIT.get(seen.state)


def assignment_of(path: Path, seen: Diagnosis) -> Assignment:
    """What is kept of a keystore: nothing that its password protects but the public parts of the certificate."""
    return Assignment(
        path=str(path.absolute()),
        key_id=seen.key_id,
        holder=None if seen.owner is None else seen.owner.identifier.text,
        not_after=seen.not_after,
    )


def newest_of(record: Provider, folder: Path) -> Path | None:
    """The newest file in ``folder`` that is called like a keystore of this provider; after a renewal the new one.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    return _newest(record, find_keystores(folder))


def newer_than_assigned(record: Provider, folder: Path) -> Path | None:
    """A newer file of this provider than the one that is assigned, to be proposed after a renewal; the newest where
    none is. Raises as `newest_of`."""
    return newer_among(record, find_keystores(folder))


def newer_among(record: Provider, found: Sequence[FoundKeystore]) -> Path | None:
    """The same among files that were found already, newest first: for many records and one look at the folder."""
    newest = _newest(record, found)
    if newest is None or record.keystore is None:
        return newest
    if newest.absolute() == Path(record.keystore.path):
        return None
    present = parse_name(Path(record.keystore.path).name).moment
    moment = parse_name(newest.name).moment
    return newest if present is None or (moment is not None and moment > present) else None


def _newest(record: Provider, found: Sequence[FoundKeystore]) -> Path | None:
    for one in found:
        holder = one.identifier
        if holder is not None and holder.type == PERSON_TYPE and holder.value == record.niss:
            return one.path
    return None
