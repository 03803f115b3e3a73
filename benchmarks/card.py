"""Reading a card and signing with it through a module, beside the module's own calls in a process of their own.

``card.py [ROUNDS]``: needs pcscd with vpcd running and virtual reader 1 empty. A training card is plugged there by
``training card --plug``. For reading, every round begins with a process that has loaded the module, with a card that
has just been put in, and with no copies of files on disk; for signing, both sides go on with the process that they
have.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.port import Card, CardKey
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.software import SoftwareCard

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 15
SIGNATURES = 4 * ROUNDS
LABELS = ("Authentication", "Signature", "CA", "Root")
MODULE = next(
    path
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
    if (path := Path(folder) / "opensc-pkcs11.so").exists()
)


# ── the peer: nothing but the module's calls ─────────────────────────────────────────────────────────────────
def peer() -> None:
    """Answers each line with the seconds that its calls took."""
    import PyKCS11

    module = PyKCS11.PyKCS11Lib()
    module.load(str(MODULE))
    module.getSlotList(tokenPresent=False)
    print("ready", flush=True)
    calls: dict[str, Callable[[Any], None]] = {"read": _read, "sign": _sign, "list": _list}
    for line in sys.stdin:
        begin = time.perf_counter()
        calls[line.strip()](module)
        print(time.perf_counter() - begin, flush=True)


def _read(module: Any) -> None:
    import PyKCS11

    (slot,) = module.getSlotList(tokenPresent=True)
    assert module.getTokenInfo(slot).label.startswith("BELPIC")
    session = module.openSession(slot)
    for label in LABELS:
        template = [(PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE), (PyKCS11.CKA_LABEL, label)]
        (found,) = session.findObjects(template)
        assert bytes(session.getAttributeValue(found, [PyKCS11.CKA_VALUE], True)[0])
    session.closeSession()


def _sign(module: Any) -> None:
    import PyKCS11

    (slot,) = module.getSlotList(tokenPresent=True)
    session = module.openSession(slot)
    session.login("1234")
    template = [(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY), (PyKCS11.CKA_LABEL, "Authentication")]
    (key,) = session.findObjects(template)
    assert bytes(session.sign(key, b"data", PyKCS11.Mechanism(PyKCS11.CKM_SHA256_RSA_PKCS)))
    session.closeSession()


def _list(module: Any) -> None:
    module.getSlotList(tokenPresent=True)


@contextmanager
def peer_process(cache: Path) -> Iterator[Callable[[str], float]]:
    process = subprocess.Popen(
        [sys.executable, __file__, "peer"],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    asked, answers = process.stdin, process.stdout

    def ask(what: str) -> float:
        print(what, file=asked, flush=True)
        return float(answers.readline())

    yield ask
    asked.close()
    process.wait()
    answers.close()


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def warm_card(cache: Path) -> Iterator[Pkcs11Card]:
    """With a worker that runs and has loaded the module."""
    card = Pkcs11Card(MODULE, environment={"XDG_CACHE_HOME": str(cache)})
    with suppress(errors.CardAbsent):
        assert card.reader
    yield card
    card.close()


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def read_card(card: Card) -> None:
    card.identity()
    for key in CardKey:
        card.chain(key)


def reading(folder: Path, hand: SoftwareCard) -> None:
    """``hand``: takes the card out and puts it in."""
    ours, theirs = [], []
    for number in range(ROUNDS):
        move(hand.unplug)
        with warm_card(folder / f"ours-{number}") as card:
            move(hand.plug)
            ours.append(seconds(partial(read_card, card)))
        move(hand.unplug)
        with peer_process(folder / f"theirs-{number}") as ask:
            move(hand.plug)
            theirs.append(ask("read"))
    ratio = min(ours) / min(theirs)
    what = "identity and certificates, against the module's own calls"
    report(what, ours, theirs, f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5)


def signing(folder: Path) -> None:
    ours, theirs, lists = [], [], []
    with warm_card(folder / "ours") as card, peer_process(folder / "theirs") as ask:
        card.chain(CardKey.AUTHENTICATION)
        ask("read")
        for _ in range(SIGNATURES):
            ours.append(seconds(lambda: card.sign(CardKey.AUTHENTICATION, b"data", Secret("1234"))))
            theirs.append(ask("sign"))
            lists.append(ask("list"))
    more = (min(ours) - min(theirs)) * 1000
    report(
        "a signature, more than the token's own time", ours, theirs, f"{more:.1f} ms", "≤ 10 ms", more <= 10
    )


def move(hand: Callable[[], None]) -> None:
    """… and wait until every program has seen it."""
    hand()
    time.sleep(3)


def report(what: str, ours: list[float], theirs: list[float], value: str, aim: str, good: bool) -> None:
    """The fastest of all rounds counts: what it takes when nothing else runs. The medians are told beside it."""
    best = f"{min(ours) * 1000:.0f} against {min(theirs) * 1000:.0f} ms"
    middle = f"{statistics.median(ours) * 1000:.0f} against {statistics.median(theirs) * 1000:.0f}"
    sides = f"{best}; medians {middle}"
    print(f"{'ok  ' if good else 'MISS'} {what:<62} {value:>10}   aim {aim}   ({sides})", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [
            sys.executable,
            "-m",
            "ehtoolkit",
            "training",
            "card",
            "--plug",
            "elise",
            "--public-certificates",  # OpenSC hides those of real cards
            "--json",
            "--quiet",
        ]
        plug = subprocess.Popen(
            command,
            env={**os.environ, "EHTOOLKIT_HOME": str(folder / "home")},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert plug.stdout is not None
        try:
            assert json.loads(plug.stdout.readline())["plugged"]
            time.sleep(1.5)  # until the service has seen it
            reading(folder, SoftwareCard(folder / "home" / "training" / "cards" / "elise"))
            signing(folder)
        finally:
            plug.terminate()
            plug.wait()


if __name__ == "__main__":
    peer() if "peer" in sys.argv else main()
