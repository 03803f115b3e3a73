"""A server of the pages in a process of its own, on a home of its own."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from ehtoolkit.voila.fork_provisioner import TITLE
from ehtoolkit.voila.kernels import KERNEL, SPARES
from ehtoolkit.voila.warm_process import FORK_SERVER

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 180
PLAIN_KERNELS = (KERNEL, "ipykernel_launcher")
"""What runs a kernel that is not forked: of a page, and of JupyterLab."""
"""A start on a computer that is busy with other things is slow, not wrong."""
WITH_ITS_TEST = ("setpriv", "--pdeathsig", "TERM")
"""Has the system end a server when the process of its test has ended, also by a signal."""
PATIENCE = 60
"""Seconds until a kernel ends whose page is gone: less than a test may take."""

_SERVE_FOLDER = (
    "import sys, pathlib; from ehtoolkit.settings import load_settings; from ehtoolkit.voila import start; "
    "start(load_settings(), 0, False, folder=pathlib.Path(sys.argv[1]))"
)


def _command(process: psutil.Process) -> str:
    """The command line, or what a kernel that was forked is called; empty for a process that has ended meanwhile."""
    try:
        name = process.name()
        return name if name.startswith(TITLE) else " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


class Serving:
    """``url``: what the server printed, with the token; ``base``: scheme, host, port, and a prefix if there is one.
    ``python``: of the environment that it runs in, or another program that starts it; ``cwd``: the folder it starts in.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        home: Path,
        *,
        python: str = sys.executable,
        cwd: str = "",
        **settings: str,
    ) -> None:
        self.home = home
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EHTOOLKIT_")}
        environment |= {"EHTOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **settings}
        bound = WITH_ITS_TEST if shutil.which(WITH_ITS_TEST[0]) else ()
        self._process = subprocess.Popen(
            [*bound, python, *arguments],
            env=environment,
            cwd=cwd or home.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self._lines: queue.Queue[str] = queue.Queue()
        self.log: list[str] = []
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._listen, self._complain)
        ]
        for thread in self._threads:
            thread.start()
        self.url = self._first_url()
        self.base = self.url.partition("/?")[0]
        self.port = urlsplit(self.url).port

    @classmethod
    def demo(cls, home: Path, **settings: str) -> Serving:
        """``ehtoolkit demo``, as a user starts it."""
        return cls(["-m", "ehtoolkit", "demo", "--no-browser"], home, **settings)

    @classmethod
    def folder(cls, folder: Path, home: Path, **settings: str) -> Serving:
        """The same server on other notebooks."""
        return cls(["-c", _SERVE_FOLDER, str(folder)], home, **settings)

    def kernels(self) -> list[psutil.Process]:
        """The processes that run notebooks, those in reserve too."""
        if self._process.poll() is not None:
            return []
        children = psutil.Process(self._process.pid).children()
        plain = (child for child in children if any(name in _command(child) for name in PLAIN_KERNELS))
        return [*plain, *self.forks()]

    def warm_process(self) -> psutil.Process | None:
        """What kernels are forked from; None where there is none."""
        children = psutil.Process(self._process.pid).children()
        return next((child for child in children if FORK_SERVER in _command(child)), None)

    def forks(self) -> list[psutil.Process]:
        """The kernels that were forked."""
        warm = self.warm_process()
        try:
            return [] if warm is None else [child for child in warm.children() if TITLE in _command(child)]
        except psutil.NoSuchProcess:
            return []

    def await_end(self, kernels: Collection[str]) -> None:
        """Wait until the processes of these kernels are gone, by their ids."""
        marks = [mark for kernel in kernels for mark in (kernel, f"{TITLE} {kernel[:8]}")]
        ending = [kernel for kernel in self.kernels() if any(mark in _command(kernel) for mark in marks)]
        _, alive = psutil.wait_procs(ending, timeout=SECONDS)
        assert not alive, f"kernels stay when their pages are gone: {alive}"

    def put_back(self) -> None:
        """Leave nothing of what was done on this server: no kernel but those in reserve, and a home as at the start.

        No page may be open. What is in the home belongs to kernels that have ended; the server itself keeps nothing
        there but the page that leads to it and the folder of IPython, which is empty at the start, and what it
        remembers of a browser is in that browser's cookies.
        """
        end = time.monotonic() + PATIENCE
        while len(kernels := self.kernels()) > SPARES:
            if time.monotonic() > end:
                for kernel in kernels:
                    kernel.kill()  # so that no other test fails of it; a reserve that died costs nothing
                pytest.fail(f"kernels stay when their pages are gone: {''.join(self.log[-40:])}")
            time.sleep(0.05)  # the end of a process that is not our child is no event
        for path in [*self.home.iterdir(), *self.home.glob("ipython/*")]:
            if path.match("open-*.html") or path == self.home / "ipython":
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def stop(self) -> int:
        """End it as a service manager would; its exit code."""
        self._process.terminate()
        code = self._process.wait(timeout=SECONDS)
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _complain(self) -> None:
        assert self._process.stderr is not None
        self.log.extend(self._process.stderr)

    def _first_url(self) -> str:
        while line := self._lines.get(timeout=SECONDS):
            for word in line.split():
                if word.startswith("http://127.0.0.1:"):
                    return word
        self.stop()
        raise RuntimeError("the server ended: " + "".join(self.log))
