"""A registry in PostgreSQL on another computer: the server proves itself, and never sees the password."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Provider, Registry, open_registry
from ehtoolkit.providers.postgresql import postgresql_url
from ehtoolkit.settings import load_settings
from tests.support.postgresql import PostgreSQL
from tests.support.tls import WebAuthority

HOST, ROLE, PASSWORD = "db.example.be", "registry_user", "Geheim-2026"
ELSEWHERE = "hostaddr=127.0.0.1"
"""Connects to this computer, under a name that is another's."""


@pytest.fixture
def authority(tmp_path: Path) -> WebAuthority:
    return WebAuthority.make("Databases", tmp_path / "tls")


@pytest.fixture(autouse=True)
def _password_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pgpass"
    path.write_text(f"*:*:*:*:{PASSWORD}\n")
    path.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(path))


def opened(url: str, home: Path) -> Registry:
    return open_registry(load_settings(home=home, provider_database=url), patience=2)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


@dataclass
class Interceptor:
    """A server that asks for the password in clear text; ``context``: after TLS, None: it refuses TLS."""

    context: ssl.SSLContext | None = None
    received: bytearray = field(default_factory=bytearray)

    def serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                connection.settimeout(5)
                with suppress(OSError), closing(connection):
                    self.talk(connection)

    def talk(self, connection: socket.socket) -> None:
        self.received += connection.recv(8)  # SSLRequest
        connection.sendall(b"N" if self.context is None else b"S")
        if self.context is None:
            self.ask(connection)
        else:
            with self.context.wrap_socket(connection, server_side=True) as secure:
                self.ask(secure)

    def ask(self, connection: socket.socket) -> None:
        self.received += connection.recv(4096)  # the start of a session
        connection.sendall(message(b"R", struct.pack(">I", 3)))  # a password in clear text, please
        self.received += connection.recv(4096)
        connection.sendall(message(b"E", b"SFATAL\0C28P01\0Mno\0\0"))


@contextmanager
def standing(server: Interceptor) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=server.serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def test_a_server_that_refuses_tls_gets_no_password(tmp_path: Path, authority: WebAuthority) -> None:
    server = Interceptor()
    with standing(server) as port, pytest.raises(errors.RegistryUnreachable):
        opened(
            f"postgresql://{ROLE}@{HOST}:{port}/providers?{ELSEWHERE}&sslrootcert={authority.file}", tmp_path
        )
    assert PASSWORD.encode() not in server.received
    assert ROLE.encode() not in server.received


@pytest.mark.parametrize(("name", "trusted"), [("other.example.be", True), (HOST, False), (HOST, True)])
def test_a_server_with_tls_gets_no_password_in_clear_text(
    tmp_path: Path, authority: WebAuthority, name: str, trusted: bool
) -> None:
    """The name of another, an authority that is not trusted, and at last its own name and the authority."""
    server = Interceptor(authority.context(name))
    file = authority.file if trusted else WebAuthority.make("Others", tmp_path / "others").file
    with standing(server) as port, pytest.raises(errors.RegistryUnreachable):
        opened(f"postgresql://{ROLE}@{HOST}:{port}/providers?{ELSEWHERE}&sslrootcert={file}", tmp_path)
    assert PASSWORD.encode() not in server.received
    assert (ROLE.encode() in server.received) == (trusted and name == HOST)


@pytest.fixture
def with_tls(postgresql: PostgreSQL, authority: WebAuthority, tmp_path: Path) -> Iterator[PostgreSQL]:
    """The server shows a certificate for `HOST`, and lets `ROLE` in."""
    import psycopg

    authority.context(HOST)
    (leaf,) = set(authority.folder.iterdir()) - {authority.file}
    with psycopg.connect(postgresql.url("postgres")) as connection:
        shown = connection.execute("SHOW data_directory").fetchone()
    assert shown is not None
    data = Path(shown[0])
    for name in ("server.crt", "server.key"):
        shutil.copyfile(leaf, data / name)
        (data / name).chmod(0o600)
        if os.geteuid() == 0:
            os.chown(data / name, data.stat().st_uid, data.stat().st_gid)
    rules = data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"hostssl all {ROLE} 127.0.0.1/32 scram-sha-256\n{before}")
    postgresql.execute(f"CREATE ROLE {ROLE} LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    postgresql.execute("ALTER SYSTEM SET ssl = on")
    postgresql.execute("SELECT pg_reload_conf()")
    yield postgresql
    postgresql.execute("ALTER SYSTEM RESET ssl")
    rules.write_text(before)
    postgresql.execute("SELECT pg_reload_conf()")
    postgresql.execute(f"REASSIGN OWNED BY {ROLE} TO {postgresql.superuser}")


def test_a_server_that_proves_itself_is_used(
    with_tls: PostgreSQL, authority: WebAuthority, tmp_path: Path
) -> None:
    database = with_tls.new_database()
    url = f"postgresql://{ROLE}@{HOST}:{with_tls.port}/{database}?{ELSEWHERE}&sslrootcert={authority.file}"
    for address in (url, f"{url}&sslmode=verify-full&require_auth=scram-sha-256"):
        with opened(address, tmp_path) as registry:
            registry.add(Provider("Vandamme", "Élise"))
    with opened(url, tmp_path) as registry:
        assert registry.count() == 2
        with registry._database.reading() as connection:
            query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert connection.exec_driver_sql(query).scalar() is True
    with_tls.execute(f"REASSIGN OWNED BY {ROLE} TO {with_tls.superuser}", database)


REMOTE = f"postgresql://u@{HOST}/providers"
WEAKER = (
    "sslmode=disable",
    "sslmode=require",
    "sslmode=verify-ca",
    "sslmode=",
    "require_auth=password",
    "require_auth=scram-sha-256,none",
    "gssencmode=prefer",
    "sslmode=verify-full&sslmode=prefer",
)


@pytest.mark.parametrize(
    "url",
    [
        *(f"{REMOTE}?{weaker}" for weaker in WEAKER),
        "postgresql://u@/providers?host=192.0.2.7&sslmode=require",
        "postgresql://u@localhost/providers?host=192.0.2.7&sslmode=require",
        "postgresql://u@127.0.0.1/providers?hostaddr=192.0.2.7&sslmode=require",
        "postgresql://u@127.0.0.1/providers?service=elsewhere&sslmode=require",
    ],
)
def test_an_address_that_asks_for_less_is_refused(url: str) -> None:
    with pytest.raises(errors.SettingInvalid) as raised:
        postgresql_url(url)
    assert raised.value.facts == {"setting": "provider_database", "reason": "database_insecure"}
    for language in LANGUAGES:
        assert "provider_database" in Translator(language).error(raised.value)
        assert "verify-full" in Translator(language).next_step(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        f"{REMOTE}?sslmode=verify-full&sslrootcert=system",
        "postgresql://u@localhost/providers?sslmode=disable",
        "postgresql://u@127.0.0.1/providers?sslmode=disable",
        "postgresql://u@[::1]/providers?sslmode=disable",
        "postgresql://u@/providers?host=/var/run/postgresql&require_auth=none",
        "postgresql:///providers?sslmode=disable",
    ],
)
def test_this_computer_may_be_asked_for_less(url: str) -> None:
    assert postgresql_url(url) == url


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_a_variable_may_lead_elsewhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "192.0.2.7")
    with pytest.raises(errors.SettingInvalid):
        postgresql_url("postgresql:///providers?sslmode=disable")
