"""``keystore show`` and ``diagnose``: why a file cannot be looked into, with the exit code; what --quiet and --verbose
change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from tests.cli.conftest import Call
from tests.cli.hostile_names import keystore

__all__ = ["keystore"]

JKS = bytes.fromhex("feedfeed0000000200000000")


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    """What is no file to be opened, by what it is."""
    made = {name: tmp_path / name for name in ("missing", "folder", "special", "loop", "jks")}
    made["folder"].mkdir()
    os.mkfifo(made["special"])
    made["loop"].symlink_to(made["loop"])
    made["jks"].write_bytes(JKS)
    return made


@pytest.mark.parametrize("kind", ["missing", "folder", "special", "loop", "jks"])
def test_show_says_why(
    call: Call, odd: dict[str, Path], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = call("keystore", "show", odd[kind])
    (keystore,) = answer["keystores"]
    assert (code, keystore["error"]) == (1, f"file_{kind}")
    if kind == "missing":  # perhaps it was only typed wrongly
        assert "revoke" not in call("keystore", "show", odd[kind], "--lang", "en")[1]["keystores"][0]["next"]
    assert run(["keystore", "show", str(odd[kind])]) == 1
    shown = capsys.readouterr().out
    assert keystore["message"] in shown
    assert keystore["next"] in shown
    assert call("keystore", "diagnose", odd[kind])[1]["keystores"][0]["findings"][0]["key"] == f"file_{kind}"


def test_a_pipe_does_not_block(odd: dict[str, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ehtoolkit", "keystore", "show", odd["special"]],
        timeout=30,
        capture_output=True,
    )
    assert done.returncode == 1


def test_a_link_to_itself_is_an_error_of_its_own(
    call: Call, odd: dict[str, Path], secrets: dict[str, Path]
) -> None:
    code, answer = call("certificate", "status", odd["loop"], "--password-file", secrets["password"])
    assert (code, answer["error"], answer["facts"]["kind"]) == (1, "not_a_keystore", "loop")
    assert "back to itself" in answer["message"]


def test_a_keystore_folder_that_links_to_itself_is_reported(call: Call, odd: dict[str, Path]) -> None:
    """By the doctor; and what needs no keystore works."""
    folder = ("--keystore-folder", odd["loop"])
    assert call("card", "show", *folder)[0] == 0
    code, answer = call("doctor", *folder)
    assert (code, [line["key"] for line in answer["lines"] if line["about"] == "folder"]) == (
        1,
        ["folder_unreadable"],
    )


def test_a_wrong_password_is_reported(call: Call, keystore: Path, secrets: dict[str, Path]) -> None:
    look = ("keystore", "show", keystore)
    code, answer = call(*look, "--password-file", secrets["wrong_pin"])
    assert (code, answer["keystores"][0]["error"]) == (1, "password_wrong")
    for sound in ((), ("--password-file", secrets["password"])):
        code, answer = call(*look, *sound)
        assert code == 0
        assert "error" not in answer["keystores"][0]


def diagnosing(keystore: Path, password: Path) -> list[str]:
    return ["keystore", "diagnose", str(keystore), "--password-file", str(password), "--lang", "en"]


def test_quiet_leaves_out_what_is_fine(
    keystore: Path, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    look = diagnosing(keystore, secrets["password"])
    run(look)
    brief = capsys.readouterr().out.splitlines()
    run([*look, "--verbose"])
    whole = capsys.readouterr().out.splitlines()
    run([*look, "--quiet"])
    quiet = capsys.readouterr().out.splitlines()
    assert [line for line in whole if line.startswith("  Fine:")]
    assert [line for line in whole if line.startswith(("  Error:", "  Warning:"))] == [
        line for line in quiet if line.startswith("  ") and line.split(":")[0].strip() in {"Error", "Warning"}
    ]
    assert not [line for line in quiet if line.startswith(("  Fine:", "  Note:"))]
    assert "(--verbose)" in brief[-1]
    assert not [line for line in brief if line.startswith(("  Fine:", "  Note:"))]


def test_quiet_has_no_word_of_a_file_without_a_problem(
    ask: Call, call: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = ask()[1]["keystore"]
    call("training", "clock", "+1d")
    call("certificate", "complete", path, "--password-file", secrets["password"])
    capsys.readouterr()
    assert run(["keystore", "diagnose", path, "--password-file", str(secrets["password"]), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_verbose_says_how_it_was_judged(
    keystore: Path, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    look = diagnosing(keystore, secrets["password"])
    run(look)
    before = capsys.readouterr()
    run([*look, "--verbose"])
    after = capsys.readouterr()
    assert before.err == ""
    assert {line for line in before.out.splitlines() if "(--verbose)" not in line} < set(
        after.out.splitlines()
    )
    assert f"kind pkcs12, bytes: {keystore.stat().st_size}, passwords given: 1, checked as of" in after.err
    assert "findings: " in after.err
    assert "Kine-2026" not in after.err


@pytest.mark.parametrize("armoured", [True, False])
def test_convert_takes_text(
    call: Call, keystore: Path, secrets: dict[str, Path], tmp_path: Path, armoured: bool
) -> None:
    """Base64 of the whole file, with its PEM lines or without; PEM of a key and a certificate is no keystore."""
    import base64

    text = base64.encodebytes(keystore.read_bytes())
    if armoured:
        text = b"-----BEGIN PKCS12-----\n" + text + b"-----END PKCS12-----\n"
    source, target = tmp_path / "text.p12", tmp_path / "new.p12"
    source.write_bytes(text)
    convert = ("keystore", "convert", source, "-o", target, "--password-file", secrets["password"])
    assert call(*convert)[0] == 0
    target.unlink()
    source.write_bytes(
        text.replace(b"PKCS12", b"PRIVATE KEY") if armoured else b"-----BEGIN CERTIFICATE-----\n" + text
    )
    code, answer = call(*convert)
    kind = "pem" if armoured else "certificate"
    assert (code, answer["error"], answer["facts"].get("kind")) == (
        1,
        "not_a_keystore",
        kind,
    )


def test_a_key_that_is_too_short_is_named(call: Call, secrets: dict[str, Path], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from ehtoolkit.keystore.codec.contents import Key, Pkcs12Contents, Plain, attributes_of
    from ehtoolkit.keystore.codec.writer import write_pkcs12
    from ehtoolkit.secret import Secret

    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # that is the point
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "short.p12"
    bag = Key(Plain(pkcs8), attributes_of("authentication", b"\x01" * 20))
    path.write_bytes(write_pkcs12(Pkcs12Contents((bag,), ()), Secret("Kine-2026")))
    code, answer = call("keystore", "diagnose", path, "--password-file", secrets["password"])
    first = answer["keystores"][0]["findings"][0]
    assert (code, first["key"]) == (1, "key_short")
    assert "RSA-1024" in first["message"]


@pytest.mark.parametrize("name", ["sun_nomac.p12", "ossl_plain_nomac.p12", "bc_complete.p12"])
def test_a_file_without_a_seal_is_not_shown_as_if_it_had_one(
    call: Call, data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    password = tmp_path / "pw"
    password.write_text("Test-Pass1", encoding="utf-8")
    shown = ("keystore", "show", data_folder / "keystores" / name, "--password-file", password)
    _, answer = call(*shown)
    run([*map(str, shown), "--lang", "en"])
    assert (answer["keystores"][0]["mac"] is None) is ("nomac" in name)
    assert ("no integrity code" in capsys.readouterr().out) is ("nomac" in name)


def test_a_damaged_file_is_not_shown_as_if_it_were_closed(
    call: Call, data_folder: Path, tmp_path: Path
) -> None:
    password = tmp_path / "pw"
    password.write_text("Test-Pass1", encoding="utf-8")
    file = data_folder / "keystores" / "z_bitflip.p12"
    code, answer = call("keystore", "show", file, "--password-file", password)
    assert (code, answer["keystores"][0]["error"]) == (1, "damaged_integrity")
