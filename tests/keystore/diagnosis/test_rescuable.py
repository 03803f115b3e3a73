"""What the diagnosis promises can be saved of a file that does not open."""

from __future__ import annotations

import base64
from pathlib import Path

from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.secret import Secret
from tests.keystore.diagnosis.conftest import Maker

PASSWORD = Secret("Test-Pass1")


def facts(diagnosis: Diagnosis, key: str) -> dict[str, object]:
    return next(dict(finding.facts) for finding in diagnosis.findings if finding.key == key)


def look(data_folder: Path, name: str, maker: Maker, password: Secret | None = PASSWORD) -> Diagnosis:
    return diagnose(data_folder / "keystores" / name, password, maker.now)


def test_keys_of_a_truncated_file(data_folder: Path, maker: Maker) -> None:
    assert facts(look(data_folder, "z_trunc.p12", maker), "rescuable")["keys"] == 2
    assert not look(data_folder, "z_trunc.p12", maker, None).has("rescuable")
    assert look(data_folder, "z_trunc.p12", maker, Secret("Wrong-Pass3")).has("rescue_nothing")


def test_a_file_with_a_broken_seal(data_folder: Path, maker: Maker) -> None:
    assert facts(look(data_folder, "z_bitflip.p12", maker), "rescuable")["keys"] == 2


def test_other_formats(data_folder: Path, maker: Maker) -> None:
    for name in ("x_JKS.p12", "x_JCEKS.p12"):
        found = look(data_folder, name, maker)
        assert facts(found, "rescuable_whole")["keys"] == 3, name
        assert found.opened
        assert look(data_folder, name, maker, Secret("Wrong-Pass3")).has("password_wrong")
        assert not look(data_folder, name, maker, None).has("rescuable_whole")


def test_what_a_transfer_did(data_folder: Path, maker: Maker) -> None:
    assert facts(look(data_folder, "z_base64.p12", maker), "rescuable_whole")["keys"] == 2
    assert look(data_folder, "z_base64.p12", maker, None).has("mendable")
    assert not look(data_folder, "z_pem.p12", maker).has("rescuable_whole")


def test_nothing_is_promised_of_what_holds_nothing(maker: Maker, complete: bytes) -> None:
    for data in (b"", bytes(500), b"<html></html>", base64.b64encode(bytes(90))):
        assert len(diagnose(data, maker.password, maker.now).findings) == 1
    assert not diagnose(complete, Secret("Wrong-Pass3"), maker.now).has("rescue_nothing")
