"""Keys and certificates of every kind and size, made to keep programs busy or to break them: each costs less than a
second, and is a finding, not an exception."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ehtoolkit.auditing.scan.file_scan import scan_file
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore import key_pairs
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.file_type import undo_transfer_damage
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis, describe_diagnosis
from ehtoolkit.keystore.html import keystore_html
from ehtoolkit.keystore.key_pairs import load_certificate
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.keystore.parsing_cost import MEGABYTES, PASSWORD, SECONDS, cost
from tests.keystore.shapes import (
    CERTIFICATES,
    KEYS,
    OVERLAPPING,
    SLOW_TEXTS,
    bare,
    certificate,
    with_certificates,
    with_key,
)
from tests.support.keystores import load_any

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def shape_of(name: str) -> Pkcs12Contents:
    if name in KEYS:
        return with_key(KEYS[name]())
    return with_certificates(CERTIFICATES[name]())


SHAPES = (*KEYS, *CERTIFICATES)


def all_of_it(found: Diagnosis) -> None:
    """Everything that is shown of a file."""
    assert not found.has("file_unjudged"), found.findings
    for language in LANGUAGES:
        texts = Translator(language)
        assert describe_diagnosis(found, texts)
        assert all(finding.message(texts) for finding in found.findings)


def opened(data: bytes) -> object:
    keystore = Keystore.of(read_pkcs12(data, PASSWORD))
    return keystore_html(keystore, Translator("en"), NOW), keystore.chain, keystore.current_encryption


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_costs_no_more_than_others(name: str, tmp_path: Path) -> None:
    data = write_pkcs12(shape_of(name), PASSWORD)
    path = tmp_path / "keystore.p12"
    path.write_bytes(data)
    works: dict[str, Callable[[], object]] = {
        "diagnose": lambda: all_of_it(diagnose(data, PASSWORD, NOW)),
        "without a password": lambda: all_of_it(diagnose(data, None, NOW)),
        "read": lambda: load_any(data, PASSWORD),
        "open": lambda: opened(data),
        "rescue": lambda: recover(data, PASSWORD),
        "rescue of a part": lambda: recover(data[:-40], PASSWORD),
        "audit": lambda: scan_file(path, [PASSWORD], patience, chains=True),
    }
    with TimeoutGuard() as patience:
        for what, work in works.items():
            seconds, megabytes = cost(work)
            assert seconds < SECONDS, (what, seconds)
            assert megabytes < MEGABYTES, (what, megabytes)


@pytest.mark.parametrize("name", KEYS)
def test_a_bare_key_costs_no_more_either(name: str) -> None:
    """Without any protection: nobody needs a password to have it loaded."""
    data = bare(KEYS[name]())
    for work in (
        lambda: all_of_it(diagnose(data, None, NOW)),
        lambda: recover(data, Secret("")),
        lambda: load_any(data, Secret("")),
    ):
        seconds, megabytes = cost(work)
        assert seconds < SECONDS
        assert megabytes < MEGABYTES


@pytest.mark.parametrize("name", SLOW_TEXTS)
def test_patterns_take_no_longer_than_the_text(name: str) -> None:
    data = SLOW_TEXTS[name]
    for work in (lambda: undo_transfer_damage(data), lambda: all_of_it(diagnose(data, PASSWORD, NOW))):
        assert cost(work)[0] < SECONDS


@pytest.mark.parametrize("name", OVERLAPPING)
def test_parts_in_parts_cost_no_more_than_the_file(name: str) -> None:
    data = OVERLAPPING[name]
    for work in (lambda: recover(data, PASSWORD), lambda: all_of_it(diagnose(data, PASSWORD, NOW))):
        seconds, megabytes = cost(work)
        assert seconds < SECONDS
        assert megabytes < MEGABYTES


def test_an_unexpected_error_is_a_fault_of_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that raises what it never has."""
    data = write_pkcs12(with_certificates([certificate()]), PASSWORD)

    def fail(_: bytes) -> None:
        raise RuntimeError("secret text")

    monkeypatch.setattr(key_pairs, "load_der_x509_certificate", fail)
    load_certificate.cache_clear()
    found = diagnose(data, PASSWORD, NOW)
    assert [finding.key for finding in found.findings] == ["file_unjudged"]
    assert "RuntimeError" in found.findings[0].message(Translator("en"))
    assert "secret text" not in str(describe_diagnosis(found, Translator("en")))
    load_certificate.cache_clear()
