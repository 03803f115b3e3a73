"""One line of the doctor: what was looked at, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self

from ehtoolkit import errors
from ehtoolkit.finding import Fact, Finding, FindingFactory, Severity
from ehtoolkit.i18n import VARIANT_FACTS, Translator

_DOCTOR: Final = FindingFactory("doctor")
HIDDEN: Final = "…"
"""What stands for a fact in a report that goes to someone else."""
TELLABLE: Final = frozenset(
    {
        *(*VARIANT_FACTS, "status", "tries_left", "count"),
        *("host", "proxy", "issuer", "version", "readers", "reader", "seconds", "milliseconds", "minutes"),
        *("here", "there", "days", "date", "free", "certificate", "keys", "environment", "about", "applet"),
        *("ehtoolkit", "python", "system", "pykcs11", "moment", "certificates", "token"),
    }
)
"""The facts that say nothing about a person: no path, whose name holds one's name or number, and no free text."""


class Section(StrEnum):
    """The groups that lines are shown in, in this order."""

    CARD = "card"
    PLATFORM = "platform"
    FOLDERS = "folders"
    PROGRAM = "program"
    KEYSTORE = "keystore"


class CheckTopic(StrEnum):
    """What a line is about, in the order in which lines are shown."""

    SERVICE = "service"
    READER = "reader"
    MODULE = "module"
    CARD = "card"
    CERTIFICATES = "certificates"
    PIN = "pin"
    PLATFORM = "platform"
    PROXY = "proxy"
    TLS = "tls"
    CLOCK = "clock"
    FOLDER = "folder"
    PERMISSIONS = "permissions"
    VERSIONS = "versions"
    FILE = "file"
    KNOWN = "known"
    DEPOT = "depot"
    KEYS = "keys"
    MESSAGES = "messages"
    SESSION = "session"
    PERSON = "person"

    @property
    def section(self) -> Section:
        return _SECTIONS.get(self, Section.KEYSTORE)

    @property
    def rank(self) -> int:
        return list(CheckTopic).index(self)

    def ok(self, key: str, /, **facts: Fact) -> CheckResult:
        """Return a result whose sentences are ``doctor.<key>`` and ``doctor.<key>.next``, as the other three do."""
        return CheckResult.of_finding(self, _DOCTOR.ok(key, **facts))

    def info(self, key: str, /, **facts: Fact) -> CheckResult:
        return CheckResult.of_finding(self, _DOCTOR.info(key, **facts))

    def warning(self, key: str, /, **facts: Fact) -> CheckResult:
        return CheckResult.of_finding(self, _DOCTOR.warning(key, **facts))

    def error(self, key: str, variant: str = "", /, **facts: Fact) -> CheckResult:
        return CheckResult.of_finding(self, _DOCTOR.error(key, variant, **facts))


_CARD: Final = (
    CheckTopic.SERVICE,
    CheckTopic.READER,
    CheckTopic.MODULE,
    CheckTopic.CARD,
    CheckTopic.CERTIFICATES,
    CheckTopic.PIN,
)
_SECTIONS: Final[Mapping[CheckTopic, Section]] = {
    **dict.fromkeys(_CARD, Section.CARD),
    **dict.fromkeys(
        (CheckTopic.PLATFORM, CheckTopic.PROXY, CheckTopic.TLS, CheckTopic.CLOCK), Section.PLATFORM
    ),
    **dict.fromkeys((CheckTopic.FOLDER, CheckTopic.PERMISSIONS), Section.FOLDERS),
    CheckTopic.VERSIONS: Section.PROGRAM,
}
"""The others are in the section of the keystore."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check.

    Attributes:
        key: stable, scripts and translations hang on it; of an error, its own key.
        source: what has the sentences: a finding of whatever catalogue, or an error.
    """

    about: CheckTopic
    severity: Severity
    source: Finding | errors.EhToolkitError = field(hash=False)

    @classmethod
    def of_error(
        cls, about: CheckTopic, error: errors.EhToolkitError, severity: Severity = Severity.ERROR
    ) -> Self:
        """Return a result that says what an error of another part says."""
        return cls(about, severity, error)

    @classmethod
    def of_finding(cls, about: CheckTopic, finding: Finding) -> Self:
        """Return a result that says what a diagnosis, or the status of a certificate, says."""
        return cls(about, finding.severity, finding)

    @property
    def key(self) -> str:
        return self.source.key

    @property
    def facts(self) -> Mapping[str, object]:
        return self.source.facts

    def message(self, texts: Translator) -> str:
        """Return the sentence about what was found."""
        if isinstance(self.source, Finding):
            return self.source.message(texts)
        return texts.error(self.source)

    def next_step(self, texts: Translator) -> str:
        """Return what to do about it; empty where all is well."""
        if self.severity is Severity.OK:
            return ""
        if isinstance(self.source, Finding):
            return self.source.next_step(texts)
        return texts.next_step(self.source)

    def not_needed(self) -> CheckResult:
        """Return the result with a severity of at most INFO: nothing depends on it here."""
        return self if self.severity is Severity.OK else replace(self, severity=Severity.INFO)

    def is_tellable(self, fact: str) -> bool:
        """Return whether a fact of that name says nothing about a person. In a keystore the issuer may be its holder,
        who has signed the certificate."""
        return fact in TELLABLE and not (fact == "issuer" and self.about is CheckTopic.FILE)

    def fit_to_send(self) -> CheckResult:
        """Return the result without names, numbers and paths."""
        hidden = {name: HIDDEN for name in self.facts if not self.is_tellable(name)}
        if isinstance(self.source, Finding):
            return replace(self, source=replace(self.source, facts={**self.source.facts, **hidden}))
        return replace(self, source=self.source.with_facts(**hidden))
