"""The password of a keystore as it comes from a field: one that was forgotten is no wrong one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.secret import Secret

T = TypeVar("T")

EMPTY: Final = "empty"
"""The reason of the error where nothing was typed."""


def opening(work: Callable[[Secret], T], password: Secret) -> T:
    """Call ``work`` with what was typed. There are keystores with an empty password, so that is tried too.

    Raises what ``work`` raises; `errors.KeystorePasswordWrong` has the reason ``empty`` where nothing was typed.
    """
    try:
        return work(password)
    except errors.KeystorePasswordWrong as error:
        if password == Secret(""):
            raise errors.KeystorePasswordWrong(**{**error.facts, "reason": EMPTY}) from error
        raise
