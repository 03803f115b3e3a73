"""The corpus: keystores of other programs, sound and not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import CertificateBag
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12, unlock
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State
from ehtoolkit.secret import Secret

pytestmark = pytest.mark.full_cost

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
DAMAGE = {"z_bitflip.p12": "integrity", "z_crlf.p12": "text_mode", "z_trunc.p12": "truncated"}
STAGES = {
    "connector_rsa-1-dummy.p12": (State.PREPARED, 1, 1),
    "connector_rsa-2-chain.p12": (State.NO_ETK, 1, 3),
    "connector_rsa-3-etk.p12": (State.COMPLETE, 2, 4),
}

Entry = Mapping[str, Any]


@pytest.fixture(scope="module")
def corpus(data_folder: Path) -> Path:
    return data_folder / "keystores"


@pytest.fixture(scope="module")
def manifest(corpus: Path) -> list[Entry]:
    entries: list[Entry] = json.loads((corpus / "manifest.json").read_text())
    return entries


def sound(manifest: list[Entry]) -> Iterator[Entry]:
    yield from (sample for sample in manifest if "key_aliases" in sample)


def test_sound_files_hold_what_the_manifest_says_and_are_written_again(
    corpus: Path, manifest: list[Entry]
) -> None:
    read = 0
    for sample in sound(manifest):
        data, password = (corpus / sample["file"]).read_bytes(), Secret(sample["password"])
        contents = read_pkcs12(data, password)
        assert [key.alias for key in contents.keys] == sample["key_aliases"], sample["file"]
        assert len(contents.certificates) == sample["certificates"], sample["file"]
        if sample["mac"] is not None:
            mac = contents.protection.mac.key  # type: ignore[union-attr]
            stated = ("PBMAC1/" * contents.protection.mac.is_pbmac1 + mac.digest, mac.iterations)  # type: ignore[union-attr]
            assert stated == (sample["mac"]["alg"], sample["mac"]["it"]), sample["file"]
        assert _certificates(data, password) == contents.certificates, sample["file"]
        again = read_pkcs12(write_pkcs12(contents, Secret("New-Pass2!")), Secret("New-Pass2!"))
        assert again == contents, sample["file"]
        read += 1
    assert read == 22


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
    with pytest.raises(errors.LimitExceeded) as refusal:
        read_pkcs12((corpus / "z_evil_iter.p12").read_bytes(), Secret("p"))
    assert refusal.value.facts["reason"] == "iterations"
    assert time.perf_counter() - began < 0.2


def test_the_stages_of_the_public_client(corpus: Path) -> None:
    key_ids = set()
    for name, (state, keys, certificates) in STAGES.items():
        contents = read_pkcs12((corpus / name).read_bytes(), Secret("s3cret-pw"))
        keystore = Keystore.of(contents)
        now = keystore.not_before or datetime.now(UTC)
        assert (len(contents.keys), len(contents.certificates)) == (keys, certificates), name
        assert keystore.state(now) == state, name
        key_ids.add(keystore.key_id)
    assert len(key_ids) == 1


def test_the_keystore_of_an_organisation(corpus: Path) -> None:
    keystore = Keystore.of(read_pkcs12((corpus / "bc_three.p12").read_bytes(), Secret("Test-Pass1")))
    assert keystore.authentication.alias == "authentication"
    assert [certificate.serial_number for certificate in keystore.chain] == [0x99170FBB183477A3, 2, 1]
    assert len(keystore.encryption) == len(keystore.current_encryption) == 2
    assert keystore.environment is None
    # The application id stands in the common name alone: not as the platform writes names, but no less clear.
    assert str(keystore.holder) == (
        r"CN=NIHII=10000007\, APPLICATION, OU=eHealth-platform Belgium, OU=JÉRÔME DE WITTE, OU=NIHII=10000007, "
        "OU=APPLICATION, O=Federal Government, C=BE"
    )


@pytest.mark.parametrize("name", ["w_nolkid.p12", "w_samelkid.p12", "w_reversed.p12", "sun17_three.p12"])
def test_keys_find_their_certificates_with_any_ids(corpus: Path, name: str) -> None:
    password = Secret("Test-Pass1" if name.startswith("sun") else "New-Pass2!")
    keystore = Keystore.of(read_pkcs12((corpus / name).read_bytes(), password))
    assert keystore.authentication.alias == "authentication"
    assert len(keystore.chain) == 3
    for key in keystore.encryption:
        assert str(key.chain[0].serial_number).isdigit()
        assert key.key.public_key() == key.chain[0].public_key()


def _certificates(data: bytes, password: Secret) -> tuple[CertificateBag, ...]:
    return unlock(outline_pkcs12(data), DerivedKeyCache(password), keys=False).certificates


def test_certificates_alone(corpus: Path) -> None:
    with pytest.raises(errors.KeystorePasswordWrong):
        _certificates((corpus / "bc_three.p12").read_bytes(), Secret("another"))
    with pytest.raises(errors.KeystoreDamaged):
        _certificates((corpus / "z_bitflip.p12").read_bytes(), Secret("Test-Pass1"))
