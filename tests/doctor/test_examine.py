"""The whole examination: side by side, in time, whatever a part of it does; and the report that can be sent."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.card.readers import ReaderProbe
from ehtoolkit.doctor import CheckResult, CheckTopic, HealthReport, Section, examine, report_of, triage
from ehtoolkit.doctor.health_check import run_parallel
from ehtoolkit.doctor.known_errors import codes_in, find_known_error
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import Settings, load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.card.profile import CardProfile
from tests.doctor.conftest import keys, one
from tests.doctor.scripted_probe import NOWHERE
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.card_fixtures import SoftHsmFactory
from tests.support.cards import IDENTITY
from tests.support.pcsc_daemon import pcsc_daemon

BLIND = ReaderProbe(environment=NOWHERE)


@pytest.fixture
def settings(warm_home: Path, tmp_path: Path) -> Settings:
    shutil.copytree(warm_home, tmp_path / "home")
    return load_settings(home=tmp_path / "home")


def found_in(folder: Path) -> dict[Path, bytes]:
    """Every file of a home but the database, whose journal any reader touches."""
    return {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "sqlite" not in path.name
    }


def test_a_report_of_training_has_the_date_of_the_training_clock(settings: Settings) -> None:
    training = open_toolkit(settings)
    assert training.training is not None
    moved = training.training.clock.move("+34mo")
    training.close()
    seen = examine(settings, reader_probe=BLIND)
    assert abs(seen.at - moved) < timedelta(hours=1)


def test_what_was_checked_says_whether_it_holds_for_a_real_card(settings: Settings) -> None:
    assert examine(settings, reader_probe=BLIND, only=Section.CARD).training_card
    real = settings.model_copy(update={"card": "pkcs11:"})
    assert not examine(real, reader_probe=BLIND, only=Section.CARD).training_card


def test_in_training_no_reader_is_needed(settings: Settings) -> None:
    seen = examine(settings, reader_probe=BLIND)
    assert seen.sound
    assert ("service", "info", "service_stopped_linux") in keys(seen.lines)
    assert ("reader", "ok", "reader_spared") in keys(seen.lines)
    assert [about for about, _, _ in keys(seen.lines)] == sorted(
        (about for about, _, _ in keys(seen.lines)), key=lambda key: CheckTopic(key).rank
    )
    for about in (
        "service",
        "module",
        "card",
        "certificates",
        "pin",
        "platform",
        "clock",
        "folder",
        "versions",
    ):
        assert about in {line.about for line in seen.lines}


def test_with_a_real_card_a_reader_is(settings: Settings) -> None:
    seen = examine(settings.model_copy(update={"card": "pkcs11:"}), reader_probe=BLIND)
    assert not seen.sound
    assert ("service", "error", "service_stopped_linux") in keys(seen.lines)


def test_on_a_shared_server_a_reader_is_out_of_sight(settings: Settings) -> None:
    seen = examine(load_settings(home=settings.home, shared=True), reader_probe=BLIND, only=Section.CARD)

    assert seen.sound
    found = [(about, key) for about, _, key in keys(seen.lines)]
    assert [key for about, key in found if about in ("service", "reader", "module")] == ["reader_on_server"]
    assert ("card", "card_eid") in found, "the training card works"


def test_nothing_is_changed(settings: Settings) -> None:
    before = found_in(settings.home)
    examine(settings, reader_probe=BLIND)
    assert found_in(settings.home) == before


def test_the_card_alone(settings: Settings) -> None:
    seen = examine(settings, reader_probe=BLIND, only=Section.CARD)
    assert {section for section, _ in seen.sections()} == {Section.CARD}
    assert seen.count(Severity.OK) >= 5


def test_a_token_of_another_maker(
    settings: Settings,
    softhsm_token: SoftHsmFactory,
    profiles: dict[str, CardProfile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    softhsm = softhsm_token(profiles["ec"])
    for name, value in softhsm.environment.items():
        monkeypatch.setenv(name, value)
    chosen = settings.model_copy(update={"card": f"pkcs11:{softhsm.module}", "card_timeout": 15.0})
    seen = examine(chosen, reader_probe=BLIND)
    assert ("module", "warning", "module_other") in keys(seen.lines)
    assert "EC secp384r1" in one(seen.lines, "card_eid").message(Translator("en"))


def test_settings_that_cannot_be_used_are_a_line(settings: Settings) -> None:
    broken = settings.model_copy(update={"environment": "acceptance", "proxy": "ftp://x", "card": "pkcs11:"})
    seen = examine(broken, reader_probe=BLIND)
    assert ("platform", "error", "setting_invalid") in keys(seen.lines)
    assert {"service", "module", "folder", "versions"} <= {line.about for line in seen.lines}


def test_a_part_that_hangs_does_not_keep_the_others(short: Path, settings: Settings) -> None:
    """A service that takes the question and never answers, and less patience than a probe has."""
    with pcsc_daemon(short, silent=True) as daemon:
        probe = ReaderProbe(seconds=12.0, environment=daemon.environment)
        seen = examine(settings.model_copy(update={"card": "pkcs11:/none"}), reader_probe=probe, patience=6.0)
        assert ("reader", "error", "no_answer") in keys(seen.lines)
        assert ("versions", "ok", "versions") in keys(seen.lines)
        one(seen.lines, "no_answer")


def test_a_probe_that_never_ends_or_breaks() -> None:
    stop = threading.Event()

    def hang() -> Iterable[CheckResult]:
        stop.wait(60)
        return ()

    def break_down() -> Iterable[CheckResult]:
        raise ZeroDivisionError("hidden words")

    def refuse() -> Iterable[CheckResult]:
        yield CheckTopic.CLOCK.ok("clock_right")
        raise errors.FolderMissing(folder="/x")

    def good() -> Iterable[CheckResult]:
        yield CheckTopic.VERSIONS.ok("clock_right")

    progress: list[tuple[int, int]] = []
    probes = {
        CheckTopic.CARD: hang,
        CheckTopic.TLS: break_down,
        CheckTopic.CLOCK: refuse,
        CheckTopic.VERSIONS: good,
    }
    lines, came = run_parallel(probes, 3.0, lambda done, of: progress.append((done, of)))
    stop.set()
    assert not came
    assert progress == [(1, 4), (2, 4), (3, 4)]
    assert sorted(keys(lines)) == [
        ("card", "error", "no_answer"),
        ("clock", "error", "folder_missing"),
        ("tls", "error", "unexpected"),
        ("versions", "ok", "clock_right"),
    ]
    sentences = " ".join(line.message(Translator(language)) for line in lines for language in LANGUAGES)
    assert "hidden words" not in sentences


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────
def private_words(road: Road, path: Path) -> list[str]:
    person = road.toolkit.open_card().identity()
    return [
        person.niss.digits,
        person.surname,
        path.name,
        str(path.parent),
        os.sep + "home" + os.sep,
        "Kine-2026",
    ]


def test_a_report_has_nothing_of_a_person(road: Road) -> None:
    waiting = road.ask()
    road.wait()
    path = road.complete(waiting).keystore
    here = road.toolkit.settings.model_copy(update={"card": "training:default"})
    seen = examine(here, reader_probe=BLIND)
    said = "SOA-01002 pour Mme D'Hôoghe, 79031421872"
    found = triage(path, PASSWORD, road.toolkit, advice=find_known_error(said), codes=codes_in(said))
    for language in LANGUAGES:
        content = report_of(seen, Translator(language), found).decode()
        for private in (*private_words(road, path), "D'Hôoghe", IDENTITY.niss.digits, PIN.reveal() + '"'):
            assert private not in content
        report = json.loads(content)
        assert report["certificate"]["codes"] == ["SOA-01002"]
        assert report["certificate"]["verdict"] == "fine"
        assert {line["about"] for line in report["lines"]} >= {"card", "platform", "clock", "folder"}
        assert report["environment"] == "training"


def test_a_holder_who_has_signed_the_certificate_is_not_in_a_report(road: Road, tmp_path: Path) -> None:
    key, path = ec.generate_private_key(ec.SECP256R1()), tmp_path / "own.p12"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Karl Peeters 68053041155")])
    now = road.toolkit.context.clock.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=300))
        .sign(key, SHA256())
    )
    protection = BestAvailableEncryption(PASSWORD.reveal().encode())
    path.write_bytes(serialize_key_and_certificates(b"authentication", key, certificate, None, protection))
    found = triage(path, PASSWORD, road.toolkit)
    assert ("file", "warning", "environment_unknown") in keys(found.lines)
    seen = HealthReport("training", (), now, 1.2)
    for language in LANGUAGES:
        content = report_of(seen, Translator(language), found).decode()
        assert "Peeters" not in content
        assert "68053041155" not in content


def test_a_report_keeps_what_a_consultant_needs() -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    lines = (
        CheckResult.of_error(
            CheckTopic.TLS,
            errors.PlatformUntrusted(host="services.example", issuer="Invented CA", reason="issuer"),
        ),
        CheckTopic.READER.ok("reader_seen", readers=("ACS ACR39U",)),
        CheckTopic.FOLDER.error("folder_closed", folder="/home/elise/ehealth"),
        CheckResult.of_error(CheckTopic.CARD, errors.CardFault(code="CKR_GENERAL_ERROR")),
    )
    report = json.loads(report_of(HealthReport("acceptance", lines, at, 1.2), Translator("en")))
    tls, reader, folder, card = report["lines"]
    assert tls["facts"] == {"host": "services.example", "issuer": "Invented CA", "reason": "issuer"}
    assert "Invented CA" in tls["message"]
    assert reader["facts"] == {"readers": ["ACS ACR39U"]}
    assert folder["facts"] == {}
    assert "elise" not in folder["message"] + folder["next"]
    assert "CKR_GENERAL_ERROR" in card["message"]
    assert report["python"]


def test_what_is_not_needed_is_no_more_than_good_to_know() -> None:
    wrong = CheckTopic.READER.error("reader_none")
    assert wrong.not_needed() == replace(wrong, severity=Severity.INFO)
    fine = CheckTopic.READER.ok("reader_seen", readers=())
    assert fine.not_needed() is fine
