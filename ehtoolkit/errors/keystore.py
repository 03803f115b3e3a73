"""Errors of a keystore's file and its contents."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.base import EhToolkitError


class KeystoreError(EhToolkitError):
    """An error of a keystore or its folder."""

    path: str | None = None
    reason: str | None = None


class KeystoreNotFound(KeystoreError):
    """The file does not exist (facts: path)."""

    path: str


class NotAKeystore(KeystoreError):
    """The file is not a keystore (facts: path, kind)."""

    kind: str


class KeystoreDamaged(KeystoreError):
    """The keystore is damaged (facts: path, reason)."""

    reason: Literal[
        "certificate", "contents", "integrity", "key", "key_point", "structure", "text_mode", "truncated"
    ]


class LimitExceeded(KeystoreError):
    """The file requires more work than any legitimate keystore.

    (facts: reason = elements | iterations | nesting | salt | size | work, value, limit)
    """

    key = "keystore_hostile"
    reason: Literal["elements", "iterations", "nesting", "salt", "size", "work"]
    value: int
    limit: int


class KeystoreUnsupported(KeystoreError):
    """The keystore is protected in a way that is not supported (facts: algorithm)."""

    algorithm: str


class KeyUnfit(KeystoreError):
    """A private key of a kind that no eHealth keystore has (facts: kind, reason)."""

    kind: str
    reason: str


class KeystorePasswordWrong(KeystoreError):
    """The password does not open the keystore (facts: reason = empty: the password is | trimmed, blank: it would open
    it with other spaces at its ends | candidates: it opens none of ``files``)."""

    files: str | None = None
    reason: Literal["empty", "trimmed", "blank", "candidates"] | None = None


class KeyPasswordWrong(KeystoreError):
    """The password of the keystore is right, and a private key in it has another one (facts: path, alias, reason =
    given | file; given: a password for the key was given, and does not open it; file: the key is no keystore's, and
    ``alias`` is the name of its file)."""

    alias: str
    reason: Literal["given", "file"] | None = None


class ImportConflict(KeystoreError):
    """Keys and certificates do not make one keystore.

    (facts: reason = no_key | alias: one name for several keys | same_key: in several files | certificates: of one key,
    and several were issued | no_certificate: of a key | stray: a certificate of no key, subject, files)
    """

    subject: str | None = None
    files: str | None = None
    reason: Literal["no_key", "alias", "same_key", "certificates", "no_certificate", "stray"]


class KeyNotFound(KeystoreError):
    """The name does not identify one private key of the keystore (facts: path, name, keys = those in it with their
    positions, reason = several: it identifies more than one)."""

    name: str
    keys: str
    reason: Literal["several"] | None = None


class DuplicateAlias(KeystoreError):
    """Another entry has a key's name, or one that differs only in case; Java would lose that key (facts: alias)."""

    key = "aliases_clash"
    alias: str


class HoldersDiffer(KeystoreError):
    """The two keystores belong to different holders (facts: new, old)."""

    new: str
    old: str


class WrongEnvironment(KeystoreError):
    """The keystore belongs to another environment than the one in use: in Python, connect to it with
    ``ehtoolkit.connect(environment=…)`` (facts: path, kind = the keystore's: training | acceptance | production, wanted
    = the one in use)."""

    key = "environment_differs"
    exit_code = 2
    path: str
    kind: str
    wanted: str


class DifferentKeystoreHolder(KeystoreError):
    """The keystore does not belong to the card's holder (facts: path, holder, card)."""

    key = "keystore_of_another"
    path: str
    holder: str
    card: str


class KeystoreNotIssued(KeystoreError):
    """On a shared server: the keystore is not known to be from this training platform (facts: path)."""

    path: str


class CertificateMissing(KeystoreError):
    """The keystore lacks the certificate that this needs (facts: path, reason = no_etk)."""

    reason: Literal["no_etk"] | None = None
