"""The keystore that the command line makes, opened by software that others wrote; and a card behind PKCS#11."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.training.card.profile import CardProfile
from tests.cli.conftest import Call
from tests.support.card_fixtures import SoftHsmFactory

pytestmark = pytest.mark.interop


@pytest.fixture
def complete(ask: Call, call: Call, secrets: dict[str, Path]) -> Call:
    """Request with a card, wait, complete; gives the last answer."""

    def complete(*card: object, wait: str = "+1d") -> tuple[int, dict[str, object]]:
        code, asked = ask(*card)
        assert code == 0, asked
        assert call("training", "clock", wait)[0] == 0
        return call("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])

    return complete


def keytool(keystore: str, secrets: dict[str, Path]) -> str:
    command = [
        "keytool",
        "-J-Duser.language=en",
        "-list",
        "-v",
        "-storetype",
        "PKCS12",
        "-keystore",
        keystore,
    ]
    done = subprocess.run(
        [*command, "-storepass:file", str(secrets["password"])], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("name", ["elise", "karl", "claire"])
def test_keytool_and_openssl_open_it(name: str, complete: Call, secrets: dict[str, Path]) -> None:
    code, done = complete("--card", f"training:{name}")
    assert (code, done["state"]) == (0, "complete")
    shown = keytool(str(done["keystore"]), secrets)
    entries = {part.split("\n", 1)[0]: part for part in shown.split("Alias name: ")[1:]}
    keys = [alias for alias, listed in entries.items() if "PrivateKeyEntry" in listed]
    assert sorted(keys, key=str.isdigit)[0] == "authentication"
    assert len(keys) == 2
    serial = next(alias for alias in keys if alias.isdigit())
    hexadecimal = re.search(r"Serial number: (\w+)", entries[serial])
    assert hexadecimal is not None
    assert int(hexadecimal.group(1), 16) == int(serial)
    owners = re.findall(r"Owner: (.*)", entries["authentication"])
    issuers = re.findall(r"Issuer: (.*)", entries["authentication"])
    assert owners[1:] == issuers[: len(owners) - 1]
    assert len(owners) >= 2
    openssl = subprocess.run(
        [
            "openssl",
            "pkcs12",
            "-in",
            str(done["keystore"]),
            "-passin",
            f"file:{secrets['password']}",
            "-nokeys",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "friendlyName: authentication" in openssl.stdout
    assert f"friendlyName: {serial}" in openssl.stdout


@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("id_length", [1, 8])
def test_a_card_behind_pkcs11_goes_all_the_way(
    kind: str,
    id_length: int,
    profiles: dict[str, CardProfile],
    softhsm_token: SoftHsmFactory,
    call: Call,
    complete: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profile = profiles[kind]
    softhsm = softhsm_token(profile, id_length=id_length)
    for name, value in softhsm.environment.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "root.pem"
    root.write_bytes(profile.root.public_bytes(Encoding.PEM))
    card = ("--card", f"pkcs11:{softhsm.module}")
    code, shown = call("card", "show", *card)
    assert (code, shown["niss"]) == (0, profile.identity.niss.digits)
    code, trusted = call("training", "trust", root)
    assert (code, trusted["trusted"]) == (0, profile.root.subject.rfc4514_string())
    code, done = complete(*card, wait="+11d")
    assert (code, done["state"]) == (0, "complete")
    assert profile.identity.niss.digits in Path(str(done["keystore"])).name
