"""A PostgreSQL server for tests: in a folder of its own, on a free port, as a user without privileges."""

from __future__ import annotations

import os
import pwd
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

import psycopg

LOCKED_OUT = "locked_out"
"""A role that needs a password, which nobody gives."""
PERSONAL = "ehtoolkit"
"""A role that needs a password, which whoever makes it gives to some."""
READER = "reader"
"""A role that may not write."""


@dataclass
class PostgreSQL:
    """A server that runs; ``superuser``: who may do everything, without a password."""

    port: int
    superuser: str
    made: int = 0

    def url(self, database: str, role: str | None = None) -> str:
        return f"postgresql://{role or self.superuser}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def new_database(self) -> str:
        """The name of an empty one."""
        self.made += 1
        name = f"registry_{self.made}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def end_connections(self, database: str) -> None:
        """As a server that is started anew does to those who are there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,)
            )


def programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, of the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return None if there is None else Path(there).resolve().parent


@contextmanager
def server(folder_of_programs: Path) -> Iterator[PostgreSQL]:
    """Runs while the block does."""
    user = _unprivileged()
    group = None if user is None else pwd.getpwnam(user).pw_gid
    extra_groups: list[str | int] | None = None if user is None else []
    home = Path(
        tempfile.mkdtemp(prefix="pg-")
    )  # not below the folder of tests, which only its owner may enter
    if user is not None:
        os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data, name = home / "data", user or pwd.getpwuid(os.getuid()).pw_name
    try:
        command = [str(folder_of_programs / "initdb"), "-D", str(data), "-U", name, "-A", "trust", "-N"]
        subprocess.run(
            [*command, "-E", "UTF8", "--locale=C"],
            check=True,
            capture_output=True,
            cwd=home,
            user=user,
            group=group,
            extra_groups=extra_groups,
        )
        hba = (
            f"host all {LOCKED_OUT},{PERSONAL} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
        )
        (data / "pg_hba.conf").write_text(hba)
        port = _free_port()
        process = subprocess.Popen(
            [
                *(str(folder_of_programs / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1"),
                *("-k", str(home), "-c", "fsync=off", "-c", "shared_buffers=16MB"),
            ],
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=user,
            group=group,
            extra_groups=extra_groups,
        )
        try:
            started = PostgreSQL(port, name)
            _wait(started, process)
            started.execute(f"CREATE ROLE {LOCKED_OUT} LOGIN PASSWORD 'unknown to all'")
            started.execute(f"CREATE ROLE {READER} LOGIN")
            yield started
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast way to end
            process.wait(timeout=30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged() -> str | None:
    """Who the server runs as: PostgreSQL refuses the administrator."""
    if os.geteuid() != 0:
        return None
    names = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(started: PostgreSQL, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            psycopg.connect(started.url("postgres")).close()
        except psycopg.OperationalError:
            assert process.poll() is None, "PostgreSQL has ended"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL does not answer")
