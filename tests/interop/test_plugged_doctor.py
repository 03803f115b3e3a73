"""What `doctor` and `card show` say in every situation, with the computer's own smart-card service and OpenSC."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.identity import Niss
from ehtoolkit.training.card.profile import CardProfile
from tests.cli.conftest import Call, call, secrets
from tests.support.card_fixtures import (
    PlugFactory,
    authorities,
    in_reader,
    pcsc,
    plug,
    plug_home,
    profiles,
    readers_met,
)
from tests.support.cards import IDENTITY, Authorities, make_profile
from tests.support.pcsc import Pcsc
from tests.support.plugged import Plugged, plugged_person
from tests.support.vpcd import OtherCard

__all__ = [
    "authorities",
    "call",
    "in_reader",
    "pcsc",
    "plug",
    "plug_home",
    "profiles",
    "readers_met",
    "secrets",
]

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(600),  # the first one waits until other files have let go of the smart-card service
]

Profiles = Mapping[str, CardProfile]

WITH_OPENSC = [
    ("service", "ok", "service_running"),
    ("reader", "ok", "reader_seen"),
    ("module", "error", "module_opensc"),
]
ACTIVE = ("certificates", "ok", "certificate_active")
UNSIGNING = ("certificates", "error", "signing_unsupported")


class DoctorCommands:
    """A user at this computer, who asks about the card behind OpenSC."""

    def __init__(self, call: Call, pcsc: Pcsc) -> None:
        self._call = call
        self.card = f"pkcs11:{pcsc.module}"

    def doctor(self, *more: object, card: str = "") -> list[dict[str, Any]]:
        """Its lines about service, reader, module, card, certificates and PIN; what is wrong with any of them is an
        error for the shell too."""
        code, answer = self._call("doctor", "--card", card or self.card, "--lang", "en", *more)
        lines = [shown for shown in answer["lines"] if shown["about"] in ABOUT]
        assert code == (0 if answer["sound"] else 1)
        assert answer["sound"] is not any(shown["severity"] == "error" for shown in answer["lines"])
        for line in lines:
            assert line["message"]
            assert line["next"] or line["severity"] == "ok"
        return lines

    def show(self, card: str = "") -> tuple[int, dict[str, Any]]:
        return self._call("card", "show", "--card", card or self.card, "--lang", "en")

    def refused(self, card: str = "") -> tuple[str, dict[str, Any]]:
        """Why no card is shown: the key of the error, and its facts."""
        code, answer = self.show(card)
        assert code == 4
        assert answer["message"]
        assert answer["next"]
        return answer["error"], answer["facts"]


ABOUT = ("service", "reader", "module", "card", "certificates", "pin")


def seen(lines: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(line["about"], line["severity"], line["key"]) for line in lines]


def said(lines: list[dict[str, Any]], key: str) -> str:
    (line,) = (shown for shown in lines if shown["key"] == key)
    return f"{line['message']} {line['next']}"


@pytest.fixture
def commands(call: Call, plug: PlugFactory, pcsc: Pcsc) -> DoctorCommands:
    """``plug``: with it the machine's readers are met."""
    return DoctorCommands(call, pcsc)


@pytest.fixture
def elise(plug: PlugFactory, pcsc: Pcsc) -> Iterator[Plugged]:
    """The card of a training person, in the first reader."""
    with plugged_person(pcsc, Path(os.environ["EHTOOLKIT_HOME"]), "elise") as card:
        yield card


# ── what is fine ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_card_behind_opensc(commands: DoctorCommands, elise: Plugged, tmp_path: Path) -> None:
    """Everything works, and it is said what this software cannot do."""
    lines = commands.doctor()
    assert seen(lines) == [
        *WITH_OPENSC,
        ("card", "info", "card_validity_unknown"),
        ("card", "ok", "card_eid"),
        UNSIGNING,
        ACTIVE,
        ACTIVE,
        ("pin", "info", "tries_unknown"),
    ]
    assert elise.reader_name in said(lines, "reader_seen")
    assert elise.reader_name in said(lines, "card_eid")
    assert "RSA 2048" in said(lines, "card_eid")
    for key in ("module_opensc", "signing_unsupported"):
        assert "official eID software from eid.belgium.be" in said(lines, key)
    code, shown = commands.show()
    identity = elise.profile.identity
    assert (code, shown["niss"], shown["surname"]) == (0, identity.niss.digits, identity.surname)
    assert (shown["card_number"], shown["has_photo"], shown["pin_tries_left"]) == ("", False, None)
    assert [certificate["label"] for certificate in shown["certificates"]] == ["Authentication", "Signature"]
    assert shown["pin_entry"] == {"Authentication": "here", "Signature": "here"}
    # That the files are missing is OpenSC's doing: no new training card would change it.
    (files,) = (finding for finding in shown["findings"] if finding["key"] == "files_missing")
    assert "training" not in files["message"] + files["next"]
    assert "eid.belgium.be" in files["next"]
    assert shown["reader"] == elise.reader_name
    a_module_that_is_not_there(commands, tmp_path / "beidpkcs11.so")


def a_module_that_is_not_there(commands: DoctorCommands, path: Path) -> None:
    nothing = f"pkcs11:{path}"
    lines = commands.doctor(card=nothing)
    assert seen(lines) == [
        *WITH_OPENSC[:2],
        ("module", "error", "module_missing"),
        ("card", "warning", "card_unseen"),
    ]
    assert "eid.belgium.be" in said(lines, "module_missing")
    assert commands.refused(nothing) == ("module_missing", {"module": str(path)})


# ── the computer ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_card_of_applet_1_8(commands: DoctorCommands, plug: PlugFactory, profiles: Profiles) -> None:
    """OpenSC reads it from 0.27 on."""
    card = plug(profiles["ec"])
    lines = commands.doctor()
    if ("module", "error", "module_opensc") not in seen(lines):
        assert commands.show()[0] == 0
        return
    assert commands.refused() == ("card_foreign", {"reader": card.reader_name})
    assert ("card", "error", "card_new_chip") in seen(lines)
    assert "1.8" in said(lines, "card_new_chip")


def test_no_smart_card_service(
    commands: DoctorCommands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "nobody"))
    lines = commands.doctor()
    assert seen(lines) == [
        ("service", "error", "service_stopped_linux"),
        WITH_OPENSC[2],
        ("card", "warning", "card_unseen"),
    ]
    runs = Path("/run/systemd/system").is_dir()
    assert ("systemctl" in said(lines, "service_stopped_linux")) is runs
    assert commands.refused() == ("no_reader", {})


# ── the card in the reader ───────────────────────────────────────────────────────────────────────────────────
def test_no_card(commands: DoctorCommands) -> None:
    assert seen(commands.doctor()) == [*WITH_OPENSC, ("card", "error", "card_absent")]
    assert commands.refused() == ("card_absent", {})


def test_a_card_that_was_taken_out_and_another_kind_of_card(commands: DoctorCommands, elise: Plugged) -> None:
    elise.pull()
    assert seen(commands.doctor()) == [*WITH_OPENSC, ("card", "error", "card_absent")]
    elise.put_back()
    assert commands.show()[0] == 0
    with elise.replaced_by(OtherCard()):
        lines = commands.doctor()
        assert seen(lines) == [*WITH_OPENSC, ("card", "error", "card_foreign")]
        assert elise.reader_name in said(lines, "card_foreign")
        assert commands.refused() == ("card_foreign", {"reader": elise.reader_name})


@pytest.mark.long  # the short run has two readers with two cards in `test_plugged_card`
def test_two_readers_with_two_cards(
    commands: DoctorCommands, plug: PlugFactory, authorities: Authorities
) -> None:
    other = replace(IDENTITY, niss=Niss("85110230740"), surname="Desmedt", first_names="Bram Jozef")
    cards = plug(make_profile(authorities)), plug(make_profile(authorities, identity=other), reader=2)
    lines = commands.doctor()
    assert seen(lines) == [*WITH_OPENSC, ("card", "error", "cards_several")]
    for card in cards:
        assert card.reader_name in said(lines, "reader_seen")
        assert card.reader_name in said(lines, "cards_several")
    assert commands.refused()[0] == "cards_several"
    for card in cards:
        chosen = f"{commands.card}#{card.reader_name}"
        code, shown = commands.show(chosen)
        assert (code, shown["niss"]) == (0, card.profile.identity.niss.digits)
        lines = commands.doctor(card=chosen)
        assert WITH_OPENSC[2] in seen(lines)
        assert card.reader_name in said(lines, "card_eid")


# ── what is on the card ──────────────────────────────────────────────────────────────────────────────────────
def test_a_signature_certificate_that_was_never_activated(
    commands: DoctorCommands, elise: Plugged, call: Call
) -> None:
    elise.change(lambda: scenario(call, "signature-not-activated"))
    lines = commands.doctor()
    assert seen(lines)[3:] == [
        ("card", "info", "card_validity_unknown"),
        ("card", "ok", "card_eid"),
        ("certificates", "error", "signature_dormant"),
        ACTIVE,
        ("pin", "info", "tries_unknown"),
    ]
    assert "municipality" in said(lines, "signature_dormant")
    code, shown = commands.show()
    assert (code, [certificate["label"] for certificate in shown["certificates"]]) == (0, ["Authentication"])
    assert "card_certificate_missing" in {finding["key"] for finding in shown["findings"]}


def test_an_expired_card(commands: DoctorCommands, elise: Plugged, call: Call) -> None:
    elise.change(lambda: scenario(call, "expired-eid"))
    lines = commands.doctor()
    assert [shown for shown in seen(lines) if shown[0] == "certificates"] == [
        ("certificates", "error", "card_certificate_expired")
    ] * 2
    assert ("card", "ok", "card_eid") in seen(lines)
    code, shown = commands.show()
    assert (code, len(shown["certificates"])) == (0, 2)
    expired = [finding for finding in shown["findings"] if finding["key"] == "card_certificate_expired"]
    assert len(expired) == 2


def scenario(call: Call, name: str) -> None:
    assert call("training", "scenario", name, "on", "--person", "elise")[0] == 0


# ── the PIN ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.long  # the short run blocks a card in `test_plugged_card`, and wastes tries in `tests.cli.test_doctor`
def test_tries_that_go_one_by_one_until_the_pin_is_blocked(
    commands: DoctorCommands, elise: Plugged, secrets: Mapping[str, Path]
) -> None:
    """This software does not tell how many are left, and no line pretends to know; the card behind it counts."""
    wrong = ("--test-pin", "--pin-file", secrets["wrong_pin"])
    for left in (2, 1):
        assert ("pin", "error", "pin_wrong") in seen(commands.doctor(*wrong))
        assert elise.software.pin_tries_left() == left
    assert ("pin", "info", "tries_unknown") in seen(commands.doctor())
    assert commands.show()[1]["pin_tries_left"] is None
    assert ("pin", "ok", "pin_right") in seen(commands.doctor("--test-pin", "--pin-file", secrets["pin"]))
    assert elise.software.pin_tries_left() == 3
    for _ in range(3):
        lines = commands.doctor(*wrong)
    assert ("pin", "error", "pin_blocked") in seen(lines)
    lines = commands.doctor("--test-pin", "--pin-file", secrets["pin"])
    assert ("pin", "error", "pin_blocked") in seen(lines)
    assert "municipality" in said(lines, "pin_blocked")
    assert commands.show()[0] == 0


# ── last: the service itself waits meanwhile ─────────────────────────────────────────────────────────────────
def test_a_reader_that_hangs(commands: DoctorCommands, elise: Plugged) -> None:
    """The card does not answer any more: everything else is told, and afterwards all is as it was."""
    with hanging(elise):
        lines = commands.doctor()
        assert seen(lines) == [
            *WITH_OPENSC[:2],
            ("module", "error", "module_silent"),
            ("card", "error", "card_timeout"),
        ]
        assert commands.refused()[0] == "card_timeout"
    elise.pcsc.wait(elise.reader, present=True)
    assert commands.show()[0] == 0


@contextmanager
def hanging(card: Plugged) -> Iterator[None]:
    card.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        card.process.send_signal(signal.SIGCONT)
