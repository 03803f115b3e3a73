"""Makes a sound PKCS#12 keystore of a file in another format, or one that a transfer mangled."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ehtoolkit.keystore import disk
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.keyring import KeyRing
from ehtoolkit.keystore.codec.secret_keys import reseal_secrets
from ehtoolkit.keystore.codec.unlock import unlock
from ehtoolkit.keystore.codec.writer import Profile, Sealing, seal
from ehtoolkit.keystore.contents import Contents
from ehtoolkit.keystore.files import about
from ehtoolkit.keystore.java_store import JAVA_KINDS, read_java_store
from ehtoolkit.keystore.kind import kind_of
from ehtoolkit.keystore.local_key_ids import with_sound_ids
from ehtoolkit.keystore.mending import mend
from ehtoolkit.keystore.password import check_new_password
from ehtoolkit.keystore.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.rescue import Rescued, rescue
from ehtoolkit.keystore.writing import opens, put_new
from ehtoolkit.secret import Secret


def read_any(data: bytes, password: Secret) -> Contents:
    """Everything in a PKCS#12, JKS or JCEKS file, also one as base64 or PEM text, or whose line ends or
    characters a transfer changed, where that can be undone.

    Raises what `ehtoolkit.keystore.read_pkcs12` raises.
    """
    limits.check_size(len(data))
    if kind_of(data) in JAVA_KINDS:
        return read_java_store(data, password)
    mended = mend(data)
    return unlock(outline_pkcs12(data if mended is None else mended.data), KeyRing(password))


@dataclass(frozen=True, slots=True)
class Remade:
    """``data``: ``contents`` as a PKCS#12 file."""

    contents: Contents
    data: bytes = field(repr=False)


def seal_anew(
    contents: Contents, password: Secret, new: Secret, profile: Profile, *, mend_ids: bool
) -> Remade:
    """Everything that a file held under ``password``, sealed under ``new``. ``mend_ids``: lacking or repeated
    localKeyIDs are given anew. Raises `errors.AliasesClash`, and as `reseal_secrets` does."""
    ring, sealing = KeyRing(new), Sealing.new(profile)
    kept = reseal_secrets(contents, KeyRing(password), ring, sealing)
    kept = with_sound_ids(kept) if mend_ids else kept
    return Remade(kept, seal(kept, ring, sealing))


def convert(
    source: Path,
    password: Secret,
    target: Path,
    new_password: Secret | None = None,
    profile: Profile = Profile.DEFAULT,
) -> Contents:
    """Write everything in ``source`` into the new PKCS#12 file ``target``, and return it.

    ``new_password``: None keeps the old one. Lacking or repeated localKeyIDs are given anew. Raises
    `errors.PasswordUnfit`, what `read_any` raises, `errors.FileExists` and what
    `ehtoolkit.keystore.create_keystore` raises.
    """
    new = password if new_password is None else new_password
    check_new_password(new)
    data = disk.read(source, limits.SIZE)
    with about(source):
        found = read_any(data, password)
    remade = seal_anew(found, password, new, profile, mend_ids=True)
    put_new(target, remade.data, opens(target, remade.contents, new))
    return remade.contents


def rescue_file(
    source: Path,
    password: Secret,
    target: Path,
    new_password: Secret | None = None,
    profile: Profile = Profile.DEFAULT,
) -> Rescued:
    """Write what is sound in ``source`` into the new file ``target``, and say what it was and what was lost.

    ``new_password``: None keeps the old one. Raises `errors.PasswordUnfit`, what
    `ehtoolkit.keystore.rescue` raises, `errors.FileExists` and what `ehtoolkit.keystore.create_keystore`
    raises.
    """
    new = password if new_password is None else new_password
    check_new_password(new)
    data = disk.read(source, limits.SIZE)
    with about(source):
        rescued = rescue(data, password)
    remade = seal_anew(rescued.contents, password, new, profile, mend_ids=False)
    put_new(target, remade.data, opens(target, remade.contents, new))
    return rescued
