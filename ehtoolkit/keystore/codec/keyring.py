"""The keys derived from one password: each is derived once, however often a file is read and written."""

from __future__ import annotations

from collections.abc import Iterator

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.derivation import Derivation, Function, derive, password_inputs
from ehtoolkit.keystore.codec.protection import Encryption
from ehtoolkit.secret import Secret


class KeyRing:
    """Derives keys from a password, and keeps the keys.

    Once it is closed it has forgotten the password and gives only keys that it has derived before: all that
    a procedure needs which saves the same file again. Whatever is derived counts against `limits.WORK`.
    """

    def __init__(self, password: Secret) -> None:
        self._inputs: dict[Function, tuple[bytes, ...]] = {
            function: password_inputs(function, password.reveal()) for function in Function
        }
        self._forms = max(map(len, self._inputs.values()))
        self._keys: dict[tuple[Derivation, int], bytes] = {}
        self._work = 0.0

    def close(self) -> None:
        """Forget the password."""
        self._inputs = {}

    def key(self, derivation: Derivation) -> bytes:
        """The key for the usual form of the password: what is written is written with it. Raises as
        `keys`."""
        return next(self.keys(derivation))

    def keys(self, derivation: Derivation) -> Iterator[bytes]:
        """One key for each form in which programs use the password, the usual one first.

        Raises `errors.KeystoreHostile` before a derivation over the limits, `errors.KeystorePasswordWrong`
        when the ring is closed and has no such key.
        """
        yield from (keys[0] for keys in self._attempts((derivation,)))

    def keys_and_ivs(self, encryption: Encryption) -> Iterator[tuple[bytes, bytes]]:
        """As `keys`, each with the initialisation vector that belongs to it."""
        for keys in self._attempts(encryption.derivations):
            yield keys[0], encryption.iv if isinstance(encryption.iv, bytes) else keys[1]

    def _attempts(self, derivations: tuple[Derivation, ...]) -> Iterator[list[bytes]]:
        none_found = True
        for form in range(self._forms):
            keys = [key for derivation in derivations if (key := self._find(derivation, form)) is not None]
            if len(keys) == len(derivations):
                none_found = False
                yield keys
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
