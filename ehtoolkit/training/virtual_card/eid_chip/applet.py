"""The applet: one answer to each command, and what it remembers between them. No input or output of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from ehtoolkit import errors
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.training.virtual_card.eid_chip import apdu, layout
from ehtoolkit.training.virtual_card.eid_chip.apdu import Command
from ehtoolkit.training.virtual_card.eid_chip.content import CardContent
from ehtoolkit.training.virtual_card.eid_chip.file_selection import Selection
from ehtoolkit.training.virtual_card.eid_chip.signing import Algorithm

_ISO, _OWN = 0x00, 0x80
_PIN: Final = 0x0001
"""P1 and P2 of VERIFY and CHANGE REFERENCE DATA: the one PIN."""
_SET_SIGNATURE: Final = 0x41B6
_SIGN_DIGEST: Final = 0x9E9A
_TRIES_DATA: Final = 0x0001
"""P1 and P2 of GET CARD DATA with the PIN's tries behind it, of applet 1.8."""
_NO_PIN: Final = Secret("")
"""Shown instead of a block that holds no PIN: it is wrong, and costs a try like any other."""


class Applet:
    """A card of applet 1.7 or 1.8 in the state that the commands since the last `reset` have brought it to.

    The key for authentication signs once the PIN was shown, until `reset` or LOG OFF; the key for signatures
    only when it was shown since the last signature, by whichever key, and directly before: nothing but MSE SET
    may come in between.
    """

    def __init__(self, content: CardContent, card: SoftwareCard) -> None:
        self._content = content
        self._card = card
        self._selection = Selection(content.files)
        self._verified = False
        self._just_verified = False
        self._chosen: tuple[Algorithm, int] | None = None
        self._waiting = b""

    @property
    def atr(self) -> bytes:
        return self._content.version.atr

    def reset(self) -> None:
        """Put the card into the state that it has after power comes on."""
        self._selection.reset()
        self._verified = self._just_verified = False
        self._chosen = None
        self._waiting = b""

    def answer(self, command: bytes) -> bytes:
        """Return the answer to a command: data, if any, and a status word. Raises nothing of its own; what
        the `SoftwareCard` fails with becomes ``6F00``."""
        parsed = apdu.parse_command(command)
        work = None if parsed is None else _COMMANDS.get((parsed.cla, parsed.ins))
        if work is not Applet._get_response:
            self._waiting = b""
        if work not in (Applet._choose_key, Applet._sign):
            self._just_verified = False
        if parsed is None:
            return apdu.WRONG_LENGTH
        if work is None:
            return apdu.WRONG_INSTRUCTION if parsed.cla in (_ISO, _OWN) else apdu.WRONG_CLASS
        try:
            return work(self, parsed)
        except errors.EhToolkitError:
            return apdu.NO_DIAGNOSIS

    # ── the PIN ──────────────────────────────────────────────────────────────────────────────────────────
    def _verify(self, command: Command) -> bytes:
        if command.p1_p2 != _PIN:
            return apdu.WRONG_P1_P2
        if not command.data:
            return self._ask_pin()
        if len(command.data) != PIN_LENGTH:
            return apdu.WRONG_LENGTH
        pin = decode_pin(command.data) or _NO_PIN
        answer = self._show(lambda: self._card.verify_pin(pin))
        self._verified = self._just_verified = answer == apdu.OK
        return answer

    def _ask_pin(self) -> bytes:
        left = self._card.pin_tries_left() or 0
        if left == 0:
            return apdu.PIN_BLOCKED
        return apdu.OK if self._verified else apdu.tries_left(left)

    def _change_pin(self, command: Command) -> bytes:
        if command.p1_p2 != _PIN:
            return apdu.WRONG_P1_P2
        if len(command.data) != 2 * PIN_LENGTH:
            return apdu.WRONG_LENGTH
        old, new = decode_pin(command.data[:PIN_LENGTH]), decode_pin(command.data[PIN_LENGTH:])
        if new is None:
            return apdu.WRONG_DATA
        if old is None:
            answer = self._show(lambda: self._card.verify_pin(_NO_PIN))
        else:
            answer = self._show(lambda: self._card.change_pin(old, new))
        self._verified = answer == apdu.OK
        return answer

    def _show(self, attempt: Callable[[], None]) -> bytes:
        """Show a PIN to the card by ``attempt`` and return the status word. The third wrong PIN still gets a counter,
        of zero; each one after it, also the right one, ``6983``."""
        if self._card.pin_tries_left() == 0:
            return apdu.PIN_BLOCKED
        try:
            attempt()
        except errors.PinError:
            return apdu.tries_left(self._card.pin_tries_left() or 0)
        return apdu.OK

    def _log_off(self, command: Command) -> bytes:
        if command.p1_p2 != 0:
            return apdu.WRONG_P1_P2
        self._verified = False
        return apdu.OK

    # ── signatures ───────────────────────────────────────────────────────────────────────────────────────
    def _choose_key(self, command: Command) -> bytes:
        """Choose algorithm and key by ``04 80 algorithm 84 key``; a command that is refused leaves the last choice."""
        if command.p1_p2 != _SET_SIGNATURE:
            return apdu.WRONG_P1_P2
        if len(command.data) != 5 or command.data[:2] != b"\x04\x80" or command.data[3] != 0x84:
            return apdu.WRONG_DATA
        algorithm, key = self._content.version.algorithms.get(command.data[2]), command.data[4]
        if algorithm is None:
            return apdu.WRONG_DATA
        if key not in self._content.keys:
            return apdu.REFERENCE_NOT_FOUND
        self._chosen = algorithm, key
        return apdu.OK

    def _sign(self, command: Command) -> bytes:
        just_verified, self._just_verified = self._just_verified, False
        if command.p1_p2 != _SIGN_DIGEST:
            return apdu.WRONG_P1_P2
        if self._chosen is None:
            return apdu.CONDITIONS_NOT_MET
        algorithm, reference = self._chosen
        key = self._content.keys[reference]
        if not (just_verified if reference == layout.SIGNATURE_KEY else self._verified):
            return apdu.NOT_VERIFIED
        if not algorithm.takes(len(command.data), key):
            return apdu.WRONG_LENGTH
        self._waiting = algorithm.sign(key, command.data)
        return apdu.response_waits(len(self._waiting))

    def _get_response(self, command: Command) -> bytes:
        if command.p1_p2 != 0:
            return apdu.WRONG_P1_P2
        if not self._waiting:
            return apdu.CONDITIONS_NOT_MET
        if command.expected > len(self._waiting):
            return apdu.exact_length(len(self._waiting))
        answer, self._waiting = self._waiting[: command.expected], self._waiting[command.expected :]
        return answer + (apdu.response_waits(len(self._waiting)) if self._waiting else apdu.OK)

    # ── the chip ─────────────────────────────────────────────────────────────────────────────────────────
    def _get_card_data(self, command: Command) -> bytes:
        version = self._content.version
        data = self._content.serial + version.card_data
        if command.p1_p2 == _TRIES_DATA and version.tells_tries:
            data += bytes((self._card.pin_tries_left() or 0, 0xFF, 0xFF))
        elif command.p1_p2 != 0:
            return apdu.WRONG_P1_P2
        return data + apdu.OK if command.p3 == len(data) else apdu.exact_length(len(data))

    def _get_challenge(self, command: Command) -> bytes:
        if command.p1_p2 != 0:
            return apdu.WRONG_P1_P2
        return os.urandom(command.expected) + apdu.OK


_COMMANDS: Final[Mapping[tuple[int, int], Callable[[Applet, Command], bytes]]] = {
    (_ISO, 0x20): Applet._verify,
    (_ISO, 0x22): Applet._choose_key,
    (_ISO, 0x24): Applet._change_pin,
    (_ISO, 0x2A): Applet._sign,
    (_ISO, 0x84): Applet._get_challenge,
    (_ISO, 0xA4): lambda applet, command: applet._selection.select(command),
    (_ISO, 0xB0): lambda applet, command: applet._selection.read(command),
    (_ISO, 0xC0): Applet._get_response,
    (_OWN, 0xE4): Applet._get_card_data,
    (_OWN, 0xE6): Applet._log_off,
}
"""By class and instruction."""


# ── The PIN block ────────────────────────────────────────────────────────────────────────────────────────
PIN_LENGTH: Final = 8

_CONTROL: Final = "2"
_SHORTEST, _LONGEST = 4, 12


def decode_pin(block: bytes) -> Secret | None:
    """Return the PIN in a block, such as ``1234`` in ``24 12 34 FF FF FF FF FF``; None for a block that has none:
    another control nibble, a length that no PIN has, no digits, other padding."""
    text = block.hex()
    length = int(text[1], 16) if len(block) == PIN_LENGTH else 0
    digits = text[2 : 2 + length]
    fits = text[:1] == _CONTROL and _SHORTEST <= length <= _LONGEST and digits.isdecimal()
    return Secret(digits) if fits and set(text[2 + length :]) <= {"f"} else None
