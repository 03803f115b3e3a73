"""A PIN or a password: an argument of the one call that needs it, and unreadable everywhere else."""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from typing import NoReturn

from ehtoolkit import errors
from ehtoolkit.type_errors import instance_of


class Secret:
    """A string that does not show itself: not in repr, str, format, pickles or copies.

    ``reveal()`` gives the value; every call of it is a place to review.

    >>> from ehtoolkit import Secret
    >>> Secret("Kine-2026")
    Secret(***)
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = instance_of("value", value, str)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Secret:
        """Read a secret from a UTF-8 file; one final newline is stripped, an empty file is the empty secret.

        Raises `errors.FileUnreadable`.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise errors.FileUnreadable(path=str(path)) from error
        return cls(text.removesuffix("\n").removesuffix("\r"))

    def reveal(self) -> str:
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (one._value.encode("utf-8", "surrogatepass") for one in (self, other))
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]  # a dictionary of secrets would keep them alive

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is neither pickled nor copied")
