"""The verdict on a session that failed: certificate, right, clock, platform, or the calling software."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors


class SessionVerdict(StrEnum):
    """What stands in the way; the values are stable, and keys for texts."""

    FINE = "fine"
    CERTIFICATE = "certificate"
    """The certificate, or the key that signed, was not accepted."""
    RIGHT = "right"
    """The certificate is in order; a right is missing, or a register does not know the holder."""
    CLOCK = "clock"
    """This computer and the platform do not agree about the time."""
    PLATFORM = "platform"
    """It is down, not reached, or its answer is not to be believed."""
    SOFTWARE = "software"
    """The message was not as the service wants it: a fault of the program that asked."""


ALGORITHM_UNKNOWN: Final = "UnsupportedAlgorithm"
"""The code of WS-Security for a signature that the service cannot check."""
FAULTS: Final[Mapping[str, SessionVerdict]] = MappingProxyType(
    {
        # SOA codes
        "SOA-00001": SessionVerdict.PLATFORM,
        "SOA-01001": SessionVerdict.CERTIFICATE,
        "SOA-01002": SessionVerdict.RIGHT,
        "SOA-02001": SessionVerdict.PLATFORM,
        "SOA-02002": SessionVerdict.PLATFORM,
        **{f"SOA-0300{number}": SessionVerdict.SOFTWARE for number in range(1, 8)},
        # WS-Trust 1.3
        "InvalidRequest": SessionVerdict.SOFTWARE,
        "FailedAuthentication": SessionVerdict.CERTIFICATE,
        "RequestFailed": SessionVerdict.PLATFORM,
        "InvalidSecurityToken": SessionVerdict.CERTIFICATE,
        "AuthenticationBadElements": SessionVerdict.SOFTWARE,
        "BadRequest": SessionVerdict.SOFTWARE,
        "ExpiredData": SessionVerdict.CLOCK,
        "InvalidTimeRange": SessionVerdict.CLOCK,
        "InvalidScope": SessionVerdict.RIGHT,
        "RenewNeeded": SessionVerdict.SOFTWARE,
        "UnableToRenew": SessionVerdict.SOFTWARE,
        # WS-Security 1.0 and 1.1
        "FailedCheck": SessionVerdict.CERTIFICATE,
        "InvalidSecurity": SessionVerdict.SOFTWARE,
        "MessageExpired": SessionVerdict.CLOCK,
        "SecurityTokenUnavailable": SessionVerdict.SOFTWARE,
        ALGORITHM_UNKNOWN: SessionVerdict.SOFTWARE,
        "UnsupportedSecurityToken": SessionVerdict.SOFTWARE,
    }
)
"""By the code after its prefix, which differs. Which code comes for which mistake is not public."""


def verdict_of(error: errors.EhToolkitError) -> SessionVerdict:
    """Return where to look after ``error``: first at the clock, where it is wrong."""
    if isinstance(error, errors.PlatformError) and error.here is not None:
        return SessionVerdict.CLOCK
    match error:
        case errors.PlatformFault():
            code = (error.code or "").rpartition(":")[2]
            return FAULTS.get(code, SessionVerdict.PLATFORM)
        case errors.ClaimsUnfit():
            return SessionVerdict.RIGHT
        case errors.PlatformError():
            return SessionVerdict.PLATFORM
        case _:
            return SessionVerdict.CERTIFICATE
