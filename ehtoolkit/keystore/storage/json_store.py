"""Store what is remembered of keystores: a JSON file for each key, for its owner alone, and no secret."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar

from ehtoolkit import errors
from ehtoolkit.system.files import read_file
from ehtoolkit.system.locks import save_file

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_KEY_ID: Final = re.compile(r"[0-9A-F]{40}")
_LIMIT: Final = 100_000


class _OfKey(Protocol):
    """A dataclass about a key. ``key_id``: 40 hexadecimal digits, upper case."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key_id(self) -> str: ...


_T = TypeVar("_T", bound=_OfKey)


class JsonStore(Generic[_T]):
    """The files ``<key id>.json`` of one dataclass, whose moments are aware."""

    def __init__(self, kind: type[_T]) -> None:
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[_T]:
        from pydantic import TypeAdapter

        return TypeAdapter(self._kind)

    def write(self, folder: Path, value: _T) -> None:
        """Write ``value`` over an older one of its key. Raises what `save_file` raises."""
        save_file(_path(folder, value.key_id), self._adapter.dump_json(value, indent=1, by_alias=True))

    def read(self, folder: Path, key_id: str) -> _T | None:
        """Return what is stored of a key; None when there is nothing, or nothing that can be read: someone may have
        edited it. Fields that are not known, as a later version may write them, are ignored."""
        from pydantic import ValidationError

        try:
            path = _path(folder, key_id.upper())
            value = self._adapter.validate_json(read_file(path, _LIMIT), strict=True)
        except (errors.KeystoreError, errors.FileUnreadable, ValidationError, ValueError):
            return None
        moments = (getattr(value, field.name) for field in fields(value))
        naive = any(isinstance(moment, datetime) and moment.tzinfo is None for moment in moments)
        return None if naive or value.key_id != path.stem else value

    def read_all(self, folder: Path) -> tuple[_T, ...]:
        """Return everything that is stored in a folder, in the order of the keys."""
        try:
            paths = sorted(folder.glob("*.json"))
        except OSError:
            return ()
        return tuple(value for path in paths if (value := self.read(folder, path.stem)) is not None)


def _path(folder: Path, key_id: str) -> Path:
    if not _KEY_ID.fullmatch(key_id):  # it becomes a file name
        raise ValueError("a key identifier is 40 hexadecimal digits")
    return folder / f"{key_id}.json"
