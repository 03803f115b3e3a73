"""Choose the proxy for an address: the one that is set, else that of the environment or system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from ehtoolkit import errors
from ehtoolkit.secret import Secret
from ehtoolkit.settings import DIRECT, Settings
from ehtoolkit.system.loopback import is_loopback


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy.

    Attributes:
        url: scheme, host and port.
        user, password: what it asks for, where that is known.
    """

    url: str
    user: str = ""
    password: Secret | None = field(default=None, repr=False, compare=False)

    @property
    def host(self) -> str:
        """Host and port, for a sentence."""
        return urlsplit(self.url).netloc

    @property
    def credentials(self) -> tuple[bytes, bytes] | None:
        """User and password as Basic authentication takes them; None without."""
        if not self.user and self.password is None:
            return None
        return self.user.encode(), b"" if self.password is None else self.password.reveal().encode()


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies of this process. ``by_scheme``: of the address that is to be reached."""

    by_scheme: Mapping[str, Proxy]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the proxies of the settings: ``settings.proxy`` for every address, or none at all where it says so;
        without it what HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or the settings of Windows and macOS, name.

        Raises `errors.SettingInvalid` (setting ``proxy``): a proxy that cannot be used, or, in our own setting,
        one with a password (reason ``proxy_password``).
        """
        if settings.proxy == DIRECT:
            return cls({})
        if settings.proxy:
            proxy = _parsed(settings.proxy)
            if proxy.password is not None:
                raise errors.SettingInvalid(setting="proxy", reason="proxy_password")
            return cls({"https": proxy, "http": proxy})
        named = getproxies()
        found = {scheme: named.get(scheme) or named.get("all") for scheme in ("https", "http")}
        return cls({scheme: _parsed(url) for scheme, url in found.items() if url})

    @property
    def all(self) -> frozenset[Proxy]:
        """Every proxy that may be needed."""
        return frozenset(self.by_scheme.values())

    def leading_to(self, url: str) -> Proxy | None:
        """Return the proxy for ``url``; None: go there directly. NO_PROXY holds for every proxy, and a training server
        on this computer is never behind one."""
        address = urlsplit(url)
        proxy = self.by_scheme.get(address.scheme)
        if (
            proxy is None
            or is_loopback(address.hostname or "")
            or proxy_bypass(address.netloc.rpartition("@")[2])
        ):
            return None
        return proxy


def _parsed(text: str) -> Proxy:
    """Return a proxy as it is written in settings and variables; the scheme may be left out. Raises
    `errors.SettingInvalid` (setting ``proxy``)."""
    try:
        address = urlsplit(text if "://" in text else f"http://{text}")
        port = "" if address.port is None else f":{address.port}"
        usable = (
            address.scheme in ("http", "https")
            and address.hostname is not None
            and address.hostname.isascii()
        )
    except ValueError as error:
        raise errors.SettingInvalid(setting="proxy") from error
    if not usable:
        raise errors.SettingInvalid(setting="proxy")
    host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
    password = None if address.password is None else Secret(unquote(address.password))
    return Proxy(f"{address.scheme}://{host}{port}", unquote(address.username or ""), password)
