"""EC keystores by commands alone: what others wrote keeps every key, and what is requested opens everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.secret import Secret
from tests.cli.conftest import Call
from tests.keystore.other_programs import Java, gnutls_keys, need, nss_keys, openssl_keys, run

pytestmark = pytest.mark.interop

NEW = "Kine-2026 & co"
Entry = dict[str, Any]


@pytest.fixture
def corpus(data_folder: Path) -> Path:
    return data_folder / "keystores-ec"


@pytest.fixture
def manifest(corpus: Path) -> dict[str, Entry]:
    """By the name of the file."""
    entries: list[Entry] = json.loads((corpus / "manifest.json").read_text())
    return {sample["file"]: sample for sample in entries}


@pytest.fixture
def passwords(manifest: dict[str, Entry], tmp_path: Path) -> Path:
    file = tmp_path / "passwords.csv"
    rows = [f"{name},{sample['password']}\n" for name, sample in manifest.items()]
    file.write_text("pattern,password\n" + "".join(rows), encoding="utf-8")
    return file


def everybody(java: Java, paths: list[Path], password: str, folder: Path) -> dict[tuple[str, Path], set[str]]:
    """The aliases of keys that each program of others finds."""
    given = folder / "given"
    given.write_text(password, encoding="utf-8")
    by_java = java.open(paths, given)
    found: dict[tuple[str, Path], set[str]] = {}
    for path in paths:
        for provider in ("SUN", "BC"):
            entries = by_java[provider, path] or {}
            found[provider, path] = {alias for alias, kind in entries.items() if kind == "key"}
        found["openssl", path] = set(openssl_keys(path, given) or ())
        found["NSS", path] = set(nss_keys(path, given, folder / "nss") or ())
        found["GnuTLS", path] = set(gnutls_keys(path, Secret(password)) or ())
    return found


def test_diagnose(corpus: Path, manifest: dict[str, Entry], passwords: Path, call: Call) -> None:
    _, answer = call("keystore", "diagnose", *sorted(corpus.glob("*.p12")), "--passwords", passwords)
    assert {Path(keystore["file"]).name for keystore in answer["keystores"]} == set(manifest)
    for keystore in answer["keystores"]:
        sample = manifest[Path(keystore["file"]).name]
        errors = {finding["key"] for finding in keystore["findings"] if finding["severity"] == "error"}
        keys = {finding["key"] for finding in keystore["findings"]}
        if "JKS" in sample["writer"]:
            assert (keystore["kind"], errors, "rescuable_whole" in keys) == ("jks", {"file_jks"}, True)
            continue
        assert keystore["opened"]
        assert {key["alias"] for key in keystore["keys"]} == set(sample["key_aliases"])
        assert keystore["authentication_key"] == sample["authentication_key"]
        over = keystore["days_left"] is not None and keystore["days_left"] < 0
        assert errors == ({"state_expired"} if over else set()), sample
        if sample["state"] != "waiting":
            assert keystore["environment"] == sample["environment"]


def test_no_key_is_lost(
    corpus: Path, manifest: dict[str, Entry], call: Call, java: Java, tmp_path: Path
) -> None:
    """``convert``, ``passwd``, ``merge``, ``export`` and ``archive``, one after the other."""
    new, expected = tmp_path / "new", dict[Path, set[str]]()
    new.write_text(f"{NEW}\n", encoding="utf-8")
    for name, sample in manifest.items():
        path, password = tmp_path / name, tmp_path / f"{name}.password"
        password.write_text(sample["password"], encoding="utf-8")
        assert call("keystore", "convert", corpus / name, "--password-file", password, "-o", path)[0] == 0
        given = ("--password-file", password, "--new-password-file", new)
        assert call("keystore", "passwd", path, *given)[0] == 0
        expected[path] = set(sample["key_aliases"])
        if sample["state"] != "waiting":
            for part in ("--chain", "--etk"):
                public = tmp_path / f"{name}{part}.pem"
                command = ("keystore", "export", path, part, "-o", public, "--password-file", new)
                assert call(*command)[0] == 0
                assert b"BEGIN CERTIFICATE" in public.read_bytes()
    complete, renewed = tmp_path / "ec_acc_bc_complete.p12", tmp_path / "ec_acc_bc_renewed.p12"
    code, merged = call("keystore", "merge", complete, "--from", renewed, "--password-file", new)
    assert code == 0, merged
    expected[complete] |= expected[renewed]
    code, archived = call("keystore", "archive", "--file", renewed)
    assert code == 0, archived
    expected[renewed.parent / "archive" / renewed.name] = expected.pop(renewed)
    found = everybody(java, list(expected), NEW, tmp_path)
    assert len(found) == 5 * len(manifest)
    for (program, path), aliases in found.items():
        assert aliases == expected[path], (program, path.name)


@pytest.mark.parametrize(
    ("person", "profile"),
    [("elise", ()), ("claire", ()), ("claire", ("--profile", "modern"))],
    ids=["RSA", "EC", "EC, modern"],
)
def test_what_is_requested_opens_everywhere(
    person: str,
    profile: tuple[str, ...],
    ask: Call,
    call: Call,
    java: Java,
    secrets: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EHTOOLKIT_TRAINING_DELIVERY", "0")
    code, asked = ask("--card", f"training:{person}", *profile)
    assert code == 0, asked
    code, done = call("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])
    assert (code, done["state"]) == (0, "complete")
    path = Path(asked["keystore"])
    plain = run(need("openssl"), "pkcs12", "-in", path, "-passin", f"file:{secrets['password']}", "-noenc")
    assert plain is not None, "OpenSSL 3 without -legacy"
    assert plain.count("BEGIN PRIVATE KEY") == 2
    found = everybody(java, [path], "Kine-2026", tmp_path)
    assert {len(aliases) for aliases in found.values()} == {2}
    assert all("authentication" in aliases for aliases in found.values())
