"""Rules on the content: the holder's certificate and its chain, encryption keys, names and localKeyIDs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit.clock import DUE_WITHIN, days_until
from ehtoolkit.crypto.certificates import allows, name_text, only_common_name, signature_holds, weak_digest
from ehtoolkit.crypto.keys import EC, RSA
from ehtoolkit.finding import Finding, Topic, error, info, ok, warning
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.codec.contents import Key, clashing_aliases
from ehtoolkit.keystore.diagnosis.diagnosis import DiagnosisContext, state_finding
from ehtoolkit.keystore.entries import is_authentication, is_serial
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.keystore.state import State
from ehtoolkit.system.text_safety import printable

_ECDSA: Final = "1.2.840.10045.4."


def certificate(context: DiagnosisContext) -> Iterator[Finding]:
    leaf = context.seen.leaf
    if leaf is None:
        yield from _not_installed(context)
    else:
        yield from _state(context, leaf)
        yield from _owner(context, leaf)
        yield from _environment(context, leaf)


def _not_installed(context: DiagnosisContext) -> Iterator[Finding]:
    if context.content.lacks_authentication:
        yield _authentication_missing(context)
    elif context.seen.state is State.PREPARED:
        yield warning("state_prepared").about(Topic.CIRCUMSTANCES)
    elif context.content.keystore is not None:
        yield error("certificate_missing")
    elif context.content.opened:
        return
    elif context.seen.etk_serials:  # the names of the keys show while the certificates are sealed
        yield info("closed_with_encryption_key", serials=context.seen.etk_serials)
    elif context.seen.keys:
        yield warning("closed_without_encryption_key").about(Topic.CIRCUMSTANCES)


def _state(context: DiagnosisContext, leaf: Certificate) -> Iterator[Finding]:
    begin, end, state = leaf.not_valid_before_utc, leaf.not_valid_after_utc, context.seen.state
    found = None if state is None else state_finding(state, begin, end, context.seen.now)
    if (
        found is not None
        and state is State.NOT_YET_VALID
        and context.seen.environment is Environment.TRAINING
    ):
        found = replace(found, variant="training")
    if found is not None:
        yield found
    ours = context.seen.owner is not None or context.seen.environment is not None
    if ours and state in (State.NO_ETK, State.NOT_YET_VALID) and _lacks_encryption_key(context):
        yield warning("state_no_etk", date=end).about(Topic.CIRCUMSTANCES)
        if end - context.seen.now <= DUE_WITHIN:  # whatever else is wrong
            yield warning("state_ends", date=end, days=days_until(end, context.seen.now)).about(
                Topic.CIRCUMSTANCES
            )


def _authentication_missing(context: DiagnosisContext) -> Finding:
    """Report that there are only encryption keys; whose they are, their certificates tell, else the file's name."""
    keystore, named = context.content.keystore, context.seen.file.named
    owner = None if keystore is None or keystore.holder is None else keystore.holder.identifier
    holder = owner or (None if named is None else named.identifier)
    aliases = _aliases(context.content.keys)
    if holder is None:
        return error("authentication_missing", aliases=aliases)
    return error("authentication_missing", "holder", aliases=aliases, holder=holder.text)


def _lacks_encryption_key(context: DiagnosisContext) -> bool:
    """Return whether there is no encryption key, in a file that can be given one: not in one that makes no keystore."""
    keystore = context.content.keystore
    if context.content.failure is not None:
        return False
    return not (context.seen.etk_serials if keystore is None else keystore.current_encryption)


def _owner(context: DiagnosisContext, leaf: Certificate) -> Iterator[Finding]:
    owner, named = context.seen.owner, context.seen.file.named
    if owner is None:
        yield warning("owner_unknown", subject=name_text(leaf.subject)).about(Topic.CIRCUMSTANCES)
    elif named is not None and named.identifier not in (None, owner.identifier):
        yield warning("name_other_holder", named=str(named.identifier), owner=owner.identifier.text).about(
            Topic.CIRCUMSTANCES
        )


def _environment(context: DiagnosisContext, leaf: Certificate) -> Iterator[Finding]:
    found = context.seen.environment
    if found is None:
        yield warning(
            "environment_unknown", issuer=only_common_name(leaf.issuer) or name_text(leaf.issuer)
        ).about(Topic.CIRCUMSTANCES)
    elif found is not Environment.PRODUCTION:
        yield info("environment_test", environment=found).about(Topic.CIRCUMSTANCES)
    yield from _ending(context)
    kind = None if context.content.keystore is None else context.content.keystore.authentication.kind
    if kind is not None and kind.algorithm == EC:
        yield info("key_elliptic", kind=str(kind), software=software_without_elliptic_keys())
    elif leaf.signature_algorithm_oid.dotted_string.startswith(_ECDSA):
        yield info("issuer_elliptic", issuer=only_common_name(leaf.issuer) or name_text(leaf.issuer))


def _ending(context: DiagnosisContext) -> Iterator[Finding]:
    """Report an ending of the name that contradicts the environment: other programs take the environment from the
    ending, or pay it no heed."""
    found, named = context.seen.environment, context.seen.file.named
    if found is None or named is None or not named.ending:
        return
    if (found is Environment.ACCEPTANCE) is not (named.ending == ".acc-p12"):
        yield warning("ending_misleads", environment=found, ending=named.ending).about(Topic.CIRCUMSTANCES)


# ── The chain ────────────────────────────────────────────────────────────────────────────────────────────
_ASKED: Final = 5
"""Certificates of the issuer's name whose signature is verified; a hostile file has hundreds."""


def chain(context: DiagnosisContext) -> Iterator[Finding]:
    damaged = tuple(stored.bag.alias or "?" for stored in context.content.certificates if stored.damaged)
    if damaged:
        yield error("certificate_damaged", aliases=damaged)
    keystore = context.content.keystore
    # Without the keys a certificate is not proven to be the holder's: then nothing is said about its issuers.
    if keystore is None or not context.content.chain:
        return
    certificates = keystore.chain
    yield from _completeness(context, keystore)
    # What a root says of itself proves nothing signed with.
    signed = (certificate for certificate in certificates if certificate.issuer != certificate.subject)
    digests = tuple(dict.fromkeys(filter(None, map(weak_digest, signed))))
    if digests:
        yield warning("chain_weak", algorithms=digests)
    expired = (each for each in certificates[1:] if each.not_valid_after_utc < context.seen.now)
    ended = next(expired, None)
    if ended is not None:
        yield warning("chain_expired", issuer=name_text(ended.subject), date=ended.not_valid_after_utc).about(
            Topic.CIRCUMSTANCES
        )


def _completeness(context: DiagnosisContext, keystore: Keystore) -> Iterator[Finding]:
    certificates, last = keystore.chain, keystore.chain[-1]
    if last.issuer != last.subject:
        named = [
            stored.certificate
            for stored in context.content.certificates
            if stored.certificate is not None and stored.certificate.subject == last.issuer
        ]
        verdicts = {signature_holds(last, each) for each in named[:_ASKED]}
        if None in verdicts:
            algorithm = last.signature_algorithm_oid.dotted_string
            yield info("chain_unchecked", issuer=name_text(last.issuer), algorithm=algorithm)
        elif verdicts:
            yield error("chain_broken", issuer=name_text(last.issuer))
        elif len(certificates) == 1:
            yield warning("chain_incomplete", issuer=name_text(last.issuer))
        else:
            yield ok("chain_without_root", count=len(certificates))
    elif len(certificates) > 1:
        yield ok("chain_complete", count=len(certificates))
    else:
        yield warning("chain_self_signed")
    if not keystore.comes_first:
        yield info("chain_order")


# ── Encryption keys ──────────────────────────────────────────────────────────────────────────────────────
def encryption(context: DiagnosisContext) -> Iterator[Finding]:
    keystore = context.content.keystore
    if keystore is None or context.content.lacks_authentication:
        return
    yield from _without_key(context, keystore)
    bare = _aliases(key for key in keystore.encryption if not key.chain)
    if bare:
        yield warning("etk_certificate_missing", aliases=bare)
    odd = _aliases(key for key in keystore.encryption if key.kind is not None and key.kind.algorithm != RSA)
    if odd:
        yield warning("etk_not_rsa", aliases=odd)
    keys = [key for key in keystore.encryption if key.chain]
    foreign = [key for key in keys if not _is_of_holder(context, key.chain[0])]
    if foreign:
        yield warning("etk_foreign", aliases=_aliases(foreign))
    current = keystore.current_encryption
    old = [key for key in keys if key not in foreign and key not in current]
    if old:
        yield info("etk_old", count=len(old), serials=tuple(map(_serial, old)))
    yield from _current(context, current)
    misnamed = [key for key in keys if key.alias is not None and key.alias != _serial(key)]
    numbered = _aliases(key for key in misnamed if is_serial(key.alias))
    if numbered:
        yield warning("etk_alias_differs", aliases=numbered)
    named = _aliases(key for key in misnamed if not is_serial(key.alias))
    if named:
        serials = tuple(_serial(key) for key in misnamed if not is_serial(key.alias))
        yield warning("etk_alias_differs", "named", aliases=named, serials=serials)


def _current(context: DiagnosisContext, current: Sequence[Key]) -> Iterator[Finding]:
    """Report which encryption key is the present one, whether there are several, and whether its certificate has
    expired or does not allow encryption. ``current``: newest last."""
    if not current:
        return
    newest = current[-1].chain[0]
    end = newest.not_valid_after_utc
    yield ok("etk_current", serial=_serial(current[-1]), date=end).about(Topic.ETK, end)
    if len(current) > 1:
        yield info("etk_several", count=len(current), serials=tuple(map(_serial, current)))
    leaf = context.seen.leaf
    if leaf is not None and newest.not_valid_after_utc < context.seen.now <= leaf.not_valid_after_utc:
        yield warning("etk_expired", date=newest.not_valid_after_utc).about(Topic.CIRCUMSTANCES)
    if not allows(newest, "key_encipherment"):
        yield warning("etk_usage", serial=_serial(current[-1]))


def _without_key(context: DiagnosisContext, keystore: Keystore) -> Iterator[Finding]:
    """Report encryption certificates whose private key is not here: some merging software leaves it behind. They are
    called by a serial number, or have the holder as their subject and as their issuer."""
    key_ids = {key.key_id for key in context.content.matched_keys}
    holder = keystore.chain[0].subject if keystore.chain else None
    serials = tuple(
        dict.fromkeys(
            str(stored.certificate.serial_number)
            for stored in context.content.certificates
            if stored.certificate is not None
            and stored.key_id not in key_ids
            and (
                is_serial(stored.bag.alias)
                or stored.certificate.subject == stored.certificate.issuer == holder
            )
        )
    )
    if serials:
        yield error("etk_key_missing", count=len(serials), serials=serials)


def _is_of_holder(context: DiagnosisContext, certificate: Certificate) -> bool:
    leaf, owner = context.seen.leaf, context.seen.owner
    if leaf is None or certificate.subject == leaf.subject:
        return True
    holder = DistinguishedName.of_holder(certificate)
    return holder is not None and owner is not None and holder.same_holder(owner)


def _serial(key: Key) -> str:
    return str(key.chain[0].serial_number)


def _aliases(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(key.alias or "" for key in keys)


# ── Names and localKeyIDs ────────────────────────────────────────────────────────────────────────────────
_MANY_COPIES = 3


def pairing(context: DiagnosisContext) -> Iterator[Finding]:
    yield from _alias_findings(context)
    yield from _local_key_ids(context)
    keys = context.content.keys
    if any(is_authentication(key.alias) for key in keys) and not is_authentication(keys[0].alias):
        yield info("authentication_not_first", alias=keys[0].alias or "")
    copies = Counter(stored.bag.der for stored in context.content.certificates)
    # Twice is usual: as the end of a chain and as an entry of its own.
    if copies and max(copies.values()) >= _MANY_COPIES:
        yield info("certificates_doubled", count=copies.total(), distinct=len(copies))


def _alias_findings(context: DiagnosisContext) -> Iterator[Finding]:
    keys = [key.alias for key in context.content.keys]
    if None in keys:
        yield warning("alias_missing", count=keys.count(None))
    elif keys and not any(map(is_authentication, keys)) and not context.content.lacks_authentication:
        yield warning("authentication_name_missing", aliases=tuple(str(alias) for alias in keys))
    odd = tuple(alias for alias in keys if alias is not None and alias != printable(alias))
    if odd:
        yield warning("aliases_unprintable", aliases=odd)
    repeated = tuple(alias for alias, count in Counter(keys).items() if alias is not None and count > 1)
    if repeated:
        yield error("aliases_repeated", aliases=repeated)
    certificates = [stored.bag for stored in context.content.certificates]
    clashing = clashing_aliases(context.content.keys, certificates)
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
    named = [stored for stored in context.content.certificates if stored.bag.local_key_id == local_key_id]
    joined = {stored.key_id for stored in named}
    if key.key_id in joined:
        return
    alias = key.alias or ""
    if joined:
        kinds = [stored.kind for stored in named if stored.kind is not None]
        if kinds and key.kind is not None and all(kind.algorithm != key.kind.algorithm for kind in kinds):
            yield error("key_kind_mismatch", alias=alias, kind=str(key.kind), other=str(kinds[0]))
        else:
            yield error("key_mismatch", alias=alias)
    elif any(stored.key_id == key.key_id for stored in context.content.certificates):
        yield info("local_key_ids_differ", alias=alias)
