"""The faults of the training platform: a code and a sentence in English.

Which code the real STS gives for which mistake is not public; clients have to show both as they come.
"""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "SOA-01001"
"""No such service or operation."""
NOT_AUTHENTICATED: Final = "SOA-01001"
NOT_AUTHORISED: Final = "SOA-01002"
DOWN: Final = "SOA-02001"
INVALID_REQUEST: Final = "ws-trust:InvalidRequest"
FAILED_AUTHENTICATION: Final = "ws-trust:FailedAuthentication"
UNSUPPORTED: Final = "wsse:UnsupportedAlgorithm"
UNABLE_TO_RENEW: Final = "ws-trust:UnableToRenew"


class ServiceFault(Exception):
    """Becomes a SOAP Fault. ``message``: says what was wrong, without a name or a number. ``status``: of HTTP."""

    def __init__(self, code: str, message: str, status: int = 500) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
