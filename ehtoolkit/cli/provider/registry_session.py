"""Open what provider commands need: registry, clock, types, and output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.finding_lines import print_findings
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.providers import Provider, Registry, examine_provider, open_registry
from ehtoolkit.providers.provider import TypeTable, describe_provider, type_table


@dataclass(frozen=True, slots=True)
class RegistrySession:
    """The registry while a command works with it."""

    session: Session
    registry: Registry
    types: TypeTable

    @property
    def now(self) -> datetime:
        return self.session.clock.now()

    def findings(self, record: Provider) -> tuple[Finding, ...]:
        return examine_provider(record, self.now, self.types)

    def describe(self, record: Provider) -> dict[str, Any]:
        return describe_provider(record, self.findings(record), self.session.texts)

    def save(self, record: Provider) -> None:
        """Save a record that was changed, and print it."""
        self.print_changed(self.registry.save(record), "cli.provider.changed")

    def print_changed(self, record: Provider, key: str) -> None:
        """Print a record that was changed: as JSON, or as a sentence and what is wrong with it now. The exit code is 0:
        the change was made, whatever the rules say."""
        self.session.result(self.describe(record), key, name=record.full_name, id=record.id)
        if not self.session.options.as_json:
            print_findings(self.session, problems(self.findings(record)))


@contextmanager
def open_registry_session(session: Session) -> Iterator[RegistrySession]:
    """Open the registry of ``session`` for the body, with its clock and its types of providers. Raises what
    `ehtoolkit.providers.open_registry` raises."""
    types = type_table(session.settings.provider_types)
    with open_registry(session.settings, session.clock) as registry:
        yield RegistrySession(session, registry, types)


def problems(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return what is not fine."""
    return [finding for finding in findings if finding.severity is not Severity.OK]


def is_fine(findings: tuple[Finding, ...]) -> bool:
    """Return whether nothing is wrong that keeps the provider from working."""
    return all(finding.severity is not Severity.ERROR for finding in findings)
