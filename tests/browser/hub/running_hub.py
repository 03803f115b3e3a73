"""A JupyterHub on this computer, by the configuration that docs/JUPYTERHUB.md tells administrators to write."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import psutil

from tests.browser.hub.accounts import Person
from tests.support.postgresql import PERSONAL, PostgreSQL

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "docs" / "JUPYTERHUB.md"
SECONDS: Final = 180
"""For a start, or an end, on a busy computer."""
DATABASE: Final = "providers"

OURS: Final = """
# The house: a page to log in that takes any password, and these users alone.
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {names!r}
c.JupyterHub.spawner_class = {spawner!r}
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.args = {arguments!r}
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = {proxy!r}
"""


@dataclass
class Hub:
    """One that runs; ``url``: where browsers find it. ``programs``: the folder of its environment's programs."""

    url: str
    people: Mapping[str, Person]
    programs: Path
    log: Path
    process: subprocess.Popen[bytes]

    def pages(self, name: str) -> str:
        """The address of a user's pages."""
        return f"{self.url}/user/{name}/ehtoolkit"

    def jupyter_server(self, name: str) -> psutil.Process:
        """The server that the hub has started for a user."""
        (found,) = [child for child in psutil.Process(self.process.pid).children() if _is_of(child, name)]
        return found

    def our_server(self, name: str) -> psutil.Process:
        """The server of the pages, which that one has started."""
        (found,) = [child for child in self.jupyter_server(name).children() if "demo" in child.cmdline()]
        return found

    def environment(self, name: str) -> dict[str, str]:
        """The variables of whatever a user starts in a terminal of JupyterLab."""
        return self.jupyter_server(name).environ()

    def ehtoolkit(self, name: str, *arguments: str) -> str:
        """What a command says that a user gives in a terminal of JupyterLab."""
        command = [str(self.programs / "ehtoolkit"), *arguments]
        done = self.people[name].run(command, self.environment(name))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> int:
        """End it as a service manager would; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=SECONDS)


def configuration(database: str, url: str) -> str:
    """The page's own configuration, with another address of the hub and of the database."""
    (block,) = re.findall(r"```python\n(c = get_config\(\)\n.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    for old, new in (
        ("postgresql://ehtoolkit@db.example.org/providers", database),
        ("http://127.0.0.1:8000", url),
    ):
        assert block.count(old) == 1
        block = block.replace(old, new)
    return block


def asked_for() -> list[str]:
    """The requirements that the page has administrators install."""
    (line,) = re.findall(r"^    pip install (.*jupyterhub.*)$", PAGE.read_text(encoding="utf-8"), re.M)
    return [word.strip("'") for word in line.split()]


def interpreter() -> Path | None:
    """A Python that every account of this computer may start, and that the locks are for; None where there is none."""
    own = Path(os.path.realpath(sys.executable))
    for path in (own, *sorted(Path("/usr/bin").glob("python3.[0-9][0-9]"), reverse=True)):
        if all(folder.stat().st_mode & 0o001 for folder in path.parents) and _fits(path):
            return path
    return None


def _fits(python: Path) -> bool:
    check = "import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))"
    return subprocess.run([python, "-c", check], capture_output=True).returncode == 0


@contextmanager
def hub(
    folder: Path, programs: Path, proxy: Path, people: Mapping[str, Person], database: PostgreSQL
) -> Iterator[Hub]:
    """Runs while the block does. ``proxy``: configurable-http-proxy's program."""
    password = secrets.token_hex(8)
    database.execute(f"CREATE ROLE {PERSONAL} LOGIN PASSWORD '{password}'")
    database.execute(f"CREATE DATABASE {DATABASE} OWNER {PERSONAL}")
    for person in people.values():
        kept = person.home / ".pgpass"
        kept.touch(mode=0o600)
        kept.write_text(f"127.0.0.1:{database.port}:{DATABASE}:{PERSONAL}:{password}\n")
        if person.uid is not None:
            os.chown(kept, person.uid, person.uid)
    (front, inner, api), place = _free_ports(3), folder / "hub"
    place.mkdir(mode=0o700)
    accounts = all(person.uid is not None for person in people.values())
    url = f"http://127.0.0.1:{front}"
    written = place / "jupyterhub_config.py"
    written.write_text(
        configuration(database.url(DATABASE, PERSONAL), url)
        + OURS.format(
            names=set(people),
            spawner="jupyterhub.spawner.LocalProcessSpawner" if accounts else "simple",
            homes=str(folder / "{username}"),
            # Jupyter asks an administrator whether that is meant, who has no other account here.
            arguments=["--allow-root"] if os.geteuid() == 0 and not accounts else [],
            hub=inner,
            api=api,
            proxy=[shutil.which("node"), str(proxy)],
        )
    )
    given = {
        name: value for name, value in os.environ.items() if not name.startswith(("EHTOOLKIT_", "PYTHON"))
    }
    given["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    log = place / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "jupyterhub", "-f", written], cwd=place, env=given, stdout=output, stderr=output
        )
    running = Hub(url, people, programs, log, process)
    try:
        _await(running)
        yield running
    finally:
        if process.poll() is None:
            running.stop()


def _await(running: Hub) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            if httpx.get(f"{running.url}/hub/login", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert running.process.poll() is None, running.log.read_text()
        assert time.monotonic() < end, running.log.read_text()
        time.sleep(0.2)


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()


def _is_of(process: psutil.Process, name: str) -> bool:
    try:
        return process.environ().get("JUPYTERHUB_USER") == name
    except psutil.Error:
        return False
