"""Names and localKeyIDs: what Java goes by when it puts keys and certificates together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ehtoolkit.finding import Finding, error, info, warning
from ehtoolkit.keystore.codec.contents import Key, clashing_aliases
from ehtoolkit.keystore.diagnosis.context import DiagnosisContext
from ehtoolkit.keystore.entries import is_authentication

_MANY_COPIES = 3


def pairing(context: DiagnosisContext) -> Iterator[Finding]:
    yield from _aliases(context)
    yield from _local_key_ids(context)
    yield from _order(context)
    copies = Counter(certificate.bag.der for certificate in context.content.certificates)
    # Twice is usual: as the end of a chain and as an entry of its own.
    if copies and max(copies.values()) >= _MANY_COPIES:
        yield info("certificates_doubled", count=copies.total(), distinct=len(copies))


def _aliases(context: DiagnosisContext) -> Iterator[Finding]:
    keys = [key.alias for key in context.content.keys]
    if None in keys:
        yield warning("alias_missing", count=keys.count(None))
    elif keys and not any(is_authentication(alias) for alias in keys):
        yield warning("authentication_name_missing", aliases=tuple(str(alias) for alias in keys))
    repeated = tuple(alias for alias, count in Counter(keys).items() if alias is not None and count > 1)
    if repeated:
        yield error("aliases_repeated", aliases=repeated)
    certificates = [certificate.bag.alias for certificate in context.content.certificates]
    clashing = clashing_aliases(keys, certificates)
    if clashing:
        yield error("aliases_case", aliases=clashing)


def _local_key_ids(context: DiagnosisContext) -> Iterator[Finding]:
    ids = [key.local_key_id for key in context.content.keys]
    count = len(ids)
    if None in ids:
        # With a single key Java finds the certificate all the same.
        yield (error if count > 1 else info)("local_key_ids_missing", count=ids.count(None), keys=count)
    known = [id_ for id_ in ids if id_ is not None]
    if len(set(known)) < len(known):
        yield warning("local_key_ids_repeated", keys=count)
    for key in context.content.matched_keys:
        if key.local_key_id is not None and known.count(key.local_key_id) == 1:
            yield from _pair(context, key, key.local_key_id)


def _pair(context: DiagnosisContext, key: Key, local_key_id: bytes) -> Iterator[Finding]:
    """Report where the file joins this key with certificates of which none is its own, or with none although its own is
    there."""
    of_this_key = [
        certificate
        for certificate in context.content.certificates
        if certificate.bag.local_key_id == local_key_id
    ]
    joined = {certificate.key_id for certificate in of_this_key}
    if key.key_id in joined:
        return
    alias = key.alias or ""
    if joined:
        kinds = [certificate.kind for certificate in of_this_key if certificate.kind is not None]
        if kinds and key.kind is not None and all(kind.algorithm != key.kind.algorithm for kind in kinds):
            yield error("key_kind_mismatch", alias=alias, kind=str(key.kind), other=str(kinds[0]))
        else:
            yield error("key_mismatch", alias=alias)
    elif any(certificate.key_id == key.key_id for certificate in context.content.certificates):
        yield info("local_key_ids_differ", alias=alias)


def _order(context: DiagnosisContext) -> Iterator[Finding]:
    keys = context.content.keys
    if any(is_authentication(key.alias) for key in keys) and not is_authentication(keys[0].alias):
        yield info("authentication_not_first", alias=keys[0].alias or "")
