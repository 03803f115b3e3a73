"""Observe a certificate once: what its keystore, the platform, the depot and the folder say of it, as one value.

`observe` asks. What is decided afterwards is decided by the `Situation` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import signer_of
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import Validation
from ehtoolkit.procedures.state.depot_tokens import DepotToken, fetch_depot_token
from ehtoolkit.procedures.state.requests import (
    RequestStatus,
    ended,
    fetch_request_status,
    is_overdue,
    validation_of,
)
from ehtoolkit.procedures.state.successors import Successor, find_successors

Answer = TypeVar("Answer")
Newer = tuple[Successor, ...] | errors.PlatformError | errors.FileUnreadable

_SILENT: Final = (errors.PlatformUnreachable, errors.PlatformTimeout, errors.PlatformUntrusted)
"""After one of these no other service is asked: all services of the platform are behind one door."""


class Purpose(IntEnum):
    """What a certificate is observed for. Each purpose asks what the one before it asks, and more."""

    REGISTRATION = 1
    """Ask the platform about the certificate."""
    ACTIVATION = 2
    """Look for newer keystores of the holder, too, where the certificate has a token and its key is in the file."""
    RENEWAL = 3
    """Look for them whatever its token is."""
    STATUS = 4
    """Ask the depot, too, about an active certificate."""
    TEST = 5
    """Ask the depot about every installed certificate, unless the platform does not answer at all."""


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

    @classmethod
    def of_file(cls, file: KeystoreFile, now: datetime) -> Situation:
        """Return what the file alone says."""
        keystore = file.keystore
        return cls(
            *(file.path, keystore.key_id, now, keystore.state(now)),
            holder=keystore.holder,
            not_before=keystore.not_before,
            not_after=keystore.not_after,
            has_encryption_key=bool(keystore.current_encryption),
        )

    @property
    def installed(self) -> bool:
        return self.not_before is not None

    @property
    def asked(self) -> bool:
        """Whether the platform was asked."""
        return self.info is not None or self.delivery is not None

    @property
    def failure(self) -> errors.PlatformError | None:
        """Why the platform gave no answer, or one that is not trusted; a refusal is an answer."""
        for answer in (self.delivery, self.info):
            if isinstance(answer, errors.PlatformError) and not isinstance(answer, errors.PlatformRefused):
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
            pending = (State.PREPARED, State.WAITING)
            return tuple(keystore for keystore in self.newer if keystore.state in pending)
        return self.newer

    @property
    def is_overdue(self) -> bool:
        return is_overdue(self.validation, self.now)


def observe(file: KeystoreFile, context: Context, purpose: Purpose = Purpose.STATUS) -> Situation:
    """Ask platform, depot and folder about the certificate of a keystore, as far as ``purpose`` needs. The keystore
    itself signs, where it can. What cannot be asked is an error in the situation and raises nothing."""
    situation = Situation.of_file(file, context.clock.now())
    if not situation.installed:
        return _before_installation(situation, file, context)
    info = _answer(lambda: context.platform.certra.get_certificate_info(signer_of(file)))
    situation = replace(situation, info=info)
    known, holder = situation.known, situation.holder
    has_token = known is not None and known.has_token and situation.has_encryption_key
    looks = purpose > Purpose.ACTIVATION or (purpose is Purpose.ACTIVATION and has_token)
    if holder is not None and known is not None and looks:
        situation = replace(situation, newer=_newer(file, holder, context))
    if purpose is Purpose.TEST or (purpose is Purpose.STATUS and known is not None and known.is_active):
        return ask_depot(situation, file, context)
    return situation


def ask_depot(situation: Situation, file: KeystoreFile, context: Context) -> Situation:
    """Return the situation with the depot's token; unchanged where it was asked for already, where there is no holder,
    and where the platform was not reached."""
    holder = situation.holder
    if situation.token is not None or holder is None or situation.silence is not None:
        return situation
    return replace(situation, token=_answer(lambda: fetch_depot_token(file.keystore, holder, context)))


def _answer(ask: Callable[[], Answer]) -> Answer | errors.PlatformError:
    """Return what ``ask`` returns, or the error that it raises instead of an answer."""
    try:
        return ask()
    except errors.PlatformError as failure:
        return failure


def _newer(file: KeystoreFile, holder: DistinguishedName, context: Context) -> Newer:
    try:
        return _answer(lambda: find_successors(file, holder, context))
    except errors.FileUnreadable as failure:
        return failure


def _before_installation(situation: Situation, file: KeystoreFile, context: Context) -> Situation:
    """Ask about the key; and, signed with what was given out, about a certificate that was delivered: one that was
    revoked meanwhile is given out all the same."""
    delivery = _answer(lambda: fetch_request_status(situation.key_id, context))
    situation = replace(situation, validation=validation_of(file, context), delivery=delivery)
    if not isinstance(delivery, RequestStatus):
        return situation
    key = file.keystore.authentication.key
    try:
        is_ours = bool(delivery.chain) and delivery.chain[0].public_key() == key.public_key()
    except UNREADABLE:  # completing refuses it
        is_ours = False
    if not is_ours:
        return situation
    signer = KeySigner(key, delivery.chain)
    return replace(situation, info=_answer(lambda: context.platform.certra.get_certificate_info(signer)))


# ── Why a certificate may not be renewed, or its token not be activated ────────────────────────────────
def require_allowed(refusal: errors.EhToolkitError | None, situation: Situation) -> None:
    """Raise ``refusal``, if there is one; what the platform answered is its cause."""
    if refusal is None:
        return
    if isinstance(situation.info, errors.PlatformError) and refusal is not situation.info:
        raise refusal from situation.info
    raise refusal


def may_renew(situation: Situation, *, besides: Path | None = None) -> errors.EhToolkitError | None:
    """Return why an installed certificate cannot be renewed now; None when it can. ``besides``: a newer keystore that
    does not count, since its request was never accepted.

    The platform may refuse to answer for an expired certificate (assumed): then that is the reason.
    """
    if isinstance(situation.info, errors.PlatformRefused) and situation.not_after is not None:
        is_over = situation.now > situation.not_after
        return errors.WrongState(path=str(situation.path), state=State.EXPIRED) if is_over else situation.info
    if isinstance(situation.info, errors.PlatformError):
        return situation.info
    if isinstance(situation.newer, errors.EhToolkitError):
        return situation.newer
    newer = [keystore for keystore in situation.replacing if keystore.path != besides]
    if newer:
        return _leading_to(newer[0], situation)
    return _not_replaceable(situation, situation.require_known())


def may_activate(situation: Situation) -> errors.EhToolkitError | None:
    """Return why the token of an installed certificate cannot be activated, or is not the one to activate; None when it
    can, or is active."""
    if isinstance(situation.info, errors.PlatformError):
        return situation.info
    path, known = str(situation.path), situation.require_known()
    over = ended(known)
    if over is not None:
        return errors.WrongState(path=path, state=over)
    if not known.has_token:
        return errors.WrongState(path=path, state=State.NO_ETK)
    if not situation.has_encryption_key:
        return errors.EtkKeyMissing(path=path)
    return not_newest(situation)


def not_newest(situation: Situation) -> errors.EhToolkitError | None:
    """Return the error that leads on to a newer keystore of the holder; None when this is the newest.

    An old file may be active, so that all would seem well: then every newer file is an error. One that is yet to be
    activated may be it while a newer one waits; only then it may be activated although the platform cannot be asked
    about the newer ones. A folder that may not be listed is never an error.
    """
    active = not situation.require_known().token_waits
    if isinstance(situation.newer, errors.PlatformError):
        return situation.newer if active else None
    counting = (keystore for keystore in situation.replacing if keystore.is_complete or active)
    return next((_leading_to(keystore, situation, is_old=True) for keystore in counting), None)


def _leading_to(newer: Successor, situation: Situation, *, is_old: bool = False) -> errors.KeystoreError:
    """Return the error that says what to do with the keystore that takes the place of this one: resume, complete or use
    it. ``is_old``: this one was chosen by mistake, not to be renewed."""
    path, this = str(newer.path), str(situation.path)
    if newer.is_complete:
        renewed = errors.AlreadyRenewed(path=this, newer=path)
        return renewed.with_facts(reason="old") if is_old else renewed
    if newer.state is State.PREPARED:
        return errors.NeverSent(path=path, key_id=newer.key_id)
    if is_old:
        return errors.RequestWaiting(path=path, old=this, reason="old")
    return errors.RequestWaiting(path=path, reason="renewal")


def _not_replaceable(situation: Situation, known: CertificateInfo) -> errors.KeystoreError | None:
    path, start, over = str(situation.path), known.replaceable_from, ended(known)
    if over is not None:
        return errors.WrongState(path=path, state=over)
    if known.replaceable:
        return None
    if start is not None and start > situation.now:
        return errors.RenewalTooEarly(path=path, date=start)
    return errors.NotReplaceable(path=path)
