"""What was observed of a certificate, as one value, and whether it may be renewed, or its token be activated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, require_understood
from ehtoolkit.ehealth.etk import Etk
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.holder_keystores import Beside
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import LastAnswer
from ehtoolkit.procedures.result import Validation
from ehtoolkit.procedures.state.requests import KeyAnswer, RequestStatus, ended, meaning_of

_SILENT: Final = (errors.PlatformUnreachable, errors.PlatformTimeout, errors.PlatformUntrusted)
"""After one of these no other service is asked: all services of the platform are behind one door."""
_COMPLETE: Final = (State.COMPLETE, State.RENEWABLE, State.NOT_YET_VALID)
SUCCEEDING: Final = (State.PREPARED, State.WAITING, State.NO_ETK, *_COMPLETE)
"""States of a keystore that takes the place of another."""
_PENDING: Final = (State.PREPARED, State.WAITING, State.UNKNOWN)


class TokenMatch(StrEnum):
    """What the depot's current token is to a keystore."""

    CURRENT = "current"
    """For an encryption key of its certificate."""
    OLD = "old"
    """For a key that was carried over from an older keystore."""
    OTHER = "other"
    """For a key that it does not have: messages for the holder do not open with it."""
    NONE = "none"
    """The depot has no token of this holder."""


@dataclass(frozen=True, slots=True)
class DepotToken:
    """A token of the depot, held against a keystore.

    Attributes:
        etk: the token, its CMS signature checked; None when the depot has none.
    """

    ours: TokenMatch
    etk: Etk | None = None

    @property
    def serial(self) -> str:
        """Of the token, in decimal: what its key is called in a keystore."""
        return "" if self.etk is None else str(self.etk.serial)


@dataclass(frozen=True, slots=True)
class Successor:
    """A keystore that takes the place of the one that was asked about.

    Attributes:
        state: Prepared, with our decryption keys and a key that the platform does not know: a renewal that was never
            sent; waiting; no_etk, once the platform has delivered; complete, with the states that follow; or unknown,
            where its answer about the key is not understood.
        words: that answer.
    """

    path: Path
    key_id: str
    state: State
    aliases: frozenset[str]
    words: str = ""

    @property
    def is_complete(self) -> bool:
        return self.state in _COMPLETE


Newer = tuple[Successor, ...] | errors.PlatformError | errors.FileUnreadable


@dataclass(frozen=True, slots=True)
class Situation:
    """What was observed of a certificate, without keys. An error in a field is why there is no answer.

    Attributes:
        now: when it was observed.
        file_state: by the file alone.
        holder: None until the certificate is installed, and for a name of another form.
        has_encryption_key: whether the file has an encryption key of this certificate.
        info: the platform's words about the certificate; before installation, about one that was delivered. None: not
            asked.
        delivery: the platform's words about the key; None once the certificate is installed, or not asked.
        token: the depot's; None: not asked.
        newer: the other keystores of the holder that take the place of this one, newest first.
        validation: of a request without a card, before installation.
        beside: what the other files of its folder are to it, by what is known without asking.
        last_word: the platform's last word, before it was asked this time; None without one.
        answer: the last definite answer of the issuer; None without one.
    """

    path: Path
    key_id: str
    now: datetime
    file_state: State
    holder: DistinguishedName | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    has_encryption_key: bool = False
    info: CertificateInfo | errors.PlatformError | None = None
    delivery: RequestStatus | errors.PlatformError | None = None
    token: DepotToken | errors.PlatformError | None = None
    newer: Newer = ()
    validation: Validation | None = None
    beside: Beside = Beside.ALONE
    last_word: State | None = None
    answer: LastAnswer | None = None

    @classmethod
    def of_file(cls, file: KeystoreFile, now: datetime) -> Situation:
        """Return what the file alone says."""
        keystore = file.keystore
        return cls(
            file.path,
            keystore.key_id,
            now,
            keystore.state(now),
            holder=keystore.holder,
            not_before=keystore.not_before,
            not_after=keystore.not_after,
            has_encryption_key=bool(keystore.current_encryption),
        )

    @property
    def installed(self) -> bool:
        return self.not_before is not None

    @property
    def without_card(self) -> bool:
        """Whether the holder has no card, by the certificate, else by the name of the file."""
        named = parse_name(self.path.name).identifier if self.holder is None else self.holder.identifier
        return named is not None and named.has_bis_number

    @property
    def asked(self) -> bool:
        """Whether the platform was asked."""
        return self.info is not None or self.delivery is not None

    @property
    def failure(self) -> errors.PlatformError | None:
        """Why the platform gave no answer, or one that is not trusted; a refusal is an answer, unless the clock of this
        computer may be the reason."""
        for answer in (self.delivery, self.info):
            refused = isinstance(answer, errors.PlatformRefused) and (
                meaning_of(answer) is not KeyAnswer.NO_ANSWER
            )
            if isinstance(answer, errors.PlatformError) and not refused:
                return answer
        return None

    @property
    def silence(self) -> errors.PlatformError | None:
        """Why nothing else was asked: the platform was not reached."""
        return self.failure if isinstance(self.failure, _SILENT) else None

    @property
    def known(self) -> CertificateInfo | None:
        """The platform's words about the certificate; None without any."""
        return self.info if isinstance(self.info, CertificateInfo) else None

    def require_known(self) -> CertificateInfo:
        """Return the platform's words about the certificate. Raises the `errors.PlatformError` that came instead."""
        if isinstance(self.info, errors.PlatformError):
            raise self.info
        if self.info is None:
            raise RuntimeError("the platform was not asked")
        return self.info

    @property
    def published(self) -> DepotToken | None:
        """What the depot gives out; None without an answer."""
        return self.token if isinstance(self.token, DepotToken) else None

    @property
    def replacing(self) -> tuple[Successor, ...]:
        """The newer keystores that count; none where they are not known. When the platform lets the certificate be
        replaced, one that was delivered since was revoked, which does not show on its file."""
        if not isinstance(self.newer, tuple):
            return ()
        known = self.known
        if known is not None and known.is_active and known.replaceable:
            return tuple(keystore for keystore in self.newer if keystore.state in _PENDING)
        return self.newer

    @property
    def is_overdue(self) -> bool:
        return self.validation is not None and self.validation.is_overdue(self.now)


# ── Why a certificate may not be renewed, or its token not be activated ──────────────────────────────
def require_renewable(situation: Situation, *, besides: Collection[Path] = ()) -> CertificateInfo:
    """Return the platform's words about an installed certificate that can be renewed now. ``besides``: newer keystores
    that do not count, since their requests were never accepted, or are given up.

    Raises why it cannot. The platform may refuse to answer for an expired certificate (assumed): then that is the
    reason.
    """
    refused, end = situation.info, situation.not_after
    if isinstance(refused, errors.PlatformRefused) and end is not None and situation.now > end:
        raise errors.WrongState(path=str(situation.path), state=State.EXPIRED) from refused
    known = require_understood(situation.require_known())
    if isinstance(situation.newer, errors.EhToolkitError):
        raise situation.newer
    newer = [keystore for keystore in situation.replacing if keystore.path not in besides]
    if newer:
        raise _leading_to(newer[0], situation)
    path, start, over = str(situation.path), known.replaceable_from, ended(known)
    if over is not None:
        raise errors.WrongState(path=path, state=over)
    if known.replaceable:
        return known
    if start is not None and start > situation.now:
        raise errors.RenewalTooEarly(path=path, date=start)
    raise errors.NotReplaceable(path=path)


def require_activatable(situation: Situation) -> CertificateInfo:
    """Return the platform's words about an installed certificate whose token can be activated, or is active. Raises why
    it cannot, or is not the one to activate."""
    path, known = str(situation.path), require_understood(situation.require_known())
    over = ended(known)
    if over is not None:
        raise errors.WrongState(path=path, state=over)
    if not known.has_token:
        raise errors.WrongState(path=path, state=State.NO_ETK)
    if not situation.has_encryption_key:
        raise errors.EtkKeyMissing(path=path)
    require_newest(situation)
    return known


def require_newest(situation: Situation) -> None:
    """Raise the error that leads on to a newer keystore of the holder, if there is one.

    An old file may be active, so that all would seem well: then every newer file is an error. One that is yet to be
    activated may be it while a newer one waits; only then it may be activated although the platform cannot be asked
    about the newer ones. A folder that may not be listed is never an error.
    """
    active = not situation.require_known().token_waits
    if active and isinstance(situation.newer, errors.PlatformError):
        raise situation.newer
    for keystore in situation.replacing:
        if keystore.is_complete or active:
            raise _leading_to(keystore, situation, is_old=True)


def _leading_to(
    newer: Successor, situation: Situation, *, is_old: bool = False
) -> errors.KeystoreError | errors.RequestUnclear:
    """Return the error that says what to do with the keystore that takes the place of this one: resume, complete or use
    it, or find out whether it was requested. ``is_old``: this one was chosen by mistake, not to be renewed."""
    path, this = str(newer.path), str(situation.path)
    if newer.is_complete:
        renewed = errors.AlreadyRenewed(path=this, newer=path)
        return renewed.with_facts(reason="old") if is_old else renewed
    if newer.state is State.UNKNOWN:
        return errors.RequestUnclear(path=path, key_id=newer.key_id, words=newer.words)
    if newer.state is State.PREPARED:
        return errors.NeverSent(path=path, key_id=newer.key_id)
    if is_old:
        return errors.RequestWaiting(path=path, old=this, reason="old")
    return errors.RequestWaiting(path=path, reason="renewal")
