"""The state of an audit, as far as a comparison needs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.masking import masked
from ehtoolkit.auditing.snapshot import KeystoreSnapshot, keystore_of
from ehtoolkit.system.text_safety import printable

_MASK: Final = re.compile(r"\d{6}\*{5}", re.ASCII)
"""What is left of a NISS number that was masked."""


@dataclass(frozen=True, slots=True)
class AuditState:
    """One of the two audits that are compared.

    Attributes:
        name: its folders, or the file that it was saved in.
        keystores: with the paths of that audit.
        folders: that were audited, absolute; None: not known.
        problems: of folders, see `ehtoolkit.auditing.snapshot.Snapshot`.
    """

    name: str
    keystores: tuple[KeystoreSnapshot, ...] = field(repr=False)
    folders: tuple[str, ...] | None = None
    problems: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, audit: AuditResult) -> AuditState:
        """Return the state of an audit."""
        folders = tuple(printable(str(folder)) for folder in audit.folders)
        keystores = tuple(map(keystore_of, audit.rows.keystores))
        return cls(", ".join(folders), keystores, folders, audit.snapshot().problems)

    @property
    def is_masked(self) -> bool:
        """Whether NISS numbers were masked."""
        return any(_MASK.search(f"{keystore.file} {keystore.holder}") for keystore in self.keystores)

    def masked(self) -> AuditState:
        """Return the same state without whole NISS numbers."""
        keystores = (
            replace(keystore, file=masked(keystore.file), holder=keystore.holder and masked(keystore.holder))
            for keystore in self.keystores
        )
        return replace(
            self,
            keystores=tuple(keystores),
            folders=None if self.folders is None else tuple(map(masked, self.folders)),
            problems={masked(folder): problem for folder, problem in self.problems.items()},
        )

    def folder_opposite(self, other: AuditState) -> tuple[str, str] | None:
        """Return the folder of this audit and that of ``other`` that are compared with each other: the only ones that
        the two do not have in common. None where there are others, or one lies in the other."""
        mine = [folder for folder in self.folders or () if folder not in (other.folders or ())]
        theirs = [folder for folder in other.folders or () if folder not in (self.folders or ())]
        if len(mine) != 1 or len(theirs) != 1:
            return None
        first, second = PurePath(mine[0]), PurePath(theirs[0])
        if first.is_relative_to(second) or second.is_relative_to(first):
            return None
        return mine[0], theirs[0]
