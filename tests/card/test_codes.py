"""What return codes become."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.card.modules import ModuleKind
from ehtoolkit.card.pin import pin_refused

PyKCS11 = pytest.importorskip("PyKCS11")

from ehtoolkit.card.pkcs11.slots import is_malformed, to_error  # noqa: E402  # needs PyKCS11


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x32, errors.CardRemoved),
        (0xB3, errors.CardRemoved),
        (0x50, errors.PinCancelled),
        (0xA1, errors.PinMalformed),
        (0xA2, errors.PinMalformed),
        (0xA4, errors.PinBlocked),
        (0xE0, errors.CardAbsent),
    ],
)
def test_codes_with_a_meaning(code: int, kind: type[errors.CardError]) -> None:
    error = to_error(code)
    assert type(error) is kind
    assert error.facts == {}


@pytest.mark.parametrize("code", [0x05, 0x06, 0x07, 0x30, 0x80000001])
def test_codes_that_say_nothing_are_named(code: int) -> None:
    error = to_error(code)
    assert type(error) is errors.CardFault
    assert error.facts == {"code": str(PyKCS11.CKR.get(code, hex(code)))}


def test_a_refused_pin() -> None:
    assert pin_refused(None).facts == {"tries_left": None, "reason": "unknown_tries"}
    assert pin_refused(2).facts == {"tries_left": 2}
    assert pin_refused(1).facts == {"tries_left": 1, "reason": "last_try"}
    assert type(pin_refused(0)) is errors.PinBlocked


@pytest.mark.parametrize(
    ("kind", "code"), [(ModuleKind.OFFICIAL, 0x06), (ModuleKind.OPENSC, 0x07)], ids=["official", "opensc"]
)
def test_a_pin_that_never_reached_the_card_by_module(kind: ModuleKind, code: int) -> None:
    malformed = [
        (module_kind, number)
        for module_kind in ModuleKind
        for number in (0x05, 0x06, 0x07)
        if is_malformed(number, module_kind)
    ]
    assert (kind, code) in malformed
    assert len(malformed) == 2
