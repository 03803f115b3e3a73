"""Keystores of other programs, sound and faulty: opened with what they hold, or each fault told from the others."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.finding import Severity
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis, describe_diagnosis
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import BRIEFLY

pytestmark = pytest.mark.full_cost

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FAULTS = {
    "empty file": "file_empty",
    "a Java JCEKS keystore": "file_jceks",
    "a Java JKS keystore": "file_jks",
    "base64 text of a keystore": "file_base64",
    "damaged: password right, integrity broken": "damaged_integrity",
    "a bare certificate": "file_certificate",
    "damaged by a text-mode transfer": "damaged_text_mode",
    "iteration count over any sane limit": "hostile_iterations",
    "PEM text": "file_pem",
    "truncated; its keys can be rescued": "damaged_truncated",
    "only zero bytes": "file_zeros",
}
PECULIAR = {
    "ossl_plain_nomac.p12": {"key_unprotected", "mac_missing", "alias_missing", "java_partly"},
    "ossl_pbmac1.p12": {"mac_pbmac1", "java_unreadable", "dotnet_unreadable", "old_unreadable"},
    "ossl_rc2128.p12": {"cipher_old", "chain_incomplete", "old_readable"},
    "sun_600k.p12": {"iterations_high", "dotnet_unreadable", "java_readable"},
    "sun_emptypw.p12": {"password_empty"},
    "sun_nomac.p12": {"mac_missing", "java_readable"},
    "sun_nomac_plaincerts.p12": {"mac_missing", "certificates_unprotected"},
    "w_nolkid.p12": {"local_key_ids_missing", "java_partly"},
    "w_samelkid.p12": {"local_key_ids_repeated", "java_readable"},
    "w_reversed.p12": {"authentication_not_first", "chain_order"},
    "k_storepasswd.p12": {"certificates_doubled"},
    "bc_complete.p12": {"state_complete", "size_small_but_whole", "old_readable", "cipher_weak"},
    "bc_incomplete.p12": {"state_prepared"},
    "bc_authonly.p12": {"state_no_etk", "size_large_but_lacking"},
    "bc_three.p12": {"etk_several"},
}
STAGES = {
    "connector_rsa-1-dummy.p12": ("prepared", 1, 1),
    "connector_rsa-2-chain.p12": ("no_etk", 1, 3),
    "connector_rsa-3-etk.p12": ("complete", 2, 4),
}

Entry = Mapping[str, Any]


@pytest.fixture(scope="module")
def corpus(data_folder: Path) -> Path:
    return data_folder / "keystores"


@pytest.fixture(scope="module")
def manifest(corpus: Path) -> list[Entry]:
    entries: list[Entry] = json.loads((corpus / "manifest.json").read_text())
    return entries


@pytest.fixture(scope="module")
def diagnoses(corpus: Path, manifest: list[Entry]) -> dict[str, Diagnosis]:
    return {
        sample["file"]: diagnose(corpus / sample["file"], Secret(sample["password"]), NOW)
        for sample in manifest
    }


def keys_of(diagnosis: Diagnosis) -> set[str]:
    return {finding.key for finding in diagnosis.findings}


def test_sound_files_are_opened_with_what_they_hold(
    manifest: list[Entry], diagnoses: dict[str, Diagnosis]
) -> None:
    for sample in manifest:
        if "key_aliases" not in sample:
            continue
        found = diagnoses[sample["file"]]
        described = describe_diagnosis(found, Translator("en"))
        assert described["opened"] is True, sample["file"]
        assert [key["alias"] for key in described["keys"]] == sample["key_aliases"], sample["file"]
        assert described["certificates"] == sample["certificates"], sample["file"]
        assert described["size"] == sample["bytes"], sample["file"]
        assert described["kind"] == "pkcs12"


def test_the_stages_of_the_public_client(diagnoses: dict[str, Diagnosis]) -> None:
    for name, (state, keys, certificates) in STAGES.items():
        found = diagnoses[name]
        assert (found.opened, found.state, len(found.keys), found.certificates) == (
            True,
            state,
            keys,
            certificates,
        )
        assert found.key_id == "0DBC0382663ABEADEAC9D9233D6493DE2ADF9625"


def test_each_fault_has_a_finding_of_its_own(manifest: list[Entry], diagnoses: dict[str, Diagnosis]) -> None:
    for sample in manifest:
        if "fault" not in sample:
            continue
        found = diagnoses[sample["file"]]
        errors = {finding.key for finding in found.findings if finding.severity is Severity.ERROR}
        more = {"key_in_clear"} if sample["fault"] == "PEM text" else set()
        assert errors == {FAULTS[sample["fault"]], *more}, sample["file"]
        is_java = found.file.kind in JAVA_KINDS  # another format, and nothing else is wrong with it
        assert (found.opened, found.state is not None) == (is_java, is_java), sample["file"]
    assert len(set(FAULTS.values())) == len(FAULTS)


def test_what_is_peculiar_to_a_file_is_found_in_it_alone(diagnoses: dict[str, Diagnosis]) -> None:
    for name, expected in PECULIAR.items():
        assert expected <= keys_of(diagnoses[name]), name
    for key in ("local_key_ids_missing", "local_key_ids_repeated", "authentication_not_first", "chain_order"):
        assert sum(found.has(key) for found in diagnoses.values()) == 1, key


def test_sound_files_have_no_error_but_for_keys_that_get_lost(
    manifest: list[Entry], diagnoses: dict[str, Diagnosis]
) -> None:
    lossy = {"w_nolkid.p12", "w_samelkid.p12", "ossl_plain_nomac.p12"}
    for sample in manifest:
        if "fault" in sample or sample["file"] in lossy:
            continue
        assert diagnoses[sample["file"]].severity is not Severity.ERROR, sample["file"]


def test_without_the_password_the_keys_are_seen(corpus: Path, manifest: list[Entry]) -> None:
    for sample in manifest:
        if "key_aliases" not in sample or sample["file"] == "ossl_plain_nomac.p12":
            continue
        found = diagnose(corpus / sample["file"], None, NOW)
        assert not found.opened
        assert found.has("password_needed")
        assert [key.alias for key in found.keys] == sample["key_aliases"], sample["file"]
        assert found.outline is not None
        serials = [alias for alias in sample["key_aliases"] if alias != "authentication"]
        assert list(found.etk_serials) == serials, sample["file"]
        assert found.has("closed_with_encryption_key" if serials else "closed_without_encryption_key") or (
            sample["file"] == "sun_nomac_plaincerts.p12"
        )


def test_a_wrong_password_is_distinguished_from_damage(corpus: Path, manifest: list[Entry]) -> None:
    for sample in manifest:
        if "key_aliases" not in sample or sample["mac"] is None or sample["mac"]["it"] > 500_000:
            continue
        found = diagnose(corpus / sample["file"], Secret("Wrong-Pass3"), NOW)
        errors = {finding.key for finding in found.findings if finding.severity is Severity.ERROR}
        assert errors - {"local_key_ids_missing", "local_key_ids_repeated"} == {"password_wrong"}, sample[
            "file"
        ]


def test_when_java_last_wrote_a_file_shows_without_the_password(corpus: Path) -> None:
    java = diagnose(corpus / "sun17_three.p12", None, NOW)
    assert java.outline is not None
    assert java.outline.last_written == datetime(2026, 11, 24, 13, 49, 10, 830000, tzinfo=UTC)
    bouncy = diagnose(corpus / "bc_three.p12", None, NOW)
    assert bouncy.outline is not None
    assert bouncy.outline.last_written is None
    assert bouncy.key_id == "C8D52B9B150D899C95D9CFE34B6037F3F0637653"


def test_visible_certificates_are_judged_without_the_password(corpus: Path) -> None:
    found = diagnose(corpus / "sun_nomac_plaincerts.p12", None, NOW)
    assert (found.opened, found.certificates, found.state) == (False, 8, "complete")
    assert found.not_after == datetime(2029, 2, 21, 13, 49, 7, tzinfo=UTC)


def test_every_finding_has_four_languages(diagnoses: dict[str, Diagnosis]) -> None:
    for found in diagnoses.values():
        for language in LANGUAGES:
            for finding in describe_diagnosis(found, Translator(language))["findings"]:
                assert finding["message"].rstrip()[-1] in ".!?" or finding["message"][-1].isalnum()
                assert finding["next"]
                assert "{" not in finding["message"] + finding["next"]
                assert "None" not in finding["message"] + finding["next"]


@pytest.mark.interop
@pytest.mark.parametrize(
    ("name", "verdict", "listed"),
    [
        ("bc_complete.p12", "java_readable", 2),
        ("ossl3.p12", "java_readable", 1),
        ("sun_nomac.p12", "java_readable", 3),
        ("w_reversed.p12", "java_readable", 3),
        ("w_nolkid.p12", "java_partly", 1),
        ("ossl_plain_nomac.p12", "java_partly", 0),
        ("ossl_pbmac1.p12", "java_unreadable", None),
    ],
)
def test_java_itself_agrees(
    corpus: Path,
    manifest: list[Entry],
    diagnoses: dict[str, Diagnosis],
    name: str,
    verdict: str,
    listed: int | None,
) -> None:
    if shutil.which("keytool") is None:
        pytest.skip("no keytool here")
    password = next(sample["password"] for sample in manifest if sample["file"] == name)
    command: list[str | Path] = [
        "keytool",
        f"-J{BRIEFLY}",
        "-J-Duser.language=en",
        "-list",
        "-storetype",
        "PKCS12",
        "-keystore",
        corpus / name,
    ]
    done = subprocess.run([*command, "-storepass", password], capture_output=True, text=True, check=False)
    assert diagnoses[name].has(verdict)
    assert (done.returncode == 0) is (listed is not None), done.stdout
    if listed is not None:
        assert done.stdout.count("PrivateKeyEntry") == listed
