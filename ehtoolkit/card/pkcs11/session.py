"""One session with an eID behind PKCS#11: objects by label, login, signature. Runs in the worker only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import PyKCS11

from ehtoolkit import errors
from ehtoolkit.card.pin import FULL_TRIES, pin_refused
from ehtoolkit.card.pkcs11.pykcs11_internals import begin_signature, end_signature
from ehtoolkit.card.pkcs11.slots import Progress, Slot

CERTIFICATE_LABELS: Final = ("Authentication", "Signature", "CA", "Root")

_PIN_COUNTER_LABEL: Final = "carddata_pin_counter"
_CONTEXT_SPECIFIC: Final = 2


class CardSession:
    """A session for one request: a session that outlives its card logs in without asking the card."""

    def __init__(self, module: PyKCS11.PyKCS11Lib, slot: Slot, progress: Progress) -> None:
        self._module = module
        self._slot = slot
        self._progress = progress
        self._session = module.openSession(slot.number)
        progress()

    @classmethod
    @contextmanager
    def opened(cls, module: PyKCS11.PyKCS11Lib, slot: Slot, progress: Progress) -> Iterator[CardSession]:
        session = cls(module, slot, progress)
        try:
            yield session
        finally:
            session._close()

    def certificates(self) -> dict[str, bytes]:
        """Return the certificates that the card has, DER, by label."""
        return self._values(PyKCS11.CKO_CERTIFICATE, CERTIFICATE_LABELS)

    @property
    def wants_login(self) -> bool:
        """Whether there may be objects that only show after a login."""
        return bool(self._module.getTokenInfo(self._slot.number).flags & PyKCS11.CKF_LOGIN_REQUIRED)

    def data(self, labels: Iterable[str]) -> dict[str, bytes]:
        """Return the values of those data objects that the module has, by label."""
        return self._values(PyKCS11.CKO_DATA, labels)

    def tries_left(self) -> int | None:
        """Return the tries that are left before the PIN blocks; None where neither source says.

        They come from the token's flags and, where the card has it (applet 1.8), its PIN counter.
        """
        flags = self._module.getTokenInfo(self._slot.number).flags
        if flags & PyKCS11.CKF_USER_PIN_LOCKED:
            return 0
        with suppress(PyKCS11.PyKCS11Error):
            counter = self.data([_PIN_COUNTER_LABEL]).get(_PIN_COUNTER_LABEL, b"")
            tries = int(counter) if counter.isdigit() else int.from_bytes(counter)
            if counter and tries <= FULL_TRIES:
                return tries
        return 1 if flags & PyKCS11.CKF_USER_PIN_FINAL_TRY else None

    def login(self, pin: str | None) -> None:
        """Show the PIN to the card, once; None lets the reader ask. Raises `errors.PinError`."""
        try:
            self._log_in(PyKCS11.CKU_USER, pin)
        except PyKCS11.PyKCS11Error as error:
            if error.value != PyKCS11.CKR_USER_ALREADY_LOGGED_IN:
                raise
            # The card was not asked yet. Log out, so that this PIN counts and not an older one.
            self._session.logout()
            self._log_in(PyKCS11.CKU_USER, pin)

    def sign(self, label: str, elliptic: bool, data: bytes, pin: str | None, standard: bool) -> bytes:
        """Return a signature over the SHA-256 of ``data`` with the private key of ``label``.

        ``standard``: the module may hold the key behind CKA_ALWAYS_AUTHENTICATE, and then takes the ``pin``
        between the two halves of the operation.
        """
        keys = self._find(PyKCS11.CKO_PRIVATE_KEY, label)
        if not keys:
            raise errors.CardFault(code="no_private_key")
        asks_each_time = standard and self._always_asks(keys[0])
        payload = self._begin(keys[0], elliptic, data)
        self._progress()
        if asks_each_time:
            self._log_in(_CONTEXT_SPECIFIC, pin)
        code, signature = end_signature(self._module, self._session, payload)
        if code == PyKCS11.CKR_PIN_INCORRECT:  # typed in the middleware's window
            raise pin_refused(self._tries_after_refusal())
        self._check(code)
        return signature

    def _begin(self, key: object, elliptic: bool, data: bytes) -> bytes:
        """Start the operation with the first mechanism that the module has; returns what it has to be fed.

        Mechanism lists are not asked: the official module's are not to be relied upon.
        """
        if not elliptic:
            self._check(self._sign_init(PyKCS11.CKM_SHA256_RSA_PKCS, key))
            return data
        code = self._sign_init(PyKCS11.CKM_ECDSA_SHA256, key)
        if code not in (PyKCS11.CKR_MECHANISM_INVALID, PyKCS11.CKR_KEY_TYPE_INCONSISTENT):
            self._check(code)
            return data
        self._check(self._sign_init(PyKCS11.CKM_ECDSA, key))
        return hashlib.sha256(data).digest()

    def _sign_init(self, mechanism: int, key: object) -> int:
        return begin_signature(self._module, self._session, mechanism, key)

    def _log_in(self, user: int, pin: str | None) -> None:
        try:
            self._session.login(pin, user)
        except PyKCS11.PyKCS11Error as error:
            if error.value != PyKCS11.CKR_PIN_INCORRECT:
                raise
            raise pin_refused(self._tries_after_refusal()) from error
        self._progress()

    def _tries_after_refusal(self) -> int | None:
        """Return the tries that are left, read in a new session; None where they cannot be read.

        The official module keeps what it has read of a card, the counter too, until no session is left.
        """
        try:
            self._session.closeSession()
            self._session = self._module.openSession(self._slot.number)
            return self.tries_left()
        except PyKCS11.PyKCS11Error:
            return None

    def _values(self, kind: int, labels: Iterable[str]) -> dict[str, bytes]:
        values = {}
        for label in labels:
            for handle in self._find(kind, label)[:1]:
                values[label] = bytes(self._session.getAttributeValue(handle, [PyKCS11.CKA_VALUE], True)[0])
            self._progress()
        return values

    def _find(self, kind: int, label: str) -> list[object]:
        template = [(PyKCS11.CKA_CLASS, kind), (PyKCS11.CKA_LABEL, label)]
        return list(self._session.findObjects(template))

    def _always_asks(self, key: object) -> bool:
        """Return whether the key wants the PIN for each signature; not every module knows the attribute."""
        try:
            return bool(self._session.getAttributeValue(key, [PyKCS11.CKA_ALWAYS_AUTHENTICATE])[0])
        except PyKCS11.PyKCS11Error:
            return False

    def _check(self, code: int) -> None:
        if code != PyKCS11.CKR_OK:
            raise PyKCS11.PyKCS11Error(code)

    def _close(self) -> None:
        with suppress(PyKCS11.PyKCS11Error):  # a card that was pulled took its session along
            self._session.closeSession()
