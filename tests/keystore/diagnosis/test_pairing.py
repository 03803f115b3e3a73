"""Names and localKeyIDs that lack, repeat, clash or lead to the wrong certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ehtoolkit.finding import Severity
from ehtoolkit.keystore.codec.contents import Key, Pkcs12Contents
from tests.keystore.diagnosis.conftest import Maker, identified, renamed


def change_keys(contents: Pkcs12Contents, change: Callable[[int, Key], Key]) -> Pkcs12Contents:
    return replace(contents, keys=tuple(change(place, bag) for place, bag in enumerate(contents.keys)))


def test_local_key_ids_missing(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    bare = change_keys(contents, lambda _, bag: replace(bag, attributes=identified(bag, None)))
    (found,) = (finding for finding in maker.look(bare).findings if finding.key == "local_key_ids_missing")
    assert (found.severity, found.facts) == (Severity.ERROR, {"count": 2, "keys": 2})
    alone = maker.keystore_maker.installed.contents
    single = change_keys(alone, lambda _, bag: replace(bag, attributes=identified(bag, None)))
    (found,) = (finding for finding in maker.look(single).findings if finding.key == "local_key_ids_missing")
    assert found.severity is Severity.INFO


def test_local_key_ids_repeated(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    same = change_keys(contents, lambda _, bag: replace(bag, attributes=identified(bag, b"Time 1")))
    assert {"local_key_ids_repeated", "java_readable"} <= maker.keys(same)


def test_local_key_ids_that_do_not_lead_to_the_certificate(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    astray = change_keys(
        contents, lambda place, bag: replace(bag, attributes=identified(bag, b"\1")) if place else bag
    )
    found = maker.keys(astray)
    assert "local_key_ids_differ" in found
    assert "key_mismatch" not in found
    swapped = change_keys(
        contents,
        lambda place, bag: replace(bag, attributes=identified(bag, contents.keys[1 - place].local_key_id)),
    )
    assert "key_mismatch" in maker.keys(swapped)
    assert not maker.keys(contents) & {"key_mismatch", "local_key_ids_differ"}


def test_names(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    nameless = change_keys(contents, lambda _, bag: replace(bag, attributes=renamed(bag, None)))
    assert "alias_missing" in maker.keys(nameless)
    other = change_keys(contents, lambda place, bag: replace(bag, attributes=renamed(bag, f"key {place}")))
    assert "authentication_name_missing" in maker.keys(other)
    capital = replace(
        maker.keystore_maker.prepared.contents,
        keys=tuple(
            replace(b, attributes=renamed(b, "Authentication"))
            for b in maker.keystore_maker.prepared.contents.keys
        ),
        certificates=(),
    )
    assert not maker.keys(capital) & {"authentication_name_missing", "alias_missing"}


def test_names_that_differ_in_capitals_or_not_at_all(maker: Maker) -> None:
    from ehtoolkit.keystore.diagnosis.content import inspect_bytes, opened_content
    from ehtoolkit.keystore.diagnosis.content_rules import pairing
    from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis, DiagnosisContext

    def found(aliases: tuple[str, ...]) -> set[str]:
        contents = change_keys(
            maker.keystore_maker.complete.contents,
            lambda place, bag: replace(bag, attributes=renamed(bag, aliases[place])),
        )
        case = DiagnosisContext(Diagnosis(inspect_bytes(b"")[0], maker.now), opened_content(contents))
        return {finding.key for finding in pairing(case)}

    assert "aliases_case" in found(("authentication", "AUTHENTICATION"))
    assert "aliases_repeated" in found(("authentication", "authentication"))
    assert not found(("authentication", str((1 << 127) + 7))) & {"aliases_case", "aliases_repeated"}


def test_the_order_of_keys(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    assert "authentication_not_first" in maker.keys(replace(contents, keys=contents.keys[::-1]))
    assert "authentication_not_first" not in maker.keys(contents)


def test_certificates_three_times(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    assert "certificates_doubled" not in maker.keys(replace(contents, certificates=contents.certificates * 2))
    assert "certificates_doubled" in maker.keys(replace(contents, certificates=contents.certificates * 3))
