"""A finding: one thing that a look at something has shown, how bad it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date, datetime
from enum import StrEnum
from typing import Final, Protocol

from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment


class MessageKey(str):
    """A fact that is itself a word of the catalogues, by its key: ``registry.type.doctor``. One that no catalogue has
    is shown by the last part of its key."""

    __slots__ = ()


Fact = str | int | float | date | Environment | tuple[str, ...]
"""What a sentence is filled in with. Never a secret; a `datetime` is a `date` too, and aware."""
MANY: Final = 5
"""Names that a sentence lists; of more it gives the number of the rest."""
_EDGES: Final = (MINYEAR, MAXYEAR)


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    ERROR = "error"
    """It does not work, or loses keys: something has to be done."""
    WARNING = "warning"
    """It works today or for some; something should be done."""
    INFO = "info"
    """Good to know."""
    OK = "ok"
    """It was looked at and is fine."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Urgency(StrEnum):
    """How urgent something is, the most urgent first; how bad a single finding is, its `Severity` says."""

    STOPS = "stops"
    """Nobody can work with it."""
    SOON = "soon"
    """It is due: it ends soon, or somebody has to do something for it."""
    NOTE = "note"
    """Good to know."""
    NONE = "none"


class Topic(StrEnum):
    """What a finding is about, as far as some rule has to know it, which then need not read the spelling of a key."""

    END = "end"
    """When a certificate ends, or that it has."""
    CERTIFICATE = "certificate"
    """The certificate of a card, or, in a record, the one that is assigned."""
    VALIDITY = "validity"
    """Whether a card and its certificates are there, and valid today."""
    HOLDER = "holder"
    """The certificate that is assigned to a record is another person's."""
    PERIOD = "period"
    """An INAMI period, and its number."""
    TOKEN = "token"  # noqa: S105  # no secret
    """The encryption token of a certificate, in the depot or at the platform."""
    ETK = "etk"
    """The certificate of the present encryption key."""
    FOLDER = "folder"
    """A folder that could not be looked into."""
    CLOSED = "closed"
    """A file that was not opened."""
    PASSWORD = "password"  # noqa: S105  # no secret
    """A password that does not open its file."""
    NEWER = "newer"
    """A newer keystore beside the one that is assigned."""
    UNREGISTERED = "unregistered"
    """A keystore of a person who has no record."""
    HANGS = "hangs"
    """A file that could not be read in time."""
    REMEMBERED = "remembered"
    """What platform or issuer said of a certificate when they were asked last."""
    CIRCUMSTANCES = "circumstances"
    """The day, the name of a file, its neighbours, what it is for, or what follows from other findings: no fact of what
    is in the file."""


class Reportable(Protocol):
    """What can be reported as a finding: about a keystore, a record, this computer."""

    @property
    def key(self) -> str: ...

    @property
    def severity(self) -> Severity: ...

    def message(self, texts: Translator) -> str: ...

    def next_step(self, texts: Translator) -> str: ...


_URGENCIES: Final[Mapping[Severity, Urgency]] = {
    Severity.ERROR: Urgency.STOPS,
    Severity.WARNING: Urgency.NOTE,
    Severity.INFO: Urgency.NOTE,
    Severity.OK: Urgency.NONE,
}
"""How urgent a finding is by itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found, for programs by its key and for people by its sentences.

    Attributes:
        key: stable, scripts and translations hang on it.
        facts: what the sentences need.
        catalogue: which of the message catalogues has its sentences.
        variant: for the same finding said otherwise, because another step comes next.
        urgency: an error stops work, and the others are notes, unless the finding says otherwise.
        topic: what it is about; None where no rule has to know.
        until: when something ends of what it is about, a day or an aware moment; None where no rule has to know.
    """

    key: str
    severity: Severity
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)
    catalogue: str = "finding"
    variant: str = ""
    urgency: Urgency = field(default=None, kw_only=True)  # type: ignore[assignment]  # set below
    topic: Topic | None = field(default=None, kw_only=True)
    until: date | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.urgency is None:
            object.__setattr__(self, "urgency", _URGENCIES[self.severity])  # type: ignore[unreachable]

    @property
    def is_due(self) -> bool:
        """Whether something does not work, or somebody has to do something soon."""
        return self.urgency in (Urgency.STOPS, Urgency.SOON)

    def about(
        self, topic: Topic | None = None, until: date | None = None, urgency: Urgency | None = None
    ) -> Finding:
        """Return the same finding with what is given; None keeps what it has."""
        return replace(
            self,
            topic=topic or self.topic,
            until=until or self.until,
            urgency=urgency or self.urgency,
        )

    def message(self, texts: Translator) -> str:
        """Return what was found, as a sentence."""
        return texts.get(self._text, **self._shown(texts))

    def next_step(self, texts: Translator) -> str:
        """Return what to do about it."""
        return texts.get(f"{self._text}.next", **self._shown(texts))

    @property
    def _text(self) -> str:
        return ".".join(filter(None, (self.catalogue, self.key, self.variant)))

    def _shown(self, texts: Translator) -> dict[str, object]:
        return {name: _show(value, texts) for name, value in self.facts.items()}


@dataclass(frozen=True, slots=True)
class FindingFactory:
    """Makes findings whose sentences are in one ``catalogue``. `due` makes a warning that is due.

    Attributes:
        topic: of all of them.
        errors: how urgent an error is.
    """

    catalogue: str
    topic: Topic | None = None
    errors: Urgency = Urgency.STOPS

    def about(self, topic: Topic) -> FindingFactory:
        """Return what makes findings about ``topic``."""
        return replace(self, topic=topic)

    def error(self, key: str, variant: str = "", /, **facts: Fact) -> Finding:
        return self._finding(key, Severity.ERROR, variant, facts, self.errors)

    def warning(self, key: str, variant: str = "", /, **facts: Fact) -> Finding:
        return self._finding(key, Severity.WARNING, variant, facts)

    def due(self, key: str, variant: str = "", /, **facts: Fact) -> Finding:
        return self._finding(key, Severity.WARNING, variant, facts, Urgency.SOON)

    def info(self, key: str, variant: str = "", /, **facts: Fact) -> Finding:
        return self._finding(key, Severity.INFO, variant, facts)

    def ok(self, key: str, variant: str = "", /, **facts: Fact) -> Finding:
        return self._finding(key, Severity.OK, variant, facts)

    def _finding(
        self,
        key: str,
        severity: Severity,
        variant: str,
        facts: Mapping[str, Fact],
        urgency: Urgency | None = None,
    ) -> Finding:
        made = Finding(key, severity, facts, self.catalogue, variant, topic=self.topic)
        return made.about(urgency=urgency)


KEYSTORES: Final = FindingFactory("finding")
"""Of the diagnosis of keystores."""
error, warning, info, ok = KEYSTORES.error, KEYSTORES.warning, KEYSTORES.info, KEYSTORES.ok


class WithFindings:
    """A result with findings."""

    __slots__ = ()

    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """Of the worst finding."""
        severities = [finding.severity for finding in self.findings]
        return min(severities, key=lambda severity: severity.rank, default=Severity.OK)

    def has(self, key: str) -> bool:
        """Return whether there is a finding of that key."""
        return any(finding.key == key for finding in self.findings)


def sort_by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by severity; among equals in the order in which they were found."""
    return tuple(sorted(findings, key=lambda finding: finding.severity.rank))


def with_severity(severity: Severity, message: str, texts: Translator) -> str:
    """Return severity and message as a line.

    For example: ``Error: The certificate has expired.``
    """
    return texts.get("cli.told", severity=texts.get(f"cli.severity.{severity}"), message=message)


def describe_finding(finding: Reportable, texts: Translator) -> dict[str, str]:
    """Describe a finding as one object: ``key``, ``severity``, ``message``, ``next``."""
    return {
        "key": finding.key,
        "severity": str(finding.severity),
        "message": finding.message(texts),
        "next": finding.next_step(texts),
    }


def finding_lines(finding: Reportable, texts: Translator, *about: str | None) -> list[str]:
    """Return a finding as lines of plain text, with its next step. ``about``: whose it is, and in which file."""
    named = "  ".join(filter(None, about))
    return [
        with_severity(finding.severity, finding.message(texts), texts),
        *([f"    {named}"] if named else []),
        f"    → {finding.next_step(texts)}",
    ]


def calendar_day(moment: datetime) -> date:
    """Return ``moment``; of one at the very edge of the calendar, which has no local time everywhere, the day. A
    certificate without an end has the last second of the year 9999."""
    return moment.date() if moment.year in _EDGES else moment


def _show(value: Fact, texts: Translator) -> object:
    if isinstance(value, datetime):
        return calendar_day(value)
    if isinstance(value, Environment):
        return texts.get(f"finding.word.{value}")
    if isinstance(value, MessageKey):
        return texts.get(value) if texts.has(value) else value.rpartition(".")[2]
    if isinstance(value, tuple):
        rest = (f"+ {len(value) - MANY}",) if len(value) > MANY else ()
        return ", ".join((*value[:MANY], *rest))
    if isinstance(value, int | float) and not isinstance(value, bool):
        from babel.numbers import format_decimal

        # French has a narrow space between thousands, which Windows-1252 lacks.
        return format_decimal(value, locale=texts.language).replace("\u202f", "\u00a0")
    return value
