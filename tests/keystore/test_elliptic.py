"""Keystores with an EC authentication key that other programs wrote. `tests.cli.test_elliptic` has other programs read
what commands make of them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.repair.pem import export_certificates
from ehtoolkit.keystore.rewrite import rewrite_file
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MAY_FAIL = {"state_expired"}

Entry = dict[str, Any]


@pytest.fixture(scope="module")
def folder(data_folder: Path) -> Path:
    return data_folder / "keystores-ec"


@pytest.fixture(scope="module")
def manifest(folder: Path) -> list[Entry]:
    entries: list[Entry] = json.loads((folder / "manifest.json").read_text())
    assert entries
    return entries


def is_java(sample: Entry) -> bool:
    return "JKS" in str(sample["writer"])


def faults(diagnosis: Diagnosis) -> set[str]:
    return {finding.key for finding in diagnosis.findings if finding.severity == "error"} - MAY_FAIL


def as_pkcs12(folder: Path, sample: Entry, target: Path) -> Path:
    """A copy under a name of its own; what is a Java keystore is converted."""
    path = target / f"{sample['file']}.acc-p12"
    if is_java(sample):
        rewrite_file(folder / sample["file"], Secret(sample["password"]), path)
    else:
        shutil.copyfile(folder / sample["file"], path)
    return path


def test_each_is_what_its_manifest_says(folder: Path, manifest: list[Entry], tmp_path: Path) -> None:
    for sample in manifest:
        password = Secret(sample["password"])
        if is_java(sample):
            closed = diagnose(folder / sample["file"], password, NOW)
            assert (closed.file.kind, closed.has("rescuable_whole")) == ("jks", True)
        found = diagnose(as_pkcs12(folder, sample, tmp_path), password, NOW)
        assert found.opened, sample
        assert sorted(str(key.alias) for key in found.keys) == sorted(sample["key_aliases"]), sample
        assert found.authentication_key == sample["authentication_key"], sample
        assert [key.kind for key in found.keys if key.alias != "authentication"] == [
            "RSA-2048" for alias in sample["key_aliases"] if alias != "authentication"
        ]
        assert str(found.environment) == sample["environment"] or sample["state"] == "waiting", sample
        assert faults(found) == set(), sample
        assert found.has("key_elliptic") is (
            found.authentication_key == "EC P-384" and sample["state"] != "waiting"
        )


def test_old_keys_are_merged_across_kinds(folder: Path, manifest: list[Entry], tmp_path: Path) -> None:
    paths = {sample["file"]: as_pkcs12(folder, sample, tmp_path) for sample in manifest}
    password = Secret(manifest[0]["password"])
    new, old = (
        KeystoreFile.open(paths[name], password).keystore
        for name in ("ec_acc_bc_complete.p12", "ec_acc_bc_renewed.p12")
    )
    merged = merge_old_keys(new, old)
    assert len(merged.encryption) == 2
    assert str(merged.authentication.kind) == "EC P-384"
    assert merged.current_encryption == new.current_encryption


def test_public_parts_are_exported(folder: Path, manifest: list[Entry], tmp_path: Path) -> None:
    for sample in manifest:
        keystore = KeystoreFile.open(as_pkcs12(folder, sample, tmp_path), Secret(sample["password"])).keystore
        if keystore.installed:
            assert export_certificates(keystore, "chain").count(b"BEGIN CERTIFICATE") == len(keystore.chain)
            assert b"BEGIN CERTIFICATE" in export_certificates(keystore, "etk")
