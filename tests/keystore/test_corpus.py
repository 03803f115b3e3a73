"""The corpus: keystores of other programs, sound and not. What is not read yet is said to be so."""

from __future__ import annotations

import contextlib
import json
import random
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore import Keystore, KeystoreState, outline_pkcs12, read_pkcs12, write_pkcs12
from ehtoolkit.secret import Secret

UNSUPPORTED = {"ossl_pbmac1.p12": "1.2.840.113549.1.5.14"}
KINDS = {
    "bc_nullpw.p12": "empty",
    "x_JCEKS.p12": "jceks",
    "x_JKS.p12": "jks",
    "z_base64.p12": "base64",
    "z_certder.p12": "certificate",
    "z_pem.p12": "pem",
    "z_zero.p12": "empty",
    "z_zeros.p12": "zeros",
}
DAMAGE = {"z_bitflip.p12": "integrity", "z_crlf.p12": "structure", "z_trunc.p12": "truncated"}
STAGES = {
    "connector_rsa-1-dummy.p12": (KeystoreState.PREPARED, 1, 1),
    "connector_rsa-2-chain.p12": (KeystoreState.NO_ETK, 1, 3),
    "connector_rsa-3-etk.p12": (KeystoreState.COMPLETE, 2, 4),
}

Entry = Mapping[str, Any]


@pytest.fixture(scope="module")
def corpus(shared: Path) -> Path:
    return shared / "keystore" / "corpus"


@pytest.fixture(scope="module")
def manifest(corpus: Path) -> list[Entry]:
    entries: list[Entry] = json.loads((corpus / "manifest.json").read_text())
    return entries


def sound(manifest: list[Entry]) -> Iterator[Entry]:
    yield from (entry for entry in manifest if "key_aliases" in entry and entry["file"] not in UNSUPPORTED)


def test_sound_files_hold_what_the_manifest_says(corpus: Path, manifest: list[Entry]) -> None:
    read = 0
    for entry in sound(manifest):
        contents = read_pkcs12((corpus / entry["file"]).read_bytes(), Secret(entry["password"]))
        assert [key.alias for key in contents.keys] == entry["key_aliases"], entry["file"]
        assert len(contents.certificates) == entry["certificates"], entry["file"]
        if entry["mac"] is not None:
            mac = contents.protection.mac.key  # type: ignore[union-attr]
            assert (mac.digest, mac.iterations) == (entry["mac"]["alg"], entry["mac"]["it"]), entry["file"]
        read += 1
    assert read == 21


def test_a_wrong_password_is_called_that(corpus: Path, manifest: list[Entry]) -> None:
    for entry in sound(manifest):
        if entry["file"] == "ossl_plain_nomac.p12":  # nothing in it is protected
            continue
        with pytest.raises(errors.KeystorePasswordWrong):
            read_pkcs12((corpus / entry["file"]).read_bytes(), Secret("Wrong-Pass3"))


def test_every_file_is_written_again_with_all_that_it_holds(corpus: Path, manifest: list[Entry]) -> None:
    for entry in sound(manifest):
        contents = read_pkcs12((corpus / entry["file"]).read_bytes(), Secret(entry["password"]))
        again = read_pkcs12(write_pkcs12(contents, Secret("New-Pass2!")), Secret("New-Pass2!"))
        assert again == contents, entry["file"]


def test_ciphers_that_are_not_read_yet(corpus: Path) -> None:
    for name, algorithm in UNSUPPORTED.items():
        with pytest.raises(errors.KeystoreUnsupported) as refusal:
            read_pkcs12((corpus / name).read_bytes(), Secret("Test-Pass1"))
        assert refusal.value.facts == {"algorithm": algorithm}


def test_what_is_no_keystore(corpus: Path) -> None:
    for name, kind in KINDS.items():
        with pytest.raises(errors.NotAKeystore) as refusal:
            outline_pkcs12((corpus / name).read_bytes())
        assert refusal.value.facts == {"kind": kind}, name


def test_damage(corpus: Path) -> None:
    for name, reason in DAMAGE.items():
        with pytest.raises(errors.KeystoreDamaged) as damage:
            read_pkcs12((corpus / name).read_bytes(), Secret("Test-Pass1"))
        assert damage.value.facts == {"reason": reason}, name


def test_an_endless_iteration_count_is_refused_at_once(corpus: Path) -> None:
    began = time.perf_counter()
    with pytest.raises(errors.KeystoreHostile) as refusal:
        read_pkcs12((corpus / "z_evil_iter.p12").read_bytes(), Secret("p"))
    assert refusal.value.facts["reason"] == "iterations"
    assert time.perf_counter() - began < 0.2


def test_the_stages_of_the_public_client(corpus: Path) -> None:
    for name, (state, keys, certificates) in STAGES.items():
        contents = read_pkcs12((corpus / name).read_bytes(), Secret("s3cret-pw"))
        keystore = Keystore.of(contents)
        now = keystore.not_before or datetime.now(UTC)
        assert (len(contents.keys), len(contents.certificates)) == (keys, certificates), name
        assert keystore.state(now) == state, name
        assert keystore.key_id == "0DBC0382663ABEADEAC9D9233D6493DE2ADF9625"


def test_the_keystore_of_an_organisation(corpus: Path) -> None:
    keystore = Keystore.of(read_pkcs12((corpus / "bc_three.p12").read_bytes(), Secret("Test-Pass1")))
    assert keystore.authentication.alias == "authentication"
    assert [certificate.serial_number for certificate in keystore.chain] == [0x99170FBB183477A3, 2, 1]
    assert len(keystore.encryption) == len(keystore.current_encryption) == 2
    assert keystore.environment is None
    assert keystore.holder is None  # this application id is longer than the platform gives


@pytest.mark.parametrize("name", ["w_nolkid.p12", "w_samelkid.p12", "w_reversed.p12", "sun17_three.p12"])
def test_keys_find_their_certificates_whatever_their_ids(corpus: Path, name: str) -> None:
    password = Secret("Test-Pass1" if name.startswith("sun") else "New-Pass2!")
    keystore = Keystore.of(read_pkcs12((corpus / name).read_bytes(), password))
    assert keystore.authentication.alias == "authentication"
    assert len(keystore.chain) == 3
    for entry in keystore.encryption:
        assert str(entry.chain[0].serial_number).isdigit()
        assert entry.key.public_key() == entry.chain[0].public_key()


def test_mutated_files_bring_our_errors_and_take_no_time(corpus: Path, manifest: list[Entry]) -> None:
    random_source = random.Random(20261124)  # noqa: S311  # the same mutations in every run
    quick = [entry for entry in manifest if entry["file"].startswith(("ossl", "z_", "x_")) and entry["bytes"]]
    slowest = 0.0
    for _ in range(1_500):
        entry = random_source.choice(quick)
        data = bytearray((corpus / entry["file"]).read_bytes())
        for _ in range(random_source.choice([1, 1, 2, 8])):
            data[random_source.randrange(min(len(data), random_source.choice([60, 400, 10_000])))] = (
                random_source.choice([0, 0x30, 0x80, 0x84, 0xFF, random_source.randrange(256)])
            )
        if random_source.random() < 0.2:
            del data[random_source.randrange(len(data)) :]
        began = time.perf_counter()
        with contextlib.suppress(errors.EhToolkitError):
            Keystore.of(read_pkcs12(bytes(data), Secret(entry["password"])))
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 1.0
