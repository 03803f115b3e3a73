"""The smart-card service and the readers: PC/SC itself is asked, so that no service is told from no reader."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.readers.probe import ReaderList, ReaderProbe, Service
from ehtoolkit.doctor.check_result import CATALOGUE, CheckResult, Topic
from ehtoolkit.keystore.diagnosis import Finding, Severity

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
    looker: ReaderProbe,
    *,
    system: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    systemd: Path = _SYSTEMD,
) -> Iterator[CheckResult]:
    """``system``: a value of ``sys.platform``; ``environment``: the variables of this process; ``systemd``: the folder
    that is there where it runs."""
    if any(name in environment for name in _ELSEWHERE):
        yield CheckResult.of(Topic.SERVICE, Severity.ERROR, "reader_elsewhere")
        return
    try:
        found = looker.readers()
    except errors.CardTimeout:
        yield CheckResult.of(Topic.SERVICE, Severity.ERROR, "service_silent", seconds=looker.seconds)
        return
    except errors.CardError as error:
        yield CheckResult.of_error(Topic.SERVICE, error)
        return
    yield _of_service(found, _SYSTEMS.get(system, "linux"), systemd)
    if found.service is Service.RUNNING:
        yield from _of_readers(found)


def _of_service(found: ReaderList, system: str, systemd: Path) -> CheckResult:
    match found.service:
        case Service.RUNNING:
            return CheckResult.of(Topic.SERVICE, Severity.OK, "service_running")
        case Service.STOPPED:
            variant = "without_systemd" if system == "linux" and not systemd.is_dir() else ""
            stopped = f"service_stopped_{system}"
            return CheckResult.of_finding(
                Topic.SERVICE, Finding(stopped, Severity.ERROR, catalogue=CATALOGUE, variant=variant)
            )
        case Service.MISSING:
            return CheckResult.of(Topic.SERVICE, Severity.ERROR, "service_missing")
        case Service.FAILED:
            return CheckResult.of(Topic.SERVICE, Severity.ERROR, "service_failed", code=found.code or "?")


def _of_readers(found: ReaderList) -> Iterator[CheckResult]:
    real = found.real
    if real:
        names = tuple(one.name for one in real)
        yield CheckResult.of(Topic.READER, Severity.OK, "reader_seen", readers=names)
    else:
        yield CheckResult.of(Topic.READER, Severity.ERROR, "reader_none")
    for one in real:
        if one.mute:
            yield CheckResult.of(Topic.READER, Severity.ERROR, "reader_mute", reader=one.name)
        elif one.in_use:
            yield CheckResult.of(Topic.READER, Severity.WARNING, "reader_in_use", reader=one.name)
    if found.virtual:
        names = tuple(one.name for one in found.virtual)
        yield CheckResult.of(Topic.READER, Severity.INFO, "reader_virtual", readers=names)
