"""Try several passwords on one keystore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.secret import Secret

PASSWORD_WRONG: Final = "password_wrong"  # noqa: S105  # the key of a finding


def diagnose_with_first(
    passwords: Sequence[Secret], diagnosed: Callable[[Secret | None], Diagnosis]
) -> tuple[Diagnosis, int]:
    """Return the diagnosis with the first of ``passwords`` that opens the file, and the place of that password. Without
    one, return the diagnosis with the first password; without passwords, that with None."""
    found = diagnosed(passwords[0] if passwords else None)
    if not found.has(PASSWORD_WRONG):
        return found, 0
    for place, password in enumerate(passwords[1:], start=1):
        other = diagnosed(password)
        if not other.has(PASSWORD_WRONG):
            return other, place
    return found, 0
