"""Errors of procedures: request, complete, renew, revoke, and assign to a provider."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ehtoolkit.errors.keystore import KeystoreError

UnassignableReason = Literal["other", "waiting", "no_etk", "expired", "environment", "unreadable", "none"]


class RequestWaiting(KeystoreError):
    """A request of the same holder is waiting for its certificate.

    (facts: path, reason = renewal | old | elsewhere, old = its older file, which was chosen, date = of a request
    whose file is not here)
    """

    old: str | None = None
    date: datetime | None = None
    reason: Literal["renewal", "old", "elsewhere"] | None = None


class RequestRunning(KeystoreError):
    """Another process is working for the same holder."""


class NeverSent(KeystoreError):
    """The platform does not know this key: the request was never sent (facts: path, key_id, kind = foreign)."""

    path: str
    key_id: str
    kind: Literal["foreign"] | None = None


class WrongState(KeystoreError):
    """The keystore's state does not allow this (facts: path, state, reason = closed | only | nameless)."""

    key = "state_unfit"
    path: str
    state: str | None = None
    reason: Literal["closed", "only", "nameless"] | None = None


class CertificateInForce(KeystoreError):
    """The platform has a valid certificate for the holder.

    (facts: path, key_id, until, reason = renewable | elsewhere, where the file is not here | without_card)
    """

    key_id: str
    until: datetime | None
    reason: Literal["renewable", "elsewhere", "without_card"] | None = None


class CertificateNotListed(KeystoreError):
    """The platform lists no certificate with this key for the card's holder (facts: key_id)."""

    key = "certificate_unlisted"
    key_id: str


class NotRevocable(KeystoreError):
    """The certificate cannot be revoked (facts: key_id, state = revoked | expired | waiting | refused, reason =
    contract). ``contract``: the contract to sign is for another certificate."""

    key_id: str
    state: str
    reason: Literal["contract"] | None = None


class ValidationOverdue(KeystoreError):
    """The request was not confirmed at its web address in time (facts: path, date)."""

    path: str
    date: datetime | None


class NotAssignable(KeystoreError):
    """The keystore cannot be assigned to this provider.

    (facts: path, reason = other | waiting | no_etk | expired | environment | unreadable | none)
    """

    key = "keystore_unfit"
    path: str
    reason: UnassignableReason


class NotEntitled(KeystoreError):
    """The card's holder may not request certificates for this organisation (facts: organisation, card)."""

    organisation: str
    card: str


class RenewalTooEarly(KeystoreError):
    """The certificate cannot be renewed yet (facts: path, date = when the platform says it can)."""

    path: str
    date: datetime


class NotReplaceable(KeystoreError):
    """The platform does not allow this certificate to be renewed (facts: path, reason = foreign)."""

    path: str
    reason: Literal["foreign"] | None = None


class AlreadyRenewed(KeystoreError):
    """The holder has a newer, complete keystore (facts: path, newer, reason = old, where that was chosen)."""

    path: str
    newer: str
    reason: Literal["old"] | None = None


class RequestRefused(KeystoreError):
    """The platform refused to make the certificate (facts: path, code, detail = its code and its own words)."""

    path: str
    detail: str
    code: str


class EtkKeyMissing(KeystoreError):
    """The platform has a token for this certificate, and the keystore lacks its key (facts: path)."""

    path: str
