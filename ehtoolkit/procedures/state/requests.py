"""Requests: status at the platform, by the key alone; confirmation without a card; when to ask for a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, CertStatus, EtkStatus
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import JsonStore, KeyRecord, is_delivered, read_request_record
from ehtoolkit.procedures.authorization import requested_name
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import Validation, record_delivery, record_platform_state
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


class KeyAnswer(StrEnum):
    """What an answer to “do you know this key?” means."""

    KNOWN = "known"
    """The platform has a request for it, which waits or was delivered."""
    NOT_KNOWN = "not_known"
    """It has none. Only after this answer the same key may be sent again."""
    REFUSED = "refused"
    """It had one, and will not make the certificate."""
    EXPIRED = "expired"
    """It had one, which its holder did not confirm in time."""
    NO_ANSWER = "no_answer"
    """None came, or one that has another reason, such as the clock of this computer."""
    NOT_UNDERSTOOD = "not_understood"
    """A refusal whose code is not known: whether it has a request is unknown."""


VALIDATION_EXPIRED: Final = "CERT_VALIDATION_EXPIRED"
"""The holder did not confirm the request in time."""
_BY_CODE: Final[Mapping[str, KeyAnswer]] = {
    "CERT_UNKNOWN": KeyAnswer.NOT_KNOWN,
    "CERT_REFUSED": KeyAnswer.REFUSED,
    VALIDATION_EXPIRED: KeyAnswer.EXPIRED,
}
"""Codes that say something about the key: our training platform's, the real one's are not public (assumed)."""
_STATES: Final[Mapping[KeyAnswer, State]] = {
    KeyAnswer.KNOWN: State.WAITING,
    KeyAnswer.NOT_KNOWN: State.PREPARED,
    KeyAnswer.REFUSED: State.REFUSED,
    KeyAnswer.EXPIRED: State.REFUSED,
}


def meaning_of(failure: errors.PlatformError | None) -> KeyAnswer:
    """Name the meaning of an answer about a key. ``failure``: what came instead of the certificate; None: it came.

    A code that says something about the key does so on a computer with a wrong clock, too; any other refusal may be for
    the clock then, and is no answer.
    """
    if failure is None or isinstance(failure, errors.NotYetDelivered):
        return KeyAnswer.KNOWN
    if not isinstance(failure, errors.PlatformRefused):
        return KeyAnswer.NO_ANSWER
    unknown = KeyAnswer.NOT_UNDERSTOOD if failure.reason is None else KeyAnswer.NO_ANSWER
    return _BY_CODE.get(failure.code, unknown)


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """What the platform says of a key.

    Attributes:
        meaning: Of its answer.
        delivered: Whether the certificate can be installed.
        chain: What was delivered, as it came: nothing of it is checked.
        not_before: From when a certificate that waits is there, where the platform names it.
        refusal: Code and message of a refusal.
        code: The code alone.
        failure: What came instead of the certificate.
    """

    meaning: KeyAnswer
    delivered: bool = False
    chain: tuple[Certificate, ...] = ()
    not_before: datetime | None = None
    refusal: str = ""
    code: str = ""
    failure: errors.PlatformError | None = field(default=None, repr=False, compare=False)

    @property
    def state(self) -> State:
        """Waiting, also where it was delivered; prepared, where no certificate was asked for the key; refused; else
        unknown."""
        return _STATES.get(self.meaning, State.UNKNOWN)

    @property
    def words(self) -> str:
        """The refusal, else the code of a fault, else the name of the error."""
        code = self.failure.code if isinstance(self.failure, errors.PlatformFault) else None
        return self.refusal or code or ("" if self.failure is None else self.failure.key)

    @property
    def is_unclear(self) -> bool:
        """Whether it is unknown if the platform has a request for the key."""
        return self.meaning in (KeyAnswer.NOT_UNDERSTOOD, KeyAnswer.NO_ANSWER)


def ask_about_key(key_id: str, context: Context) -> RequestStatus:
    """Ask the platform for its state of a key; no answer is one of the meanings."""
    try:
        chain = context.platform.certra.get_certificate(key_id)
    except errors.NotYetDelivered as waiting:
        return RequestStatus(meaning_of(waiting), not_before=waiting.not_before)
    except errors.PlatformRefused as refused:
        return RequestStatus(meaning_of(refused), refusal=refused.words, code=refused.code, failure=refused)
    except errors.PlatformError as failure:
        return RequestStatus(meaning_of(failure), failure=failure)
    return RequestStatus(meaning_of(None), delivered=True, chain=chain)


def fetch_request_status(key_id: str, context: Context, *, even_faults: bool = False) -> RequestStatus:
    """Ask the platform for its state of a key. Raises the `errors.PlatformError` of a question that got no answer.

    ``even_faults``: return a fault of the platform, too: its list may still tell whether it has the request.
    """
    status = ask_about_key(key_id, context)
    failure = status.failure
    if status.meaning is not KeyAnswer.NO_ANSWER or failure is None:
        return status
    if even_faults and isinstance(failure, errors.PlatformFault) and failure.reason is None:
        return status
    raise failure


def arrived_request(file: KeystoreFile, context: Context) -> RequestStatus | None:
    """Return what the platform says of a request that it has for the key of ``file``; None when it says that it has
    none.

    Raises `errors.RequestRefused` for one that it refused, `errors.RequestUnclear`, and as `fetch_request_status`.
    """
    status = fetch_request_status(file.keystore.key_id, context)
    if status.meaning is KeyAnswer.NOT_KNOWN:
        return None
    if status.meaning is not KeyAnswer.KNOWN:
        raise refusal_of(status, file, context) from status.failure
    return status


# ── States by the platform's words ───────────────────────────────────────────────────────────────────────
def state_of(info: CertificateInfo, *, has_encryption_key: bool) -> State:
    """Return the state of a certificate by the platform's words; unknown words give ``unknown``."""
    if info.known_status is not CertStatus.VALID_ACTIVE:
        return _BY_CERTIFICATE.get(info.status, State.UNKNOWN)
    if info.known_token is not EtkStatus.VALID_ACTIVE:
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


def refusal_of(
    status: RequestStatus, file: KeystoreFile, context: Context
) -> errors.KeystoreError | errors.RequestUnclear:
    """Return what it means for a keystore that the platform does not know its key, or refused the request for it:
    nobody confirmed a request without a card in time, the request was refused, it was never sent, or none of that is
    known.

    For the first, the date in our note decides once the platform says that it does not have the request.
    """
    path, validation = str(file.path), validation_of(file, context)
    if status.is_unclear:
        return unclear_request(file.path, file.keystore.key_id, status, without_card=validation is not None)
    if validation is not None and validation.is_overdue(context.clock.now()):
        return errors.ValidationOverdue(path=path, date=validation.until)
    if status.state is State.REFUSED:
        return errors.RequestRefused(path=path, code=status.code, detail=status.refusal)
    never = errors.NeverSent(path=path, key_id=file.keystore.key_id)
    return never if validation is None else never.with_facts(kind="foreign")


def unclear_request(
    path: Path, key_id: str, status: RequestStatus, *, without_card: bool = False, unlisted: bool = False
) -> errors.RequestUnclear:
    """Return the error for a request that the platform may have. ``unlisted``: its list for the card lacks it."""
    unclear = errors.RequestUnclear(path=str(path), key_id=key_id, words=status.words)
    if without_card:
        return unclear.with_facts(reason="foreign")
    return unclear.with_facts(reason="unlisted") if unlisted else unclear


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
    """

    asked_at: datetime
    count: int = 1

    @property
    def next_at(self) -> datetime:
        """When to ask again: 1, 2, 4 and so on up to 60 minutes after each other."""
        return self.asked_at + timedelta(minutes=min(2 ** min(self.count, 6), LONGEST_MINUTES))


_STORE: Final = JsonStore(DeliveryQuestion)


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
    if is_delivered(context.notes, key_id):
        return None
    if last is None:
        return now if requested is None or requested > now else requested + timedelta(minutes=1)
    return now if last.asked_at > now else last.next_at


def _ask(key_id: str, context: Context) -> None:
    """Ask about one key. That it was asked is written first: nothing makes two pages ask one after the other."""
    folder = context.notes / FOLDER
    last = _STORE.read(folder, key_id)
    asked = DeliveryQuestion(key_id, context.clock.now(), 1 if last is None else last.count + 1)
    _STORE.write(folder, asked)
    status = fetch_request_status(key_id, context)
    if status.delivered:
        record_delivery(key_id, context)
    elif status.state is State.REFUSED:
        record_platform_state(key_id, State.REFUSED, context)
