"""What rewriting keeps, and what it gives anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.rewrite import rewrite
from ehtoolkit.secret import Secret

CORPUS = Path(__file__).resolve().parents[2] / "data" / "keystores"
PASSWORDS = {
    sample["file"]: Secret(sample["password"])
    for sample in json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8"))
}
NEW = Secret("Nieuw-2027!")


@pytest.mark.parametrize(
    "name", ["sun17_three.p12", "bc_complete.p12", "x_JKS.p12", "x_JCEKS.p12", "z_base64.p12"]
)
@pytest.mark.parametrize("salvage", [False, True])
def test_a_whole_file_of_any_format_gives_all_it_has(name: str, salvage: bool) -> None:
    made = rewrite((CORPUS / name).read_bytes(), PASSWORDS[name], NEW, salvage=salvage)
    assert made.contents.keys
    assert made.lost == ()
    assert read_pkcs12(made.data, NEW) == made.contents


def test_only_salvage_takes_a_damaged_file() -> None:
    data = (CORPUS / "z_bitflip.p12").read_bytes()
    with pytest.raises(errors.KeystoreDamaged):
        rewrite(data, PASSWORDS["z_bitflip.p12"], salvage=False)
    assert rewrite(data, PASSWORDS["z_bitflip.p12"], salvage=True).contents.keys


@pytest.mark.parametrize(("name", "kept"), [("ossl3.p12", "modern"), ("ossl3_legacy.p12", "compatible")])
def test_password_and_profile_stay_unless_others_are_given(name: str, kept: str) -> None:
    data, password = (CORPUS / name).read_bytes(), PASSWORDS[name]
    made = rewrite(data, password, salvage=False)
    assert made.profile == kept
    assert read_pkcs12(made.data, password).keys == made.contents.keys
    changed = rewrite(data, password, profile=EncryptionProfile.MODERN, salvage=False)
    assert EncryptionProfile.of(outline_pkcs12(changed.data).protection) is EncryptionProfile.MODERN


def test_a_new_password_has_to_be_allowed() -> None:
    data = (CORPUS / "bc_complete.p12").read_bytes()
    with pytest.raises(errors.PasswordNotAllowed):
        rewrite(data, PASSWORDS["bc_complete.p12"], Secret("é"), salvage=False)
