"""Secret keys in PKCS#12 files, as Java stores them: each under the password, in a bag of another kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec import ber
from ehtoolkit.keystore.codec.decryption import open_key
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.codec.reader import SHROUDED_KEY, read_value
from ehtoolkit.keystore.codec.structure import ShroudedKey
from ehtoolkit.keystore.codec.writer import EncryptionParams, shroud
from ehtoolkit.keystore.contents import OtherBag, Pkcs12Contents

_BAG: Final = "1.2.840.113549.1.12.10.1.5"


def reseal_secrets(
    contents: Pkcs12Contents, before: DerivedKeyCache, after: DerivedKeyCache, sealing: EncryptionParams
) -> Pkcs12Contents:
    """The same contents with the secret keys under another password: the bags that a file is made of hold
    them as they are, so they would stay under the old one.

    Raises `errors.KeystoreDamaged` (reason ``contents``) when one does not open, `errors.LimitExceeded`,
    `errors.KeystoreUnsupported`.
    """
    others = (_resealed(bag, before, after, sealing) for bag in contents.others)
    return replace(contents, others=tuple(others))


def _resealed(
    bag: OtherBag, before: DerivedKeyCache, after: DerivedKeyCache, sealing: EncryptionParams
) -> OtherBag:
    if bag.oid != _BAG:
        return bag
    kind, content = ber.parse_whole(bag.value).parts(least=2)[:2]
    if kind.identifier() != SHROUDED_KEY:
        return bag
    (octets,) = content.parts(ber.CONTEXT, least=1)[:1]
    shrouded = read_value(SHROUDED_KEY, ber.parse_whole(octets.octets()), ())
    key = open_key(shrouded, before) if isinstance(shrouded, ShroudedKey) else None
    if key is None:
        raise errors.KeystoreDamaged(reason="contents")
    sealed = der.octet_string(shroud(key.pkcs8, after, sealing))
    value = der.sequence(der.object_identifier(SHROUDED_KEY), der.explicit(0, sealed))
    return replace(bag, value=value)
