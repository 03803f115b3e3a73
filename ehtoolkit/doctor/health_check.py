"""Run all checks of the doctor side by side, none of them waited for long."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import TRAINING, Card, CardSpec
from ehtoolkit.card.readers import ReaderProbe
from ehtoolkit.doctor.card import check_card_readiness
from ehtoolkit.doctor.check_result import CheckResult, CheckTopic, Section
from ehtoolkit.doctor.folders import check_folders
from ehtoolkit.doctor.platform_connection import address_of, check_platform, check_proxy, check_tls
from ehtoolkit.doctor.readers import check_modules, check_readers
from ehtoolkit.ehealth.wire.failures import computer_time
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.procedures.card_check import check_card
from ehtoolkit.settings import Settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.version import __version__

PATIENCE: Final = 25.0
"""Seconds for everything: what has not answered by then is said not to."""
WIRE_PATIENCE: Final = 6.0
"""Seconds for one wait on the wire, where the settings allow more."""

Probe = Callable[[], Iterable[CheckResult]]
Progress = Callable[[int, int], None]
"""Called with how many parts have answered, of how many."""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What the checks of this computer found.

    Attributes:
        lines: in the order of `CheckTopic`, worst first among those of one thing.
        at: by the clock of the environment: in training, the training clock.
        card_holder: the name of the holder of the card that was read, for the screen; in no line and no report. Empty:
            none was read.
        training_card: whether the chosen card is a training card, which needs neither reader nor card software: nothing
            was proven for a real card.
    """

    environment: str
    lines: tuple[CheckResult, ...]
    at: datetime
    seconds: float
    card_holder: str = field(default="", repr=False)
    training_card: bool = False

    @property
    def sound(self) -> bool:
        """Whether nothing has to be put right."""
        return self.count(Severity.ERROR) == 0

    def count(self, severity: Severity) -> int:
        return sum(line.severity is severity for line in self.lines)

    def sections(self) -> tuple[tuple[Section, tuple[CheckResult, ...]], ...]:
        """Return the lines in their groups; groups without a line are left out."""
        groups = (
            (section, tuple(line for line in self.lines if line.about.section is section))
            for section in Section
        )
        return tuple((section, lines) for section, lines in groups if lines)

    def with_lines(self, more: Iterable[CheckResult]) -> HealthReport:
        """Return the report with ``more`` lines in their places."""
        return replace(self, lines=in_order((*self.lines, *more)))


def examine(
    settings: Settings,
    *,
    reader_probe: ReaderProbe | None = None,
    patience: float = PATIENCE,
    progress: Progress | None = None,
    only: Section | None = None,
) -> HealthReport:
    """Look at everything that ``settings`` lead to. Changes nothing and raises nothing.

    Args:
        reader_probe: asks PC/SC and modules.
        patience: seconds.
        progress: gets the number of checks that are done, and of all, in this thread.
        only: looks at that group of things alone.
    """
    at, begin = computer_time(), time.monotonic()
    probe = reader_probe or ReaderProbe()
    quick = settings.model_copy(update={"platform_timeout": min(settings.platform_timeout, WIRE_PATIENCE)})
    probes: dict[CheckTopic, Probe] = {
        CheckTopic.FOLDER: partial(check_folders, settings),
        CheckTopic.VERSIONS: check_versions,
    }
    lines: list[CheckResult] = []
    toolkit: Toolkit | None = None
    try:
        toolkit = open_toolkit(quick)
        at = toolkit.context.clock.now()
    except errors.EhToolkitError as error:
        lines.append(CheckResult.of_error(CheckTopic.PLATFORM, error))
    holders: list[str] = []
    probes |= card_probes(settings, toolkit, probe, holders.append)
    if toolkit is not None:
        probes |= platform_probes(toolkit)
    if only is not None:
        probes = {about: probe for about, probe in probes.items() if about.section is only}
    found, all_came = run_parallel(probes, patience, progress or (lambda done, of: None))
    if toolkit is not None and all_came:  # else someone is still at it
        toolkit.close()
    seconds = round(time.monotonic() - begin, 1)
    holder = holders[0] if holders else ""
    return HealthReport(
        settings.environment,
        in_order([*lines, *found]),
        at,
        seconds,
        holder,
        training_card=_is_training_card(_chosen_card(settings, toolkit)),
    )


def card_probes(
    settings: Settings, toolkit: Toolkit | None, reader_probe: ReaderProbe, note_holder: Callable[[str], None]
) -> Mapping[CheckTopic, Probe]:
    """Return the probes of service and readers, modules, and card, whose holder's name goes to ``note_holder``. With a
    card of the training no reader and no module are needed."""
    specification = _chosen_card(settings, toolkit)
    needed = not _is_training_card(specification)
    chosen = _module_of(specification) if needed else None
    modules = partial(check_modules, reader_probe, chosen)
    probes: dict[CheckTopic, Probe] = {
        CheckTopic.READER: partial(check_readers if needed else _look_at_spared_readers, reader_probe),
        CheckTopic.MODULE: modules if needed else partial(_spared, modules),
    }
    if settings.shared:  # the readers are those of the server, not of the user
        probes = {CheckTopic.READER: lambda: [CheckTopic.READER.info("reader_on_server")]}
    if toolkit is not None:
        context = toolkit.context

        def prove(card: Card) -> Iterable[Finding]:
            note_holder(card.identity().person.full_name)
            return check_card(card, context)

        probes[CheckTopic.CARD] = lambda: check_card_readiness(
            toolkit.open_card, context.clock.now(), reader_probe, prove
        )
    return probes


def _chosen_card(settings: Settings, toolkit: Toolkit | None) -> str:
    return settings.card or (toolkit.default_card if toolkit is not None else "pkcs11:")


def _is_training_card(specification: str) -> bool:
    return specification.partition(":")[0] == TRAINING


def _module_of(specification: str) -> Path | None:
    """Return the module that is named; None where none is, and where ``specification`` is malformed: the line about the
    card says so."""
    try:
        name = CardSpec.parse(specification).name
    except errors.SettingInvalid:
        return None
    return Path(name) if name else None


def platform_probes(toolkit: Toolkit) -> Mapping[CheckTopic, Probe]:
    """Return the probes of the platform itself; of proxy and certificate where it is reached over the network."""
    probes: dict[CheckTopic, Probe] = {CheckTopic.PLATFORM: partial(check_platform, toolkit)}
    address = address_of(toolkit)
    if address is not None:
        probes[CheckTopic.PROXY] = partial(check_proxy, toolkit.settings, address)
        probes[CheckTopic.TLS] = partial(check_tls, toolkit.settings, address)
    return probes


def run_parallel(
    probes: Mapping[CheckTopic, Probe], patience: float, progress: Progress
) -> tuple[list[CheckResult], bool]:
    """Run every probe in a thread of its own. Returns their results, and whether all have ended. The results of a probe
    come in together when it has ended; one that breaks, or has not ended after ``patience`` seconds, gets a line that
    says so."""
    came: SimpleQueue[tuple[CheckTopic, Sequence[CheckResult]]] = SimpleQueue()
    for about, probe in probes.items():
        Thread(target=_attempt, args=(about, probe, came), name=f"doctor-{about}", daemon=True).start()
    waiting, lines, end = set(probes), list[CheckResult](), time.monotonic() + patience
    while waiting:
        try:
            about, found = came.get(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            break
        waiting.discard(about)
        lines += found
        progress(len(probes) - len(waiting), len(probes))
    lines += [section.error("no_answer", seconds=patience) for section in waiting]
    return lines, not waiting


def in_order(lines: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    return tuple(sorted(lines, key=lambda line: (line.about.rank, line.severity.rank)))


def _attempt(
    about: CheckTopic, probe: Probe, came: SimpleQueue[tuple[CheckTopic, Sequence[CheckResult]]]
) -> None:
    try:
        found = tuple(probe())
    except Exception as error:  # noqa: BLE001  # the boundary: a part that breaks does not take the others along
        found = (CheckResult.of_error(about, errors.Unexpected.unless_known(error)),)
    came.put((about, found))


def _spared(probe: Probe) -> Iterable[CheckResult]:
    """Downgrade the results to INFO: a training card needs none of this."""
    return [line.not_needed() for line in probe()]


def _look_at_spared_readers(reader_probe: ReaderProbe) -> Iterable[CheckResult]:
    yield CheckTopic.READER.ok("reader_spared")
    yield from _spared(partial(check_readers, reader_probe))


# ── Versions of what runs here ───────────────────────────────────────────────────────────────────────────
def versions() -> Mapping[str, str]:
    """Return the versions of this program, of Python, of the system, and of the bridge to card software (empty: it is
    not installed)."""
    return {
        "ehtoolkit": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "pykcs11": _version_of("PyKCS11"),
    }


def check_versions() -> Iterator[CheckResult]:
    found = versions()
    yield CheckTopic.VERSIONS.ok("versions", **{**found, "pykcs11": found["pykcs11"] or "–"})


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
