"""The border to PC/SC in its states, over the real library; and the lines made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.card.modules import ModuleKind
from ehtoolkit.card.readers import ATR_1_7, ATR_1_8, ReaderProbe, Service
from ehtoolkit.doctor.readers import check_readers
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from tests.doctor.conftest import keys, one
from tests.doctor.scripted_probe import NOWHERE, scripted
from tests.support.pcsc_daemon import Daemon, Slot, pcsc_daemon
from tests.support.softhsm import softhsm_module

HELLO = "Windows Hello for Business 1"
NO_SERVICE = 0x8010001D


def reader_probe(daemon: Daemon, seconds: float = 5.0) -> ReaderProbe:
    return ReaderProbe(seconds=seconds, environment=daemon.environment)


def test_a_computer_without_pcsc() -> None:
    probe = ReaderProbe(library="libnothing-of-the-kind.so.1")
    assert probe.readers().service is Service.MISSING
    lines = list(check_readers(probe, environment={}))
    assert keys(lines) == [("service", "error", "service_missing")]
    assert "pcscd" in one(lines, "service_missing").next_step(Translator("en"))


def test_a_library_that_is_another() -> None:
    assert ReaderProbe(library="libc.so.6").readers().service is Service.MISSING


@pytest.mark.parametrize(
    ("system", "key", "word"),
    [
        ("linux", "service_stopped_linux", "systemctl"),
        ("win32", "service_stopped_windows", "services.msc"),
        ("darwin", "service_stopped_macos", "restart"),
    ],
)
def test_a_service_that_is_stopped_is_not_a_reader_that_is_missing(system: str, key: str, word: str) -> None:
    probe = ReaderProbe(environment=NOWHERE)
    assert probe.readers().service is Service.STOPPED
    lines = list(check_readers(probe, system=system, environment={}, systemd=Path(__file__).parent))
    assert word in one(lines, key).next_step(Translator("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_systemctl_is_named_where_systemd_runs_alone(language: LanguageName, tmp_path: Path) -> None:
    probe, texts = ReaderProbe(environment=NOWHERE), Translator(language)
    with_it, without = (
        one(
            list(check_readers(probe, system="linux", environment={}, systemd=folder)),
            "service_stopped_linux",
        )
        for folder in (tmp_path, tmp_path / "nothing")
    )
    assert with_it.message(texts) == without.message(texts)
    assert "sudo systemctl enable --now pcscd.socket" in with_it.next_step(texts)
    assert "systemctl" not in without.next_step(texts)
    assert "sudo service pcscd start" in without.next_step(texts)


def test_a_service_without_a_reader(short: Path) -> None:
    with pcsc_daemon(short) as daemon:
        lines = list(check_readers(reader_probe(daemon), environment={}))
    assert keys(lines) == [("service", "ok", "service_running"), ("reader", "error", "reader_none")]
    one(lines, "reader_none")


def test_readers_and_what_is_in_them(short: Path) -> None:
    slots = (
        Slot("ACS ACR39U 00 00", bytes.fromhex(ATR_1_8)),
        Slot("Cherry 01 00", bytes.fromhex(ATR_1_7), exclusive=True),
        Slot("Gemalto 02 00"),
    )
    with pcsc_daemon(short, *slots) as daemon:
        seen = reader_probe(daemon).readers()
        lines = list(check_readers(reader_probe(daemon), environment={}))
    assert [(reader.name, reader.present, reader.in_use, reader.applet) for reader in seen.readers] == [
        ("ACS ACR39U 00 00", True, False, "1.8"),
        ("Cherry 01 00", True, True, "1.7"),
        ("Gemalto 02 00", False, False, None),
    ]
    assert keys(lines) == [
        ("service", "ok", "service_running"),
        ("reader", "ok", "reader_seen"),
        ("reader", "warning", "reader_in_use"),
    ]
    for name in ("ACS ACR39U", "Cherry", "Gemalto"):
        assert name in one(lines, "reader_seen").message(Translator("fr"))
    assert "Cherry 01 00" in one(lines, "reader_in_use").message(Translator("de"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_reader_that_is_plugged_in_meanwhile(short: Path, count: int) -> None:
    """Between the question for the room of the names and the question for the names."""
    with pcsc_daemon(short, Slot("ACS ACR39U 00 00", bytes.fromhex(ATR_1_8))) as daemon:
        daemon.arriving += [Slot(f"Gemalto 0{number} 00") for number in range(1, count + 1)]
        seen = reader_probe(daemon).readers()
    names = [f"Gemalto 0{number} 00" for number in range(1, count + 1)]
    assert (seen.service, [reader.name for reader in seen.readers]) == (
        "running",
        ["ACS ACR39U 00 00", *names],
    )


def test_a_card_that_does_not_answer(short: Path) -> None:
    with pcsc_daemon(short, Slot("ACS ACR39U 00 00", b"")) as daemon:
        lines = list(check_readers(reader_probe(daemon), environment={}))
    assert keys(lines)[-1] == ("reader", "error", "reader_mute")
    assert "ACS ACR39U" in one(lines, "reader_mute").message(Translator("nl"))


@pytest.mark.parametrize("name", [HELLO, "BOSA BeIDX 0"])
def test_virtual_readers_are_named_and_passed_over(short: Path, name: str) -> None:
    """They show a card of their own: that is neither a reader nor a card."""
    with pcsc_daemon(short, Slot(name, b"\x3b\x00")) as daemon:
        alone = list(check_readers(reader_probe(daemon), environment={}))
    assert keys(alone)[1:] == [("reader", "error", "reader_none"), ("reader", "info", "reader_virtual")]
    assert name in one(alone, "reader_virtual").message(Translator("en"))


def test_a_service_that_refuses_says_its_code(short: Path) -> None:
    with pcsc_daemon(short, refusal=0x80100014) as daemon:
        lines = list(check_readers(reader_probe(daemon), environment={}))
    assert keys(lines) == [("service", "error", "service_failed")]
    assert "0x80100014" in one(lines, "service_failed").message(Translator("en"))


def test_a_service_that_says_it_is_none(short: Path) -> None:
    with pcsc_daemon(short, refusal=NO_SERVICE) as daemon:
        assert reader_probe(daemon).readers().service is Service.STOPPED


def test_a_service_that_hangs_is_given_up(short: Path) -> None:
    with pcsc_daemon(short, silent=True) as daemon:
        lines = list(check_readers(reader_probe(daemon, seconds=1.0), environment={}))
    assert keys(lines) == [("service", "error", "service_silent")]
    one(lines, "service_silent")


def test_on_a_server_nothing_is_looked_at() -> None:
    lines = list(
        check_readers(ReaderProbe(library="/nowhere"), environment={"BINDER_SERVICE_HOST": "10.0.0.1"})
    )
    assert keys(lines) == [("service", "error", "reader_elsewhere")]
    one(lines, "reader_elsewhere")


def test_a_probe_that_dies(tmp_path: Path) -> None:
    (line,) = check_readers(scripted(tmp_path, {"exit": 3}), environment={})
    assert (line.key, line.facts) == ("card_fault", {"code": "worker"})


def test_a_reader_with_an_undecodable_name(short: Path) -> None:
    with pcsc_daemon(short, Slot("Lecteur é 00")) as daemon:
        (reader,) = reader_probe(daemon).readers().readers
    assert reader.name == "Lecteur é 00"


def test_a_module_says_what_it_is() -> None:
    about = ReaderProbe().about(softhsm_module())
    assert about.kind is ModuleKind.OTHER
    assert about.version.startswith("2.")


def test_a_file_that_is_no_module(tmp_path: Path) -> None:
    path = tmp_path / "beidpkcs11.so"
    path.write_text("no library")
    with pytest.raises(errors.ModuleMissing) as caught:
        ReaderProbe().about(path)
    assert caught.value.facts == {"module": str(path)}
