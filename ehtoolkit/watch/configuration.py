"""Configure a watch: its folders, and where its messages go. No secret is in it, only the place of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from ehtoolkit import errors
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from ehtoolkit.system.loopback import is_loopback

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_ADDRESS: Final = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?", re.ASCII)
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}

Security = Literal["starttls", "tls", "none"]
AddressFault = Literal["webhook_address", "webhook_insecure", "heartbeat_address", "heartbeat_insecure"]


class Credential(BaseModel):
    """Where a password or a token is: in a file, or in the keyring of the operating system.

    Attributes:
        file: with the secret and nothing else.
        service: the name of the entry in the keyring, with ``user``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = None
    service: str | None = None

    def read(self, user: str) -> Secret:
        """Read the secret now: from the file, else from the entry of ``user`` in the keyring.

        Raises `errors.FileUnreadable`, and `errors.CredentialMissing` (reason ``package``, ``backend`` or ``entry``).
        """
        if self.file is not None:
            return Secret.from_file(self.file)
        service = self.service or ""
        try:
            import keyring
        except ImportError as error:
            raise errors.CredentialMissing(service=service, user=user, reason="package") from error
        try:
            found = keyring.get_password(service, user)
        except Exception as error:  # each of its backends has errors of its own system
            raise errors.CredentialMissing(service=service, user=user, reason="backend") from error
        if found is None:
            raise errors.CredentialMissing(service=service, user=user, reason="entry")
        return Secret(found)


class MailTarget(BaseModel):
    """A mail server, and to whom a mail goes.

    Attributes:
        to: addresses, one at least.
        sender: the address in ``From``.
        host: of the server; ``port``: its port.
        security: ``starttls``, ``tls`` from the first byte, or ``none``: only on this computer, and without login.
        user: for a login; None: none.
        password: of ``user``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: tuple[str, ...]
    sender: str
    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: Credential | None = None

    @classmethod
    def make(
        cls,
        to: tuple[str, ...],
        server: str,
        *,
        sender: str | None = None,
        security: Security = "starttls",
        user: str | None = None,
        password: Credential | None = None,
    ) -> Self:
        """Make a target of what was given, once it is checked.

        server: ``HOST`` or ``HOST:PORT``. sender: None: the first of ``to``. Raises `errors.WatchInvalid` (reason
        ``mail_address``, ``mail_server``, ``mail_insecure`` or ``mail_login``).
        """
        found = _HOST.fullmatch(server)
        if found is None:
            raise errors.WatchInvalid(reason="mail_server", value=server)
        return cls(
            to=to,
            sender=sender or to[0],
            host=found[1].strip("[]"),
            port=int(found[2] or _PORTS[security]),
            security=security,
            user=user,
            password=password,
        )

    @model_validator(mode="after")
    def _check(self) -> Self:
        for address in (*self.to, self.sender):
            if not _ADDRESS.fullmatch(address):
                raise errors.WatchInvalid(reason="mail_address", value=address)
        if not self.to or not self.host or not 0 < self.port < 65536:
            raise errors.WatchInvalid(reason="mail_server", value=f"{self.host}:{self.port}")
        if self.security == "none" and (self.user is not None or not is_loopback(self.host)):
            raise errors.WatchInvalid(reason="mail_insecure", value=self.host)
        if (self.user is None) != (self.password is None):
            raise errors.WatchInvalid(reason="mail_login", value=self.host)
        return self


class WebAddress(BaseModel):
    """An address of the web that a watch asks.

    Attributes:
        url: ``https``; ``http`` for this computer alone. It may itself be a secret: see `shown`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    _malformed: ClassVar[AddressFault]
    _insecure: ClassVar[AddressFault]

    url: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            address = urlsplit(self.url)
            host, _ = address.hostname, address.port
        except ValueError as error:
            raise errors.WatchInvalid(reason=self._malformed, value="") from error
        if address.scheme not in ("http", "https") or not host or address.username or not self.url.isascii():
            raise errors.WatchInvalid(reason=self._malformed, value=host or "")
        if address.scheme == "http" and not is_loopback(host):
            raise errors.WatchInvalid(reason=self._insecure, value=host)
        return self

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def shown(self) -> str:
        """The address without its path: services put what lets someone send into it."""
        address = urlsplit(self.url)
        port = "" if address.port is None else f":{address.port}"
        return f"{address.scheme}://{self.host}{port}/…"


class WebhookTarget(WebAddress):
    """An address that gets a message as JSON. Raises `errors.WatchInvalid` (reason ``webhook_address`` or
    ``webhook_insecure``).

    Attributes:
        token: what is sent as ``Authorization: Bearer``; None: nothing.
    """

    _malformed = "webhook_address"
    _insecure = "webhook_insecure"

    token: Credential | None = None


class HeartbeatTarget(WebAddress):
    """An address that is asked after each good run, by which another program knows that the watch runs. Raises
    `errors.WatchInvalid` (reason ``heartbeat_address`` or ``heartbeat_insecure``)."""

    _malformed = "heartbeat_address"
    _insecure = "heartbeat_insecure"


class WatchConfig(AuditRequest):
    """A watch, as it is kept: what it asks of an audit, with absolute folders, where the passwords are, and where its
    messages go.

    Attributes:
        name: letters, digits, ``.``, ``_`` and ``-``; also the name of its folder.
        passwords: tables of passwords; ``password_file``: the password of all others.
        language: of its messages.
        heartbeat: is asked after each run that read everything and in which nothing failed.
        all_well: whether a message comes once a week while nothing is due.
    """

    name: str
    folders: tuple[Path, ...]
    passwords: tuple[Path, ...] = ()
    password_file: Path | None = None
    language: LanguageName = "en"
    mail: MailTarget | None = None
    webhook: WebhookTarget | None = None
    heartbeat: HeartbeatTarget | None = None
    all_well: bool = False

    @field_validator("passwords", mode="before")
    @classmethod
    def _as_tables(cls, given: object) -> object:
        """Accept what earlier versions saved: one table, or null."""
        return () if given is None else (given,) if isinstance(given, str | Path) else given

    @property
    def request(self) -> AuditRequest:
        """What it asks of an audit, without the rest."""
        return AuditRequest(**{name: getattr(self, name) for name in AuditRequest.model_fields})

    @property
    def targets(self) -> tuple[str, ...]:
        """Where messages go: ``mail``, ``webhook``."""
        return tuple(name for name in ("mail", "webhook") if getattr(self, name) is not None)


def check_name(name: str) -> str:
    """Check that ``name`` can be the name of a watch, and return it. Raises `errors.WatchInvalid` (reason ``name``)."""
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise errors.WatchInvalid(reason="name", value=name)
    return name
