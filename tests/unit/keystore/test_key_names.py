"""A key gets another name, with its certificate, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Pkcs12Contents, with_alias
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.repair.key_names import check_alias, find_key, with_key_name
from ehtoolkit.secret import Secret

CORPUS = Path(__file__).resolve().parents[2] / "data" / "keystores"
OLDER, NEWER = "233402812345678901234567890123456789013", "233402812345678901234567890123456789012"


@pytest.fixture(scope="module")
def contents() -> Pkcs12Contents:
    """authentication, `OLDER`, `NEWER`."""
    return read_pkcs12((CORPUS / "sun17_three.p12").read_bytes(), Secret("Test-Pass1"))


def called(contents: Pkcs12Contents, *aliases: str | None) -> Pkcs12Contents:
    """The same contents, with these names for the keys."""
    keys = (
        replace(key, attributes=()) if alias is None else with_alias(key, alias)
        for key, alias in zip(contents.keys, aliases, strict=True)
    )
    return replace(contents, keys=tuple(keys))


@pytest.mark.parametrize(
    ("aliases", "key", "place"),
    [
        (("authentication", OLDER, NEWER), "authentication", 0),
        (("authentication", OLDER, NEWER), "Authentication", 0),
        (("authentication", OLDER, NEWER), "#3", 2),
        (("authentication", OLDER, NEWER), NEWER, 2),
        (("authentication", "AUTHENTICATION", NEWER), "AUTHENTICATION", 1),
        (("authentication", "AUTHENTICATION", NEWER), "authentication", 0),
        ((None, "#1", NEWER), "#1", 1),  # a name wins
        ((None, None, NEWER), "#2", 1),
    ],
)
def test_a_key_is_found(contents: Pkcs12Contents, aliases: tuple[str, ...], key: str, place: int) -> None:
    assert find_key(called(contents, *aliases), key) == place


def test_a_key_is_found_by_its_identifier(contents: Pkcs12Contents) -> None:
    from ehtoolkit.keystore.keystore import Keystore

    key_id = Keystore.of(contents).key_id
    assert [find_key(contents, text) for text in (key_id, key_id.lower())] == [0, 0]


@pytest.mark.parametrize(
    ("aliases", "key", "reason"),
    [
        (("authentication", OLDER, NEWER), "auth", None),
        (("authentication", OLDER, NEWER), "#4", None),
        (("authentication", OLDER, NEWER), "#0", None),
        (("x", "x", NEWER), "x", "several"),
        (("authentication", "AUTHENTICATION", NEWER), "Authentication", "several"),
    ],
)
def test_what_is_no_key_is_refused(
    contents: Pkcs12Contents, aliases: tuple[str, ...], key: str, reason: str | None
) -> None:
    with pytest.raises(errors.KeyNotFound) as refused:
        find_key(called(contents, *aliases), key)
    assert refused.value.reason == reason
    assert f"#1 {aliases[0]}" in refused.value.keys


def test_only_names_of_the_key_and_its_certificate_change(contents: Pkcs12Contents) -> None:
    renamed = with_key_name(contents, 0, "old")
    changed = [place for place, key in enumerate(renamed.keys) if key != contents.keys[place]]
    assert changed == [0]
    certificates = zip(renamed.certificates, contents.certificates, strict=True)
    assert [(new.alias, old.alias) for new, old in certificates if new != old] == [("old", "authentication")]
    assert with_key_name(renamed, 0, "authentication").aliases == contents.aliases
    assert with_key_name(contents, 0, "authentication") is contents


def test_a_name_that_another_entry_has_is_refused(contents: Pkcs12Contents) -> None:
    trusted = next(bag.alias for bag in contents.certificates if bag.is_trusted_entry)
    assert trusted is not None
    for name in (OLDER, trusted, trusted.upper()):
        with pytest.raises(errors.DuplicateAlias):
            with_key_name(contents, 0, name)
    assert with_key_name(contents, 0, "AUTHENTICATION").keys[0].alias == "AUTHENTICATION"


def test_names_that_cannot_be_shown_are_refused() -> None:
    for name in ("", " ", " a", "a ", "a\nb", "a\x00", "x" * 201, "\u202ea"):
        with pytest.raises(errors.InputInvalid):
            check_alias(name)
    check_alias("Élise, 2026 (old)")
