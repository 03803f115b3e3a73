"""The password of an organisation is never that of its keeper's personal certificate: colleagues know the one."""

from __future__ import annotations

from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certra_messages import ActorQualities
from ehtoolkit.identity import Actor, Person
from ehtoolkit.keystore import find_keystores, password_matches
from ehtoolkit.procedures.organisation import identifiers_of
from ehtoolkit.procedures.parts import Parts
from ehtoolkit.secret import Secret

TRIED: Final = 8
"""Files that the password is tried on, the newest: a try costs some hundredths of a second."""


def require_password_apart(
    password: Secret, signer: Person, actor: Actor, qualities: ActorQualities, parts: Parts
) -> None:
    """Try the new password for ``actor`` on the keystores in the folder that ``signer`` has for the other use: on his
    personal ones when it is for an organisation, on those of his organisations when it is for himself.

    Raises `errors.PasswordReused`. Says nothing about files that are elsewhere.
    """
    personal = actor.identifier.is_person
    others = set(identifiers_of(qualities)) if personal else {signer.identifier}
    found = [one.path for one in find_keystores(parts.keystores) if one.identifier in others]
    for path in found[:TRIED]:
        if password_matches(path, password):
            raise errors.PasswordReused(path=str(path), kind="organisation" if personal else "personal")
