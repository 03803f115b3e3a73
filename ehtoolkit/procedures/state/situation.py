"""Observe a certificate once: what its keystore, the platform, the depot and the folder say of it, as one value.

`observe` asks. What is decided afterwards is decided by functions of the `Situation` alone: `standing_of`,
`ehtoolkit.procedures.state.refusals`, the lines of a certificate test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import signer_of
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import State, Validation
from ehtoolkit.procedures.state.depot import DepotToken, fetch_depot_token
from ehtoolkit.procedures.state.request_status import RequestStatus, fetch_request_status
from ehtoolkit.procedures.state.successors import Successor, find_successors
from ehtoolkit.procedures.state.validation import is_overdue, validation_of

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
    file_state: CertificateState
    holder: DistinguishedName | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    has_encryption_key: bool = False
    info: CertificateInfo | errors.PlatformError | None = None
    delivery: RequestStatus | errors.PlatformError | None = None
    token: DepotToken | errors.PlatformError | None = None
    newer: tuple[Successor, ...] | errors.FileUnreadable | errors.PlatformError = ()
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
            return tuple(
                keystore for keystore in self.newer if keystore.state in (State.PREPARED, State.WAITING)
            )
        return self.newer

    @property
    def is_overdue(self) -> bool:
        """Whether the time to confirm a request without a card is over."""
        return is_overdue(self.validation, self.now)


def observe(file: KeystoreFile, context: Context, purpose: Purpose = Purpose.STATUS) -> Situation:
    """Ask platform, depot and folder about the certificate of a keystore, as far as ``purpose`` needs. The keystore
    itself signs, where it can. What cannot be asked is an error in the situation and raises nothing."""
    situation = Situation.of_file(file, context.clock.now())
    if not situation.installed:
        return _before_installation(situation, file, context)
    situation = replace(situation, info=_info(signer_of(file), context))
    if situation.holder is not None and _looks_for_newer(situation, purpose):
        situation = replace(situation, newer=_newer(file, situation.holder, context))
    if purpose is Purpose.TEST or (
        purpose is Purpose.STATUS and situation.known and situation.known.is_active
    ):
        situation = ask_depot(situation, file, context)
    return situation


def ask_depot(situation: Situation, file: KeystoreFile, context: Context) -> Situation:
    """Return the situation with the depot's token; unchanged where it was asked for already, where there is no holder,
    and where the platform was not reached."""
    if situation.token is not None or situation.holder is None or situation.silence is not None:
        return situation
    try:
        return replace(situation, token=fetch_depot_token(file.keystore, situation.holder, context))
    except errors.PlatformError as failure:
        return replace(situation, token=failure)


def _looks_for_newer(situation: Situation, purpose: Purpose) -> bool:
    if situation.known is None or purpose < Purpose.ACTIVATION:
        return False
    return purpose > Purpose.ACTIVATION or (situation.known.has_token and situation.has_encryption_key)


def _info(signer: KeySigner, context: Context) -> CertificateInfo | errors.PlatformError:
    try:
        return context.platform.certra.get_certificate_info(signer)
    except errors.PlatformError as failure:
        return failure


def _newer(
    file: KeystoreFile, holder: DistinguishedName, context: Context
) -> tuple[Successor, ...] | errors.FileUnreadable | errors.PlatformError:
    try:
        return find_successors(file, holder, context)
    except (errors.FileUnreadable, errors.PlatformError) as failure:
        return failure


def _before_installation(situation: Situation, file: KeystoreFile, context: Context) -> Situation:
    """Ask about the key; and about a certificate that was delivered, since one that was revoked meanwhile is given out
    all the same. The question about it is signed with what was given out."""
    situation = replace(situation, validation=validation_of(file, context))
    try:
        delivery = fetch_request_status(situation.key_id, context)
    except errors.PlatformError as failure:
        return replace(situation, delivery=failure)
    situation, key = replace(situation, delivery=delivery), file.keystore.authentication.key
    try:
        is_ours = bool(delivery.chain) and delivery.chain[0].public_key() == key.public_key()
    except UNREADABLE:  # completing refuses it
        is_ours = False
    return replace(situation, info=_info(KeySigner(key, delivery.chain), context)) if is_ours else situation
