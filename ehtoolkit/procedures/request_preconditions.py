"""Preconditions of a request: no other one that waits, is in force, or was prepared and never sent.

Judged before a key pair is made, so that no file is written for a request that the platform would refuse. Files are
judged without their passwords; what they do not show, the platform's list tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardKey, CardSigner
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, CertStatus
from ehtoolkit.ehealth.certra import ActorQualities
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore, holder_key
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.allowed_holders import check_organisation
from ehtoolkit.procedures.authorization import ask_qualities, may_belong_here
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import RequestStatus, fetch_request_status
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
        is_unsent: whether it is a request that was prepared here and never sent, as far as that shows without the
            password.
    """

    path: Path
    key_id: str
    status: RequestStatus
    has_token: bool
    is_unsent: bool


@dataclass(frozen=True, slots=True)
class RequestPreconditions:
    """What is there for the holder ``name`` before a new request, newest first."""

    name: DistinguishedName
    now: datetime
    files: tuple[_HolderKeystore, ...]

    @classmethod
    def look(cls, name: DistinguishedName, context: Context) -> RequestPreconditions:
        """Ask the platform about each keystore of that holder in the folder, and return what it says.

        Files whose key cannot be seen without a password are passed over: other programs write such.
        Raises `errors.FileUnreadable` for a folder that may not be listed, and `errors.PlatformError`.
        """
        files = HolderFiles.in_folder(context.keystores)
        found = files.of_holder(holder_key(name.identifier, name.application_id))
        keystores = (
            _holder_keystore(file, file.key_id, has_token=bool(files.own_serials(file)), context=context)
            for file in found
            if file.key_id is not None
        )
        return cls(name, context.clock.now(), tuple(keystores))

    def refuse_waiting(self) -> None:
        """Raise `errors.RequestWaiting` while the platform has not delivered for one of the files."""
        for file in self.files:
            if file.status.state is State.WAITING and not file.status.delivered:
                raise errors.RequestWaiting(path=str(file.path))

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
        ``elsewhere``: for one that waits, and its file is not here), and `errors.CertificateInForce` for one that
        serves (reason ``renewable``: renew it; ``elsewhere``: its file is not here)."""
        known = {info.key_id: info for info in _of(self.name, certificates)}
        for file in self.files:
            if file.status.delivered and not file.has_token and not self._is_over(file, known):
                raise errors.RequestWaiting(path=str(file.path))
        for info in known.values():
            if info.is_active and not is_replacement(self.name, certificates):
                raise self._in_force(info)
            if info.status == CertStatus.IN_PROGRESS:
                raise errors.RequestWaiting(reason="elsewhere", date=info.requested_at)

    def _is_over(self, file: _HolderKeystore, known: dict[str, CertificateInfo]) -> bool:
        info = known.get(file.key_id)
        if info is not None:
            return info.status in _OVER
        return bool(file.status.chain) and file.status.chain[0].not_valid_after_utc < self.now

    def _in_force(self, info: CertificateInfo) -> errors.CertificateInForce:
        path = next((file.path for file in self.files if file.key_id == info.key_id), None)
        if path is None:
            return errors.CertificateInForce(reason="elsewhere", key_id=info.key_id, until=info.not_after)
        error = errors.CertificateInForce(path=str(path), key_id=info.key_id, until=info.not_after)
        return error.with_facts(reason="renewable") if info.replaceable else error


def _holder_keystore(
    file: FoundKeystore, key_id: str, *, has_token: bool, context: Context
) -> _HolderKeystore:
    """Ask the platform about a keystore. A request that was never sent has one key alone: a file with decryption keys
    that the platform does not know is an old one, or a renewal. One of another environment may have been sent there."""
    status = fetch_request_status(key_id, context)
    is_prepared = status.state is State.PREPARED and len(file.keys) == 1
    is_unsent = is_prepared and may_belong_here(file, context)
    return _HolderKeystore(file.path, key_id, status, has_token, is_unsent)


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
    """What the platform answers about the card's holder after the first PIN. ``certificates``: those of the holder."""

    qualities: ActorQualities
    certificates: tuple[CertificateInfo, ...]


def fetch_applicant_info(card: Card, pin: Secret | None, context: Context) -> ApplicantInfo:
    """Ask the platform, with the first PIN, as `ask_qualities` does, and once more for its list of certificates.

    That is empty where the PIN is typed at the reader or into the middleware's window, which would ask for it a second
    time, and when the platform gives no list: it then judges by itself when the request comes.
    """
    qualities, certificates = ask_qualities(card, pin, context), tuple[CertificateInfo, ...]()
    if pin is not None:
        signer = CardSigner(card, CardKey.AUTHENTICATION, pin)
        with suppress(errors.PlatformError):
            certificates = context.platform.certra.get_certificate_info_for_citizen(signer)
    return ApplicantInfo(qualities, certificates)


def check_preconditions(
    name: DistinguishedName,
    context: Context,
    identify: Callable[[], ApplicantInfo],
    *,
    password: Secret | None = None,
    insist: bool = False,
) -> tuple[ApplicantInfo, KeystoreFile | None]:
    """Check all that may stand in the way of a new request, before its contract is drawn up and while its lock is held:
    first what needs no PIN. Return what the platform answered, and a request that was prepared and never sent, which is
    sent instead of a new one.

    Args:
        identify: the first PIN, or what it told already.
        password: opens a request that was prepared and never sent; None where there may be none.
        insist: whatever stands in the way or has the application id.

    Raises, unless ``insist``, what `RequestPreconditions` raises, in the order waiting, in force, unsent, and
    `errors.ApplicationIdTaken`.
    """
    preconditions = RequestPreconditions.look(name, context)
    if not insist:
        preconditions.refuse_waiting()
    # With a keystore of the holder at hand, the list may tell that its own certificate has the application id.
    checked = check_organisation(name, context, even_if_taken=insist or bool(preconditions.files))
    applicant = identify()
    if insist:
        return applicant, None
    preconditions.refuse_in_force(applicant.certificates)
    if checked is not None and not is_replacement(name, applicant.certificates):
        checked.ids.require_free(name.application_id)
    return applicant, preconditions.unsent(password)
