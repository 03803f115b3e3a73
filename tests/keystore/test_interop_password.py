"""What other programs opened before a change of password they open after it, with every alias and key."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.keystore_file import read_keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import Sample
from tests.keystore.other_programs import (
    BRIEFLY,
    Java,
    Opened,
    gnutls_keys,
    need,
    nss_keys,
    openssl_keys,
    run,
)

pytestmark = pytest.mark.interop

NEW = Secret("Kine-2026 & co")
LISTED = ("bc_three.p12", "connector_rsa-3-etk.p12", "w_samelkid.p12", "w_nolkid.p12")
KEYTOOL = (f"-J{BRIEFLY}", "-J-Duser.language=en", "-list", "-storetype", "PKCS12", "-keystore")
PROGRAMS = ("SUN", "BC", "openssl", "NSS", "GnuTLS")


def keys_of(opened: Opened) -> dict[str, str]:
    return {alias.lower(): kind for alias, kind in (opened or {}).items() if kind != "certificate"}


def look(java: Java, files: list[Path], secret: Secret, folder: Path) -> dict[tuple[str, Path], Opened]:
    """What each program opens of files under one password."""
    folder.mkdir(parents=True, exist_ok=True)
    given = folder / "secret.txt"
    given.write_text(secret.reveal(), encoding="utf-8")
    found = dict(java.open(files, given))
    with ThreadPoolExecutor(2) as pool:
        for file, opened in zip(
            files, pool.map(lambda file: _others(file, given, secret), files), strict=True
        ):
            found |= {(program, file): keys for program, keys in opened.items()}
    return found


def _others(file: Path, given: Path, secret: Secret) -> dict[str, Opened]:
    return {
        "openssl": openssl_keys(file, given),
        "NSS": nss_keys(file, given, given.parent / f"{file.name}.nss"),
        "GnuTLS": gnutls_keys(file, secret),
    }


@pytest.fixture(scope="module")
def chosen(request: pytest.FixtureRequest, sound: list[Sample]) -> list[Sample]:
    """In the short run those that `LISTED` names, and every eighth of the others."""
    if request.config.getoption("--all"):
        return sound
    others = [sample for sample in sound if sample.name not in LISTED]
    return [*(sample for sample in sound if sample.name in LISTED), *others[::8]]


@pytest.fixture(scope="module")
def before(
    java: Java, chosen: list[Sample], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Opened]:
    folder = tmp_path_factory.mktemp("before")
    found: dict[tuple[str, str], Opened] = {}
    for secret in {sample.secret.reveal() for sample in chosen}:
        files = [sample.path for sample in chosen if sample.secret.reveal() == secret]
        looked = look(java, files, Secret(secret), folder)
        found |= {(program, path.name): opened for (program, path), opened in looked.items()}
    return found


@pytest.mark.parametrize(
    # As advices have it, without a word about the profile; of each that is named the short run writes one file for the
    # same programs (`test_readers`).
    "profile",
    [None, *(pytest.param(profile, marks=pytest.mark.long) for profile in EncryptionProfile)],
)
def test_all_keys_of_all_files_are_there_for_all_programs(
    java: Java,
    chosen: list[Sample],
    before: dict[tuple[str, str], Opened],
    tmp_path: Path,
    profile: EncryptionProfile | None,
) -> None:
    files = []
    for sample in chosen:
        path = tmp_path / sample.name
        shutil.copyfile(sample.path, path)
        change_password(path, sample.secret, NEW, profile)
        files.append(path)
    after = look(java, files, NEW, tmp_path / "work")
    opened_before = 0
    for path in files:
        aliases = [key.alias for key in read_keystore(path, NEW).keys]
        for program in PROGRAMS:
            had, has = keys_of(before[program, path.name]), keys_of(after[program, path])
            opened_before += len(had)
            assert len(has) == len(aliases), (program, path.name, has)
            assert set(has.values()) <= {"key"}, (program, path.name, has)
            assert has.keys() >= {alias.lower() for alias in aliases if alias is not None}, (
                program,
                path.name,
            )
            if (
                None not in aliases
            ):  # else each program makes up names of its own, after the localKeyID or by number
                made_up = {alias for alias in had if re.fullmatch("[0-9a-f]{40}", alias)}
                assert had.keys() - made_up <= has.keys(), (program, path.name)
        if path.name in LISTED:
            listed = run(need("keytool"), *KEYTOOL, path, "-storepass", NEW.reveal())
            assert listed is not None, path.name
            assert listed.count("PrivateKeyEntry") == len(aliases), path.name
    total = sum(len(keys_of(opened)) for opened in after.values())
    print(f"{profile}: keys opened by {len(PROGRAMS)} programs: {opened_before} before, {total} after")
