"""What runs here, in figures that a consultant asks for first."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from ehtoolkit.doctor.check_result import CheckResult, Topic
from ehtoolkit.keystore.diagnosis import Severity
from ehtoolkit.version import __version__


def versions() -> Mapping[str, str]:
    """Of this program, of Python, of the system, of the bridge to card software (empty: it is not installed)."""
    return {
        "ehtoolkit": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "pykcs11": _version_of("PyKCS11"),
    }


def check_versions() -> Iterator[CheckResult]:
    found = versions()
    yield CheckResult.of(
        Topic.VERSIONS, Severity.OK, "versions", **{**found, "pykcs11": found["pykcs11"] or "–"}
    )


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
