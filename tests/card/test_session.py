"""What a session makes of a module's ways: one that keeps what it has read, and one that hands on no PIN."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ehtoolkit import errors

PyKCS11 = pytest.importorskip("PyKCS11", reason="the extra `card` is not installed")

from ehtoolkit.card.modules import ModuleKind  # noqa: E402  # needs PyKCS11
from ehtoolkit.card.pkcs11.module import CardModule  # noqa: E402
from ehtoolkit.card.pkcs11.session import CardSession  # noqa: E402
from ehtoolkit.card.pkcs11.slots import Slot  # noqa: E402

RIGHT = "1234"
SLOT = Slot(1, "Reader", "serial", protected=False)
COUNTER = "carddata_pin_counter"


@dataclass
class Session:
    """``open``: whether it was not closed."""

    module: Module
    open: bool = True
    session: object = None

    def closeSession(self) -> None:  # noqa: N802  # PyKCS11's name
        assert self.open
        self.open = False
        self.module.sessions.remove(self)
        if not self.module.sessions:
            self.module.kept.clear()

    def login(self, pin: str, user: int) -> None:
        self.module.refuse(pin)

    def findObjects(self, template: Sequence[tuple[int, Any]]) -> list[str]:  # noqa: N802
        kind, label = dict(template)[PyKCS11.CKA_CLASS], dict(template)[PyKCS11.CKA_LABEL]
        if kind == PyKCS11.CKO_DATA and label == COUNTER:
            return [label]
        return [label] if kind == PyKCS11.CKO_PRIVATE_KEY else []

    def getAttributeValue(self, handle: str, kinds: Sequence[int], all_: bool = False) -> list[bytes]:  # noqa: N802
        return [self.module.kept.setdefault(handle, b"%d" % self.module.tries)]


@dataclass
class Module:
    """Keeps data objects until no session is left, as the official one does. ``answer``: of C_Sign."""

    tries: int = 3
    answer: int = 0
    flags: int = PyKCS11.CKF_TOKEN_INITIALIZED | PyKCS11.CKF_LOGIN_REQUIRED
    kept: dict[str, bytes] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)

    @property
    def lib(self) -> Module:
        return self

    def openSession(self, slot: int) -> Session:  # noqa: N802
        self.sessions.append(Session(self))
        return self.sessions[-1]

    def getTokenInfo(self, slot: int) -> object:  # noqa: N802
        locked = PyKCS11.CKF_USER_PIN_LOCKED if self.tries == 0 else 0
        about = {"label": "BELPIC", "serialNumber": "serial", "flags": self.flags | locked}
        return type("TokenInfo", (), about)

    def getSlotList(self, tokenPresent: bool) -> list[int]:  # noqa: N802, N803
        return [1]

    def getSlotInfo(self, slot: int) -> object:  # noqa: N802
        return type("SlotInfo", (), {"slotDescription": "Reader"})

    def refuse(self, pin: str) -> None:
        if pin != RIGHT:
            self.tries -= 1
            raise PyKCS11.PyKCS11Error(0xA0)

    def C_SignInit(self, session: object, mechanism: object, key: object) -> int:  # noqa: N802
        return 0

    def C_Sign(self, session: object, data: object, signature: object) -> int:  # noqa: N802
        if self.answer == 0xA0:
            self.tries -= 1
        return self.answer


def opened(module: Module) -> Any:
    return CardSession.opened(module, SLOT, lambda: None)


def test_the_tries_after_a_refusal_are_those_that_are_left() -> None:
    module = Module()
    for left in (2, 1, 0):
        with opened(module) as session:
            assert session.tries_left() == left + 1
            kind = errors.PinWrong if left else errors.PinBlocked
            with pytest.raises(kind) as caught:
                session.login("4321")
            assert caught.value.facts.get("tries_left", 0) == left
    assert module.sessions == []


def test_so_are_those_after_one_in_the_window_of_the_module() -> None:
    module = Module(answer=0xA0)
    with opened(module) as session:
        assert session.tries_left() == 3
        with pytest.raises(errors.PinWrong) as caught:
            session.sign("Signature", elliptic=False, data=b"data", pin=None, standard=False)
        assert caught.value.facts["tries_left"] == 2


def card_module(module: Module, kind: ModuleKind) -> CardModule:
    made = CardModule("module", lambda: None)
    made._module, made._kind = module, kind
    return made


def sign(module: Module, *, log_in: bool) -> None:
    data = b64encode(b"data").decode()
    request = {"call": "sign", "key": "Signature", "elliptic": False, "data": data, "log_in": log_in}
    pin = RIGHT if log_in else None
    card_module(module, ModuleKind.OFFICIAL).answer(
        {**request, "pin": pin, "reader": None, "serial": "serial"}
    )


def test_a_failure_where_the_module_asks_is_no_fault_of_the_card() -> None:
    with pytest.raises(errors.SignatureWithheld):
        sign(Module(answer=0x06), log_in=False)


def test_a_failure_after_a_pin_of_ours_is_one() -> None:
    with pytest.raises(errors.CardFault) as caught:
        sign(Module(answer=0x06), log_in=True)
    assert caught.value.facts == {"code": "CKR_FUNCTION_FAILED"}


@pytest.mark.parametrize(
    ("kind", "flags", "hidden"),
    [
        (ModuleKind.OPENSC, PyKCS11.CKF_LOGIN_REQUIRED, True),
        (ModuleKind.OTHER, PyKCS11.CKF_LOGIN_REQUIRED, True),
        (ModuleKind.OPENSC, 0, False),
        (ModuleKind.OFFICIAL, PyKCS11.CKF_LOGIN_REQUIRED, False),
    ],
)
def test_no_certificate_at_all_before_a_login(kind: ModuleKind, flags: int, hidden: bool) -> None:
    made = card_module(Module(flags=PyKCS11.CKF_TOKEN_INITIALIZED | flags), kind)
    request = {"call": "certificates", "reader": None, "serial": None}
    if hidden:
        with pytest.raises(errors.CardCertificatesHidden):
            made.answer(request)
    else:
        assert made.answer(request) == {}
