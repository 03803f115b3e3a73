"""Tell of a request that was refused, perhaps for the kind of its key, how to ask with the other kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, kind_of, new_kind_of

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey

_NOT_THE_KEY: Final = (
    "SIGNER_",
    "CONTRACT_",
    "CONTACT_",
    "CERT_",
    "ACTOR_",
    "NAME_",
    "IDENTIFIER_",
    "APPLICATION_",
    "BASE_",
    "REQUEST_",
    "SIGNATURE_",
    "SSIN_",
    "CSR_SUBJECT",
)
"""Beginnings of codes that name another reason. What the real platform answers to a key that it does not want was not
seen, so every code that is not known may be about the key."""


@contextmanager
def telling_of_the_key(key: PrivateKey) -> Iterator[None]:
    """Around the sending of a request for a certificate of ``key``.

    Raises `errors.NewKeyRefused` in the place of a refusal that may be for the kind of the key, unless the clock of
    this computer is the reason.
    """
    try:
        yield
    except errors.PlatformRefused as refused:
        kind = new_kind_of(kind_of(key))
        code = str(refused.facts.get("code", ""))
        if kind is None or "reason" in refused.facts or code.startswith(_NOT_THE_KEY):
            raise
        raise errors.NewKeyRefused(
            **refused.facts, kind=str(kind.kind), other=str(kind.other.kind), option=kind.other.value
        ) from refused


def other_kind(error: errors.NewKeyRefused) -> NewKeyKind:
    """The kind of key to ask with next."""
    return NewKeyKind(str(error.facts["option"]))
