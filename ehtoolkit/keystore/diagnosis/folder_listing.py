"""What lies beside a file: other programs look at the whole folder, and stumble over what they find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.storage.folder import FoundKeystore, find_keystores

_Holder = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The files of one folder that are called like keystores, by holder. Made once for a folder, however many
    of its files are looked at. ``names``: of all of them, in lower case. ``nameless``: those whose names do not say
    whose they are, newest first."""

    names: frozenset[str] = field(repr=False)
    nameless: tuple[FoundKeystore, ...] = field(repr=False)
    _by_holder: Mapping[_Holder, tuple[FoundKeystore, ...]] = field(repr=False)

    @classmethod
    def of(cls, files: Iterable[FoundKeystore]) -> FolderListing:
        """``files``: newest first, as `find_keystores` gives them."""
        by_holder: dict[_Holder, list[FoundKeystore]] = {}
        names, nameless = set(), []
        for file in files:
            names.add(file.path.name.lower())
            if file.identifier is None:
                nameless.append(file)
            else:
                by_holder.setdefault(_holder(file.identifier, file.application_id), []).append(file)
        found = {holder: tuple(files) for holder, files in by_holder.items()}
        return cls(frozenset(names), tuple(nameless), found)

    @classmethod
    def in_folder(cls, folder: Path) -> FolderListing:
        """None at all in a folder that may not be listed."""
        try:
            return cls.of(find_keystores(folder))
        except errors.FileUnreadable:
            return cls.of(())

    def of_holder(self, identifier: Identifier, application_id: str | None) -> tuple[FoundKeystore, ...]:
        """The files of one holder, newest first. A person has one certificate, whatever the names say;
        an organisation has one for each application id."""
        return self._by_holder.get(_holder(identifier, application_id), ())


def _holder(identifier: Identifier, application_id: str | None) -> _Holder:
    return identifier.text, None if identifier.is_person else application_id
