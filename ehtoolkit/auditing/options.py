"""Options of an audit: what is asked, and how this computer does it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.clock import SystemClock
from ehtoolkit.ehealth.revocation_answers import AskRevocation
from ehtoolkit.i18n import Translator, language_of
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
    """Options of an audit, without passwords.

    Attributes:
        now: aware.
        now_for: the time for each keystore; None: ``now``.
        request: what is asked. Its folders are those that `ehtoolkit.auditing.audit.run_audit` reads.
        unnamed: folders that the user did not name: they may have no keystore.
        cache: the folder for the results of scans with passwords; None keeps nothing.
        processes: that read files; 1 stays in this one.
        stop: called again and again; once it returns True, `errors.Cancelled` is raised.
        language: of the sentences.
        seconds: limit for reading one file, or listing one folder; what takes longer is a finding.
        types: of providers.
        ask_revocation: queries the issuer of a certificate; None: no issuer is queried.
        notes: the folder with what was seen of keystores when they were opened last; None recalls nothing.
        on_pages: the sentences are read on a page.
        executor: its workers read the files instead of ``processes``; see `ehtoolkit.auditing.scan.batches`.
        unattended: no person reads the whole result: a keystore that stays closed is due, see
            `ehtoolkit.auditing.audit_result.AuditResult.judged`.
        secrets: the folder of the key that makes pseudonyms of keystores, for metrics; None: there are no metrics.
        acknowledgements: the folder of `ehtoolkit.auditing.acknowledgements`; None: nothing is acknowledged.

    Raises `errors.PracticeUnknown` for a practice without a registry.
    """

    now: datetime = field(default_factory=lambda: SystemClock().now())
    now_for: NowFor | None = None
    request: AuditRequest = field(default_factory=lambda: AuditRequest(registry=False))
    unnamed: frozenset[Path] = frozenset()
    cache: Path | None = None
    processes: int = 2
    progress: Progress = lambda done, of: None
    stop: Stop = lambda: False
    language: str | None = None
    seconds: float = SECONDS
    types: TypeTable = field(default_factory=lambda: KNOWN)
    ask_revocation: AskRevocation | None = None
    notes: Path | None = None
    on_pages: bool = False
    executor: Executor | None = None
    unattended: bool = False
    secrets: Path | None = None
    acknowledgements: Path | None = None

    def __post_init__(self) -> None:
        if self.request.practice is not None and not self.request.registry:
            require_practice(self.request.practice, None)

    @classmethod
    def of(
        cls,
        settings: Settings,
        request: AuditRequest,
        *,
        training_now: Callable[[], datetime],
        is_open: bool = False,
        **others: Any,
    ) -> AuditOptions:
        """Return the options for ``request``, in which ``settings`` complete what is not named: the environment, and
        whether there is a registry that `ehtoolkit.providers.audit_registry.reads_registry` allows to be read.

        Args:
            training_now: returns the time for folders of the training platform.
            is_open: the registry is open: it is read in any case.
            others: replace what ``settings`` give.

        Raises `errors.PracticeUnknown` for a practice when no registry is read, and `errors.SettingInvalid`.
        """
        completed = {
            "environment": request.environment or named_environment(settings),
            "registry": request.registry and (is_open or reads_registry(settings, request.folders)),
        }
        given: dict[str, Any] = {
            "request": request.model_copy(update=completed),
            "cache": settings.audit_cache,
            "seconds": settings.file_timeout,
            "types": type_table(settings.provider_types),
            "notes": settings.notes,
            "secrets": settings.home / "audit",
            "acknowledgements": settings.home / "audit",
            **others,
        }
        if given.get("now") is None:
            given["now"] = SystemClock().now()
            if uses_training_clock(settings, request.folders):
                given["now"] = training_now()
                given["now_for"] = training_clock_for(settings, given["now"])
        return cls(**given)

    @property
    def texts(self) -> Translator:
        return Translator(language_of(self.language), on_pages=self.on_pages)
