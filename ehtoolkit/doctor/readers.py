"""Check the smart-card service, the readers and the PKCS#11 modules."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.modules import OFFICIAL_NAME, ModuleKind, default_modules
from ehtoolkit.card.readers import ModuleReport, ReaderList, ReaderProbe, Service
from ehtoolkit.doctor.check_result import CheckResult, CheckTopic

_ELSEWHERE: Final = (
    "BINDER_SERVICE_HOST",
    "BINDER_LAUNCH_HOST",
    "JUPYTERHUB_API_URL",
    "JUPYTERHUB_SERVICE_PREFIX",
)
"""Variables of a program that runs on a server, and is only shown here."""
_SYSTEMS: Final = {"win32": "windows", "darwin": "macos"}
_SYSTEMD: Final = Path("/run/systemd/system")
"""There where systemd started the computer (sd_booted(3)): not in most containers, nor in some of WSL."""


def check_readers(
    reader_probe: ReaderProbe,
    *,
    system: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    systemd: Path = _SYSTEMD,
) -> Iterator[CheckResult]:
    """Check the service of cards and the readers.

    Args:
        system: a value of ``sys.platform``.
        environment: the variables of this process.
        systemd: the folder that is there where it runs.
    """
    if any(name in environment for name in _ELSEWHERE):
        yield CheckTopic.SERVICE.error("reader_elsewhere")
        return
    try:
        found = reader_probe.readers()
    except errors.CardTimeout:
        yield CheckTopic.SERVICE.error("service_silent", seconds=reader_probe.seconds)
        return
    except errors.CardError as error:
        yield CheckResult.of_error(CheckTopic.SERVICE, error)
        return
    yield _of_service(found, _SYSTEMS.get(system, "linux"), systemd)
    if found.service is Service.RUNNING:
        yield from _of_readers(found)


def _of_service(found: ReaderList, system: str, systemd: Path) -> CheckResult:
    match found.service:
        case Service.RUNNING:
            return CheckTopic.SERVICE.ok("service_running")
        case Service.STOPPED:
            variant = "without_systemd" if system == "linux" and not systemd.is_dir() else ""
            return CheckTopic.SERVICE.error(f"service_stopped_{system}", variant)
        case Service.MISSING:
            return CheckTopic.SERVICE.error("service_missing")
        case Service.FAILED:
            return CheckTopic.SERVICE.error("service_failed", code=found.code or "?")


def _of_readers(found: ReaderList) -> Iterator[CheckResult]:
    real = found.real
    if real:
        names = tuple(reader.name for reader in real)
        yield CheckTopic.READER.ok("reader_seen", readers=names)
    else:
        yield CheckTopic.READER.error("reader_none")
    for reader in real:
        if reader.mute:
            yield CheckTopic.READER.error("reader_mute", reader=reader.name)
        elif reader.in_use:
            yield CheckTopic.READER.warning("reader_in_use", reader=reader.name)
    if found.virtual:
        names = tuple(virtual.name for virtual in found.virtual)
        yield CheckTopic.READER.info("reader_virtual", readers=names)


# ── PKCS#11 modules ──────────────────────────────────────────────────────────────────────────────────────
_NEW_CARDS: Final = (0, 27)
"""OpenSC from this version on knows cards issued since 2021."""


def check_modules(
    reader_probe: ReaderProbe, chosen: Path | None, candidates: Iterable[Path] | None = None
) -> Iterator[CheckResult]:
    """Check which PKCS#11 modules are installed.

    Args:
        chosen: the module that the settings name.
        candidates: where modules may be; None: where each system keeps them. The first of a kind counts, as it does
            when a card is opened.
    """
    if find_spec("PyKCS11") is None:
        yield CheckResult.of_error(CheckTopic.MODULE, errors.ModuleMissing(module="PyKCS11", reason="extra"))
        return
    places = default_modules() if candidates is None else candidates
    paths = [chosen] if chosen is not None else [path for path in places if path.is_file()]
    if not paths:
        yield CheckResult.of_error(CheckTopic.MODULE, errors.ModuleMissing(module=OFFICIAL_NAME))
        return
    seen: dict[ModuleKind, ModuleReport] = {}
    for path in paths:
        try:
            about = reader_probe.about(path)
        except errors.ModuleMissing as error:
            yield CheckResult.of_error(CheckTopic.MODULE, error)
            continue
        except errors.CardTimeout:  # more often the reader's or the card's doing than its own
            yield CheckTopic.MODULE.error("module_silent", module=str(path), seconds=reader_probe.seconds)
            continue
        except errors.CardError:  # it takes its process along
            yield CheckTopic.MODULE.error("module_broken", module=str(path))
            continue
        seen.setdefault(about.kind, about)
    yield from _of_kinds(seen)


def _of_kinds(seen: dict[ModuleKind, ModuleReport]) -> Iterator[CheckResult]:
    official, opensc = seen.get(ModuleKind.OFFICIAL), seen.get(ModuleKind.OPENSC)
    if official is not None:
        yield CheckTopic.MODULE.ok("module_official", version=official.version)
    if opensc is not None and official is None:
        key = "module_opensc_new" if _knows_new_cards(opensc.version) else "module_opensc"
        yield CheckTopic.MODULE.error(key, version=opensc.version)
    elif opensc is not None:
        yield CheckTopic.MODULE.ok("module_opensc_too", version=opensc.version)
    other = seen.get(ModuleKind.OTHER)
    if other is not None:
        yield CheckTopic.MODULE.warning("module_other", version=other.version)


def _knows_new_cards(version: str) -> bool:
    """Return whether OpenSC of that version identifies with cards of applet 1.8; it signs a request with none (its
    NEWS, and ``card-belpic.c``)."""
    try:
        major, minor = map(int, version.split(".")[:2])
    except ValueError:
        return False
    return (major, minor) >= _NEW_CARDS
