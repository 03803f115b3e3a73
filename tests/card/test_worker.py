"""Workers that hang, die, print and are cancelled; and none that stays behind."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.pkcs11.client import WORKER_COMMAND
from ehtoolkit.card.port import CardKey, PinEntry
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.profile import CardProfile
from tests.support.card_fixtures import SoftHsmFactory
from tests.support.cards import IDENTITY

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="uses signals and named pipes of POSIX"),
]

ROOT = Path(__file__).resolve().parents[2]
SCRIPTED = Path(__file__).with_name("scripted_worker.py")
PIN = Secret("1234")
PRESENT = {"reader": "Reader", "serial": "1", "protected": False, "kind": "other"}

WRITES_ITS_PID = """
import os, sys
from pathlib import Path
Path({pid!r}).write_text(str(os.getpid()))
{patch}
from ehtoolkit.card.pkcs11.worker import main
main(sys.argv[1:])
"""
"""The real worker, which first tells its process id."""


class Pid:
    """The process id that the last worker wrote."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def command(self, patch: str = "") -> list[str]:
        return [sys.executable, "-P", "-c", WRITES_ITS_PID.format(pid=str(self.path), patch=patch)]

    @property
    def number(self) -> int:
        return int(wait_for(lambda: self.path.exists() and self.path.read_text()))

    def is_gone(self) -> bool:
        """Whether the process ended: it is not there, or nobody but its parent still knows of it."""
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return True
        stat = Path(f"/proc/{self.number}/stat")
        return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("module", ["pkcs11.worker", "pkcs11.module", "pcsc"])
def test_it_starts_without_what_it_does_not_need(module: str) -> None:
    """One is started for every card that is read; cryptography alone would double the time."""
    program = (
        f"import sys, ehtoolkit.card.{module}; "
        "assert not {'cryptography', 'filelock', 'ehtoolkit.identity'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def pid(tmp_path: Path) -> Pid:
    return Pid(tmp_path / "worker.pid")


@pytest.fixture
def cards() -> Iterator[list[Pkcs11Card]]:
    opened: list[Pkcs11Card] = []
    yield opened
    for card in opened:
        card.close()


@pytest.fixture
def scripted(cards: list[Pkcs11Card], tmp_path: Path) -> Callable[..., Pkcs11Card]:
    """A card behind a scripted worker; the script is in ``script.json``, the requests beside it."""

    def make(script: Mapping[str, list[Any]], **options: Any) -> Pkcs11Card:
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"present": [{"result": PRESENT}], **script}))
        command = [sys.executable, str(SCRIPTED), str(path)]
        cards.append(Pkcs11Card("module", command=command, **options))
        return cards[-1]

    return make


def certificates_of(profile: CardProfile) -> list[Any]:
    return [
        {
            "result": {
                key.value: b64encode(certificate.public_bytes(Encoding.DER)).decode()
                for key, certificate in profile.certificates.items()
            }
        }
    ]


def duration(action: Callable[[], object], kind: type[errors.CardError]) -> float:
    begin = time.monotonic()
    with pytest.raises(kind):
        action()
    return time.monotonic() - begin


# ── modules that hang ────────────────────────────────────────────────────────────────────────────────────
def test_a_module_that_hangs_is_given_up_and_the_next_call_works(
    cards: list[Pkcs11Card],
    profiles: Mapping[str, CardProfile],
    softhsm_token: SoftHsmFactory,
    tmp_path: Path,
    pid: Pid,
) -> None:
    token = softhsm_token(profiles["ec"])
    module = tmp_path / "module.so"
    os.mkfifo(module)  # whoever loads it waits for somebody to write
    card = Pkcs11Card(module, timeout=0.5, environment=token.environment, command=pid.command())
    cards.append(card)
    with pytest.raises(errors.CardTimeout) as caught:
        card.identity()
    assert caught.value.facts == {"seconds": 0.5}
    assert pid.is_gone()
    module.unlink()
    module.symlink_to(token.module)
    assert card.identity() == IDENTITY


def test_a_call_without_an_answer_times_out(scripted: Callable[..., Pkcs11Card]) -> None:
    card = scripted({"present": [{"sleep": 30}]}, timeout=0.4)
    assert 0.4 <= duration(card.identity, errors.CardTimeout) < 2.0


def test_progress_keeps_a_slow_card_alive(scripted: Callable[..., Pkcs11Card]) -> None:
    slow = [{"sleep": 0.25}, {"progress": True}] * 4
    card = scripted({"present": [*slow, {"result": PRESENT}]}, timeout=0.6)
    assert card.reader == "Reader"


def test_a_person_gets_more_time(
    scripted: Callable[..., Pkcs11Card], profiles: Mapping[str, CardProfile]
) -> None:
    card = scripted(
        {
            "present": [{"result": {**PRESENT, "kind": "official"}}],
            "certificates": certificates_of(profiles["ec"]),
            "sign": [{"sleep": 30}],
        },
        timeout=0.3,
        person_timeout=0.9,
    )
    assert card.pin_entry(CardKey.SIGNATURE) is PinEntry.MIDDLEWARE
    seconds = duration(lambda: card.sign(CardKey.SIGNATURE, b"data", None), errors.CardTimeout)
    assert 0.9 <= seconds < 2.5
    here = duration(lambda: card.sign(CardKey.AUTHENTICATION, b"data", PIN), errors.CardTimeout)
    assert 0.3 <= here < 0.9


def test_cancel(
    scripted: Callable[..., Pkcs11Card], profiles: Mapping[str, CardProfile], tmp_path: Path
) -> None:
    card = scripted(
        {
            "present": [{"result": {**PRESENT, "protected": True}}],
            "certificates": certificates_of(profiles["ec"]),
            "sign": [{"sleep": 30}],
        }
    )
    card.cancel()
    assert card.pin_entry(CardKey.AUTHENTICATION) is PinEntry.READER

    def cancel_when_asked() -> None:
        wait_for(lambda: '"sign"' in (tmp_path / "script.requests").read_text())
        card.cancel()

    canceller = Thread(target=cancel_when_asked)
    canceller.start()
    assert duration(lambda: card.sign(CardKey.SIGNATURE, b"data", None), errors.PinCancelled) < 5.0
    canceller.join()
    assert card.reader == "Reader"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"result": {"signature": b64encode(bytes(96)).decode()}}, errors.PinCancelled),
        ({"error": "PinWrong", "facts": {"tries_left": 2}}, errors.PinWrong),
    ],
)
def test_a_cancellation_that_comes_with_the_answer_is_none_of_the_next_call(
    scripted: Callable[..., Pkcs11Card],
    profiles: Mapping[str, CardProfile],
    answer: dict[str, object],
    error: type[errors.PinError],
) -> None:
    card = scripted(
        {
            "present": [{"result": {**PRESENT, "protected": True}}],
            "certificates": certificates_of(profiles["ec"]),
            "sign": [answer],
        }
    )

    def cancel_with_the_answer(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code.co_name == "next_answer":
            card.cancel()

    sys.setprofile(cancel_with_the_answer)
    try:
        with pytest.raises(error):
            card.sign(CardKey.SIGNATURE, b"data", None)
    finally:
        sys.setprofile(None)
    assert card.reader == "Reader"


# ── workers that die or lie ──────────────────────────────────────────────────────────────────────────────
def test_a_worker_that_is_killed_between_calls(
    cards: list[Pkcs11Card], profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory, pid: Pid
) -> None:
    token = softhsm_token(profiles["ec"])
    card = Pkcs11Card(token.module, environment=token.environment, command=pid.command())
    cards.append(card)
    assert card.identity() == IDENTITY
    first = pid.number
    os.kill(first, signal.SIGKILL)
    wait_for(pid.is_gone)
    assert card.sign(CardKey.AUTHENTICATION, b"data", PIN)
    assert pid.number != first


def test_a_worker_that_dies_in_the_middle(
    scripted: Callable[..., Pkcs11Card], profiles: Mapping[str, CardProfile]
) -> None:
    script = {"certificates": certificates_of(profiles["ec"]), "sign": [{"exit": 139}]}
    card = scripted(script)
    with pytest.raises(errors.CardFault) as caught:
        card.sign(CardKey.AUTHENTICATION, b"data", PIN)
    assert caught.value.facts == {"code": "worker"}
    assert card.reader == "Reader"


def test_a_pin_is_never_sent_twice(
    scripted: Callable[..., Pkcs11Card], profiles: Mapping[str, CardProfile], tmp_path: Path
) -> None:
    for ending in ([{"exit": 1}], [{"sleep": 30}], [{"error": "PinWrong", "facts": {"tries_left": 1}}]):
        script = {"certificates": certificates_of(profiles["ec"]), "sign": ending}
        card = scripted(script, timeout=0.5)
        (tmp_path / "script.requests").unlink(missing_ok=True)
        with pytest.raises(errors.CardError):
            card.sign(CardKey.AUTHENTICATION, b"data", PIN)
        assert (tmp_path / "script.requests").read_text().count('"pin"') == 1


def test_a_signature_that_is_none(
    scripted: Callable[..., Pkcs11Card], profiles: Mapping[str, CardProfile]
) -> None:
    wrong = b64encode(bytes(96)).decode()
    script = {"certificates": certificates_of(profiles["ec"]), "sign": [{"result": {"signature": wrong}}]}
    with pytest.raises(errors.CardFault) as caught:
        scripted(script).sign(CardKey.AUTHENTICATION, b"data", PIN)
    assert caught.value.facts == {"code": "signature"}


@pytest.mark.parametrize("answer", [{"error": "SystemExit", "facts": {}}, {"result": None}, {"other": 1}])
def test_an_answer_that_is_none(scripted: Callable[..., Pkcs11Card], answer: dict[str, object]) -> None:
    with pytest.raises(errors.CardFault) as caught:
        scripted({"present": [answer]}).identity()
    assert caught.value.facts == {"code": "worker"}


def test_a_card_that_changes_its_mind_about_what_it_shows(
    scripted: Callable[..., Pkcs11Card], profiles: Mapping[str, CardProfile]
) -> None:
    """What is missing or hidden is asked for again; what was read once is this card's, whatever it shows later."""
    whole, others = certificates_of(profiles["ec"]), certificates_of(profiles["rsa"])
    half = [{"result": {"Signature": whole[0]["result"]["Signature"]}}]
    hidden = [{"error": "CardCertificatesHidden", "facts": {"module": "opensc"}}]
    key = profiles["rsa"].keys[CardKey.SIGNATURE]
    assert isinstance(key, RSAPrivateKey)
    signature = b64encode(key.sign(b"data", PKCS1v15(), SHA256())).decode()
    signed = [{"result": {"signature": signature}}]

    def shows(certificates: list[Any]) -> Pkcs11Card:
        return scripted({"certificates": certificates, "sign": signed})

    card = shows(hidden)
    with pytest.raises(errors.CardCertificatesHidden):
        card.chain(CardKey.AUTHENTICATION)
    shows([{"result": {}}])
    with pytest.raises(errors.CardCertificateMissing):
        card.chain(CardKey.AUTHENTICATION)
    shows(half)
    with pytest.raises(errors.CardCertificateMissing) as caught:
        card.chain(CardKey.AUTHENTICATION)
    assert caught.value.facts["reason"] == "signature_alone"
    shows(whole)
    first = card.chain(CardKey.AUTHENTICATION)
    hostile: list[list[Any]] = [others, half, [{"result": {}}], hidden]
    for after in hostile:
        shows(after)
        assert card.chain(CardKey.AUTHENTICATION) == first
    with pytest.raises(errors.CardFault) as fault:
        card.sign(CardKey.SIGNATURE, b"data", PIN)
    assert fault.value.facts == {"code": "signature"}


def test_a_command_that_does_not_start(tmp_path: Path) -> None:
    for command in ([str(tmp_path / "no-python")], [sys.executable, "-c", "import sys; sys.exit(1)"]):
        with pytest.raises(errors.CardFault) as caught:
            Pkcs11Card("module", command=command).identity()
        assert caught.value.facts == {"code": "worker"}


def test_without_the_extra(cards: list[Pkcs11Card], pid: Pid) -> None:
    card = Pkcs11Card("module.so", command=pid.command("sys.modules['PyKCS11'] = None"))
    cards.append(card)
    with pytest.raises(errors.ModuleMissing) as caught:
        card.identity()
    assert caught.value.facts == {"module": "PyKCS11", "reason": "extra"}


def test_a_module_that_prints_and_reads(
    cards: list[Pkcs11Card], profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory, pid: Pid
) -> None:
    """As `printf` and `scanf` in a module's C code do, on the descriptors themselves."""
    patch = """
import PyKCS11
load = PyKCS11.PyKCS11Lib.load
def noisy(self, path):
    os.write(1, b"noise" * 1000)
    assert os.read(0, 1) == b""
    return load(self, path)
PyKCS11.PyKCS11Lib.load = noisy
"""
    token = softhsm_token(profiles["ec"])
    cards.append(Pkcs11Card(token.module, environment=token.environment, command=pid.command(patch)))
    assert cards[0].identity() == IDENTITY


# ── the official module and OpenSC, by what they say of themselves ────────────────────────────────────────
def test_opensc_cannot_sign(
    scripted: Callable[..., Pkcs11Card], profiles: Mapping[str, CardProfile], tmp_path: Path
) -> None:
    card = scripted(
        {
            "present": [{"result": {**PRESENT, "kind": "opensc"}}],
            "certificates": certificates_of(profiles["rsa"]),
        }
    )
    for attempt in (
        lambda: card.require_key(CardKey.SIGNATURE),
        lambda: card.sign(CardKey.SIGNATURE, b"data", None),
        lambda: card.sign(CardKey.SIGNATURE, b"data", PIN),
    ):
        with pytest.raises(errors.SigningUnsupported) as caught:
            attempt()
        assert caught.value.facts == {"module": "module", "certificate": "Signature"}
    card.require_key(CardKey.AUTHENTICATION)
    assert "pin" not in (tmp_path / "script.requests").read_text()


@pytest.mark.parametrize(
    ("kind", "protected", "key", "pin_entry"),
    [
        ("official", False, CardKey.AUTHENTICATION, PinEntry.HERE),
        ("official", False, CardKey.SIGNATURE, PinEntry.MIDDLEWARE),
        ("official", True, CardKey.AUTHENTICATION, PinEntry.READER),
        ("official", True, CardKey.SIGNATURE, PinEntry.READER),
        ("other", False, CardKey.SIGNATURE, PinEntry.HERE),
        ("other", True, CardKey.SIGNATURE, PinEntry.READER),
    ],
)
def test_who_asks_for_the_pin(
    scripted: Callable[..., Pkcs11Card],
    profiles: Mapping[str, CardProfile],
    tmp_path: Path,
    kind: str,
    protected: bool,
    key: CardKey,
    pin_entry: PinEntry,
) -> None:
    card = scripted(
        {
            "present": [{"result": {**PRESENT, "kind": kind, "protected": protected}}],
            "certificates": certificates_of(profiles["rsa"]),
            "sign": [{"error": "PinCancelled", "facts": {}}],
        }
    )
    assert card.pin_entry(key) is pin_entry
    with pytest.raises(errors.PinCancelled):
        card.sign(key, b"data", PIN)
    request = json.loads((tmp_path / "script.requests").read_text().splitlines()[-1])
    assert request["pin"] == (PIN.reveal() if pin_entry is PinEntry.HERE else None)
    assert request["log_in"] is (kind != "official" or key is not CardKey.SIGNATURE)


ANSWERING = """
import PyKCS11
import ehtoolkit.card.pkcs11.module as loaded
from ehtoolkit.card.modules import ModuleKind
library = PyKCS11.LowLevel.CPKCS11Lib
loaded.kind_of = lambda *_: ModuleKind({kind!r})
library.{call} = lambda *_: {code}
token = PyKCS11.PyKCS11Lib.getTokenInfo
def with_flags(self, slot):
    found = token(self, slot)
    found.flags |= {flags}
    return found
PyKCS11.PyKCS11Lib.getTokenInfo = with_flags
"""
"""The real worker over SoftHSM2, as if the module were of ``kind`` and answered one call with ``code``."""
USABLE = """
library.C_SignInit = lambda *_: 0
find = PyKCS11.Session.findObjects
PyKCS11.Session.findObjects = lambda self, wanted: (
    [1] if (PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY) in wanted else find(self, wanted)
)
"""
"""Private keys are seen, and can be begun with, before any login: as the official module has it."""
PAD, FINAL, LOCKED = 0x100, 0x20000, 0x40000


@pytest.mark.parametrize(
    ("kind", "key", "call", "code", "flags", "error", "facts"),
    [
        # In the middleware's window, at the signature itself.
        (
            "official",
            "Signature",
            "C_Sign",
            0xA0,
            0,
            "PinWrong",
            {"tries_left": None, "reason": "unknown_tries"},
        ),
        ("official", "Signature", "C_Sign", 0xA0, FINAL, "PinWrong", {"tries_left": 1, "reason": "last_try"}),
        ("official", "Signature", "C_Sign", 0xA0, LOCKED, "PinBlocked", {}),
        ("official", "Signature", "C_Sign", 0xA4, 0, "PinBlocked", {}),
        ("official", "Signature", "C_Sign", 0x50, 0, "PinCancelled", {}),
        ("official", "Signature", "C_Sign", 0x32, 0, "CardRemoved", {}),
        ("official", "Signature", "C_Sign", 0x06, 0, "SignatureWithheld", {}),
        # At the login with a PIN of ours.
        (
            "official",
            "Authentication",
            "C_Login",
            0xA0,
            FINAL,
            "PinWrong",
            {"tries_left": 1, "reason": "last_try"},
        ),
        ("official", "Authentication", "C_Login", 0xA4, 0, "PinBlocked", {}),
        ("official", "Authentication", "C_Login", 0x06, 0, "CardFault", {"code": "CKR_FUNCTION_FAILED"}),
        ("opensc", "Authentication", "C_Login", 0xA0, LOCKED, "PinBlocked", {}),
        ("opensc", "Authentication", "C_Login", 0xA2, 0, "PinMalformed", {}),
        ("opensc", "Authentication", "C_Login", 0xB3, 0, "CardRemoved", {}),
        ("other", "Authentication", "C_Login", 0xE0, 0, "CardRemoved", {}),
        # On a key pad, where a PIN may be too short.
        ("official", "Authentication", "C_Login", 0x06, PAD, "PinMalformed", {}),
        ("opensc", "Authentication", "C_Login", 0x07, PAD, "PinMalformed", {}),
        ("opensc", "Authentication", "C_Login", 0x06, PAD, "CardFault", {"code": "CKR_FUNCTION_FAILED"}),
        ("official", "Authentication", "C_Login", 0x50, PAD, "PinCancelled", {}),
        ("other", "Signature", "C_SignInit", 0x54, 0, "SigningUnsupported", {"certificate": "Signature"}),
    ],
)
def test_what_a_module_answers(
    cards: list[Pkcs11Card],
    profiles: Mapping[str, CardProfile],
    softhsm_token: SoftHsmFactory,
    pid: Pid,
    kind: str,
    key: str,
    call: str,
    code: int,
    flags: int,
    error: str,
    facts: dict[str, object],
) -> None:
    token = softhsm_token(profiles["ec"])
    patch = ANSWERING.format(kind=kind, call=call, code=code, flags=flags)
    if kind == "official" and key == "Signature":  # SoftHSM2 has no window that asks: let the key be used
        patch += USABLE
    card = Pkcs11Card(token.module, environment=token.environment, command=pid.command(patch))
    cards.append(card)
    with pytest.raises(errors.CardError) as caught:
        card.sign(CardKey(key), b"data", PIN)
    assert type(caught.value).__name__ == error
    assert {name: caught.value.facts.get(name) for name in facts} == facts


# ── nothing stays behind ─────────────────────────────────────────────────────────────────────────────────
def test_close_ends_the_worker(
    profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory, pid: Pid
) -> None:
    token = softhsm_token(profiles["ec"])
    card = Pkcs11Card(token.module, environment=token.environment, command=pid.command())
    assert card.reader
    assert not pid.is_gone()
    card.close()
    assert pid.is_gone()


def test_an_unclosed_card(
    profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory, pid: Pid
) -> None:
    token = softhsm_token(profiles["ec"])
    card = Pkcs11Card(token.module, environment=token.environment, command=pid.command())
    assert card.reader
    del card
    gc.collect()
    assert pid.is_gone()


CLIENT = """
import sys
from ehtoolkit.card.pkcs11.card import Pkcs11Card
card = Pkcs11Card(sys.argv[1], command=sys.argv[2:])
print(card.reader, flush=True)
sys.stdin.read()
"""


def test_a_worker_ends_with_a_client_that_was_killed(
    profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory, pid: Pid
) -> None:
    token = softhsm_token(profiles["ec"])
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(token.module), *pid.command()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **token.environment},
    )
    with client:
        assert client.stdout is not None
        assert client.stdout.readline().startswith(b"SoftHSM")
        client.kill()
    wait_for(pid.is_gone)


def test_the_command_has_no_shell_and_no_folder_of_the_users() -> None:
    assert WORKER_COMMAND[:2] == (sys.executable, "-P")
