"""Whatever the bytes are, a diagnosis comes of them, in no time, in every language."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal, write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import describe_diagnosis
from ehtoolkit.keystore.html import diagnosis_html
from ehtoolkit.secret import Secret
from tests.keystore.diagnosis.conftest import NAME, Maker


@pytest.fixture
def mutations(request: pytest.FixtureRequest) -> int:
    return 1_500 if request.config.getoption("--all") else 600


def test_mutated_files(maker: Maker, mutations: int) -> None:
    source = random.Random(20261125)  # noqa: S311  # the same mutations in every run
    quick = EncryptionParams.new(EncryptionProfile.MODERN)
    quick = replace(quick, bags=replace(quick.bags, iterations=1), mac=replace(quick.mac, iterations=1))
    contents = maker.with_old_key(maker.keystore_maker.complete).contents
    sealed = seal(contents, DerivedKeyCache(maker.password), quick)
    texts = [Translator(language) for language in LANGUAGES]
    slowest, opened, seen = 0.0, 0, set[str]()
    for number in range(mutations):
        if number % 2:
            bags = list(contents.certificates)
            place = source.randrange(len(bags))
            bags[place] = replace(bags[place], der=_mutated(bags[place].der, source))
            changed = replace(contents, certificates=tuple(bags))
            data = seal(changed, DerivedKeyCache(maker.password), quick)
        else:
            data = _mutated(sealed, source)
        began = time.process_time()
        diagnosis = diagnose(data, maker.password, maker.now, name=NAME)
        slowest = max(slowest, time.process_time() - began)
        opened += diagnosis.opened
        assert diagnosis.findings
        seen.update(finding.key for finding in diagnosis.findings)
        described = describe_diagnosis(diagnosis, texts[number % 4])
        assert all(finding["message"] and finding["next"] for finding in described["findings"])
        if number % 10 == 0:
            assert diagnosis_html(diagnosis, texts[number % 4])
    assert slowest < 1.0
    assert opened > mutations // 4
    assert len(seen) > 25


def _mutated(data: bytes, source: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(source.choice((1, 1, 2, 6))):
        limit = min(len(changed), source.choice((60, 500, len(changed))))
        changed[source.randrange(limit)] = source.choice((0, 0x30, 0x80, 0xFF, source.randrange(256)))
    if source.random() < 0.1:
        del changed[source.randrange(len(changed)) :]
    return bytes(changed)


def test_odd_passwords(maker: Maker) -> None:
    data = write_pkcs12(maker.keystore_maker.prepared.contents, maker.password, EncryptionProfile.COMPATIBLE)
    for text in ("\ud800", "\0", "x" * 2_000, "🔑", "\u0000\u0000"):
        diagnosis = diagnose(data, Secret(text), maker.now)
        assert diagnosis.has("password_wrong")


def test_noise(maker: Maker) -> None:
    source = random.Random(7)  # noqa: S311
    for _ in range(500):
        data = source.randbytes(source.randrange(1, 400))
        if source.random() < 0.7:
            data = b"\x30\x82" + data
        assert diagnose(data, maker.password, maker.now).findings
