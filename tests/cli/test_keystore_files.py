"""Commands that write keystores: over every sound file of the corpus, and with every fault told."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_pem_x509_certificates

from ehtoolkit.cli.run import run
from tests.cli.conftest import Call


@pytest.fixture(scope="session")
def corpus(data_folder: Path) -> Path:
    return data_folder / "keystores"


@pytest.fixture
def password_file(tmp_path: Path, corpus: Path) -> dict[str, Path]:
    """The file with the password of each file of the corpus."""
    made = {}
    for sample in json.loads((corpus / "manifest.json").read_text()):
        path = tmp_path / f"{sample['file']}.password"
        path.write_text(sample["password"])
        made[sample["file"]] = path
    return made


def look(call: Call, file: Path, password: Path) -> dict[str, Any]:
    answer = call("keystore", "diagnose", file, "--password-file", password)[1]
    found: dict[str, Any] = answer["keystores"][0]
    return found


def test_passwd_keeps_everything_of_every_sound_file(
    call: Call, corpus: Path, password_file: dict[str, Path], secrets: dict[str, Path], tmp_path: Path
) -> None:
    changed = 0
    for sample in json.loads((corpus / "manifest.json").read_text()):
        if "fault" in sample:
            continue
        file, old = tmp_path / sample["file"], password_file[sample["file"]]
        shutil.copy(corpus / sample["file"], file)
        file.chmod(0o600)
        before = look(call, file, old)
        assert before["opened"], sample["file"]
        code, answer = call(
            *("keystore", "passwd", file, "--password-file", old, "--new-password-file", secrets["password"])
        )
        assert code == 0, (sample["file"], answer)
        after = look(call, file, secrets["password"])
        assert after["opened"]
        assert [key["alias"] for key in after["keys"]] == [key["alias"] for key in before["keys"]]
        assert (
            after["certificates"]
            == before["certificates"]
            == sample.get("certificates", before["certificates"])
        )
        assert look(call, Path(answer["backup"]), old)["opened"]
        assert not answer["backup"].endswith("p12")
        changed += 1
    assert changed >= 20


def test_the_table_of_passwords_serves_every_command(
    call: Call, corpus: Path, secrets: dict[str, Path], tmp_path: Path
) -> None:
    table, file = tmp_path / "passwords.csv", tmp_path / "bc_complete.p12"
    table.write_text("pattern;password\nother*;no\nbc_*;Test-Pass1\n*;Kine-2026\n")
    shutil.copyfile(corpus / "bc_complete.p12", file)
    given = ("--passwords", table)
    code, _ = call("keystore", "convert", file, "-o", tmp_path / "converted.p12", *given)
    assert code == 0
    code, answer = call("keystore", "rescue", file, "-o", tmp_path / "rescued.p12", *given)
    assert (code, answer["keys"]) == (0, 2)
    code, _ = call("keystore", "passwd", file, *given, "--new-password-file", secrets["password"])
    assert code == 0
    assert look(call, file, secrets["password"])["opened"]


def test_a_wrong_old_password_leaves_the_file(
    call: Call, corpus: Path, secrets: dict[str, Path], tmp_path: Path
) -> None:
    file = tmp_path / "bc_complete.p12"
    shutil.copy(corpus / "bc_complete.p12", file)
    before = file.read_bytes()
    code, answer = call(
        *("keystore", "passwd", file, "--password-file", secrets["pin"]),
        *("--new-password-file", secrets["password"]),
    )
    assert (code, answer["error"]) == (1, "keystore_password_wrong")
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["x_JKS.p12", "x_JCEKS.p12", "z_base64.p12"])
def test_convert_makes_a_sound_keystore(
    name: str, call: Call, corpus: Path, password_file: dict[str, Path], tmp_path: Path
) -> None:
    out, password = tmp_path / "out.p12", password_file[name]
    code, answer = call("keystore", "convert", corpus / name, "-o", out, "--password-file", password)
    assert (code, answer["keystore"]) == (0, str(out))
    found = look(call, out, password)
    assert found["opened"]
    assert len(found["keys"]) == answer["keys"] >= 1
    code, again = call("keystore", "convert", corpus / name, "-o", out, "--password-file", password)
    assert (code, again["error"]) == (6, "file_exists")


@pytest.mark.parametrize(("name", "keys"), [("z_trunc.p12", 2), ("z_bitflip.p12", 2)])
def test_rescue_saves_what_is_sound(
    name: str, keys: int, call: Call, corpus: Path, password_file: dict[str, Path], tmp_path: Path
) -> None:
    out, password = tmp_path / "out.p12", password_file[name]
    code, refused = call("keystore", "export", corpus / name, "--password-file", password)
    assert (code, refused["error"]) == (1, "keystore_damaged")
    assert "“keystore rescue” saves the intact keys" in refused["next"]
    code, answer = call("keystore", "rescue", corpus / name, "-o", out, "--password-file", password)
    assert code in (0, 1)
    assert answer["keys"] == keys
    assert (code == 1) == bool(answer["lost"])
    assert len(look(call, out, password)["keys"]) == keys


def test_merge_carries_old_keys_of_the_same_holder_only(
    call: Call, corpus: Path, password_file: dict[str, Path], tmp_path: Path
) -> None:
    new, old = tmp_path / "bc_complete.p12", corpus / "bc_three.p12"
    shutil.copy(corpus / "bc_complete.p12", new)
    password = ("--password-file", password_file["bc_three.p12"])
    code, answer = call("keystore", "merge", new, "--from", old, *password)
    assert (code, answer["added"]) == (0, 1)
    aliases = {key["alias"] for key in look(call, new, password_file["bc_three.p12"])["keys"]}
    assert {"authentication", "233402812345678901234567890123456789013"} <= aliases
    code, answer = call("keystore", "merge", new, "--from", old, *password)
    assert (code, answer["added"], answer["backup"]) == (0, 0, None)

    table = tmp_path / "passwords.csv"
    table.write_text("pattern,password\nconnector*,s3cret-pw\n*,Test-Pass1\n")
    foreign = corpus / "connector_rsa-3-etk.p12"
    code, answer = call("keystore", "merge", new, "--from", foreign, "--passwords", table)
    assert (code, answer["error"]) == (1, "holders_differ")


@pytest.mark.parametrize(("part", "count"), [("--certificate", 1), ("--chain", 3), ("--etk", 1)])
def test_export_writes_the_public_parts(
    part: str, count: int, call: Call, corpus: Path, password_file: dict[str, Path], tmp_path: Path
) -> None:
    out, password = tmp_path / "out.pem", password_file["bc_complete.p12"]
    file = corpus / "bc_complete.p12"
    code, _ = call("keystore", "export", file, part, "-o", out, "--password-file", password)
    assert code == 0
    assert len(load_pem_x509_certificates(out.read_bytes())) == count
    assert b"PRIVATE" not in out.read_bytes()


def test_show_has_what_tells_a_certificate_from_others(call: Call, corpus: Path, tmp_path: Path) -> None:
    """The numbers are those that openssl shows; moments are in UTC."""
    password = tmp_path / "pw"
    password.write_text("Test-Pass1", encoding="utf-8")
    _, described = call("keystore", "show", corpus / "bc_complete.p12", "--password-file", password)
    (seen,) = described["keystores"]
    assert (seen["holder"], seen["holder_name"]) == ("NIHII=10000007", "JÉRÔME DE WITTE")
    assert seen["not_before"].endswith("+00:00")
    out = tmp_path / "c.pem"
    export = ("keystore", "export", corpus / "bc_complete.p12", "-o", out, "--password-file", password)
    assert call(*export)[0] == 0
    shown: dict[str, str] = {}
    for digest in ("sha1", "sha256"):
        asked = ["openssl", "x509", "-in", str(out), "-noout", "-serial", "-fingerprint", f"-{digest}"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        shown |= dict(line.lower().split("=") for line in answer.splitlines())
    assert int(shown["serial"], 16) == int(seen["serial_number"])
    assert shown["sha1 fingerprint"].replace(":", "") == seen["thumbprint"].lower()
    assert shown["sha256 fingerprint"].replace(":", "") == seen["sha256"].lower()


@pytest.mark.parametrize(
    ("pattern", "says"), [("bc_*", "password_needed"), ("bc_complete.p12", "password_wrong")]
)
def test_a_password_that_was_meant_for_other_files_too_accuses_none(
    call: Call, corpus: Path, tmp_path: Path, pattern: str, says: str
) -> None:
    """… as in an audit; one that was meant for this file alone is a wrong one."""
    table, file = tmp_path / "passwords.csv", tmp_path / "bc_complete.p12"
    table.write_text(f"pattern;password\n{pattern};no\n")
    shutil.copyfile(corpus / "bc_complete.p12", file)
    _, answer = call("keystore", "diagnose", file, "--passwords", table)
    (found,) = answer["keystores"]
    said = {finding["key"]: finding for finding in found["findings"]}
    assert {"password_needed", "password_wrong"} & said.keys() == {says}
    if says == "password_needed":
        assert "None of the passwords given opens" in said[says]["message"]
        assert "revoked" not in " ".join(finding["next"] for finding in found["findings"])
    code, answer = call("keystore", "show", file, "--passwords", table)
    assert (code, answer["keystores"][0]["error"]) == (1, says)


def test_rescue_names_every_lost_part(
    capsys: pytest.CaptureFixture[str],
    call: Call,
    corpus: Path,
    password_file: dict[str, Path],
    tmp_path: Path,
) -> None:
    file, folder = corpus / "z_bitflip.p12", tmp_path / "keystores"
    given = ("--password-file", password_file["z_bitflip.p12"], "--keystore-folder", folder)
    code, answer = call("keystore", "rescue", file, "-o", tmp_path / "one.p12", *given)
    (lost,) = answer["lost"]
    assert (code, lost["kind"], lost["reason"], answer["unproven"]) == (1, "certificate", "damaged", [])
    capsys.readouterr()
    run([*map(str, ("keystore", "rescue", file, "-o", tmp_path / "two.p12", *given))])
    said = capsys.readouterr().out
    assert f"- the certificate {lost['alias']} (damaged)" in said
    assert "certificate complete" in said
