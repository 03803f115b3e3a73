"""Translate return codes of PKCS#11 modules into our errors: the official module's, OpenSC's and others'."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.modules import ModuleKind

LOAD_FAILED: Final = -1
"""PyKCS11's own code: the file is not there or is no library."""
NO_FUNCTION_LIST: Final = -4
"""PyKCS11's own code: a library, but not a PKCS#11 module."""

CANCEL: Final = 0x01
SLOT_ID_INVALID: Final = 0x03
FUNCTION_FAILED: Final = 0x06
ARGUMENTS_BAD: Final = 0x07
DEVICE_REMOVED: Final = 0x32
FUNCTION_CANCELED: Final = 0x50
FUNCTION_NOT_SUPPORTED: Final = 0x54
KEY_TYPE_INCONSISTENT: Final = 0x63
MECHANISM_INVALID: Final = 0x70
PIN_INCORRECT: Final = 0xA0
PIN_INVALID: Final = 0xA1
PIN_LEN_RANGE: Final = 0xA2
PIN_LOCKED: Final = 0xA4
SESSION_CLOSED: Final = 0xB0
SESSION_HANDLE_INVALID: Final = 0xB3
TOKEN_NOT_PRESENT: Final = 0xE0
TOKEN_NOT_RECOGNIZED: Final = 0xE1
USER_ALREADY_LOGGED_IN: Final = 0x100

_MEANINGS: Final[Mapping[int, type[errors.CardError]]] = MappingProxyType(
    {
        CANCEL: errors.PinCancelled,
        FUNCTION_CANCELED: errors.PinCancelled,
        PIN_INVALID: errors.PinMalformed,
        PIN_LEN_RANGE: errors.PinMalformed,
        PIN_LOCKED: errors.PinBlocked,
        DEVICE_REMOVED: errors.CardRemoved,
        SESSION_CLOSED: errors.CardRemoved,
        SESSION_HANDLE_INVALID: errors.CardRemoved,
        SLOT_ID_INVALID: errors.CardRemoved,
        TOKEN_NOT_PRESENT: errors.CardAbsent,
    }
)


_MALFORMED: Final[Mapping[ModuleKind, int]] = MappingProxyType(
    {ModuleKind.OFFICIAL: FUNCTION_FAILED, ModuleKind.OPENSC: ARGUMENTS_BAD}
)


def is_malformed(code: int, kind: ModuleKind) -> bool:
    """Return whether the answer to a login says that a PIN typed elsewhere (on the reader's key pad) was too short or
    too long and never reached the card. Both codes mean anything at all in other calls, and after a PIN of ours, whose
    form was looked at before."""
    return _MALFORMED.get(kind) == code


def to_error(code: int, name: str) -> errors.CardError:
    """Return our error for a return code; ``name`` is its name in the standard.

    PIN_INCORRECT, TOKEN_NOT_RECOGNIZED and FUNCTION_NOT_SUPPORTED need to know more and are handled where
    they happen; a malformed PIN, which the official module answers with FUNCTION_FAILED and OpenSC with
    ARGUMENTS_BAD, is decided by `is_malformed`. In other calls both are an `errors.CardFault` like the rest.
    """
    meaning = _MEANINGS.get(code)
    return errors.CardFault(code=name) if meaning is None else meaning()
