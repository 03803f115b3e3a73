"""Rules on the holder's certificate and its chain: installed, valid, sound, of a known environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit.clock import DUE_WITHIN, days_until
from ehtoolkit.crypto.certificates import only_common_name
from ehtoolkit.crypto.keys import EC
from ehtoolkit.crypto.signatures import signature_holds, weak_digest
from ehtoolkit.finding import Finding, error, info, ok, warning
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.diagnosis import DiagnosisContext, name_text
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.keystore.state import State

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
    if context.seen.state is State.PREPARED:
        yield warning("state_prepared")
    elif context.content.keystore is not None:
        yield error("certificate_missing")
    elif context.content.opened:
        return
    elif context.seen.etk_serials:  # the names of the keys show while the certificates are sealed
        yield info("closed_with_encryption_key", serials=context.seen.etk_serials)
    elif context.seen.keys:
        yield warning("closed_without_encryption_key")


def _state(context: DiagnosisContext, leaf: Certificate) -> Iterator[Finding]:
    end, state = leaf.not_valid_after_utc, context.seen.state
    days = days_until(end, context.seen.now)
    if state is State.EXPIRED:
        yield error("state_expired", date=end, days=-days)
    elif state is State.NOT_YET_VALID:
        yield warning("state_not_yet_valid", moment=leaf.not_valid_before_utc)
    elif state is State.RENEWABLE:
        yield warning("state_renewable", date=end, days=days)
    elif state is State.COMPLETE:
        yield ok("state_complete", date=end, days=days)
    if state in (State.NO_ETK, State.NOT_YET_VALID) and _lacks_encryption_key(context):
        yield warning("state_no_etk", date=end)
        if end - context.seen.now <= DUE_WITHIN:  # whatever else is wrong
            yield warning("state_ends", date=end, days=days)


def _lacks_encryption_key(context: DiagnosisContext) -> bool:
    """Return whether there is no encryption key, in a file that can be given one: not in one that makes no keystore."""
    keystore = context.content.keystore
    if context.content.failure is not None:
        return False
    return not (context.seen.etk_serials if keystore is None else keystore.current_encryption)


def _owner(context: DiagnosisContext, leaf: Certificate) -> Iterator[Finding]:
    owner, named = context.seen.owner, context.seen.file.named
    if owner is None:
        yield warning("owner_unknown", subject=name_text(leaf.subject))
    elif named is not None and named.identifier not in (None, owner.identifier):
        yield warning("name_other_holder", named=str(named.identifier), owner=owner.identifier.text)


def _environment(context: DiagnosisContext, leaf: Certificate) -> Iterator[Finding]:
    found, wanted = context.seen.environment, context.wanted
    if found is None:
        yield warning("environment_unknown", issuer=only_common_name(leaf.issuer) or name_text(leaf.issuer))
    elif wanted is not None and wanted is not found:
        yield error("environment_wrong", environment=found, wanted=wanted)
    elif found is not Environment.PRODUCTION:
        yield info("environment_test", environment=found)
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
        yield warning("ending_misleads", environment=found, ending=named.ending)


# ── The chain ────────────────────────────────────────────────────────────────────────────────────────────
_ASKED: Final = 5
"""Certificates of the issuer's name whose signature is verified; a hostile file has hundreds."""


def chain(context: DiagnosisContext) -> Iterator[Finding]:
    damaged = [
        certificate.bag.alias or "?" for certificate in context.content.certificates if certificate.damaged
    ]
    if damaged:
        yield error("certificate_damaged", aliases=tuple(damaged))
    keystore = context.content.keystore
    # Without the keys a certificate is not proven to be the holder's: then nothing is said about its issuers.
    if keystore is None or not keystore.chain:
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
        yield warning("chain_expired", issuer=name_text(ended.subject), date=ended.not_valid_after_utc)


def _completeness(context: DiagnosisContext, keystore: Keystore) -> Iterator[Finding]:
    certificates, last = keystore.chain, keystore.chain[-1]
    if last.issuer != last.subject:
        named = [
            certificate.certificate
            for certificate in context.content.certificates
            if certificate.certificate is not None and certificate.certificate.subject == last.issuer
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
