"""What the platform knows of a key, asked by its identifier alone: no signature, no password."""

from __future__ import annotations

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import find_keystores
from ehtoolkit.procedures.parts import Parts


def known_to_platform(key_id: str, parts: Parts) -> bool:
    """Whether a certificate was asked for this key: delivered already, or not yet.

    A refusal of the platform means that it does not know the key (the codes are not public, PROTOCOL.md).
    """
    try:
        parts.platform.certra.get_certificate(key_id)
    except errors.NotYetDelivered:
        return True
    except errors.PlatformRefused:
        return False
    return True


def refuse_a_second(name: DistinguishedName, parts: Parts) -> None:
    """Raise `errors.RequestWaiting` when a keystore of the same holder waits for its certificate.

    Judged without passwords: a file of that name with one key only, whose key (by its localKeyID, which is the
    platform's identifier) the platform knows.
    """
    for found in find_keystores(parts.keystores):
        if found.identifier != name.identifier or found.application_id != name.application_id:
            continue
        if found.key_ids is None or len(found.key_ids) != 1:
            continue
        if known_to_platform(found.key_ids[0], parts):
            raise errors.RequestWaiting(path=str(found.path))
