"""PKCS#11 modules: where each system keeps them, their kinds, and readers without a card."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from ehtoolkit import errors

OFFICIAL_NAME: Final = "beidpkcs11"


class ModuleKind(StrEnum):
    """What is known of a module's ways."""

    OFFICIAL = "official"
    """Both keys; asks for the PIN of the Signature key in a window of its own."""
    OPENSC = "opensc"
    """Never signs with the Signature key; no identity files."""
    OTHER = "other"
    """A module that keeps to the standard."""


def kind_of(file_name: str, manufacturer: str, description: str) -> ModuleKind:
    """Return the kind of a module by its file's name, and by what it says of itself (``C_GetInfo``)."""
    said = f"{manufacturer} {description}".lower()
    if OFFICIAL_NAME in file_name.lower() or "belgium" in said:
        return ModuleKind.OFFICIAL
    return ModuleKind.OPENSC if "opensc" in f"{said} {file_name.lower()}" else ModuleKind.OTHER


def default_modules(
    system: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> Sequence[Path]:
    """Return where a module may be on ``system`` (a value of ``sys.platform``); the official ones come first."""
    if system == "win32":
        windows = Path(environment.get("SystemRoot", r"C:\Windows"))
        programs = Path(environment.get("ProgramFiles", r"C:\Program Files"))
        return (
            windows / "System32" / "beidpkcs11.dll",
            programs / "OpenSC Project" / "OpenSC" / "pkcs11" / "opensc-pkcs11.dll",
        )
    if system == "darwin":
        return (
            Path("/Library/Belgium Identity Card/Pkcs11/libbeidpkcs11.dylib"),
            Path("/Library/OpenSC/lib/opensc-pkcs11.so"),
        )
    folders = [
        Path("/usr/lib/x86_64-linux-gnu"),
        Path("/usr/lib/aarch64-linux-gnu"),
        Path("/usr/lib64"),
        Path("/usr/lib"),
        Path("/usr/local/lib"),
    ]
    return (
        *(folder / "libbeidpkcs11.so.0" for folder in folders),
        *(folder / "opensc-pkcs11.so" for folder in folders),
        *(folder / "pkcs11" / "opensc-pkcs11.so" for folder in folders),
    )


def find_module(candidates: Iterable[Path] | None = None) -> Path:
    """Return the first module that is installed: the official one, else OpenSC.

    Raises `errors.ModuleMissing`, naming the official one, when none is.
    """
    for path in default_modules() if candidates is None else candidates:
        if path.is_file():
            return path
    raise errors.ModuleMissing(module=OFFICIAL_NAME)


_VIRTUAL_READERS: Final = ("windows hello", "microsoft uicc", "microsoft ifd", "bosa beidx")
"""Parts of their names. BOSA BeIDX is the reader of the official signing with a telephone, since 2026: its card has a
Signature key and no Authentication key."""


def is_virtual(reader: str) -> bool:
    """Return whether a reader of this name is passed over: no card can be put into it."""
    return any(name in reader.lower() for name in _VIRTUAL_READERS)
