"""Sealed messages on the command line: those of other software, our own, and what goes wrong."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.x509 import SubjectKeyIdentifier

from ehtoolkit.cli.app import app
from ehtoolkit.cli.run import run
from ehtoolkit.finding import Severity, with_severity
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.cli.conftest import Call
from tests.ehealth.composing import enveloped, signed, world

OURS = {"damaged": "cut_off"}
"""Words of the manifest that are called otherwise here."""
ELISE = "SSIN=79031421872"


@pytest.fixture(scope="session")
def sealed(data_folder: Path) -> Path:
    """Messages that other software has sealed, with keystores and tokens."""
    return data_folder / "sealed-messages"


@pytest.fixture(scope="session")
def manifest(sealed: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((sealed / "manifest.json").read_text(encoding="utf-8"))
    return read


@pytest.fixture
def platform(sealed: Path) -> None:
    """A training platform with the authorities that issued all these keystores."""
    folder = Path(os.environ["EHTOOLKIT_HOME"]) / "training"
    folder.mkdir(parents=True)
    shutil.copytree(sealed / "training-ca", folder / "ca", copy_function=shutil.copyfile)
    (folder / "ca").chmod(0o700)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("s3cret-pw", encoding="utf-8")
    return file


@pytest.mark.usefixtures("platform")
def test_every_message_of_other_software_gives_what_its_manifest_says(
    call: Call, sealed: Path, manifest: dict[str, Any], password: Path, tmp_path: Path
) -> None:
    for number, said in enumerate(manifest["messages"]):
        output = tmp_path / f"{number}.out"
        code, found = call(
            *("message", "open", sealed / said["file"], "--keystore", sealed / "keystores" / said["reader"]),
            *("--password-file", password, "-o", output),
        )
        name, sound = said["file"], said["outcome"].startswith("sound")
        keys = {finding["key"] for finding in found["findings"]}
        assert (code, found["proven"], output.exists()) == (0, True, True) if sound else (1, False, False), (
            name
        )
        assert (found["state"] == "not_for_this_keystore") is (said["outcome"] == "not_for_this_keystore"), (
            name
        )
        assert {OURS.get(problem, problem) for problem in said["problems"]} <= keys, name
        if sound:
            wanted = said["content"]
            data = output.read_bytes()
            assert found["content"] == {
                "file": str(output),
                "size": wanted["bytes"],
                "sha256": wanted["sha256"],
            }
            assert (len(data), hashlib.sha256(data).hexdigest()) == (wanted["bytes"], wanted["sha256"])
            assert {finding["severity"] for finding in found["findings"]} <= {"ok", "info", "warning"}, name
        facts = said["facts"]
        if "outer" in facts:
            (signer,) = facts["outer"]["signers"]
            assert found["signer"]["serial"] == signer["serial"], name
            wanted_time = signer["signing_time"]
            shown = found["signed_at"]
            assert (shown and shown.replace("+00:00", "Z")) == wanted_time, name
            assert [recipient["serial"] for recipient in found["recipients"]] == facts["recipient_serials"], (
                name
            )
            assert found["kgss_keys"] == facts["kek_ids"], name
        if sound:
            assert found["opened_with"] == facts["opened_with"], name
            assert found["content_signer"]["serial"] == facts["inner"]["signers"][0]["serial"], name


@pytest.mark.usefixtures("platform")
def test_faults_come_with_what_other_software_calls_them(
    call: Call, sealed: Path, manifest: dict[str, Any], password: Path
) -> None:
    for said in manifest["messages"]:
        _, found = call(
            *("message", "open", sealed / said["file"], "--keystore", sealed / "keystores" / said["reader"]),
            *("--password-file", password),
        )
        theirs = said["etee_crypto"]
        named = {
            name for finding in found["findings"] for name in finding["other_software"].get("etee-crypto", ())
        }
        if said["problems"] or theirs["errors"]:
            said_there = {*theirs["errors"], *theirs["warnings"], theirs["fatal"]} - {None}
            assert said_there & named, said["file"]


@pytest.mark.usefixtures("platform")
def test_only_what_is_proven_is_written_unless_it_is_asked_for(
    call: Call, sealed: Path, password: Path, tmp_path: Path
) -> None:
    output = tmp_path / "content"
    line = (
        *("message", "open", sealed / "messages/outer-signature-changed.etee", "-o", output),
        *("--keystore", sealed / "keystores/elise-3.p12", "--password-file", password),
    )
    code, found = call(*line)
    assert (code, found["state"], found["content"]["file"]) == (1, "unproven", None)
    assert list(tmp_path.glob(".ehtoolkit-*")) == []
    assert not output.exists()
    code, found = call(*line, "--unproven")
    assert (code, found["state"], found["content"]["file"]) == (1, "unproven", str(output))
    assert os.name == "nt" or stat.S_IMODE(output.stat().st_mode) & 0o077 == 0
    code, found = call(*line, "--unproven")
    assert (code, found["error"]) == (6, "file_exists")


@pytest.mark.usefixtures("platform")
def test_the_keystore_that_has_a_key_is_found(call: Call, sealed: Path, password: Path) -> None:
    folder = Path(os.environ["EHTOOLKIT_HOME"]) / "training" / "keystore"
    folder.mkdir()
    file = folder / f"{ELISE} 20261127-010000.p12"
    shutil.copyfile(sealed / "keystores/elise-3.p12", file)
    message = sealed / "messages/old-key-sealed-then.etee"
    code, found = call("message", "open", message, "--password-file", password)
    assert (code, found["keystore"]) == (0, str(file))
    assert found["recipients"][0]["keystores"] == [str(file)]
    # Nobody is asked for a password where no key fits.
    code, found = call("message", "open", sealed / "messages/not-for-me.etee")
    assert (code, found["state"], found["keystore"]) == (1, "not_for_this_keystore", None)
    assert {"outer_signature_good", "signer_trusted"} <= {finding["key"] for finding in found["findings"]}


@pytest.fixture
def two_candidates(sealed: Path, platform: None, tmp_path: Path) -> tuple[Path, Path]:
    """Two keystores with a key for one message, the newer under another password."""
    folder = Path(os.environ["EHTOOLKIT_HOME"]) / "training" / "keystore"
    folder.mkdir()
    newer, older = folder / f"{ELISE} 20261128-010000.p12", folder / f"{ELISE} 20261127-010000.p12"
    for file in (newer, older):
        shutil.copyfile(sealed / "keystores/elise-3.p12", file)
    change_password(newer, Secret("s3cret-pw"), Secret("Kine-2029"))
    return newer, older


def test_the_next_candidate_is_tried_when_the_password_does_not_open_the_first(
    call: Call, sealed: Path, password: Path, two_candidates: tuple[Path, Path], tmp_path: Path
) -> None:
    newer, older = two_candidates
    message = sealed / "messages/old-key-sealed-then.etee"
    code, found = call("message", "open", message, "--password-file", password)
    assert (code, found["keystore"]) == (0, str(older))
    table = tmp_path / "table.csv"
    table.write_text(f"pattern,password\n{older.name},s3cret-pw\n", encoding="utf-8")
    code, found = call("message", "open", message, "--passwords", table)
    assert (code, found["keystore"]) == (0, str(older))
    table.write_text(f"pattern,password\n{newer.name},Kine-2029\n", encoding="utf-8")
    code, found = call("message", "open", message, "--passwords", table)
    assert (code, found["keystore"]) == (0, str(newer))


def test_the_keystore_that_has_the_key_is_named(
    call: Call, sealed: Path, password: Path, two_candidates: tuple[Path, Path]
) -> None:
    message = sealed / "messages/old-key-sealed-then.etee"
    given = ("--keystore", sealed / "keystores/bram.p12", "--password-file", password)
    _, found = call("message", "open", message, *given)
    (finding,) = (each for each in found["findings"] if each["key"] == "not_for_this_keystore")
    assert str(two_candidates[0]) in finding["next"]
    assert "merge" not in finding["next"]


def test_a_key_in_the_archive_is_found_last(
    call: Call, sealed: Path, password: Path, two_candidates: tuple[Path, Path]
) -> None:
    newer, older = two_candidates
    archived = archive_keystore(older)
    message = sealed / "messages/old-key-sealed-then.etee"
    code, found = call("message", "open", message, "--password-file", password)
    assert (code, found["keystore"]) == (0, str(archived))
    assert found["recipients"][0]["keystores"] == [str(newer), str(archived)]


def test_candidates_that_no_password_opens_are_named(
    call: Call, sealed: Path, two_candidates: tuple[Path, Path], tmp_path: Path
) -> None:
    wrong, table = tmp_path / "wrong", tmp_path / "table.csv"
    wrong.write_text("another", encoding="utf-8")
    table.write_text("pattern,password\nelsewhere.p12,s3cret-pw\n", encoding="utf-8")
    message = sealed / "messages/old-key-sealed-then.etee"
    for given in (("--password-file", wrong), ("--passwords", table)):
        code, refused = call("message", "open", message, *given)
        assert (code, refused["error"], refused["facts"]["reason"]) == (
            1,
            "keystore_password_wrong",
            "candidates",
        )
        assert all(file.name in refused["message"] for file in two_candidates)
    assert call("message", "open", message)[1]["error"] == "option_missing"


@pytest.mark.usefixtures("platform")
def test_a_recipient_that_is_named_by_its_key_is_found_in_the_folder(
    call: Call, sealed: Path, password: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(os.environ["EHTOOLKIT_HOME"]) / "training" / "keystore"
    folder.mkdir()
    file, message = folder / f"{ELISE} 20261127-010000.p12", tmp_path / "by-key.etee"
    shutil.copyfile(sealed / "keystores/elise-3.p12", file)
    keystore = open_keystore(file, Secret("s3cret-pw"))
    (key, *_) = keystore.current_encryption
    recipient = key.chain[0]
    made, identifier = world(), SubjectKeyIdentifier.from_public_key(recipient.public_key()).digest.hex()
    inner = signed(b"x", made.rsa.key, made.rsa.certificate)
    middle = enveloped(inner, [recipient], by_key=True)
    message.write_bytes(signed(middle, made.rsa.key, made.rsa.certificate))
    _, found = call("message", "open", message, "--password-file", password)
    assert (found["keystore"], found["recipients"][0]["keystores"]) == (str(file), [str(file)])
    assert found["recipients"][0]["key_identifier"] == identifier
    assert found["opened_with"] is not None
    file.unlink()
    run(["message", "open", str(message), "--lang", "en"])
    shown = capsys.readouterr().out
    assert "None" not in shown
    assert f"it is for {identifier}" in shown


@pytest.mark.usefixtures("platform")
def test_the_signer_of_the_content_is_as_trusted_as_that_of_the_envelope(
    call: Call, sealed: Path, password: Path
) -> None:
    _, found = call(
        *("message", "open", sealed / "messages/one-byte.etee", "--password-file", password),
        *("--keystore", sealed / "keystores/elise-3.p12"),
    )
    assert (found["proven"], found["signer"]["trusted"], found["content_signer"]["trusted"]) == (
        True,
        True,
        True,
    )


@pytest.mark.usefixtures("platform")
def test_a_keystore_that_is_named_needs_no_folder_that_can_be_listed(
    call: Call, sealed: Path, password: Path, tmp_path: Path
) -> None:
    """As on a drive that is gone."""
    gone = tmp_path / "gone"
    gone.symlink_to(gone)
    command = ("message", "open", sealed / "messages/old-key-sealed-then.etee", "--keystore-folder", gone)
    given = ("--keystore", sealed / "keystores/elise-3.p12", "--password-file", password)
    code, found = call(*command, *given)
    assert (code, found["proven"], found["recipients"][0]["keystores"]) == (0, True, [])
    assert call(*command)[1]["error"] == "file_unreadable"


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize("sender", ["elise-3.p12", "noor-ec.p12"])
def test_what_is_sealed_for_two_is_opened_by_both(
    call: Call, sealed: Path, password: Path, tmp_path: Path, sender: str
) -> None:
    content, message = tmp_path / "letter", tmp_path / "letter.etee"
    content.write_bytes(b"Beste Bram,\r\n\0")
    code, made = call(
        *("message", "seal", content, "-o", message, "--keystore", sealed / "keystores" / sender),
        *("--password-file", password, "--etk", sealed / "tokens/bram.etk", "--to-self"),
    )
    assert (code, made["sealed"], made["size"]) == (0, str(message), message.stat().st_size)
    assert ("ec_signature" in {finding["key"] for finding in made["findings"]}) is (sender == "noor-ec.p12")
    assert made["recipients"][0]["holder"] == "SSIN=85110230740"
    for reader in ("bram.p12", sender):
        output = tmp_path / f"for {reader}"
        code, found = call(
            *("message", "open", message, "-o", output, "--keystore", sealed / "keystores" / reader),
            *("--password-file", password),
        )
        assert (code, found["state"], output.read_bytes()) == (0, "proven", content.read_bytes())
        assert found["signer"]["holder"] == made["signer"]["holder"]
    code, refused = call(
        *("message", "seal", content, "-o", message, "--keystore", sealed / "keystores" / sender),
        *("--password-file", password, "--etk", sealed / "tokens/bram.etk"),
    )
    assert (code, refused["error"]) == (6, "file_exists")


def test_what_is_sealed_for_the_depots_token_is_opened_with_the_new_keystore(
    call: Call, ask: Call, secrets: dict[str, Path], tmp_path: Path
) -> None:
    """The road of a person who asks for a certificate, and writes to himself through the depot."""
    _, asked = ask()
    call("training", "clock", "+2h")
    code, _ = call("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])
    assert code == 0
    content, message, output = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    content.write_bytes(b"x" * 70_000)
    line = ("--keystore", asked["keystore"], "--password-file", secrets["password"])
    holder = Path(asked["keystore"]).name.partition(" ")[0]
    code, made = call("message", "seal", content, "-o", message, "--to", holder, *line)
    assert (code, made["findings"]) == (0, [])
    code, found = call("message", "open", message, "-o", output, "--password-file", secrets["password"])
    assert (code, found["state"], found["keystore"]) == (0, "proven", asked["keystore"])
    assert output.read_bytes() == content.read_bytes()
    code, found = call("message", "open", message, "--online", "--password-file", secrets["password"])
    assert (code, found["state"]) == (0, "proven")
    assert "signer_not_revoked" in {finding["key"] for finding in found["findings"]}
    code, refused = call("message", "seal", content, "-o", tmp_path / "d", "--to", "SSIN=85110230740", *line)
    assert (code, refused["error"], refused["facts"]["reason"]) == (1, "recipient_unusable", "none")
    # Years later the certificate has ended, and so has the token; the message is read all the same.
    call("training", "clock", "+5y")
    code, found = call("message", "open", message, "--password-file", secrets["password"])
    assert (code, found["state"]) == (0, "proven")
    assert "signing_time_old" in {finding["key"] for finding in found["findings"]}
    code, refused = call("message", "seal", content, "-o", tmp_path / "d", "--to-self", *line)
    assert (code, refused["error"], refused["facts"]["reason"]) == (1, "sender_unusable", "expired")


def test_unusable_input_is_reported(call: Call, sealed: Path, password: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    code, found = call("message", "open", missing)
    assert (code, found["error"]) == (2, "file_unreadable")
    code, found = call("message", "open", tmp_path)
    assert (code, found["error"]) == (2, "file_unreadable")
    keystore = ("--keystore", sealed / "keystores/elise-3.p12", "--password-file", password)
    content = tmp_path / "content"
    content.write_bytes(b"x")
    seal = ("message", "seal", content, "-o", tmp_path / "new", *keystore)
    code, found = call(*seal)
    assert (code, found["error"], found["facts"]["option"]) == (2, "option_missing", "--to")
    code, found = call(*seal, "--etk", content)
    assert (code, found["facts"]["reason"]) == (1, "untrusted")
    code, found = call(*seal, "--etk", sealed / "tokens/bram.etk", "--authority", content)
    assert (code, found["error"]) == (2, "file_unreadable")
    code, found = call("message", "open", content, "-o", tmp_path / "none" / "new", *keystore)
    assert (code, found["error"]) == (2, "folder_missing")
    code, found = call("message", "open", content, *keystore)
    assert (code, found["state"]) == (1, "unreadable")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content", "password"]


def test_an_authority_has_to_be_known(call: Call, sealed: Path, password: Path, tmp_path: Path) -> None:
    """Without the platform that issued them: what the reader's own keystore brings, and what is given."""
    line = (
        *("message", "open", sealed / "messages/bc-ec-sha256.etee", "--password-file", password),
        *("--keystore", sealed / "keystores/elise-3.p12"),
    )
    code, found = call(*line)
    assert (code, found["state"]) == (1, "unproven")
    assert "signer_not_trusted" in {finding["key"] for finding in found["findings"]}
    code, found = call(*line, "--authority", sealed / "authorities/root-ec.pem")
    assert (code, found["state"]) == (0, "proven")
    code, found = call(
        *("message", "open", sealed / "messages/self-bytes.etee", "--password-file", password),
        *("--keystore", sealed / "keystores/elise-3.p12"),
    )
    assert (code, found["state"]) == (0, "proven")


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_output_is_in_sentences(
    sealed: Path, password: Path, capsys: pytest.CaptureFixture[str], language: LanguageName
) -> None:
    line = [
        *("--keystore", str(sealed / "keystores/elise-3.p12"), "--password-file", str(password)),
        *("--lang", language),
    ]
    assert run(["message", "open", str(sealed / "messages/two-recipients.etee"), *line]) == 0
    good = capsys.readouterr().out
    assert "DESMEDT BRAM JOZEF" in good
    assert "317807571012232123788236736833746082467" in good
    assert (
        run(["message", "open", str(sealed / "messages/outer-content-changed.etee"), "--quiet", *line]) == 1
    )
    bad = capsys.readouterr().out
    texts = Translator(language)
    assert texts.get("cli.message.not_written") in good
    assert texts.get("cli.message.not_written_unproven") in bad
    assert run(["message", "open", str(sealed / "messages/two-recipients.etee"), "--verbose", *line]) == 0
    verbose = capsys.readouterr().out.splitlines()
    kinds = tuple(with_severity(kind, "", texts) for kind in (Severity.OK, Severity.INFO))
    assert not any(shown.startswith(kinds) for shown in good.splitlines())
    left_out = sum(shown.startswith(kinds) for shown in verbose)
    assert left_out > 1
    assert texts.get("cli.more", count=left_out) in good
    assert "etee-crypto: OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED" in bad
    assert good.splitlines()[0].split(": ")[-1] != bad.splitlines()[0].split(": ")[-1]


@pytest.mark.usefixtures("platform")
def test_what_export_writes_is_no_etk(call: Call, sealed: Path, password: Path, tmp_path: Path) -> None:
    """Both helps say so, and the error what is wanted instead."""
    mine = sealed / "keystores/elise-3.p12"
    exported, text = tmp_path / "elise.cer", tmp_path / "letter.txt"
    text.write_text("Good morning")
    code, _ = call("keystore", "export", mine, "--etk", "--password-file", password, "-o", exported)
    assert code == 0
    seal = ("message", "seal", text, "-o", tmp_path / "letter.msg", "--keystore", mine)
    code, found = call(*seal, "--password-file", password, "--etk", exported, "--lang", "en")
    assert (code, found["error"]) == (code or 1, "recipient_unusable")
    assert found["facts"]["reason"] == "certificate"
    assert "etk save" in found["next"]
    assert not (tmp_path / "letter.msg").exists()
    for command, words in (
        (("keystore", "export"), "not the signed ETK"),
        (("message", "seal"), "signed ETK"),
    ):
        assert words in " ".join(help_of(*command).split())


def help_of(*command: str) -> str:
    done = CliRunner().invoke(app, [*command, "--help", "--lang", "en"])
    return done.output
