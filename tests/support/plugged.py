"""Training cards plugged into virtual readers by the command that trainers use, each in a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ehtoolkit.card.chip import parse_address_file
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.card.card_factory import make_files
from ehtoolkit.training.card.profile import CardProfile, load_profile, save_profile
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.training.virtual_card.eid_chip.applet import Applet
from ehtoolkit.training.virtual_card.virtual_reader import VirtualReader
from tests.support.pcsc import Pcsc

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 30.0
_numbers = itertools.count(1)


@dataclass(slots=True)
class Plugged:
    """A card in a virtual reader. ``software`` is the same card for the trainer's hand: taken out, blocked, … by
    it, in this process, while the emulator runs in another."""

    pcsc: Pcsc
    reader: int
    profile: CardProfile
    software: SoftwareCard
    process: subprocess.Popen[str]
    lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def open(self, **options: object) -> Pkcs11Card:
        """Through OpenSC's module; ``options`` are those of `Pkcs11Card`."""
        return Pkcs11Card(self.pcsc.module, environment=self.pcsc.environment, **options)  # type: ignore[arg-type]

    @property
    def reader_name(self) -> str:
        return self.pcsc.readers()[self.reader - 1]

    def pull(self) -> None:
        self.software.unplug()
        self.pcsc.wait(self.reader, present=False)

    def put_back(self) -> None:
        self.software.plug()
        self.pcsc.wait(self.reader, present=True)

    @contextmanager
    def replaced_by(self, chip: Applet) -> Iterator[None]:
        """Have another card in the reader while the body runs."""
        self.pull()
        end, port = threading.Event(), load_settings().virtual_reader_port
        with closing(VirtualReader(self.reader, port)) as virtual, ThreadPoolExecutor(1) as pool:
            pool.submit(virtual.serve, chip, end.is_set, lambda: None)
            self.pcsc.wait(self.reader, present=True)
            try:
                yield
            finally:
                end.set()
        self.pcsc.wait(self.reader, present=False)
        self.put_back()

    def change(self, act: Callable[[], None]) -> None:
        """Do what takes the card out and puts it back as another one."""
        while not self.lines.empty():
            self.lines.get()
        act()
        self._expect("removed from the virtual reader")
        self._expect("is in virtual reader")
        self.pcsc.wait(self.reader, present=True)

    def _expect(self, part: str) -> None:
        assert part in self.lines.get(timeout=_SECONDS)

    def end(self) -> int:
        """As Ctrl+C does; the exit code."""
        self.process.send_signal(2)
        code = self.process.wait(_SECONDS)
        self.pcsc.wait(self.reader, present=False)
        return code


@contextmanager
def plugged(
    pcsc: Pcsc,
    home: Path,
    profile: CardProfile,
    *,
    reader: int = 1,
    rrn: Issuer | None = None,
    private: bool = False,
) -> Iterator[Plugged]:
    """``home``: an EHTOOLKIT_HOME, which keeps its authorities from card to card. ``rrn``: signs the files anew,
    with another chip number, so that no software takes the card for one that it has seen. ``private``: with
    certificates marked as private, as real cards have them, which OpenSC does not show before a login."""
    if rrn is not None:
        address = parse_address_file(profile.files.address)
        files = make_files(profile.identity, address, rrn, chip_number=os.urandom(16))
        profile = replace(profile, files=files)
    name = f"card{os.getpid()}-{next(_numbers)}"
    save_profile(home / "training" / "cards" / name, profile)
    with _plugged(pcsc, home, name, profile, reader, private=private) as card:
        yield card


@contextmanager
def plugged_person(
    pcsc: Pcsc, home: Path, name: str, *, reader: int = 1, private: bool = False
) -> Iterator[Plugged]:
    """The card of the training person ``name``, which the training platform of ``home`` believes; what a trainer
    lets go otherwise than it should changes it."""
    toolkit = open_toolkit(load_settings(home=home))
    assert toolkit.training is not None
    toolkit.training.card(name).identity()  # it is made when it is first looked at
    toolkit.close()
    profile = load_profile(home / "training" / "cards" / name)
    with _plugged(pcsc, home, name, profile, reader, private=private) as card:
        yield card


@contextmanager
def _plugged(
    pcsc: Pcsc, home: Path, name: str, profile: CardProfile, reader: int, *, private: bool
) -> Iterator[Plugged]:
    with plug_command(home, name, reader, private=private) as process:
        software = SoftwareCard(home / "training" / "cards" / name)
        card = Plugged(pcsc, reader, profile, software, process)
        threading.Thread(target=_read, args=(process, card.lines), daemon=True).start()
        first = json.loads(card.lines.get(timeout=_SECONDS))
        assert first == {"card": f"training:{name}", "reader": reader, "plugged": True}, first
        pcsc.wait(reader, present=True)
        yield card
    pcsc.wait(reader, present=False)


@contextmanager
def plug_command(
    home: Path, name: str, reader: int, *, private: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """``training card --plug`` with what it prints in one stream; ended at the end, whatever it does."""
    command = [sys.executable, "-m", "ehtoolkit", "training", "card", "--plug", name, "--reader", str(reader)]
    shown = [] if private else ["--public-certificates"]
    process = subprocess.Popen(
        [*command, *shown, "--json", "--lang", "en"],
        env={**os.environ, "EHTOOLKIT_HOME": str(home)},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line)
    except ValueError:  # closed at the end of the test
        return
