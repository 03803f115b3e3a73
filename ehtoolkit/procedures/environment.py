"""Is this keystore one of the environment that is worked in? Asked before anything is sent about it."""

from __future__ import annotations

from ehtoolkit import errors
from ehtoolkit.identity import Environment
from ehtoolkit.keystore import KeystoreFile, read_note
from ehtoolkit.procedures.parts import Parts


def require_environment(file: KeystoreFile, parts: Parts) -> None:
    """Raises `errors.WrongEnvironment` for a keystore that belongs to another environment than ``parts``."""
    found = environment_of(file, parts)
    if found not in (None, parts.environment):
        raise errors.WrongEnvironment(path=str(file.path), kind=found, wanted=parts.environment)


def environment_of(file: KeystoreFile, parts: Parts) -> Environment | None:
    """The environment of a keystore; None when nothing tells.

    Whatever was asked for here is of here: our note says so, and a stand-in for a real environment may have
    authorities of its own. Otherwise the issuer of the certificate decides. Until there is one, or when nobody
    knows the issuer, a note of another environment does, the ending of the file's name (``.acc-p12`` is
    acceptance's, while ``.p12`` says nothing), and last the folder that it lies in.
    """
    keystore = file.keystore
    if read_note(parts.notes, keystore.key_id) is not None:
        return parts.environment
    noted = _noted_elsewhere(keystore.key_id, parts)
    return keystore.environment or noted or file.named.environment or _by_folder(file, parts)


def _by_folder(file: KeystoreFile, parts: Parts) -> Environment | None:
    if parts.elsewhere is None:
        return None
    folder, environment = parts.elsewhere
    return environment if file.path.resolve().is_relative_to(folder.resolve()) else None


def _noted_elsewhere(key_id: str, parts: Parts) -> Environment | None:
    # The notes of all environments lie side by side, in folders of their names.
    for environment in Environment:
        if read_note(parts.notes.parent / environment, key_id) is not None:
            return environment
    return None
