"""``keystore rename-key``, ``keystore import`` and ``etk save``: what they say, keep and refuse."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.secret import Secret
from tests.cli.conftest import Call
from tests.keystore.conftest import KeystoreMaker, keystore_maker

__all__ = ["keystore_maker"]
ETK_KEY = "233402812345678901234567890123456789012"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "corpus_password"
    path.write_text("Test-Pass1")
    return path


@pytest.fixture
def file(tmp_path: Path, data_folder: Path) -> Path:
    path = tmp_path / "bc_complete.p12"
    shutil.copyfile(data_folder / "keystores" / path.name, path)
    return path


def aliases(path: Path) -> list[str | None]:
    return [key.alias for key in read_pkcs12(path.read_bytes(), Secret("Test-Pass1")).keys]


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"<html></html>", "html"), (b"%PDF-1.7\n", "pdf"), (b"PK\x03\x04", "archive"), (b"", "empty")],
)
def test_a_file_of_another_program_needs_no_password(
    call: Call, tmp_path: Path, data: bytes, kind: str
) -> None:
    page, target = tmp_path / "page", tmp_path / "new.p12"
    page.write_bytes(data)
    code, answer = call("keystore", "import", page, "-o", target)
    assert (code, answer["error"], answer["facts"]["kind"]) == (1, "not_a_keystore", kind)
    assert not target.exists()


def test_a_key_is_renamed_and_named_back(
    call: Call, file: Path, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = file.read_bytes()
    rename = ("keystore", "rename-key", file)
    assert (
        run([*map(str, (*rename, "authentication", "old")), "--password-file", str(given), "--lang", "en"])
        == 0
    )
    shown = capsys.readouterr()
    assert "is now called “old”" in shown.out
    assert "looks for the signing key under that name" in shown.err
    assert aliases(file) == ["old", ETK_KEY]
    (backup,) = (file.parent / "backup").iterdir()
    assert backup.read_bytes() == before
    code, answer = call(*rename, "#1", "authentication", "--password-file", given)
    assert (code, answer["old_alias"], answer["alias"], answer["authentication_missing"]) == (
        0,
        "old",
        "authentication",
        False,
    )
    code, answer = call(*rename, answer["key_id"], "authentication", "--password-file", given)
    assert (code, answer["backup"]) == (0, None)
    assert aliases(file) == ["authentication", ETK_KEY]


@pytest.mark.parametrize(
    ("old", "new", "error", "code"),
    [
        ("nobody", "x", "key_not_found", 1),
        ("authentication", ETK_KEY, "aliases_clash", 1),
        ("authentication", " ", "input_invalid", 2),
    ],
)
def test_a_refused_name_changes_nothing(
    call: Call, file: Path, given: Path, old: str, new: str, error: str, code: int
) -> None:
    before = file.read_bytes()
    refused, answer = call("keystore", "rename-key", file, old, new, "--password-file", given)
    assert (refused, answer["error"]) == (code, error)
    assert file.read_bytes() == before
    assert not (file.parent / "backup").exists()


def test_only_pkcs12_files_are_changed_in_place(
    call: Call, data_folder: Path, given: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.jks"
    shutil.copyfile(data_folder / "keystores" / "x_JKS.p12", path)
    for command in (("rename-key", path, "authentication", "x"), ("merge", path, "--from", path)):
        code, answer = call("keystore", *command, "--password-file", given, "--lang", "en")
        assert (code, answer["error"]) == (1, "not_a_keystore")
        assert "keystore convert" in answer["next"]


def test_an_import_says_what_it_made(
    call: Call, file: Path, given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from ehtoolkit.keystore.keystore import Keystore

    keystore = Keystore.of(read_pkcs12(file.read_bytes(), Secret("Test-Pass1")))
    key, chain, target = tmp_path / "key.pem", tmp_path / "chain.pem", tmp_path / "new.p12"
    key.write_bytes(
        keystore.authentication.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    chain.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in keystore.chain))
    sources = ("keystore", "import", key, chain, "-o", target)
    code, answer = call(*sources)
    assert (code, answer["error"], answer["facts"]["option"]) == (2, "option_missing", "--new-password-file")
    code, answer = call(*sources, "--alias", "bram", "--new-password-file", given)
    assert code == 0, answer
    assert (answer["keys"], answer["certificates"], answer["aliases"]) == (1, 3, ["bram"])
    assert (answer["authentication_missing"], answer["unencrypted"]) == (True, [str(key)])
    assert aliases(target) == ["bram"]
    assert target.stat().st_mode & 0o77 == 0
    before = target.read_bytes()
    code, answer = call(*sources, "--new-password-file", given)
    assert (code, answer["error"]) == (6, "file_exists")
    assert answer["next"] == "Choose another name or folder."  # waiting would not help
    assert target.read_bytes() == before
    other = [
        "-o",
        str(tmp_path / "other.p12"),
        "--new-password-file",
        str(given),
        "--lang",
        "en",
        "--verbose",
    ]
    assert run([*map(str, sources[:4]), "--alias", "bram", *other]) == 0
    shown = capsys.readouterr()
    assert f"{key} contains a private key without any protection" in shown.err
    assert "“authentication”, the name that eHealth software expects" in shown.err
    assert "Test-Pass1" not in shown.out + shown.err


def test_an_import_keeps_the_one_password_of_its_sources(
    call: Call, file: Path, given: Path, tmp_path: Path
) -> None:
    target = tmp_path / "new.p12"
    assert call("keystore", "import", file, "-o", target, "--password-file", given)[0] == 0
    assert aliases(target) == ["authentication", ETK_KEY]


def test_production_is_confirmed_before_a_keystore_is_written(
    call: Call, file: Path, given: Path, tmp_path: Path
) -> None:
    production = ("--password-file", given, "--environment", "production")
    for command in (
        ("rename-key", file, "authentication", "x"),
        ("import", file, "-o", tmp_path / "new.p12"),
    ):
        code, answer = call("keystore", *command, *production)
        assert (code, answer["facts"]["option"]) == (2, "--yes-production")
    assert call("keystore", "rename-key", file, "#1", "x", *production, "--yes-production")[0] == 0


def test_pem_is_sent_to_import_and_text_of_a_keystore_to_convert(
    call: Call, file: Path, given: Path, tmp_path: Path
) -> None:
    import base64

    pem, text = tmp_path / "key.pem", tmp_path / "text.p12"
    pem.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    armoured = base64.encodebytes(file.read_bytes())
    text.write_bytes(b"-----BEGIN PKCS12-----\n" + armoured + b"-----END PKCS12-----\n")
    for path, cure in ((pem, "keystore import"), (text, "keystore convert")):
        _, answer = call("keystore", "diagnose", path, "--password-file", given, "--lang", "en")
        findings = answer["keystores"][0]["findings"]
        assert any(cure in finding["next"] for finding in findings if finding["severity"] == "error"), (
            findings
        )
    _, answer = call("keystore", "diagnose", pem, "--lang", "en")
    assert "key_in_clear" in {finding["key"] for finding in answer["keystores"][0]["findings"]}


def test_a_token_is_saved_and_seals(
    ask: Call, call: Call, secrets: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    password = ("--password-file", secrets["password"])
    keystore = Path(ask()[1]["keystore"])
    holder, token, other = "SSIN=79031421872", tmp_path / "a.etk", tmp_path / "b.etk"
    code, answer = call("etk", "save", holder, "-o", token)
    assert (code, answer["error"], answer["facts"]["reason"], token.exists()) == (
        1,
        "recipient_unusable",
        "none",
        False,
    )
    call("training", "clock", "+1d")
    assert call("certificate", "complete", keystore, *password)[0] == 0
    code, answer = call("etk", "save", holder, "-o", token)
    assert (code, answer["file"], answer["holder"], answer["sound"]) == (0, str(token), holder, True)
    assert call("etk", "save", keystore, "-o", other, *password)[0] == 0
    assert token.read_bytes() == other.read_bytes()
    code, answer = call("etk", "save", holder, "-o", token)
    assert (code, answer["error"]) == (6, "file_exists")
    assert call("etk", "save", "nobody", "-o", tmp_path / "c.etk")[0] == 2

    letter, sealed = tmp_path / "letter", tmp_path / "letter.msg"
    letter.write_text("Beste collega")
    seal = ("message", "seal", letter, "-o", sealed, "--keystore", keystore, *password, "--etk")
    assert call(*seal, token)[0] == 0
    for form in ("pem", "der"):
        exported = tmp_path / f"exported.{form}"
        export = ("keystore", "export", keystore, "--etk", "--form", form, "-o", exported, *password)
        assert call(*export)[0] == 0
        code, answer = call(*seal, exported, "--lang", "en")
        assert (code, answer["error"], answer["facts"]["reason"]) == (1, "recipient_unusable", "certificate")
        assert "etk save" in answer["next"]


def test_an_import_of_two_holders_says_so(
    call: Call,
    given: Path,
    keystore_maker: KeystoreMaker,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made, other = (
        keystore_maker,
        DistinguishedName.for_person(Person(Niss.parse("80010112478"), "Ann", "Peeters")).to_name(),
    )
    files = {
        "a": (made.keys["authentication"], made.chain[0]),
        "b": (
            made.keys["renewed"],
            made.certificate(other, made.keys["renewed"], made.issuer_name, made.keys["issuer"]),
        ),
    }
    paths = []
    for name, (key, certificate) in files.items():
        paths.append(tmp_path / f"{name}.pem")
        pem = f"Bag Attributes\n    friendlyName: {name}\n".encode()
        pem += key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        paths[-1].write_bytes(pem + certificate.public_bytes(Encoding.PEM))
    new = ("--new-password-file", given, "--lang", "en")
    code, answer = call("keystore", "import", *paths, "-o", tmp_path / "both.p12", *new)
    assert (code, answer["holders"]) == (0, ["SSIN=79031421872", "SSIN=80010112478"])
    code, answer = call("keystore", "import", paths[0], "-o", tmp_path / "one.p12", *new)
    assert (code, answer["holders"]) == (0, ["SSIN=79031421872"])
    capsys.readouterr()
    assert run([*map(str, ("keystore", "import", *paths, "-o", tmp_path / "c.p12", *new))]) == 0
    assert "keys of several holders: SSIN=79031421872, SSIN=80010112478" in capsys.readouterr().err
