"""The application ids under which an organisation has certificates: which are in use, and how many there may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import Identifier
from ehtoolkit.procedures.parts import Parts

LIMIT: Final = 10
"""Certificates that an organisation may have; beyond, the platform may impose sanctions (conditions of use). That each
application id counts as one, for each type and number apart, is how we understand it."""
FEW_LEFT: Final = 2
"""From here on the limit is warned of."""


@dataclass(frozen=True, slots=True)
class ApplicationIds:
    """``used``: those with a certificate now, in the platform's order; None among them: one without application
    id. ``known``: False when the platform could not be asked, and nothing is known of them."""

    used: tuple[str | None, ...] = ()
    known: bool = True

    @property
    def named(self) -> tuple[str, ...]:
        """Those that are one."""
        return tuple(one for one in self.used if one is not None)

    @property
    def room(self) -> int | None:
        """How many certificates there may still be; None when that is not known."""
        return max(0, LIMIT - len(set(self.used))) if self.known else None

    @property
    def is_tight(self) -> bool:
        """Whether the limit is near, or reached."""
        return self.room is not None and self.room <= FEW_LEFT

    def require_free(self, application_id: str | None) -> None:
        """Raise `errors.ApplicationIdTaken` (reason ``none`` where there is no application id) for one in use.

        ``application_id``: normalised, as it will be in the certificate.
        """
        if application_id not in {None if one is None else one.upper() for one in self.used}:
            return
        if application_id is None:
            raise errors.ApplicationIdTaken(application_id="", reason="none")
        raise errors.ApplicationIdTaken(application_id=application_id)


def application_ids(organisation: Identifier, parts: Parts) -> ApplicationIds:
    """Ask the platform; anybody may, without a card. Not known when it does not say: a request that clashes is then
    refused by the platform itself."""
    try:
        return ApplicationIds(parts.platform.certra.get_existing_application_ids(organisation))
    except errors.PlatformError:
        return ApplicationIds(known=False)
