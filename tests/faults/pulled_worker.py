"""Workers whose card is pulled before one of the calls to its module: ``pulled_worker.py SOCKET PLAN LOG TOKENS``.

A server that has all loaded and forks a worker for each `relay` that brings its standard input and output: starting
Python would take longer than all that the worker does. LOG gets the name of each call of a module; before the one whose
number is in PLAN, the card (TOKENS) is pulled. Prints a line when it is ready.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import PyKCS11

from ehtoolkit.card.pkcs11 import module as loaded
from ehtoolkit.card.pkcs11 import worker

assert loaded, loaded  # what a worker loads when it is asked

RELAY: Final = """
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    socket.send_fds(server, [sys.argv[2].encode()], [0, 1])
    server.recv(1)
"""


def relay(server: Path) -> list[str]:
    """The command of a worker that ``server`` forks; the module's path comes after it."""
    return [sys.executable, "-I", "-S", "-c", RELAY, str(server)]


def count(plan: Path, log: Path, tokens: Path) -> None:
    """Count the calls that this worker makes, and pull the card as planned."""
    library = PyKCS11.LowLevel.CPKCS11Lib

    def counted(name: str, inner: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            with log.open("a") as lines:
                lines.write(f"{name}\n")
            if plan.exists() and int(plan.read_text()) == len(log.read_text().split()):
                plan.unlink()
                tokens.rename(tokens.with_name("pulled"))
                tokens.mkdir()
            return inner(*arguments)

        return call

    for name in dir(library):
        if name.startswith("C_"):
            setattr(library, name, counted(name, getattr(library, name)))


def work(module: str, descriptors: Sequence[int], files: Sequence[str]) -> None:
    """Be a worker for as long as somebody asks."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    count(*map(Path, files))
    worker.main([module])


def main() -> None:
    place, *files = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place)
        server.listen()
        print("ready", flush=True)
        while True:
            client, _ = server.accept()
            module, descriptors, _, _ = socket.recv_fds(client, 4096, 2)
            if os.fork() == 0:
                try:
                    work(module.decode(), descriptors, files)
                finally:
                    os._exit(0)
            for descriptor in descriptors:
                os.close(descriptor)
            client.close()


if __name__ == "__main__":
    main()
