"""``keystore show`` and ``diagnose`` over the corpus: what the manifest says is found, every fault by its own key."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.secret import Secret
from tests.cli.conftest import Call
from tests.keystore.conftest import KeystoreMaker, keystore_maker

__all__ = ["keystore_maker"]


@pytest.fixture(scope="module")
def manifest(data_folder: Path) -> dict[str, dict[str, Any]]:
    entries = json.loads((data_folder / "keystores" / "manifest.json").read_text())
    return {sample["file"]: sample for sample in entries}


@pytest.fixture
def passwords(manifest: dict[str, dict[str, Any]], tmp_path: Path) -> Path:
    path = tmp_path / "passwords.csv"
    with path.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["pattern", "password"])
        writer.writerows([name, sample["password"]] for name, sample in manifest.items())
    return path


@pytest.fixture
def files(data_folder: Path) -> list[Path]:
    return sorted((data_folder / "keystores").glob("*.p12"))


def test_every_file_of_the_corpus(
    call: Call, files: list[Path], passwords: Path, manifest: dict[str, dict[str, Any]]
) -> None:
    code, answer = call("keystore", "diagnose", *files, "--passwords", passwords)
    assert code == 1
    found = {Path(keystore["file"]).name: keystore for keystore in answer["keystores"]}
    assert len(found) == len(files)
    for name, keystore in found.items():
        sample = manifest[name]
        if "key_aliases" in sample and keystore["opened"]:
            assert [key["alias"] for key in keystore["keys"]] == sample["key_aliases"], name
            assert keystore["certificates"] == sample["certificates"], name
        worst = {finding["key"] for finding in keystore["findings"] if finding["severity"] == "error"}
        if "fault" in sample:
            assert worst, name
            assert keystore["opened"] is (keystore["kind"] in ("jks", "jceks")), name
    readable = {name for name, sample in manifest.items() if "fault" not in sample}
    assert {name for name, keystore in found.items() if not keystore["opened"] and name in readable} <= {
        "ossl_pbmac1.p12"
    }


def test_faults_have_different_keys(
    call: Call, files: list[Path], passwords: Path, manifest: dict[str, dict[str, Any]]
) -> None:
    _, answer = call("keystore", "diagnose", *files, "--passwords", passwords)
    by_fault: dict[str, set[str]] = {}
    for keystore in answer["keystores"]:
        fault = manifest[Path(keystore["file"]).name].get("fault")
        if fault is not None:
            by_fault.setdefault(fault, set()).add(keystore["findings"][0]["key"])
    firsts = [next(iter(keys)) for keys in by_fault.values()]
    assert {len(keys) for keys in by_fault.values()} == {1}
    assert len(set(firsts)) == len(firsts), by_fault


def test_without_a_password_the_keys_are_shown(call: Call, data_folder: Path) -> None:
    file = data_folder / "keystores" / "bc_complete.p12"
    code, answer = call("keystore", "show", file)
    (keystore,) = answer["keystores"]
    assert code == 0
    assert keystore["opened"] is False
    assert [key["alias"] for key in keystore["keys"]] == [
        "authentication",
        "233402812345678901234567890123456789012",
    ]
    assert keystore["certificates"] is None
    assert "findings" not in keystore


def test_a_file_that_is_not_there_is_a_finding(call: Call, tmp_path: Path) -> None:
    code, answer = call("keystore", "diagnose", tmp_path / "no.p12")
    assert code == 1
    assert answer["keystores"][0]["findings"][0]["severity"] == "error"


def test_a_keystore_of_training_is_judged_by_the_training_clock(
    ask: Call, call: Call, secrets: dict[str, Path]
) -> None:
    keystore = ask()[1]["keystore"]
    call("training", "clock", "+1d")
    call("certificate", "complete", keystore, "--password-file", secrets["password"])
    look = ("keystore", "diagnose", keystore, "--password-file", secrets["password"])
    assert call(*look)[1]["keystores"][0]["state"] == "complete"
    call("training", "clock", "+37mo")
    code, answer = call(*look)
    assert (code, answer["keystores"][0]["state"]) == (1, "expired")


def test_the_day_of_an_end_is_the_one_in_belgium(
    keystore_maker: KeystoreMaker,
    secrets: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    late = replace(keystore_maker, end=datetime(2029, 12, 31, 23, 30, tzinfo=UTC))
    data = write_pkcs12(late.complete.contents, Secret("Kine-2026"))
    files = [tmp_path / name for name in ("a.p12", "b.p12")]  # of one there is no table
    for file in files:
        file.write_bytes(data)
    assert run(["keystore", "show", *map(str, files), "--password-file", str(secrets["password"])]) == 0
    shown = capsys.readouterr().out
    assert shown.count("2030-01-01") == 2
    assert "2029-12-31" not in shown
