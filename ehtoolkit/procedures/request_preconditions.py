"""Preconditions of a request: no other one that waits, is in force, or was prepared and never sent.

Judged before a key pair is made, so that no file is written for a request that the platform would refuse. Files are
judged without their passwords; what they do not show, the platform's list tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardKey, CardSigner, PinEntry, PinSource, check_certificates, pin_for
from ehtoolkit.ehealth.certificate_info_xml import (
    CertificateInfo,
    CertStatus,
    require_understood,
    status_unclear,
)
from ehtoolkit.ehealth.certra import ActorQualities
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore, holder_key
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.allowed_holders import check_organisation
from ehtoolkit.procedures.authorization import ask_qualities, may_belong_here
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import (
    KeyAnswer,
    RequestStatus,
    ask_about_key,
    fetch_request_status,
    state_of,
    unclear_request,
)
from ehtoolkit.secret import Secret

_OVER: Final = frozenset({CertStatus.REVOKED, CertStatus.EXPIRED, CertStatus.REFUSED})


def is_replacement(name: DistinguishedName, certificates: Sequence[CertificateInfo]) -> bool:
    """Return whether a new certificate for ``name`` takes the place of one that serves, as a renewal does, because the
    renewed one was revoked: the older one has its last months still, and the application id."""
    mine = sorted(_of(name, certificates), key=lambda info: info.requested_at, reverse=True)
    return bool(mine) and mine[0].status == CertStatus.REVOKED and any(info.replaceable for info in mine)


@dataclass(frozen=True, slots=True)
class _HolderKeystore:
    """A keystore of the holder whose key is seen.

    Attributes:
        status: what the platform says of its key.
        has_token: whether it has an encryption key that no older file has.
        has_one_key: as a first request has, and no renewal.
        belongs_here: whether it may have been made in this environment.
    """

    path: Path
    key_id: str
    status: RequestStatus
    has_token: bool
    has_one_key: bool
    belongs_here: bool

    @property
    def is_unsent(self) -> bool:
        """Whether it is a first request that was prepared here and never sent, as far as that shows without the
        password: a file with decryption keys that the platform does not know is an old one, or a renewal."""
        return self.has_one_key and self.belongs_here and self.status.meaning is KeyAnswer.NOT_KNOWN

    @property
    def may_wait(self) -> bool:
        """Whether the platform may have a request for it that waits: its answer is not understood, and the file does
        not show that a certificate came."""
        return self.status.is_unclear and self.belongs_here and not self.has_token


@dataclass(frozen=True, slots=True)
class RequestPreconditions:
    """What is there for the holder ``name`` before a new request, newest first."""

    name: DistinguishedName
    now: datetime
    files: tuple[_HolderKeystore, ...]

    @classmethod
    def look(
        cls, name: DistinguishedName, context: Context, *, lenient: bool = False
    ) -> RequestPreconditions:
        """Ask the platform about each keystore of that holder in the folder, and return what it says. ``lenient``: no
        answer is a meaning, too.

        Files whose key cannot be seen without a password are passed over: other programs write such.
        Raises `errors.FileUnreadable` for a folder that may not be listed, and `errors.PlatformError`.
        """
        files = HolderFiles.in_folder(context.keystores)
        found = files.of_holder(holder_key(name.identifier, name.application_id))
        ask = ask_about_key if lenient else partial(fetch_request_status, even_faults=True)
        keystores = (
            _holder_keystore(
                file,
                file.key_id,
                ask(file.key_id, context),
                has_token=bool(files.own_serials(file)),
                context=context,
            )
            for file in found
            if file.key_id is not None
        )
        return cls(name, context.clock.now(), tuple(keystores))

    def refuse_waiting(self) -> None:
        """Raise `errors.RequestWaiting` while the platform has not delivered for one of the files."""
        for file in self.files:
            if file.status.state is State.WAITING and not file.status.delivered:
                raise errors.RequestWaiting(path=str(file.path))

    def refuse_unclear(self, applicant: ApplicantInfo | None) -> None:
        """Raise `errors.RequestUnclear` for a file whose request the platform may have, unless its list says that it is
        over; and as `unclear_or_listed`.

        ``applicant``: with the list, as far as it was asked; None: no card can ask.
        """
        listed = () if applicant is None else applicant.certificates
        over = {info.key_id for info in listed if info.known_status in _OVER}
        for file in self.files:
            if file.may_wait and file.key_id not in over:
                if applicant is None:
                    raise unclear_request(file.path, file.key_id, file.status, without_card=True)
                raise unclear_or_listed(file.path, file.key_id, file.status, applicant)

    def given_up(self, certificates: Sequence[CertificateInfo]) -> tuple[Path, ...]:
        """Return the files whose requests the platform may have, unless they are among ``certificates``, its list."""
        listed = {info.key_id for info in certificates}
        return tuple(file.path for file in self.files if file.may_wait and file.key_id not in listed)

    def unsent(self, password: Secret | None) -> KeystoreFile | None:
        """Return a request that was prepared and never sent, opened: it is sent instead of a new one. None: there is
        none.

        Raises `errors.NeverSent` when the password is not that of the file, or there is none.
        """
        for file in self.files:
            if file.is_unsent:
                never = errors.NeverSent(path=str(file.path), key_id=file.key_id)
                if password is None:
                    raise never
                try:
                    opened = KeystoreFile.open(file.path, password)
                except errors.KeystorePasswordWrong as error:
                    raise never from error
                if not opened.keystore.installed:
                    return opened
        return None

    def refuse_in_force(self, certificates: Sequence[CertificateInfo]) -> None:
        """Raise `errors.RequestWaiting` for a certificate that was delivered and has no token yet (reason
        ``elsewhere``: for one that waits, and its file is not here), `errors.CertificateInForce` for one that serves
        (reason ``renewable``: renew it; ``elsewhere``: its file is not here), and `errors.StatusUnclear` for one of
        which the platform says something that is not understood."""
        known = {info.key_id: info for info in _of(self.name, certificates)}
        for info in known.values():
            if info.known_status not in _OVER and not info.understood:
                raise status_unclear(info).with_facts(reason="request")
        for file in self.files:
            if file.status.delivered and not file.has_token and not self._is_over(file, known):
                raise errors.RequestWaiting(path=str(file.path))
        for info in known.values():
            if info.is_active and not is_replacement(self.name, certificates):
                raise self._in_force(info)
            if info.status == CertStatus.IN_PROGRESS:
                path = self._path_of(info)
                if path is not None:
                    raise errors.RequestWaiting(path=str(path))
                raise errors.RequestWaiting(reason="elsewhere", date=info.requested_at)

    def _is_over(self, file: _HolderKeystore, known: dict[str, CertificateInfo]) -> bool:
        info = known.get(file.key_id)
        if info is not None:
            return info.status in _OVER
        return bool(file.status.chain) and file.status.chain[0].not_valid_after_utc < self.now

    def _path_of(self, info: CertificateInfo) -> Path | None:
        return next((file.path for file in self.files if file.key_id == info.key_id), None)

    def _in_force(self, info: CertificateInfo) -> errors.CertificateInForce:
        path = self._path_of(info)
        if path is None:
            return errors.CertificateInForce(reason="elsewhere", key_id=info.key_id, until=info.not_after)
        error = errors.CertificateInForce(path=str(path), key_id=info.key_id, until=info.not_after)
        return error.with_facts(reason="renewable") if info.replaceable else error


def _holder_keystore(
    file: FoundKeystore, key_id: str, status: RequestStatus, *, has_token: bool, context: Context
) -> _HolderKeystore:
    """Return a keystore with what the platform says of its key. One of another environment may have been sent there."""
    belongs_here = may_belong_here(file, context)
    return _HolderKeystore(file.path, key_id, status, has_token, len(file.keys) == 1, belongs_here)


def _of(name: DistinguishedName, certificates: Sequence[CertificateInfo]) -> Iterator[CertificateInfo]:
    """Yield the holder's own among ``certificates``. A person has one certificate, whatever its other attributes."""
    identifier = name.identifier
    for info in certificates:
        same = (info.holder.type, info.holder.number) == (identifier.type, identifier.value)
        if same and (identifier.is_person or (info.holder.application_id or None) == name.application_id):
            yield info


# ── The card's holder, and all preconditions ─────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ApplicantInfo:
    """What the platform answers about the card's holder after the first PIN. ``certificates``: those of the holder;
    ``listed``: whether the platform gave their list, so that a request that is not among them is not there."""

    qualities: ActorQualities
    certificates: tuple[CertificateInfo, ...]
    listed: bool = False


def fetch_applicant_info(card: Card, pin: PinSource, context: Context) -> ApplicantInfo:
    """Ask the platform, with the first PIN, as `ask_qualities` does, and once more for its list of certificates. The
    card is checked before ``pin`` asks for it, once.

    The list is empty where the PIN is typed at the reader or into the middleware's window, which would ask for it a
    second time, and when the platform gives no list: it then judges by itself when the request comes.
    """
    check_certificates(card, context.clock.now())
    is_asked_here = card.pin_entry(CardKey.AUTHENTICATION) is PinEntry.HERE
    secret = pin_for(CardKey.AUTHENTICATION, pin)
    qualities = ask_qualities(card, secret, context)
    if is_asked_here:
        signer = CardSigner(card, CardKey.AUTHENTICATION, secret)
        with suppress(errors.PlatformError):
            certificates = context.platform.certra.get_certificate_info_for_citizen(signer)
            return ApplicantInfo(qualities, certificates, listed=True)
    return ApplicantInfo(qualities, ())


def unclear_or_listed(
    path: Path, key_id: str, status: RequestStatus, applicant: ApplicantInfo | None
) -> errors.EhToolkitError:
    """Return the error for a keystore whose request the platform may have: what its list for the card says of the key,
    where that is there. Raises `errors.StatusUnclear`.

    ``applicant``: None or not ``listed``: the list was not asked.
    """
    for info in () if applicant is None else applicant.certificates:
        if info.key_id == key_id:
            known = require_understood(info).known_status
            if known is CertStatus.REFUSED:
                return errors.RequestRefused(path=str(path), code=info.status, detail="")
            if known in _OVER:
                return errors.WrongState(path=str(path), state=state_of(info, has_encryption_key=False))
            return errors.RequestWaiting(path=str(path))
    return unclear_request(path, key_id, status, unlisted=applicant is not None and applicant.listed)


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A new request that nothing stands in the way of.

    Attributes:
        applicant: what the platform answered about the card's holder.
        unsent: a request that was prepared and never sent, opened: it is sent instead of a new one.
        unclear: the files of requests that the platform may have, and that the user gives up: they go into the archive
            once the new request is accepted.
    """

    applicant: ApplicantInfo
    unsent: KeystoreFile | None = None
    unclear: tuple[Path, ...] = ()


def check_preconditions(
    name: DistinguishedName,
    context: Context,
    identify: Callable[[], ApplicantInfo],
    *,
    password: Secret | None = None,
    insist: bool = False,
) -> CheckedRequest:
    """Check all that may stand in the way of a new request, before its contract is drawn up and while its lock is held:
    first what needs no PIN.

    Args:
        identify: the first PIN, or what it told already.
        password: opens a request that was prepared and never sent; None where there may be none.
        insist: whatever stands in the way or has the application id.

    Raises, unless ``insist``, what `RequestPreconditions` raises, in the order waiting, in force, unclear, unsent, and
    `errors.ApplicationIdTaken`.
    """
    preconditions = RequestPreconditions.look(name, context, lenient=insist)
    if not insist:
        preconditions.refuse_waiting()
    # With a keystore of the holder at hand, the list may tell that its own certificate has the application id.
    checked = check_organisation(name, context, even_if_taken=insist or bool(preconditions.files))
    applicant = identify()
    if insist:
        return CheckedRequest(applicant, unclear=preconditions.given_up(applicant.certificates))
    preconditions.refuse_in_force(applicant.certificates)
    preconditions.refuse_unclear(applicant)
    if checked is not None and not is_replacement(name, applicant.certificates):
        checked.ids.require_free(name.application_id)
    return CheckedRequest(applicant, preconditions.unsent(password))
