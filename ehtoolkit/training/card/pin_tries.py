"""The PIN of a training card, and its three tries."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.pin import FULL_TRIES, pin_refused
from ehtoolkit.system.files import write_private

FIRST_PIN: Final = "1234"
"""Every training card's PIN until it is changed."""

_PIN_FILE: Final = "pin.json"
_LOCK_FILE: Final = "pin.lock"
_LOCK_SECONDS: Final = 5.0
_ROUNDS: Final = 10_000


@dataclass(frozen=True, slots=True)
class _State:
    salt: str
    digest: str
    tries_left: int


class PinTries:
    """Compares PINs as the chip does: a try is used up before it is compared, so no crash gives one back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def tries_left(self) -> int:
        return self._read().tries_left

    def verify(self, pin: str) -> None:
        """Check ``pin`` against the card's: a wrong one costs a try, the right one gives all three back.

        Raises `errors.PinWrong`; at the third wrong PIN, and at any PIN after it, `errors.PinBlocked`.
        """
        with self._locked() as state:
            self._verify(state, pin)

    def change(self, old: str, new: str) -> None:
        """Replace ``old`` by ``new``; a wrong ``old`` costs a try, as on a card."""
        with self._locked() as state:
            self._verify(state, old)
            self._write(_state_of(new))

    def unblock(self) -> None:
        """Give the card three tries again; the PIN stays."""
        with self._locked() as state:
            self._write(replace(state, tries_left=FULL_TRIES))

    def _verify(self, state: _State, pin: str) -> None:
        if state.tries_left == 0:
            raise errors.PinBlocked
        left = state.tries_left - 1
        self._write(replace(state, tries_left=left))
        if not hmac.compare_digest(_digest(pin, state.salt), state.digest):
            raise pin_refused(left)
        self._write(replace(state, tries_left=FULL_TRIES))

    @contextmanager
    def _locked(self) -> Iterator[_State]:
        from filelock import FileLock, Timeout  # not what a card's worker process needs

        try:
            with FileLock(self._folder / _LOCK_FILE, timeout=_LOCK_SECONDS):
                yield self._read()
        except Timeout as error:
            raise errors.CardTimeout(seconds=_LOCK_SECONDS) from error
        except OSError as error:
            raise errors.CardFault(code="profile") from error

    def _read(self) -> _State:
        try:
            fields = json.loads((self._folder / _PIN_FILE).read_bytes())
            salt = bytes.fromhex(fields["salt"])
            return _State(salt.hex(), str(fields["digest"]), int(fields["tries_left"]))
        except FileNotFoundError:
            return _state_of(FIRST_PIN)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise errors.CardFault(code="profile") from error

    def _write(self, state: _State) -> None:
        write_private(self._folder / _PIN_FILE, json.dumps(asdict(state)).encode())


def _state_of(pin: str) -> _State:
    salt = os.urandom(16).hex()
    return _State(salt, _digest(pin, salt), FULL_TRIES)


def _digest(pin: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), bytes.fromhex(salt), _ROUNDS).hex()
