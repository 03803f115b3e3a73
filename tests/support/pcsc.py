"""The smart-card service with its virtual readers, for one test file at a time on this whole machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

SOCKET = Path("/run/pcscd/pcscd.comm")
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
OPENSC_MODULES = (
    Path("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
    Path("/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"),
    Path("/usr/lib64/opensc-pkcs11.so"),
    Path("/usr/lib/opensc-pkcs11.so"),
)
_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Pcsc:
    """A running service. ``environment``: for every program that reads cards through it, so that copies of files
    that OpenSC keeps stay in a folder of the tests."""

    environment: dict[str, str]
    module: Path

    @staticmethod
    def readers() -> list[str]:
        """The names of the two virtual readers, in the order of their numbers."""
        return sorted(_states())

    def wait(self, reader: int, *, present: bool, seconds: float = 15.0) -> None:
        """Until the service sees a card in that reader, with power on, or none."""
        latest = time.monotonic() + seconds
        while time.monotonic() < latest:
            states = _states()
            if len(states) > 1 and states[sorted(states)[reader - 1]] == present:
                return
            time.sleep(0.05)
        raise AssertionError(f"reader {reader} is not as expected: {_states()}")


@contextmanager
def running_pcsc(folder: Path) -> Iterator[Pcsc]:
    """One that runs already is used and left alone; one that is started here is ended here."""
    module = next((path for path in OPENSC_MODULES if path.exists()), None)
    if module is None or not DRIVER.exists() or _program() is None:
        pytest.skip("pcscd with vpcd, and OpenSC, are not installed")
    with FileLock(Path(tempfile.gettempdir()) / "ehtoolkit-tests-pcscd.lock"):
        environment = {"PCSCLITE_CSOCK_NAME": str(SOCKET), "XDG_CACHE_HOME": str(folder / "cache")}
        started = None
        if not _listens():
            port = _free_port()
            started = _start(folder, port)
            environment["EHTOOLKIT_VIRTUAL_READER_PORT"] = str(port)
        try:
            yield Pcsc(environment, module)
        finally:
            if started is not None:
                _stop(started)


def _program() -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return shutil.which("pcscd", path=path)


def _listens() -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(SOCKET)) == 0


def _free_port() -> int:
    """The first of two that nobody has. The driver's own lie where systems take the ports of connections from, and in a
    run of many browsers and kernels one of them is often taken."""
    for port in range(21_000, 32_000, 2):
        with socket.socket() as first, socket.socket() as other:
            try:
                first.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two free ports")


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    log, configuration = folder / "pcscd.log", folder / "readers"
    configuration.mkdir(exist_ok=True)
    lines = (f"DEVICENAME /dev/null:{port:#X}", f"LIBPATH {DRIVER}", f"CHANNELID {port:#X}")
    text = "\n".join(['FRIENDLYNAME "Virtual PCD"', *lines, ""]).replace("0X", "0x")
    (configuration / "vpcd").write_text(text)
    with log.open("wb") as output:
        started = subprocess.Popen(
            [str(_program()), "--foreground", "--disable-polkit", "--error", "--config", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    latest = time.monotonic() + _START_SECONDS
    while not (_listens() and len(_states()) > 1):
        if started.poll() is not None or time.monotonic() > latest:
            _stop(started)
            raise AssertionError(f"pcscd did not start: {log.read_text(errors='replace')}")
        time.sleep(0.1)
    return started


def _stop(started: subprocess.Popen[bytes]) -> None:
    started.send_signal(signal.SIGTERM)
    try:
        started.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()
        for name in ("pcscd.comm", "pcscd.pid"):
            SOCKET.with_name(name).unlink(missing_ok=True)


def _states() -> dict[str, bool]:
    """Name of a virtual reader → whether there is a card in it that answers."""
    from smartcard import scard

    failed, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if failed:
        return {}
    try:
        failed, names = scard.SCardListReaders(context, [])
        virtual = [name for name in names if name.startswith("Virtual PCD")] if not failed else []
        if not virtual:
            return {}
        asked = [(name, scard.SCARD_STATE_UNAWARE) for name in virtual]
        _, answers = scard.SCardGetStatusChange(context, 0, asked)
        usable = (scard.SCARD_STATE_PRESENT, scard.SCARD_STATE_MUTE)
        return {name: state & usable[0] != 0 and state & usable[1] == 0 for name, state, _ in answers}
    finally:
        scard.SCardReleaseContext(context)
