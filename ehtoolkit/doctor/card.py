"""Check the card in the reader: kind, dates, certificates, tries of the PIN; and try the PIN on request.

No PIN is asked for, and no line has the holder's name or number.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.pin import FULL_TRIES
from ehtoolkit.card.port import Card, CardIdentity, CardKey, check_certificate
from ehtoolkit.card.readers import ReaderProbe
from ehtoolkit.card.trust import is_old, was_minor
from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.doctor.check_result import CheckResult, CheckTopic
from ehtoolkit.finding import Finding, Severity, Topic
from ehtoolkit.i18n import in_brussels
from ehtoolkit.secret import Secret

Prove = Callable[[Card], Iterable[Finding]]

_MATTERS: Final = (Severity.ERROR, Severity.WARNING)
_READER_ERRORS: Final = (errors.SmartCardServiceMissing, errors.ModuleMissing)
"""What the lines about reader and module say already, and better."""


def check_card_readiness(
    open_card: Callable[[], Card], now: datetime, reader_probe: ReaderProbe, prove: Prove = lambda _: ()
) -> Iterator[CheckResult]:
    """Check whether the card can be used.

    Args:
        open_card: gives the card of the settings.
        now: aware.
        reader_probe: to tell a card that the module does not know from one that is no eID.
        prove: what the card proves, and its authorities say: see `ehtoolkit.procedures.card_check`.
    """
    try:
        with closing(open_card()) as card:
            yield from _look(card, now)
            yield from _of_proofs(prove(card))
    except _READER_ERRORS:
        yield CheckTopic.CARD.warning("card_unseen")
    except (errors.NotAnEid, errors.CardFault) as error:
        yield _of_unread(error, reader_probe)
    except errors.EhToolkitError as error:
        yield CheckResult.of_error(CheckTopic.CARD, error)


def _look(card: Card, now: datetime) -> Iterator[CheckResult]:
    reader, identity = card.reader, card.identity()
    yield _of_kind(card, reader)
    yield _of_validity(identity, now)
    for key in CardKey:
        yield from _of_certificate(card, key, identity, now)
    yield _of_tries(card.pin_tries_left())


def _of_proofs(findings: Iterable[Finding]) -> Iterator[CheckResult]:
    """Yield what the card does not prove, and what its authorities say against it, as far as it matters. The lines
    about validity and certificates have said what is not valid, with what to do about each."""
    for finding in findings:
        if finding.severity in _MATTERS and finding.topic is not Topic.VALIDITY:
            about = CheckTopic.CERTIFICATES if finding.topic is Topic.CERTIFICATE else CheckTopic.CARD
            yield CheckResult.of_finding(about, finding)


def _of_kind(card: Card, reader: str) -> CheckResult:
    try:
        keys = _keys_of(card.chain(CardKey.AUTHENTICATION)[0])
    except errors.CardCertificateMissing:
        keys = "–"
    return CheckTopic.CARD.ok("card_eid", reader=reader, keys=keys)


def _of_validity(identity: CardIdentity, now: datetime) -> CheckResult:
    end, today = identity.valid_until, in_brussels(now).date()
    if end is None:
        return CheckTopic.CARD.info("card_validity_unknown")
    if end < today:
        return CheckTopic.CARD.error("card_over", date=end)
    if end - today <= DUE_WITHIN:
        return CheckTopic.CARD.warning("card_ending", date=end, days=(end - today).days)
    return CheckTopic.CARD.ok("card_valid", date=end)


def _of_certificate(card: Card, key: CardKey, identity: CardIdentity, now: datetime) -> Iterator[CheckResult]:
    try:
        leaf = card.chain(key)[0]
        check_certificate(leaf, key, now)
    except errors.CardCertificateMissing as error:
        yield _of_missing(error, key, identity)
        return
    except errors.CardCertificateExpired as error:
        yield _of_expired(error, key, identity)
        return
    yield _of_active(leaf, key, now)
    try:
        card.require_key(key)
    except errors.SigningUnsupported as error:
        yield CheckResult.of_error(CheckTopic.CERTIFICATES, error)


def _of_missing(error: errors.CardError, key: CardKey, identity: CardIdentity) -> CheckResult:
    if is_old(identity):
        return CheckTopic.CERTIFICATES.error("certificate_missing_old", certificate=str(key))
    if key is CardKey.SIGNATURE and was_minor(identity):
        return CheckTopic.CERTIFICATES.error("signature_young")
    if key is CardKey.SIGNATURE:
        return CheckTopic.CERTIFICATES.error("signature_dormant")
    return CheckResult.of_error(CheckTopic.CERTIFICATES, error)


def _of_expired(error: errors.CardCertificateExpired, key: CardKey, identity: CardIdentity) -> CheckResult:
    if is_old(identity) and error.reason is None:
        return CheckTopic.CERTIFICATES.error("certificate_over_old", certificate=str(key), date=error.date)
    return CheckResult.of_error(CheckTopic.CERTIFICATES, error)


def _of_active(leaf: Certificate, key: CardKey, now: datetime) -> CheckResult:
    end, last = leaf.not_valid_after_utc, in_brussels(leaf.not_valid_after_utc).date()
    if end - now <= DUE_WITHIN:
        days = (end - now).days
        return CheckTopic.CERTIFICATES.warning(
            "certificate_ending", certificate=str(key), date=last, days=days
        )
    return CheckTopic.CERTIFICATES.ok("certificate_active", certificate=str(key), date=last)


def _of_tries(left: int | None) -> CheckResult:
    if left is None:
        return CheckTopic.PIN.info("tries_unknown")
    if left == 0:
        return CheckResult.of_error(CheckTopic.PIN, errors.PinBlocked())
    if left == 1:
        return CheckTopic.PIN.warning("tries_last")
    if left < FULL_TRIES:
        return CheckTopic.PIN.warning("tries_fewer", count=left)
    return CheckTopic.PIN.ok("tries_full", count=left)


def _of_unread(error: errors.CardError, reader_probe: ReaderProbe) -> CheckResult:
    """Return the result for a card that the module does not read: that it answers as an eID nevertheless, where it
    does; else what ``error`` says."""
    with suppress(errors.CardError):
        for reader in reader_probe.readers().real:
            if reader.applet is not None:
                key = "card_new_chip" if reader.applet == "1.8" else "card_unread"
                return CheckTopic.CARD.error(key, reader=reader.name, applet=reader.applet)
    return CheckResult.of_error(CheckTopic.CARD, error)


def _keys_of(certificate: Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"EC {key.curve.name}" if isinstance(key, EllipticCurvePublicKey) else "?"


# ── The PIN, tried once because the user asked ───────────────────────────────────────────────────────────
_SIZE: Final = 32

Sign = Callable[[Card, Secret | None], object]
"""Uses the Authentication key once."""


def sign_something(card: Card, pin: Secret | None) -> None:
    """Sign bytes that mean nothing, and throw the signature away."""
    card.sign(CardKey.AUTHENTICATION, secrets.token_bytes(_SIZE), pin)


def check_pin(
    card: Card,
    prompt: Callable[[CardKey], Secret | None],
    allow_last_try: Callable[[], bool],
    sign: Sign = sign_something,
) -> CheckResult:
    """Try the PIN once, and never a second time.

    Args:
        prompt: gives it, or None where the middleware or the reader asks.
        allow_last_try: whether the last try before the card blocks may be used; asked before anything is typed.

    Raises what ``prompt`` raises, and no `errors.CardError`. A platform that does not answer after the signature was
    made is no fault of the PIN.
    """
    try:
        left = card.pin_tries_left()
        if left == 0:
            return CheckResult.of_error(CheckTopic.PIN, errors.PinBlocked())
        if left == 1 and not allow_last_try():
            return CheckTopic.PIN.error("pin_not_dared")
        pin = prompt(CardKey.AUTHENTICATION)
        with suppress(errors.PlatformError):  # the card has signed by then
            sign(card, pin)
    except errors.CardError as error:
        return CheckResult.of_error(CheckTopic.PIN, error)
    return CheckTopic.PIN.ok("pin_right")
