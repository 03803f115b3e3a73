"""The chain from the holder's certificate to its root: there, sound, in order, and each certificate readable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit.crypto.signatures import signature_holds, weak_digest
from ehtoolkit.finding import Finding, error, info, ok, warning
from ehtoolkit.keystore.certificates import encoded
from ehtoolkit.keystore.diagnosis.context import DiagnosisContext, name_text

_ASKED: Final = 5
"""Certificates of the issuer's name whose signature is verified; a hostile file has hundreds."""


def chain(context: DiagnosisContext) -> Iterator[Finding]:
    damaged = [
        certificate.bag.alias or "?" for certificate in context.content.certificates if certificate.damaged
    ]
    if damaged:
        yield error("certificate_damaged", aliases=tuple(damaged))
    certificates = context.content.chain
    # Without the keys a certificate is not proven to be the holder's: then nothing is said about its issuers.
    if not certificates or context.content.keystore is None:
        return
    yield from _completeness(context, certificates)
    # What a root says of itself proves nothing signed with.
    weak = (
        certificate
        for certificate in certificates
        if certificate.issuer != certificate.subject and weak_digest(certificate)
    )
    digests = tuple(dict.fromkeys(filter(None, map(weak_digest, weak))))
    if digests:
        yield warning("chain_weak", algorithms=digests)
    ended = next(
        (certificate for certificate in certificates[1:] if certificate.not_valid_after_utc < context.now),
        None,
    )
    if ended is not None:
        yield warning("chain_expired", issuer=name_text(ended.subject), date=ended.not_valid_after_utc)


def _completeness(context: DiagnosisContext, certificates: Sequence[Certificate]) -> Iterator[Finding]:
    last = certificates[-1]
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
    if not _comes_first([certificate.bag.der for certificate in context.content.certificates], certificates):
        yield info("chain_order")


def _comes_first(bags: Sequence[bytes], certificates: Sequence[Certificate]) -> bool:
    """Return whether the holder's certificate is in the file before its issuers. Among these no order is kept by any
    program, the official one included."""
    places = [bags.index(encoded(certificate)) for certificate in certificates]
    return places[0] == min(places)
