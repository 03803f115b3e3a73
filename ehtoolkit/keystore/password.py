"""Which new passwords every program reads."""

from __future__ import annotations

import re
from typing import Final

from ehtoolkit import errors
from ehtoolkit.secret import Secret

_PRINTABLE: Final = re.compile(r"[ -~]+")


def check_new_password(password: Secret) -> None:
    """Raise `errors.PasswordUnfit`: reason ``empty``, or ``characters`` for one that is not printable ASCII.

    Java 17 refuses other characters, BouncyCastle an empty password; a file that exists is opened with
    either.
    """
    if not password.reveal():
        raise errors.PasswordUnfit(reason="empty")
    if not _PRINTABLE.fullmatch(password.reveal()):
        raise errors.PasswordUnfit(reason="characters")
