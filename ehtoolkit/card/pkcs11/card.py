"""The card behind a PKCS#11 module: the official middleware, OpenSC, or any that keeps to the standard."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.chip import FILE_LABELS, IDENTITY_LABELS, read_files, read_identity
from ehtoolkit.card.modules import ModuleKind
from ehtoolkit.card.pkcs11.client import WORKER_COMMAND, CardWorker, ModuleClient, decoded
from ehtoolkit.card.port import CardFiles, CardIdentity, CardKey, PinEntry, is_usable_for, require_pin
from ehtoolkit.card.trust import holder_of, is_signature
from ehtoolkit.crypto.certificates import read_certificate
from ehtoolkit.secret import Secret

_AUTHORITIES: Final = ("CA", "Root")
"""Labels of the certificates above both keys', in the order of a chain."""

_OUT: Final = (errors.CardAbsent, errors.NotAnEid, errors.SmartCardServiceMissing)
"""What a module may answer, in the middle, about a reader whose card was pulled."""
_SPOILT: Final = (
    errors.CardRemoved,
    errors.CardTimeout,
    errors.CardFault,
    errors.PinCancelled,
    errors.SignatureWithheld,
    errors.ModuleMissing,
    errors.SmartCardServiceMissing,
)
"""After these the module is loaded again: sessions with a card that is gone, calls given up, a service that
comes back, none of them is to be built upon."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The card that was seen last, and what was read of it."""

    serial: str
    reader: str
    kind: ModuleKind
    protected: bool
    identity: CardIdentity | None = None
    files: CardFiles | None = None
    certificates: Mapping[str, Certificate] | None = None


class Pkcs11Card(ModuleClient):
    """The `Card` in a reader of this computer. Nothing is loaded before the first call; threads may share it.

    The module lives in a worker process, which is started when it is needed and given up when it gives no sign of
    life: ``timeout`` seconds in calls that do not wait for a person, ``person_timeout`` where the middleware or the
    reader asks for the PIN (`cancel` ends that wait). After that the next call starts another.

    Every call looks whether the same card is still there. A card that was pulled is an `errors.CardRemoved` once, so
    that no procedure goes on with another one; the call after it takes what is in the reader then.

    Args:
        reader: the name of the reader to use, or a part of it; None takes the only card that there is, and several are
            an `errors.MultipleCards`.
        environment, command: of `ModuleClient`.
    """

    def __init__(
        self,
        module: Path | str,
        *,
        timeout: float = 3.0,
        person_timeout: float = 90.0,
        reader: str | None = None,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        super().__init__(module, timeout=timeout, environment=environment, command=command)
        self._module = str(module)
        self._person_timeout = person_timeout
        self._wanted_reader = reader
        self._cancelling = Lock()
        self._waiting_for: CardWorker | None = None
        self._seen: _Seen | None = None

    # ── the card ─────────────────────────────────────────────────────────────────────────────────────────
    @property
    def reader(self) -> str:
        with self._lock:
            return self._look().reader

    def identity(self) -> CardIdentity:
        with self._lock:
            seen = self._look()
            if seen.identity is not None:
                return seen.identity
            data = self._data(IDENTITY_LABELS)
            identity = read_identity(data) if data else holder_of(self._chain(CardKey.AUTHENTICATION)[0])
            self._seen = replace(self._seen or seen, identity=identity)
            return identity

    def files(self) -> CardFiles:
        with self._lock:
            seen = self._look()
            if seen.files is not None:
                return seen.files
            files = read_files(self._data(tuple(FILE_LABELS.values())))
            self._seen = replace(self._seen or seen, files=files)
            return files

    def chain(self, key: CardKey) -> Sequence[Certificate]:
        with self._lock:
            return self._chain(key)

    def require_key(self, key: CardKey) -> None:
        with self._lock:
            self._chain(key)
            self._require_support(key)

    def pin_entry(self, key: CardKey) -> PinEntry:
        with self._lock:
            return self._pin_entry(self._look(), key)

    def pin_tries_left(self) -> int | None:
        with self._lock:
            self._look()
            tries: int | None = self._ask("tries")["tries_left"]
            return tries

    def sign(self, key: CardKey, data: bytes, pin: Secret | None) -> bytes:
        with self._lock:
            # The card is not looked at twice: the request below fails when it is not the same any more.
            known = None if self._seen is None else self._seen.certificates
            certificate = self._chain(key, known)[0]
            seen = self._require_support(key)
            entry = self._pin_entry(seen, key)
            answer = self._ask(
                "sign",
                wait_for_person=entry is not PinEntry.HERE,
                key=key.value,
                elliptic=isinstance(certificate.public_key(), EllipticCurvePublicKey),
                data=b64encode(data).decode(),
                pin=require_pin(pin) if entry is PinEntry.HERE else None,
                log_in=not self._asks_itself(seen, key),
            )
            signature = b64decode(answer["signature"])
            if not is_signature(certificate, data, signature):
                raise errors.CardFault(code="signature")
            return signature

    def cancel(self) -> None:
        """End a wait for a person, from another thread: that call raises `errors.PinCancelled`. Does nothing
        while no PIN is awaited."""
        with self._cancelling:
            if self._waiting_for is not None:
                self._waiting_for.cancel()

    def close(self) -> None:
        """End the worker and forget the card; another call begins again. A wait for a person ends like that of
        `cancel`."""
        self.cancel()
        super().close()

    # ── with the lock held ───────────────────────────────────────────────────────────────────────────────
    def _look(self) -> _Seen:
        """Return the card in the reader, which is the one of the call before when there was one."""
        answer = self._ask("present")
        if self._seen is None:
            self._seen = _Seen(
                serial=answer["serial"],
                reader=answer["reader"],
                kind=ModuleKind(answer["kind"]),
                protected=answer["protected"],
            )
        return self._seen

    def _certificates(self) -> Mapping[str, Certificate]:
        seen = self._look()
        if seen.certificates is not None:
            return seen.certificates
        read = {label: read_certificate(der) for label, der in decoded(self._ask("certificates")).items()}
        # One that cannot be read, an empty or a zeroed file, is the same as none.
        certificates = {label: certificate for label, certificate in read.items() if certificate is not None}
        # What lacks one may be whole the next time: a card in use by others, or that was put in a moment ago.
        if all(key.value in certificates for key in CardKey):
            self._seen = replace(seen, certificates=certificates)
        return certificates

    def _chain(self, key: CardKey, known: Mapping[str, Certificate] | None = None) -> tuple[Certificate, ...]:
        certificates = self._certificates() if known is None else known
        leaf = certificates.get(key.value)
        if leaf is None and key is CardKey.AUTHENTICATION and CardKey.SIGNATURE.value in certificates:
            raise errors.CardCertificateMissing(certificate=key.value, reason="signature_alone")
        if leaf is None or not is_usable_for(leaf, key):
            raise errors.CardCertificateMissing(certificate=key.value)
        return (leaf, *(certificates[label] for label in _AUTHORITIES if label in certificates))

    def _data(self, labels: Sequence[str]) -> dict[str, bytes]:
        """Return those data objects of ``labels`` that the card has; without the first of them, none."""
        return decoded(self._ask("data", labels=labels))

    def _require_support(self, key: CardKey) -> _Seen:
        seen = self._seen or self._look()
        if seen.kind is ModuleKind.OPENSC and key is CardKey.SIGNATURE:
            raise errors.SigningUnsupported(module=self._module, certificate=key.value)
        return seen

    def _pin_entry(self, seen: _Seen, key: CardKey) -> PinEntry:
        if seen.protected:
            return PinEntry.READER
        return PinEntry.MIDDLEWARE if self._asks_itself(seen, key) else PinEntry.HERE

    def _asks_itself(self, seen: _Seen, key: CardKey) -> bool:
        """Return whether the module has the PIN asked at every signature, so that a login would be asked for twice."""
        return seen.kind is ModuleKind.OFFICIAL and key is CardKey.SIGNATURE

    def _ask(self, call: str, *, wait_for_person: bool = False, **arguments: object) -> dict[str, Any]:
        seconds = self._person_timeout if wait_for_person else self._timeout
        serial = None if self._seen is None else self._seen.serial
        request = {"call": call, "reader": self._wanted_reader, "serial": serial, **arguments}
        try:
            worker = self._running_worker()
            self._waiting_for = worker if wait_for_person else None
            try:
                result = worker.ask(request, seconds)
            finally:
                with self._cancelling:  # from here on a cancellation comes too late
                    self._waiting_for = None
            if worker.cancelled:
                raise errors.PinCancelled
        except _OUT as error:
            if serial is not None:
                self.forget()
                raise errors.CardRemoved from error
            if isinstance(error, _SPOILT):
                self.forget()
            raise
        except _SPOILT:
            self.forget()
            raise
        return result

    def forget(self) -> None:
        self._seen = None
        super().forget()
