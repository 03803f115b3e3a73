"""Options of an audit: the command, the page and Python assemble them here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ehtoolkit.clock import DUE_WITHIN, SystemClock
from ehtoolkit.ehealth.revocation_answers import AskRevocation
from ehtoolkit.i18n import Translator, language_of
from ehtoolkit.identity import Environment
from ehtoolkit.providers import Registry
from ehtoolkit.providers.audit_registry import (
    NowFor,
    named_environment,
    reads_registry,
    require_practice,
    training_clock_for,
    uses_training_clock,
)
from ehtoolkit.providers.provider import KNOWN, TypeTable, type_table
from ehtoolkit.settings import Settings
from ehtoolkit.system.io_timeout import SECONDS

Stop = Callable[[], bool]
"""Whether the scan is to end."""
Progress = Callable[[int, int], None]
"""How many files are done, of how many."""


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """Options of an audit, without folders and passwords.

    Attributes:
        now: aware.
        now_for: the time for each keystore; None: ``now``.
        environment: which one the files are for; None: any.
        due_within: when the end of a certificate is near.
        cache: the folder for the results of scans with passwords; None keeps nothing.
        processes: that read files; 1 stays in this one.
        stop: called again and again; once it returns True, `errors.Cancelled` is raised.
        language: of the sentences.
        seconds: limit for reading one file, or listing one folder; what takes longer is a finding.
        types: of providers.
        ask_revocation: queries the issuer of a certificate; None: no issuer is queried.
        reads_registry: whether the records of a registry are part of the audit.
        practice: includes only the providers of this practice. Keystores that are assigned only to other providers,
            or have one of them as their holder, are left out, also where they lie in the folders. None: all.
        notes: the folder with what was seen of keystores when they were opened last; None recalls nothing.
        on_pages: the sentences are read on a page.
        executor: its workers read the files instead of ``processes``; see `ehtoolkit.auditing.scan.batches`.
        unattended: no person reads the whole result: a keystore that stays closed is due, see
            `ehtoolkit.auditing.audit_result.AuditResult.judged`.
        follow_links: also those that lead out of the folders. No password is tried on what is behind them.
        secrets: the folder of the key that makes pseudonyms of keystores, for metrics; None: there are no metrics.

    Raises `errors.PracticeUnknown` for a practice without a registry.
    """

    now: datetime = field(default_factory=lambda: SystemClock().now())
    now_for: NowFor | None = None
    environment: Environment | None = None
    due_within: timedelta = DUE_WITHIN
    cache: Path | None = None
    processes: int = 2
    progress: Progress = lambda done, of: None
    stop: Stop = lambda: False
    language: str | None = None
    seconds: float = SECONDS
    types: TypeTable = field(default_factory=lambda: KNOWN)
    ask_revocation: AskRevocation | None = None
    reads_registry: bool = False
    practice: str | None = None
    notes: Path | None = None
    on_pages: bool = False
    executor: Executor | None = None
    unattended: bool = False
    secrets: Path | None = None
    follow_links: bool = False

    def __post_init__(self) -> None:
        if self.practice is not None and not self.reads_registry:
            require_practice(self.practice, None)

    @classmethod
    def of(
        cls,
        settings: Settings,
        folders: Iterable[Path],
        *,
        registry: Registry | bool,
        training_now: Callable[[], datetime],
        **others: Any,
    ) -> AuditOptions:
        """Return the options for an audit of ``folders``.

        Args:
            registry: True reads the registry of ``settings`` where `ehtoolkit.providers.audit_registry.reads_registry`
                allows it; False reads none. An open registry is always read.
            training_now: returns the time for folders of the training platform.
            others: replace what ``settings`` give.

        Raises `errors.PracticeUnknown` for a practice when no registry is read, and `errors.SettingInvalid`.
        """
        folders = tuple(folders)
        given: dict[str, Any] = {
            "environment": named_environment(settings),
            "cache": settings.audit_cache,
            "seconds": settings.file_timeout,
            "types": type_table(settings.provider_types),
            "notes": settings.notes,
            "secrets": settings.home / "audit",
            "reads_registry": isinstance(registry, Registry)
            or (registry and reads_registry(settings, folders)),
            **others,
        }
        if given.get("now") is None:
            given["now"] = SystemClock().now()
            if uses_training_clock(settings, folders):
                given["now"] = training_now()
                given["now_for"] = training_clock_for(settings, given["now"])
        return cls(**given)

    @property
    def texts(self) -> Translator:
        return Translator(language_of(self.language), on_pages=self.on_pages)
