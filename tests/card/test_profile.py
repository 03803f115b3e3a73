"""A training card's folder: what is written is read again, and nobody else can read it."""

from __future__ import annotations

import stat
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization import NoEncryption as Plain

from ehtoolkit import errors
from ehtoolkit.card.port import CardFiles, CardIdentity, CardKey
from ehtoolkit.identity import Niss
from ehtoolkit.training.card.profile import CardProfile, list_profiles, load_profile, save_profile

pytestmark = pytest.mark.full_cost


def numbers(profile: CardProfile) -> dict[CardKey, bytes]:
    return {
        name: key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, Plain())
        for name, key in profile.keys.items()
    }


@pytest.mark.parametrize("name", ["rsa", "ec", "young"])
def test_what_is_saved_is_loaded(profiles: Mapping[str, CardProfile], name: str, tmp_path: Path) -> None:
    profile = profiles[name]
    save_profile(tmp_path / "cards" / name, profile)
    loaded = load_profile(tmp_path / "cards" / name)
    assert loaded.identity == profile.identity
    assert loaded.certificates == profile.certificates
    assert (loaded.citizen_ca, loaded.root) == (profile.citizen_ca, profile.root)
    assert numbers(loaded) == numbers(profile)
    assert loaded.files == profile.files
    assert loaded.files.address_signature


def test_a_card_from_before_the_signed_files(profiles: Mapping[str, CardProfile], tmp_path: Path) -> None:
    save_profile(tmp_path / "card", profiles["rsa"])
    save_profile(tmp_path / "card", replace(profiles["rsa"], files=CardFiles()))
    assert not [path for path in (tmp_path / "card").iterdir() if path.suffix in (".bin", ".der")]
    assert load_profile(tmp_path / "card").files == CardFiles()


def test_an_identity_of_names_and_number_only(profiles: Mapping[str, CardProfile], tmp_path: Path) -> None:
    bare = CardIdentity(Niss("79031421872"), "Peeters", "Jan")
    save_profile(tmp_path / "bare", replace(profiles["ec"], identity=bare))
    assert load_profile(tmp_path / "bare").identity == bare


def test_saving_over_a_card_leaves_nothing_of_it(profiles: Mapping[str, CardProfile], tmp_path: Path) -> None:
    folder = tmp_path / "card"
    save_profile(folder, profiles["rsa"])
    young = replace(profiles["young"], identity=replace(profiles["young"].identity, photo=None))
    save_profile(folder, young)
    loaded = load_profile(folder)
    assert set(loaded.keys) == {CardKey.AUTHENTICATION}
    assert loaded.identity.photo is None
    assert not [path for path in folder.iterdir() if path.name.startswith("signature")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_only_the_owner_reads_it(profiles: Mapping[str, CardProfile], tmp_path: Path) -> None:
    folder = tmp_path / "card"
    save_profile(folder, profiles["ec"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_no_such_card(profiles: Mapping[str, CardProfile], tmp_path: Path) -> None:
    for name in ("zoe", "anna"):
        save_profile(tmp_path / name, profiles["ec"])
    assert list_profiles(tmp_path) == ["anna", "zoe"]
    with pytest.raises(errors.CardUnknown) as caught:
        load_profile(tmp_path / "bert")
    assert caught.value.facts == {"name": "bert", "known": "anna, zoe"}


@pytest.mark.parametrize("name", ["identity.json", "authentication.key.pem", "signature.pem", "root.pem"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe"])
def test_damaged_files(
    profiles: Mapping[str, CardProfile], tmp_path: Path, name: str, content: bytes
) -> None:
    save_profile(tmp_path / "card", profiles["ec"])
    (tmp_path / "card" / name).write_bytes(content)
    with pytest.raises(errors.CardFault) as caught:
        load_profile(tmp_path / "card")
    assert caught.value.facts == {"code": "profile"}


def test_a_folder_that_cannot_be_made(profiles: Mapping[str, CardProfile], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.FolderNotWritable) as caught:
        save_profile(tmp_path / "file" / "card", profiles["ec"])
    assert caught.value.facts == {"folder": str(tmp_path / "file" / "card")}


def test_keys_do_not_show(profiles: Mapping[str, CardProfile]) -> None:
    assert "Key" not in repr(profiles["rsa"])
