"""Which new passwords every program reads."""

from __future__ import annotations

import re
from typing import Final

from ehtoolkit import errors
from ehtoolkit.secret import Secret

SENSIBLE_LENGTH: Final = 8
"""Characters. No document of eHealth that we know asks for any number; a shorter one is warned of, not refused."""
_PRINTABLE: Final = re.compile(r"[ -~]+")


def is_short(password: Secret) -> bool:
    """Whether a password that is not empty has fewer characters than `SENSIBLE_LENGTH`."""
    return 0 < len(password.reveal()) < SENSIBLE_LENGTH


def check_new_password(password: Secret) -> None:
    """Raise `errors.PasswordNotAllowed`: reason ``empty``, or ``characters`` for one that is not printable ASCII.

    Java 17 refuses other characters, BouncyCastle an empty password; a file that exists is opened with
    either.
    """
    if not password.reveal():
        raise errors.PasswordNotAllowed(reason="empty")
    if not _PRINTABLE.fullmatch(password.reveal()):
        raise errors.PasswordNotAllowed(reason="characters")
