"""The card's software: which PKCS#11 modules are here, whether they load, and what each can and cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.modules import OFFICIAL_NAME, ModuleKind, default_modules
from ehtoolkit.card.readers.probe import ModuleReport, ReaderProbe
from ehtoolkit.doctor.check_result import CheckResult, Topic
from ehtoolkit.keystore.diagnosis import Severity

_NEW_CARDS: Final = (0, 27)
"""OpenSC from this version on knows cards issued since 2021."""


def check_modules(
    looker: ReaderProbe, chosen: Path | None, candidates: Iterable[Path] | None = None
) -> Iterator[CheckResult]:
    """``chosen``: the module that the settings name. ``candidates``: where modules may be; None: where each system
    keeps them. The first of a kind counts, as it does when a card is opened."""
    if find_spec("PyKCS11") is None:
        yield CheckResult.of_error(Topic.MODULE, errors.ModuleMissing(module="PyKCS11", reason="extra"))
        return
    places = default_modules() if candidates is None else candidates
    paths = [chosen] if chosen is not None else [path for path in places if path.is_file()]
    if not paths:
        yield CheckResult.of_error(Topic.MODULE, errors.ModuleMissing(module=OFFICIAL_NAME))
        return
    seen: dict[ModuleKind, ModuleReport] = {}
    for path in paths:
        try:
            about = looker.about(path)
        except errors.ModuleMissing as error:
            yield CheckResult.of_error(Topic.MODULE, error)
            continue
        except errors.CardTimeout:  # more often the reader's or the card's doing than its own
            yield CheckResult.of(
                Topic.MODULE, Severity.ERROR, "module_silent", module=str(path), seconds=looker.seconds
            )
            continue
        except errors.CardError:  # it takes its process along
            yield CheckResult.of(Topic.MODULE, Severity.ERROR, "module_broken", module=str(path))
            continue
        seen.setdefault(about.kind, about)
    yield from _of_kinds(seen)


def _of_kinds(seen: dict[ModuleKind, ModuleReport]) -> Iterator[CheckResult]:
    official, opensc = seen.get(ModuleKind.OFFICIAL), seen.get(ModuleKind.OPENSC)
    if official is not None:
        yield CheckResult.of(Topic.MODULE, Severity.OK, "module_official", version=official.version)
    if opensc is not None and official is None:
        if _knows_new_cards(opensc.version):
            yield CheckResult.of(Topic.MODULE, Severity.ERROR, "module_opensc_new", version=opensc.version)
        else:
            yield CheckResult.of(Topic.MODULE, Severity.ERROR, "module_opensc", version=opensc.version)
    elif opensc is not None:
        yield CheckResult.of(Topic.MODULE, Severity.OK, "module_opensc_too", version=opensc.version)
    other = seen.get(ModuleKind.OTHER)
    if other is not None:
        yield CheckResult.of(Topic.MODULE, Severity.WARNING, "module_other", version=other.version)


def _knows_new_cards(version: str) -> bool:
    """Whether OpenSC of that version identifies with cards of applet 1.8; it signs a request with none (its NEWS, and
    ``card-belpic.c``)."""
    try:
        major, minor = map(int, version.split(".")[:2])
    except ValueError:
        return False
    return (major, minor) >= _NEW_CARDS
