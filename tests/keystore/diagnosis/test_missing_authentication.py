"""A file with encryption keys alone is said to be that, by signature and not by name, and one rule tells which key
authenticates, whether the file is open or closed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Pkcs12Contents, with_alias
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit

if TYPE_CHECKING:
    from tests.keystore.diagnosis.conftest import Maker

MISLEADING = {
    *("state_no_etk", "chain_self_signed", "authentication_name_missing", "certificate_missing"),
    *("closed_with_encryption_key", "closed_without_encryption_key", "environment_unknown"),
}


def only_encryption(maker: Maker, alias: str | None = None) -> Pkcs12Contents:
    """What an export of the second key alone has, under its name or another."""
    contents = maker.keystore_maker.complete.contents
    key = contents.keys[1] if alias is None else with_alias(contents.keys[1], alias)
    own = [bag for bag in contents.certificates if bag.local_key_id == key.local_key_id]
    return Pkcs12Contents((key,), tuple(own if alias is None else (with_alias(bag, alias) for bag in own)))


@pytest.mark.parametrize("alias", [None, "authentication", "etk"])
def test_only_the_encryption_key(maker: Maker, tmp_path: Path, alias: str | None) -> None:
    contents = only_encryption(maker, alias)
    path = tmp_path / "etk.p12"
    path.write_bytes(maker.write(contents))

    found = diagnose(path, maker.password, maker.now)

    keys = {finding.key for finding in found.findings}
    assert "authentication_missing" in keys
    assert not keys & MISLEADING
    (missing,) = (finding for finding in found.findings if finding.key == "authentication_missing")
    assert missing.facts["holder"] == "SSIN=79031421872"
    assert (found.state, found.key_id, found.authentication_key, found.not_after) == (None,) * 4


def test_the_step_that_is_advised_works(maker: Maker) -> None:
    """The key is merged into the keystore that lacks it, under whatever name."""
    installed = maker.keystore_maker.installed
    for alias in (None, "authentication", "etk"):
        merged = merge_old_keys(installed, Keystore.of(only_encryption(maker, alias)))
        assert len(merged.current_encryption) == 1
        assert merged.authentication == installed.authentication


def test_closed_its_name_tells(maker: Maker, tmp_path: Path) -> None:
    path = tmp_path / "SSIN=79031421872 20261124-130000.p12"
    path.write_bytes(maker.write(only_encryption(maker)))
    found = diagnose(path, None, maker.now)
    keys = {finding.key for finding in found.findings}
    assert "authentication_missing" in keys
    assert not keys & MISLEADING
    assert (found.key_id, FoundKeystore.at_path(path).key_id) == (None, None)


def test_it_is_not_taken_for_a_keystore_to_complete(maker: Maker, tmp_path: Path) -> None:
    path = tmp_path / "etk.p12"
    path.write_bytes(maker.write(only_encryption(maker, "authentication")))
    toolkit = open_toolkit(load_settings())
    try:
        with pytest.raises(errors.NotAKeystore) as refused:
            toolkit.open_keystore(path, maker.password)
    finally:
        toolkit.close()
    assert refused.value.kind == "encryption_key"


def test_a_keystore_with_a_certificate_that_signed_itself_is_none_of_these(maker: Maker) -> None:
    made = maker.keystore_maker
    own = made.certificate(
        made.subject, made.keys["authentication"], made.subject, made.keys["authentication"]
    )
    assert not made.prepared.with_chain((own,)).lacks_authentication
    assert not made.prepared.lacks_authentication
    assert "chain_self_signed" in maker.keys(made.prepared.with_chain((own,)))


@pytest.mark.parametrize("aliases", [("me",), ("authentication",), ("authentication", "other"), ("a", "b")])
def test_closed_and_open_the_same_key_authenticates(
    maker: Maker, tmp_path: Path, aliases: tuple[str, ...]
) -> None:
    """Where the closed file does not tell, nothing is said; never another key."""
    contents = maker.keystore_maker.complete.contents
    keys = tuple(map(with_alias, contents.keys, aliases))
    ids = {key.local_key_id for key in keys}
    certificates = tuple(bag for bag in contents.certificates if bag.local_key_id in {*ids, None})
    path = tmp_path / "SSIN=79031421872 20261124-130000.p12"
    path.write_bytes(maker.write(replace(contents, keys=keys, certificates=certificates)))

    opened, closed = (diagnose(path, password, maker.now).key_id for password in (maker.password, None))

    assert opened == maker.keystore_maker.complete.key_id
    assert closed == FoundKeystore.at_path(path).key_id == (None if aliases == ("a", "b") else opened)
