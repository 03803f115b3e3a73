"""A finding with its subject and its urgency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Self

from ehtoolkit.clock import brussels_day
from ehtoolkit.finding import Finding, FindingFactory, Topic, Urgency
from ehtoolkit.keystore.standing import Action
from ehtoolkit.result_display import masked

CATALOGUE: Final = "audit"


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """A finding, and what it is about.

    Attributes:
        file: as it can be printed.
        holder: ``TYPE=NUMBER``; ``holder_name``: by the certificate.
        provider: number and name of a record.
        practice: of that provider, or of the one that the keystore is assigned to.
        action: what is to be done about it with the keystore or its record, by the judge of the keystore; None where no
            action is meant.
        due: the day by which something has to be done, or had to, that of ``until`` of the finding; ``days`` until
            then.
        acknowledged: whether it counts apart: see `ehtoolkit.auditing.acknowledgements`.
    """

    finding: Finding
    file: str | None = None
    holder: str | None = None
    provider: tuple[int, str] | None = None
    due: date | None = None
    days: int | None = None
    holder_name: str | None = None
    practice: str | None = None
    action: Action | None = None
    acknowledged: bool = False

    @classmethod
    def of(cls, finding: Finding, now: datetime, **about: Any) -> Self:
        """Return ``finding`` with its day, and the days from ``now`` (aware) until then. ``about``: the other
        fields."""
        until = finding.until
        due = brussels_day(until) if isinstance(until, datetime) else until
        return cls(finding, due=due, days=None if due is None else (due - brussels_day(now)).days, **about)

    @property
    def person(self) -> str | None:
        """Name of the provider, else of the holder by the certificate; None while neither is known."""
        return self.provider[1] if self.provider else self.holder_name

    def with_facts(self, change: Callable[[str], str]) -> AuditFinding:
        """Return the same finding with each text of its facts changed; the key of a word stays."""

        def changed(fact: Any) -> Any:
            if isinstance(fact, tuple):
                return tuple(map(change, fact))
            return change(fact) if type(fact) is str else fact

        facts = {name: changed(fact) for name, fact in self.finding.facts.items()}
        return replace(self, finding=replace(self.finding, facts=facts))

    def masked(self) -> AuditFinding:
        """Return the same finding without a whole NISS, in its sentences too."""
        return replace(
            self.with_facts(masked),
            file=self.file and masked(self.file),
            holder=self.holder and masked(self.holder),
            holder_name=self.holder_name and masked(self.holder_name),
            practice=self.practice and masked(self.practice),
            provider=self.provider and (self.provider[0], masked(self.provider[1])),
        )

    @property
    def order(self) -> tuple[object, ...]:
        """Sort the most urgent first: how bad it is, how soon, then by name."""
        finding, name = self.finding, self.provider[1] if self.provider else ""
        return finding.severity.rank, self.days is None, self.days or 0, name, self.file or "", finding.key


_AUDIT: Final = FindingFactory(CATALOGUE)
error, warning, due, info = _AUDIT.error, _AUDIT.warning, _AUDIT.due, _AUDIT.info


EMPTY: Final = "folder_empty"
"""The key of the finding about a folder without any keystore: mostly a drive that is not connected, whose folder is
there."""
FOLDER_KEYS: Final = frozenset({"folder_missing", "folder_unreadable", "folder_hangs", "folder_link", EMPTY})
"""Keys of findings about folders whose keystores, if there are any, were not seen: saved audits have no more of
them."""


def folder_finding(reason: str, folder: str) -> Finding:
    """Return the finding about a folder, or a link to one, in which no keystore was seen. ``reason``: ``empty``, or as
    `ehtoolkit.auditing.scan.discovery.UnreadableFolder` has it; a ``loop`` leads to what is looked into anyway."""
    match reason:
        case "loop":
            return info("folder_loop", folder=folder)
        case "link":
            return warning("folder_link", folder=folder).about(Topic.FOLDER)
        case "empty":
            return due(EMPTY, folder=folder).about(Topic.FOLDER)
    return error(f"folder_{reason}", folder=folder).about(Topic.FOLDER, urgency=Urgency.SOON)


def registry_finding(registry: str) -> Finding:
    """Return the finding about a registry that was read before, and not this time."""
    return error("registry_away", registry=registry).about(Topic.FOLDER, urgency=Urgency.SOON)
