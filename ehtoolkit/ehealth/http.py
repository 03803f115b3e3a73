"""The wire: posts a message over HTTPS, once, and reads a bounded answer. The only module that knows httpx."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, the headers and the body as they were sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The header ``name``, in whatever case it came; None without it."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


class Transport(Protocol):
    """The one seam to the platform: everything above it is the same for real and for training."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post ``body`` once and return whatever answer comes, of any HTTP status.

        Raises `errors.PlatformUnreachable`, `errors.PlatformTimeout`, `errors.PlatformUntrusted`, or
        `errors.AnswerInvalid` (reason ``too_large`` or ``encoding``). The first two have a fact ``sent``:
        True when the request may have reached the platform.
        """
        ...
