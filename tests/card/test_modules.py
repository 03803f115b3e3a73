"""Which module is taken, and what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.card.modules import ModuleKind, default_modules, find_module, kind_of


def test_the_first_that_is_there(tmp_path: Path) -> None:
    official, opensc = tmp_path / "libbeidpkcs11.so.0", tmp_path / "opensc-pkcs11.so"
    opensc.touch()
    assert find_module([official, opensc]) == opensc
    official.touch()
    assert find_module([official, opensc]) == official


def test_none_is_there(tmp_path: Path) -> None:
    with pytest.raises(errors.ModuleMissing) as caught:
        find_module([tmp_path / "nothing", tmp_path])
    assert caught.value.facts == {"module": "beidpkcs11"}


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_system_has_the_official_ones_before_opensc(system: str) -> None:
    kinds = [kind_of(path.name, "", "") for path in default_modules(system, {})]
    assert ModuleKind.OTHER not in kinds
    assert kinds == sorted(kinds, key=[ModuleKind.OFFICIAL, ModuleKind.OPENSC].index)
    assert len(set(kinds)) == 2


def test_the_places_that_are_known() -> None:
    assert Path("/usr/lib/x86_64-linux-gnu/libbeidpkcs11.so.0") in default_modules("linux", {})
    assert Path("/usr/lib64/libbeidpkcs11.so.0") in default_modules("linux", {})
    mac = Path("/Library/Belgium Identity Card/Pkcs11/libbeidpkcs11.dylib")
    assert mac in default_modules("darwin", {})
    windows = default_modules("win32", {"SystemRoot": "D:/Windows"})
    assert windows[0] == Path("D:/Windows") / "System32" / "beidpkcs11.dll"


@pytest.mark.parametrize(
    ("name", "manufacturer", "description", "kind"),
    [
        ("libbeidpkcs11.so.0", "", "", ModuleKind.OFFICIAL),
        ("BeidPKCS11.dll", "", "", ModuleKind.OFFICIAL),
        ("renamed.so", "Belgium Government", "Belgium eID PKCS#11 interface", ModuleKind.OFFICIAL),
        ("opensc-pkcs11.so", "", "", ModuleKind.OPENSC),
        ("renamed.so", "OpenSC Project", "OpenSC smartcard framework", ModuleKind.OPENSC),
        ("libsofthsm2.so", "SoftHSM", "Implementation of PKCS11", ModuleKind.OTHER),
    ],
)
def test_kinds(name: str, manufacturer: str, description: str, kind: ModuleKind) -> None:
    assert kind_of(name, manufacturer, description) is kind
