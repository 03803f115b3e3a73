"""The outline of a file without its password: keys, names, protection, time of writing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ehtoolkit.keystore.codec.contents import CertificateBag, Key, KeyOutline
from ehtoolkit.keystore.codec.protection import Encrypted, Encryption, Mac, UnsupportedAlgorithm
from ehtoolkit.keystore.codec.structure import Structure
from ehtoolkit.keystore.entries import serials_among

PBMAC1: Final = "pbmac1"
"""How the MAC of RFC 9879 is called here made with."""

_JAVA_TIME: Final = re.compile(rb"Time (\d{12,14})")


@dataclass(frozen=True, slots=True)
class Outline:
    """How a file is made.

    Attributes:
        keys: in their order; without the password those that can be seen, which is all of them in files of the usual
            programs.
        etk_serials: serial numbers of encryption certificates, the decimal names of their keys.
        key_ciphers, safe_ciphers: of private keys and of what is sealed together, usually certificates; each name
            once.
        iterations: of each encrypted part.
        mac: name of its digest, `PBMAC1`, or None.
        last_written: by the times that Java puts into localKeyIDs.
        open_keys: private keys that lie in the file without encryption.
        open_certificates: certificates that can be seen.
        sealed: whether a part cannot be seen without the password.
    """

    keys: tuple[KeyOutline, ...]
    etk_serials: tuple[str, ...]
    key_ciphers: tuple[str, ...]
    safe_ciphers: tuple[str, ...]
    iterations: tuple[int, ...] = field(repr=False)
    mac: str | None
    mac_iterations: int | None
    last_written: datetime | None
    open_keys: int
    open_certificates: int
    sealed: bool
    has_pbes2: bool

    @property
    def ciphers(self) -> tuple[str, ...]:
        """Every cipher once."""
        return _once((*self.key_ciphers, *self.safe_ciphers))


def outline_of(structure: Structure, keys: Sequence[Key]) -> Outline:
    """Describe how a file is made. ``keys``: all that are known, in their order; more than ``structure`` shows once the
    file is open."""
    visible = structure.visible_bags
    shrouded = [key.encryption for key in structure.closed_keys]
    encrypted = [safe.encryption for safe in structure.safes if isinstance(safe, Encrypted)]
    encryptions = (*shrouded, *encrypted)
    mac = structure.mac
    return Outline(
        keys=tuple(key.outline for key in keys),
        etk_serials=serials_among([key.alias for key in keys]),
        key_ciphers=_once(map(_cipher, shrouded)),
        safe_ciphers=_once(map(_cipher, encrypted)),
        iterations=tuple(
            encryption.key.iterations for encryption in encryptions if isinstance(encryption, Encryption)
        ),
        mac=_mac_name(mac),
        mac_iterations=mac.key.iterations if isinstance(mac, Mac) else None,
        last_written=max(_times(keys), default=None),
        open_keys=sum(isinstance(bag, Key) and not bag.closed for bag in visible),
        open_certificates=sum(isinstance(bag, CertificateBag) for bag in visible),
        sealed=bool(encrypted),
        has_pbes2=any(_is_pbes2(encryption) for encryption in encryptions),
    )


def _cipher(part: Encryption | UnsupportedAlgorithm) -> str:
    if not isinstance(part, Encryption):
        return part.algorithm
    # With PBES2 it is another thing to Java than PKCS#12's own, which has no mark here.
    return f"pbes2-{part.cipher}" if part.is_pbes2 and part.cipher.startswith("des-") else part.cipher


def _is_pbes2(part: Encryption | UnsupportedAlgorithm) -> bool:
    return isinstance(part, Encryption) and part.is_pbes2


def _mac_name(mac: Mac | UnsupportedAlgorithm | None) -> str | None:
    if isinstance(mac, Mac):
        return PBMAC1 if mac.is_pbmac1 else mac.digest
    return None if mac is None else mac.algorithm


def _times(keys: Sequence[Key]) -> Iterator[datetime]:
    for key in keys:
        match = _JAVA_TIME.fullmatch(key.local_key_id or b"")
        if match is not None:
            yield datetime.fromtimestamp(int(match[1]) / 1000, UTC)


def _once(names: Iterator[str] | Sequence[str] | map[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
