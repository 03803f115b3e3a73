"""A PIN or a password: an argument of the one call that needs it, and unreadable everywhere else."""

from __future__ import annotations

import codecs
import hmac
import os
from pathlib import Path
from typing import Final, NoReturn

from ehtoolkit import errors
from ehtoolkit.type_errors import instance_of

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONGEST: Final = 10_000


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
        """Read a secret from a UTF-8 file, or one in UTF-16 with its mark, as PowerShell writes; one final newline is
        stripped, an empty file is the empty secret. It may be a pipe.

        Raises `errors.FileUnreadable` (reason ``encoding`` for another encoding, ``long`` for more than 10,000 bytes).
        """
        try:
            with Path(path).open("rb") as file:
                data = file.read(_LONGEST + 1)
            if len(data) > _LONGEST:
                raise errors.FileUnreadable(path=str(path), reason="long", limit=_LONGEST)
            text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise errors.FileUnreadable(path=str(path), reason="encoding") from error
        except (OSError, ValueError) as error:  # ValueError: a name that no system takes
            raise errors.FileUnreadable(path=str(path)) from error
        return cls(text.removesuffix("\n").removesuffix("\r"))

    def reveal(self) -> str:
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (secret._value.encode("utf-8", "surrogatepass") for secret in (self, other))
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]  # a dictionary of secrets would keep them alive

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is neither pickled nor copied")
