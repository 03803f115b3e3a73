"""Picks one certificate of the platform's list: by its key identifier, or by a keystore that has its key."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Person
from ehtoolkit.keystore import FoundKeystore, KeystoreFile, parse_name, read_note
from ehtoolkit.keystore.storage import fs
from ehtoolkit.procedures.belonging import require_card_of, shown
from ehtoolkit.procedures.environment import require_environment
from ehtoolkit.procedures.holdings import Holding
from ehtoolkit.procedures.parts import Parts

_KEY_ID: Final = re.compile(r"[0-9A-F]{40}")

Pick = Callable[[Sequence[Holding]], Holding]
"""Gives the one that is meant; raises when it is not in the list."""


def by_key(key_id: str) -> Pick:
    """The one with that key identifier, in either case.

    Raises `errors.IdentifierInvalid` (kind ``key_id``) for what is none; the `Pick` raises
    `errors.CertificateNotListed`.
    """
    wanted = key_id.strip().upper()
    if not _KEY_ID.fullmatch(wanted):
        raise errors.IdentifierInvalid(kind="key_id", reason="characters")

    def pick(listed: Sequence[Holding]) -> Holding:
        found = _find(listed, {wanted})
        if found is None:
            raise errors.CertificateNotListed(key_id=wanted)
        return found

    return pick


def by_file(path: Path, open_file: Callable[[], KeystoreFile], person: Person, parts: Parts) -> Pick:
    """The one whose key is in the keystore ``path``, seen without its password: that may be what was forgotten.
    ``open_file`` opens it where that does not tell: programs that are not of this trade show no identifier, or
    another one. ``person``: the card's holder.

    Raises `errors.KeystoreNotFound`. The `Pick` raises what ``open_file`` raises, `errors.WrongEnvironment` or
    `errors.DifferentKeystoreHolder` for a file that is another's, and `errors.CertificateNotListed`.
    """
    fs.require_file(path)

    def pick(listed: Sequence[Holding]) -> Holding:
        shown_ids = _shown_ids(path)
        found = _find(listed, shown_ids)
        if found is not None:
            return found
        _require_fit(path, shown_ids, person, parts)
        file = open_file()
        require_environment(file, parts)
        if file.keystore.installed:
            require_card_of(file, person)
        return by_key(file.keystore.key_id)(listed)

    return pick


def _find(listed: Sequence[Holding], key_ids: Collection[str]) -> Holding | None:
    return next((one for one in listed if one.key_id in key_ids), None)


def _shown_ids(path: Path) -> set[str]:
    """That of the authentication key, or those of all keys where it does not show which that is: the platform
    calls no other keys by theirs."""
    found = FoundKeystore(path, parse_name(path.name), datetime.min)  # how old it is does not matter here
    own = found.authentication_id
    return {own} if own is not None else {key.key_id for key in found.keys if key.key_id is not None}


def _require_fit(path: Path, key_ids: Collection[str], person: Person, parts: Parts) -> None:
    """What notes and the file's name tell without a password: is it of this environment, and of this person?"""
    name = parse_name(path.name)
    for environment in Environment:
        noted = any(read_note(parts.notes.parent / environment, one) is not None for one in key_ids)
        if environment is not parts.environment and (noted or name.environment is environment):
            raise errors.WrongEnvironment(path=str(path), kind=environment, wanted=parts.environment)
    identifier = name.identifier
    if identifier is not None and identifier.is_person and identifier != person.identifier:
        card = shown(DistinguishedName.for_person(person))
        raise errors.DifferentKeystoreHolder(path=str(path), holder=identifier.text, card=card)
