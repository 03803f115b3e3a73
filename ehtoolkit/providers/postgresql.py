"""Connections to a registry in PostgreSQL: its address, its time limits, and how the server proves itself.

A server on another computer has to prove by its certificate that it is the one in the address, and the password is only
used in an exchange that does not show it (SCRAM): libpq's own defaults accept any server, and give it the password in
clear text if it asks.
"""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Engine, create_engine

from ehtoolkit import errors
from ehtoolkit.system.loopback import is_loopback

_SETTING: Final = "provider_database"
_SCHEME: Final = "postgresql"
_REMOTE: Final = {"sslmode": "verify-full", "require_auth": "scram-sha-256", "gssencmode": "disable"}
"""Parameters of every connection to another computer. libpq prefers encryption by GSSAPI to TLS where it can have it,
and does not look at ``sslmode`` then."""
_HOST_VARIABLES: Final = ("PGHOST", "PGHOSTADDR", "PGSERVICE")
"""Variables that lead libpq elsewhere than the address does."""


def postgresql_engine(url: str, patience: float) -> Engine:
    """Return an engine for the database at ``url``, as `postgresql_url` gives it. Raises
    `errors.RegistryDriverMissing`."""
    try:
        import psycopg  # noqa: F401  # an optional extra: whether it is there
    except ImportError as error:
        raise errors.RegistryDriverMissing from error
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=2,
        connect_args=_time_limits(patience) | ({} if _is_local(url) else _REMOTE),
    )


def postgresql_url(url: str) -> str:
    """Check that ``url`` is the address of a PostgreSQL database, and return it.

    Raises `errors.SettingInvalid` for another address; with the reason ``database_password`` for one that holds a
    password: PostgreSQL's own password file (``~/.pgpass``) and ``PGPASSFILE`` are the places for it; with the reason
    ``database_insecure`` for one that asks for less protection than a connection to another computer has.
    """
    try:
        address = urlsplit(url)
        good = address.scheme == _SCHEME and bool(address.path.strip("/")) and (address.port or 1) > 0
        parameters = parse_qs(address.query, keep_blank_values=True)
    except ValueError as error:
        raise errors.SettingInvalid(setting=_SETTING) from error
    if not good:
        raise errors.SettingInvalid(setting=_SETTING)
    if address.password is not None or {"password", "sslpassword"} & parameters.keys():
        raise errors.SettingInvalid(setting=_SETTING, reason="database_password")
    weaker = any(value != wanted for name, wanted in _REMOTE.items() for value in parameters.get(name, ()))
    if weaker and not _is_local(url):
        raise errors.SettingInvalid(setting=_SETTING, reason="database_insecure")
    return url


def _is_local(url: str) -> bool:
    """Return whether ``url`` certainly leads to this computer: to a loopback address or to a Unix socket."""
    address = urlsplit(url)
    parameters = parse_qs(address.query, keep_blank_values=True)
    named = [name for name in _HOST_VARIABLES if os.environ.get(name)]
    hosts = [*([address.hostname] if address.hostname else []), *parameters.get("host", ())]
    if {"hostaddr", "service"} & parameters.keys() or set(named) - {"PGHOST"}:
        return False
    if not hosts:  # libpq's own default is a socket of this computer
        return not named
    return all(host.startswith("/") or is_loopback(host) for host in hosts)


def _time_limits(patience: float) -> dict[str, int | str]:
    """Return what the driver and the server are asked to wait for at most.

    Where the network or one of the two computers has gone without a word, the client notices after some ``patience``
    seconds, and a server on Linux after half of them and nine, one for each of its questions: their number is not set,
    since a server on Windows refuses that. By the systems' own limits a client waits for an answer for two hours, and
    for as long the server keeps the lock of a writer that has gone.
    """
    milliseconds, share = int(patience * 1000), max(1, int(patience / 2))
    server = {"lock_timeout": milliseconds, "tcp_keepalives_idle": share, "tcp_keepalives_interval": 1}
    return {
        "connect_timeout": max(2, int(patience)),
        "keepalives_idle": share,
        "keepalives_interval": max(1, share // 2),
        "keepalives_count": 2,
        "tcp_user_timeout": milliseconds,
        "options": " ".join(f"-c {name}={value}" for name, value in server.items()),
    }
