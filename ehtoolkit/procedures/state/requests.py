"""Requests: status at the platform, by the key alone; confirmation without a card; when to ask for a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, CertStatus, EtkStatus
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import JsonStore, KeyRecord, read_request_record
from ehtoolkit.procedures.authorization import requested_name
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import Validation, record_platform_state
from ehtoolkit.system.locks import hold_lock

_BY_CERTIFICATE: Final[dict[str, State]] = {
    CertStatus.IN_PROGRESS: State.WAITING,
    CertStatus.REFUSED: State.REFUSED,
    CertStatus.REVOKED: State.REVOKED,
    CertStatus.EXPIRED: State.EXPIRED,
}
_BY_ETK: Final[dict[str, State]] = {
    EtkStatus.NOT_REQUESTED: State.NO_ETK,
    EtkStatus.IN_REQUEST: State.NO_ETK,
    EtkStatus.WAIT_FOR_ACTIVATION: State.TO_ACTIVATE,
    EtkStatus.REVOKED: State.NO_ETK,
    EtkStatus.EXPIRED: State.NO_ETK,
}
VALIDATION_EXPIRED: Final = "CERT_VALIDATION_EXPIRED"
"""The holder did not confirm the request in time."""
_REFUSED: Final = frozenset({"CERT_REFUSED", VALIDATION_EXPIRED})
"""Of a request that will never be delivered: our training platform's codes, the real one's are not public
(assumed)."""
ABOUT_THE_KEY: Final = _REFUSED | {"CERT_UNKNOWN"}
"""Codes that say something about the key, also to a computer with a wrong clock."""


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """What the platform says of a key.

    Attributes:
        state: Waiting, also where it was delivered; prepared, where no certificate was asked for the key; refused.
        delivered: Whether the certificate can be installed.
        chain: What was delivered, as it came: nothing of it is checked.
        not_before: From when a certificate that waits is there, where the platform names it.
        refusal: Code and message, where it does not know the key or refused it.
        code: The code alone.
        refused: The refusal itself.
    """

    state: State
    delivered: bool = False
    chain: tuple[Certificate, ...] = ()
    not_before: datetime | None = None
    refusal: str = ""
    code: str = ""
    refused: errors.PlatformRefused | None = field(default=None, repr=False, compare=False)


def fetch_request_status(key_id: str, context: Context) -> RequestStatus:
    """Ask the platform for its state of a key. Raises the `errors.PlatformError` of a question that got no answer.

    A refusal means that it does not know the key, or will not make the certificate. Where the clock of this computer
    may be the reason, a refusal whose code is not known is no answer: `errors.PlatformRefused`.
    """
    try:
        chain = context.platform.certra.get_certificate(key_id)
    except errors.NotYetDelivered as waiting:
        return RequestStatus(State.WAITING, not_before=waiting.not_before)
    except errors.PlatformRefused as refused:
        if refused.reason is not None and refused.code not in ABOUT_THE_KEY:
            raise
        never = refused.code in _REFUSED
        state = State.REFUSED if never else State.PREPARED
        return RequestStatus(state, refusal=refused.words, code=refused.code, refused=refused)
    return RequestStatus(State.WAITING, delivered=True, chain=chain)


def is_registered(key_id: str, context: Context) -> bool:
    """Return whether a certificate was asked for this key, whatever became of it. Raises as `fetch_request_status`."""
    return fetch_request_status(key_id, context).state is not State.PREPARED


def has_arrived(key_id: str, context: Context) -> bool:
    """Return whether the platform says that a request has arrived whose answer was lost; False also when it cannot be
    asked: then the state is unknown."""
    try:
        return is_registered(key_id, context)
    except errors.PlatformError:
        return False


# ── States by the platform's words ───────────────────────────────────────────────────────────────────────
def state_of(info: CertificateInfo, *, has_encryption_key: bool) -> State:
    """Return the state of a certificate by the platform's words; unknown words give ``unknown``."""
    if not info.is_active:
        return _BY_CERTIFICATE.get(info.status, State.UNKNOWN)
    if info.etk_status != EtkStatus.VALID_ACTIVE:
        return _BY_ETK.get(info.etk_status, State.UNKNOWN)
    if not has_encryption_key:
        return State.NO_ETK
    return State.RENEWABLE if info.replaceable else State.ACTIVE


def ended(info: CertificateInfo) -> State | None:
    """Return the state ``expired`` or ``revoked`` of a certificate that is over; None while it is neither."""
    over = (CertStatus.EXPIRED, CertStatus.REVOKED)
    return _BY_CERTIFICATE.get(info.status) if info.status in over else None


# ── Validation of a request without a card ─────────────────────────────────────────────────────────────
def validation_of(file: KeystoreFile, context: Context) -> Validation | None:
    """Return where and until when the request of a keystore is confirmed; None for one that was signed with a card.

    By our note; when the platform's answer was lost, the address is not known here. Without a note, a BIS number tells
    that there was no card. Whether it was confirmed already, only the platform knows, and it does not say.
    """
    record = read_request_record(context.notes, file.keystore.key_id)
    if record is not None:
        return Validation(record.validation_url, record.expires) if record.without_card else None
    name = requested_name(file, context)
    return Validation() if name is not None and name.has_bis_number else None


def open_validation(file: KeystoreFile, context: Context) -> Validation | None:
    """Return the same as `validation_of` while there is time to confirm; None once that is over: what the platform has
    not refused by then was confirmed."""
    validation = validation_of(file, context)
    return None if validation is None or validation.is_overdue(context.clock.now()) else validation


def refusal_of(status: RequestStatus, file: KeystoreFile, context: Context) -> errors.KeystoreError:
    """Return what it means for a keystore that the platform does not know its key, or refused the request for it:
    nobody confirmed a request without a card in time, the request was refused, or it was never sent.

    The codes of the real platform are not public, so for the first the date in our note decides.
    """
    path, validation = str(file.path), validation_of(file, context)
    if validation is not None and validation.is_overdue(context.clock.now()):
        return errors.ValidationOverdue(path=path, date=validation.until)
    if status.state is State.REFUSED:
        return errors.RequestRefused(path=path, code=status.code, detail=status.refusal)
    never = errors.NeverSent(path=path, key_id=file.keystore.key_id)
    return never if validation is None else never.with_facts(kind="foreign")


# ── Questions about deliveries ─────────────────────────────────────────────────────────────────────────
FOLDER: Final = "deliveries"
"""Inside the folder of the notes."""
LONGEST_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class DeliveryQuestion(KeyRecord):
    """The last question about a key.

    Attributes:
        asked_at: aware; an attempt that got no answer counts.
        count: how often was asked.
        delivered: whether the platform has the certificate.
    """

    asked_at: datetime
    count: int = 1
    delivered: bool = False

    @property
    def next_at(self) -> datetime:
        """When to ask again: 1, 2, 4 and so on up to 60 minutes after each other."""
        return self.asked_at + timedelta(minutes=min(2 ** min(self.count, 6), LONGEST_MINUTES))


_STORE: Final = JsonStore(DeliveryQuestion)


def delivered_keys(notes: Path) -> frozenset[str]:
    """Return the keys whose certificates the platform has delivered, by what was asked."""
    return frozenset(asked.key_id for asked in _STORE.read_all(notes / FOLDER) if asked.delivered)


def next_question(waiting: Mapping[str, datetime | None], context: Context) -> datetime | None:
    """Return when to ask next about the keys of ``waiting``; None where all are delivered. ``waiting``: when each
    certificate was requested, where that is known."""
    due = (_next_at(key_id, requested, context) for key_id, requested in waiting.items())
    return min((moment for moment in due if moment is not None), default=None)


def ask_deliveries(waiting: Mapping[str, datetime | None], context: Context) -> None:
    """Ask the platform about each key of ``waiting`` whose time has come; see `next_question`.

    Raises nothing: after a failure, and while another process asks, the next call tries again at the next time.
    """
    busy = errors.FileBusy(path=str(context.locks), reason="folder")
    with suppress(errors.EhToolkitError), hold_lock(context.locks / "deliveries.lock", 0.0, busy):
        for key_id, requested in waiting.items():
            moment = _next_at(key_id, requested, context)
            if moment is not None and moment <= context.clock.now():
                _ask(key_id, context)


def _next_at(key_id: str, requested: datetime | None, context: Context) -> datetime | None:
    """Return when to ask about a key; now where the clock was moved back. None once its certificate is delivered."""
    now, last = context.clock.now(), _STORE.read(context.notes / FOLDER, key_id)
    if last is None:
        return now if requested is None or requested > now else requested + timedelta(minutes=1)
    if last.delivered:
        return None
    return now if last.asked_at > now else last.next_at


def _ask(key_id: str, context: Context) -> None:
    """Ask about one key. That it was asked is written first: nothing makes two pages ask one after the other."""
    folder = context.notes / FOLDER
    last = _STORE.read(folder, key_id)
    asked = DeliveryQuestion(key_id, context.clock.now(), 1 if last is None else last.count + 1)
    _STORE.write(folder, asked)
    status = fetch_request_status(key_id, context)
    if status.delivered:
        _STORE.write(folder, DeliveryQuestion(key_id, asked.asked_at, asked.count, delivered=True))
    elif status.state is State.REFUSED:
        record_platform_state(key_id, State.REFUSED, context)
