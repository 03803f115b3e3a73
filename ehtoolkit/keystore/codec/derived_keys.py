"""The keys derived from one password: each is derived once, however often a file is read and written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.derivation import Derivation, Function, derive, password_inputs
from ehtoolkit.keystore.codec.protection import Encryption
from ehtoolkit.secret import Secret


class UnlockResult(NamedTuple):
    """A key (and the initialisation vector with it) for one form of the password."""

    form: int
    key: bytes
    iv: bytes


class DerivedKeyCache:
    """Derives keys from a password, and keeps the keys.

    Once it is closed it has forgotten the password and gives only keys that it has derived before: all that
    a procedure needs which saves the same file again. Whatever is derived counts against `limits.WORK`.
    """

    def __init__(self, password: Secret) -> None:
        self._inputs: dict[Function, tuple[bytes, ...]] = {
            function: password_inputs(function, password.reveal()) for function in Function
        }
        self._forms = {function: len(inputs) for function, inputs in self._inputs.items()}
        self._settled: dict[Function, int] = {}
        self._keys: dict[tuple[Derivation, int], bytes] = {}
        self._work = 0.0

    def close(self) -> None:
        """Forget the password."""
        self._inputs = {}

    def key(self, derivation: Derivation) -> bytes:
        """Return the key for the form of the password that has opened something before, else for the usual one: what is
        written is written with it. Raises as `attempts`."""
        return next(self.keys(derivation)).key

    def key_and_iv(self, encryption: Encryption) -> tuple[bytes, bytes]:
        """Return the key as `key` does, with the initialisation vector that belongs to it. Raises as `attempts`."""
        attempt = next(self.attempts(encryption))
        return attempt.key, attempt.iv

    def keys(self, derivation: Derivation) -> Iterator[UnlockResult]:
        """Yield keys as `attempts` does, for a key without an initialisation vector. Raises as `attempts`."""
        for form, keys in self._attempts((derivation,)):
            yield UnlockResult(form, keys[0], b"")

    def attempts(self, encryption: Encryption) -> Iterator[UnlockResult]:
        """Yield a key and its initialisation vector for each form in which programs use the password, the likely one
        first.

        Raises `errors.LimitExceeded` before a derivation over the limits, `errors.KeystorePasswordWrong`
        when the cache is closed and has no such key.
        """
        for form, keys in self._attempts(encryption.derivations):
            yield UnlockResult(form, keys[0], encryption.iv if isinstance(encryption.iv, bytes) else keys[1])

    def settle(self, derivation: Derivation, attempt: UnlockResult) -> None:
        """Record that the form of ``attempt`` was right: it comes first from now on, since one program wrote the whole
        file."""
        self._settled[derivation.function] = attempt.form

    def _attempts(self, derivations: tuple[Derivation, ...]) -> Iterator[tuple[int, list[bytes]]]:
        none_found = True
        likely = self._settled.get(derivations[0].function, 0)
        forms = range(self._forms[derivations[0].function])
        for form in sorted(forms, key=lambda form: form != likely):
            keys = [key for derivation in derivations if (key := self._find(derivation, form)) is not None]
            if len(keys) == len(derivations):
                none_found = False
                yield form, keys
        if none_found:
            raise errors.KeystorePasswordWrong

    def _find(self, derivation: Derivation, form: int) -> bytes | None:
        inputs = self._inputs.get(derivation.function, ())
        if (derivation, form) not in self._keys and form < len(inputs):
            limits.check_iterations(derivation.iterations)
            self._work += derivation.work
            limits.check_work(self._work)
            self._keys[derivation, form] = derive(derivation, inputs[form])
        return self._keys.get((derivation, form))
