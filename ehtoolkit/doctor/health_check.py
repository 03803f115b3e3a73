"""The whole examination: every part looked at side by side, and none of them waited for longer than a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit, compose
from ehtoolkit.card.readers.probe import Looker
from ehtoolkit.card.spec import TRAINING, CardChoice
from ehtoolkit.doctor.card import look_at_card
from ehtoolkit.doctor.check_result import About, Line, Section
from ehtoolkit.doctor.folders import look_at_folders
from ehtoolkit.doctor.module import look_at_modules
from ehtoolkit.doctor.platform import address_of, look_at_platform, look_at_proxy, look_at_tls
from ehtoolkit.doctor.readers import look_at_readers
from ehtoolkit.doctor.versions import look_at_versions
from ehtoolkit.ehealth.wire.tls import computer_time
from ehtoolkit.keystore.diagnosis import Severity
from ehtoolkit.procedures.card_check import check_card
from ehtoolkit.settings import Settings

PATIENCE: Final = 25.0
"""Seconds for everything: what has not answered by then is said not to."""
WIRE_PATIENCE: Final = 6.0
"""Seconds for one wait on the wire, where the settings allow more."""

Probe = Callable[[], Iterable[Line]]
Heard = Callable[[int, int], None]
"""Called with how many parts have answered, of how many."""


@dataclass(frozen=True, slots=True)
class Examination:
    """``lines``: in the order of `About`, worst first among those of one thing. ``at``: by the computer's clock."""

    environment: str
    lines: tuple[Line, ...]
    at: datetime
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether nothing has to be put right."""
        return self.count(Severity.ERROR) == 0

    def count(self, severity: Severity) -> int:
        return sum(line.severity is severity for line in self.lines)

    def sections(self) -> tuple[tuple[Section, tuple[Line, ...]], ...]:
        """The lines in their groups; groups without a line are left out."""
        groups = ((one, tuple(line for line in self.lines if line.about.section is one)) for one in Section)
        return tuple((section, lines) for section, lines in groups if lines)

    def with_lines(self, more: Iterable[Line]) -> Examination:
        """The same with ``more`` lines in their places."""
        return Examination(self.environment, in_order((*self.lines, *more)), self.at, self.seconds)


def examine(
    settings: Settings,
    *,
    looker: Looker | None = None,
    patience: float = PATIENCE,
    heard: Heard | None = None,
    only: Section | None = None,
) -> Examination:
    """Look at everything that ``settings`` lead to. Changes nothing and raises nothing.

    ``looker``: asks PC/SC and modules. ``patience``: seconds. ``heard``: told about the progress, in this thread.
    ``only``: looks at that group of things alone.
    """
    at, begin = computer_time(), time.monotonic()
    eye = looker or Looker()
    quick = settings.model_copy(update={"platform_timeout": min(settings.platform_timeout, WIRE_PATIENCE)})
    probes: dict[About, Probe] = {
        About.FOLDER: partial(look_at_folders, settings),
        About.VERSIONS: look_at_versions,
    }
    lines: list[Line] = []
    toolkit: Toolkit | None = None
    try:
        toolkit = compose(quick)
    except errors.EhToolkitError as error:
        lines.append(Line.of_error(About.PLATFORM, error))
    probes |= card_probes(settings, toolkit, eye)
    if toolkit is not None:
        probes |= platform_probes(toolkit)
    if only is not None:
        probes = {about: probe for about, probe in probes.items() if about.section is only}
    found, all_came = side_by_side(probes, patience, heard or (lambda done, of: None))
    if toolkit is not None and all_came:  # else somebody is still at it
        toolkit.close()
    return Examination(
        settings.environment, in_order([*lines, *found]), at, round(time.monotonic() - begin, 1)
    )


def card_probes(settings: Settings, toolkit: Toolkit | None, looker: Looker) -> Mapping[About, Probe]:
    """Service and readers, modules, card. With a card of the training no reader and no module are needed."""
    specification = settings.card or (toolkit.default_card if toolkit is not None else "pkcs11:")
    kind, _, _ = specification.partition(":")
    needed = kind != TRAINING
    chosen = _module_of(specification) if needed else None
    modules = partial(look_at_modules, looker, chosen)
    probes: dict[About, Probe] = {
        About.READER: partial(look_at_readers if needed else _look_at_spared_readers, looker),
        About.MODULE: modules if needed else partial(_spared, modules),
    }
    if settings.shared:  # what is plugged in here is nobody's who looks at this
        probes = {About.READER: lambda: [Line.of(About.READER, Severity.INFO, "reader_on_server")]}
    if toolkit is not None:
        parts = toolkit.parts
        prove = partial(check_card, parts=parts)
        probes[About.CARD] = lambda: look_at_card(toolkit.open_card, parts.clock.now(), looker, prove)
    return probes


def _module_of(specification: str) -> Path | None:
    """The module that is named; None where none is, and where nothing is named as it should be: the line about the
    card says so."""
    try:
        name = CardChoice.parse(specification).name
    except errors.SettingInvalid:
        return None
    return Path(name) if name else None


def platform_probes(toolkit: Toolkit) -> Mapping[About, Probe]:
    """The platform itself; proxy and certificate where it is reached over the network."""
    probes: dict[About, Probe] = {About.PLATFORM: partial(look_at_platform, toolkit)}
    address = address_of(toolkit)
    if address is not None:
        probes[About.PROXY] = partial(look_at_proxy, toolkit.settings, address)
        probes[About.TLS] = partial(look_at_tls, toolkit.settings, address)
    return probes


def side_by_side(probes: Mapping[About, Probe], patience: float, heard: Heard) -> tuple[list[Line], bool]:
    """Run every probe in a thread of its own; what one says, when it has said everything. A probe that breaks, or has
    not ended after ``patience`` seconds, gets a line that says so. Also: whether all have ended."""
    came: SimpleQueue[tuple[About, Sequence[Line]]] = SimpleQueue()
    for about, probe in probes.items():
        Thread(target=_attempt, args=(about, probe, came), name=f"doctor-{about}", daemon=True).start()
    waiting, lines, end = set(probes), list[Line](), time.monotonic() + patience
    while waiting:
        try:
            about, found = came.get(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            break
        waiting.discard(about)
        lines += found
        heard(len(probes) - len(waiting), len(probes))
    lines += [Line.of(one, Severity.ERROR, "no_answer", seconds=patience) for one in waiting]
    return lines, not waiting


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.about.rank, line.severity.rank)))


def _attempt(about: About, probe: Probe, came: SimpleQueue[tuple[About, Sequence[Line]]]) -> None:
    try:
        found = tuple(probe())
    except errors.EhToolkitError as error:
        found = (Line.of_error(about, error),)
    except Exception as error:  # noqa: BLE001  # the boundary: a part that breaks does not take the others along
        found = (Line.of_error(about, errors.Unexpected(kind=type(error).__name__)),)
    came.put((about, found))


def _spared(probe: Probe) -> Iterable[Line]:
    """What a training card does without keeps nobody from anything."""
    return [line.not_needed() for line in probe()]


def _look_at_spared_readers(looker: Looker) -> Iterable[Line]:
    yield Line.of(About.READER, Severity.OK, "reader_spared")
    yield from _spared(partial(look_at_readers, looker))
