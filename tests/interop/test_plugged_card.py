"""A training card in a virtual reader, read and used by software that others wrote, and what goes wrong there."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificates

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.port import CardKey
from ehtoolkit.card.trust import is_signature
from ehtoolkit.identity import Niss
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.profile import CardProfile
from ehtoolkit.training.virtual_card.eid_chip.content import APPLET_1_7, APPLET_1_8
from tests.cli.conftest import Call, call
from tests.support.card_fixtures import (
    CardInReader,
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
from tests.support.pcsc import SOCKET
from tests.support.plugged import Plugged, plug_command
from tests.support.vpcd import OtherCard

__all__ = ["authorities", "call", "in_reader", "pcsc", "plug", "plug_home", "profiles", "readers_met"]

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(600),  # the first one waits until other files have let go of the smart-card service
]

PIN, WRONG = Secret("1234"), Secret("4321")
DATA = b"what is signed"

Opened = Callable[[Pkcs11Card], Pkcs11Card]


@pytest.fixture
def card(in_reader: CardInReader, readers_met: None, profiles: Mapping[str, CardProfile]) -> Plugged:
    """The same one for all tests that leave it as it was."""
    return in_reader.card(profiles["rsa"])


@pytest.fixture
def opened() -> Iterator[Callable[[Pkcs11Card], Pkcs11Card]]:
    cards: list[Pkcs11Card] = []

    def keep(card: Pkcs11Card) -> Pkcs11Card:
        cards.append(card)
        return card

    yield keep
    for card in cards:
        card.close()


def run(card: Plugged, *command: str | Path, fine: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in fine, done.stdout + done.stderr
    return done.stdout


# ── software that others wrote ───────────────────────────────────────────────────────────────────────────────
def test_the_tools_of_opensc_read_the_card(card: Plugged) -> None:
    atr, name = run(card, "opensc-tool", "--reader", card.reader_name, "-a", "-n").splitlines()
    assert bytes.fromhex(atr.replace(":", "")) == APPLET_1_7.atr
    assert name == "Belpic cards"
    eidenv_reads_identity_and_address(card)
    pkcs15_tool_finds_everything(card)


def eidenv_reads_identity_and_address(card: Plugged) -> None:
    """It always ends with 1, and finds no street on any card."""
    lines = run(card, "eidenv", "--reader", card.reader_name, fine=(1,)).splitlines()
    shown = dict(line.split(": ", 1) for line in lines)
    identity = card.profile.identity
    assert shown["BELPIC_NATIONALNUMBER"] == identity.niss.digits
    assert shown["BELPIC_NAME"] == identity.surname
    assert shown["BELPIC_FIRSTNAMES"] == identity.first_names
    assert shown["BELPIC_INITIAL"] == identity.third_name_initial
    assert shown["BELPIC_CARDNUMBER"] == identity.card_number
    assert shown["BELPIC_VALIDTILL"] == "01.03.2034"
    assert shown["BELPIC_BIRTHDATE"] == "14 MARS 1979"
    assert (shown["BELPIC_ZIPCODE"], shown["BELPIC_MUNICIPALITY"]) == ("4780", "Sankt Vith")


def pkcs15_tool_finds_everything(card: Plugged) -> None:
    shown = run(card, "pkcs15-tool", "--reader", card.reader_name, "--dump")
    for expected in (
        "PKCS#15 Card [BELPIC]",
        "PIN [Basic PIN]",
        "Private RSA Key [Authentication]",
        "Private RSA Key [Signature]",
        "Key ref        : 131 (0x83)",
        *(f"X.509 Certificate [{label}]" for label in ("Authentication", "Signature", "CA", "Root")),
    ):
        assert expected in shown
    for number, certificate in (
        ("02", card.profile.certificates[CardKey.AUTHENTICATION]),
        ("03", card.profile.certificates[CardKey.SIGNATURE]),
        ("04", card.profile.citizen_ca),
        ("06", card.profile.root),
    ):
        pem = run(card, "pkcs15-tool", "--reader", card.reader_name, "--read-certificate", number)
        assert load_pem_x509_certificates(pem.encode()) == [certificate]


def transmit(card: Plugged, *commands: str) -> list[tuple[bytes, str]]:
    """Commands, in hexadecimal, by pyscard, all over one connection."""
    from smartcard.System import readers

    (reader,) = [slot for slot in readers() if str(slot) == card.reader_name]
    connection = reader.createConnection()
    connection.connect()
    answers = []
    try:
        assert bytes(connection.getATR()) in (APPLET_1_7.atr, APPLET_1_8.atr)
        for command in commands:
            data, first, second = connection.transmit(list(bytes.fromhex(command)))
            answers.append((bytes(data), f"{first:02x}{second:02x}"))
    finally:
        connection.disconnect()
    return answers


def read_file(card: Plugged, path: str, size: int) -> bytes:
    offsets = range(0, size, 200)
    reads = [f"00B0{offset:04x}{min(200, size - offset):02x}" for offset in offsets]
    answers = transmit(card, f"00A4080C06{path}", *reads)
    assert [status for _, status in answers] == ["9000"] * len(answers)
    return b"".join(data for data, _ in answers)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_pyscard_reads_every_file_and_signs_with_both_keys(
    kind: str, in_reader: CardInReader, readers_met: None, profiles: Mapping[str, CardProfile]
) -> None:
    card = in_reader.card(profiles[kind])
    profile, files = card.profile, card.profile.files
    contents = {
        "3F00DF014031": files.identity,
        "3F00DF014032": files.identity_signature,
        "3F00DF014033": files.address,
        "3F00DF014034": files.address_signature,
        "3F00DF014035": profile.identity.photo or b"",
        "3F00DF00503C": files.rrn_certificate,
        "3F00DF005038": profile.certificates[CardKey.AUTHENTICATION].public_bytes(Encoding.DER),
        "3F00DF005039": profile.certificates[CardKey.SIGNATURE].public_bytes(Encoding.DER),
        "3F00DF00503A": profile.citizen_ca.public_bytes(Encoding.DER),
        "3F00DF00503B": profile.root.public_bytes(Encoding.DER),
    }
    for path, content in contents.items():
        assert content
        assert read_file(card, path, len(content)) == content, path
    pyscard_signs_with_both_keys(card, algorithm="08" if kind == "rsa" else "01")


def pyscard_signs_with_both_keys(card: Plugged, algorithm: str) -> None:
    """Without a module: OpenSC before 0.27 does not know a card of applet 1.8. ``algorithm``: SHA-256 on the card."""
    digest = hashlib.sha256(DATA).hexdigest()
    length = "00" if algorithm == "08" else "60"
    for key, reference in ((CardKey.AUTHENTICATION, "82"), (CardKey.SIGNATURE, "83")):
        *steps, (signature, status) = transmit(
            card,
            f"002241B6050480{algorithm}84{reference}",
            "0020000108241234FFFFFFFFFF",
            f"002A9E9A20{digest}",
            f"00C00000{length}",
        )
        assert [answer for _, answer in steps] == ["9000", "9000", f"61{length}"]
        assert status == "9000"
        assert is_signature(card.profile.certificates[key], DATA, signature)


def test_pkcs11_tool_signs_and_changes_the_pin(
    plug: PlugFactory, profiles: Mapping[str, CardProfile], opened: Opened, tmp_path: Path
) -> None:
    card = plug(profiles["rsa"])
    data, signature, public = tmp_path / "data", tmp_path / "signature", tmp_path / "public.pem"
    data.write_bytes(DATA)
    key = card.profile.certificates[CardKey.AUTHENTICATION].public_key()
    public.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    run(
        card,
        *("pkcs11-tool", "--module", card.pcsc.module, "--login", "--pin", "1234", "--sign", "--id", "02"),
        *("--mechanism", "SHA256-RSA-PKCS", "--input-file", data, "--output-file", signature),
    )
    verified = run(card, "openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, data)
    assert verified.strip() == "Verified OK"
    run(
        card,
        *("pkcs11-tool", "--module", card.pcsc.module, "--change-pin", "--login"),
        *("--pin", "1234", "--new-pin", "987654"),
    )
    certificate = card.profile.certificates[CardKey.SIGNATURE]
    assert is_signature(certificate, DATA, card.software.sign(CardKey.SIGNATURE, DATA, Secret("987654")))
    with pytest.raises(errors.PinWrong):
        opened(card.open()).sign(CardKey.AUTHENTICATION, DATA, PIN)


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────
def works(card: Pkcs11Card, profile: CardProfile) -> None:
    certificate = profile.certificates[CardKey.AUTHENTICATION]
    assert card.chain(CardKey.AUTHENTICATION)[0] == certificate
    assert is_signature(certificate, DATA, card.sign(CardKey.AUTHENTICATION, DATA, PIN))


def test_blocked_here_is_blocked_everywhere(card: Plugged, opened: Opened) -> None:
    """The tries are the card's, whichever way they were used up; and so is what the municipality does."""
    through_opensc = opened(card.open())
    with pytest.raises(errors.PinWrong):
        through_opensc.sign(CardKey.AUTHENTICATION, DATA, WRONG)
    with pytest.raises(errors.PinWrong) as caught:
        card.software.sign(CardKey.SIGNATURE, DATA, WRONG)
    assert caught.value.facts["tries_left"] == 1
    with pytest.raises(errors.PinBlocked):
        through_opensc.sign(CardKey.AUTHENTICATION, DATA, WRONG)
    for blocked in (through_opensc, card.software):
        with pytest.raises(errors.PinBlocked):
            blocked.sign(CardKey.AUTHENTICATION, DATA, PIN)
    card.software.unblock()
    works(through_opensc, card.profile)


def test_pulled_and_put_back_again_and_again(card: Plugged, opened: Opened) -> None:
    through_opensc = opened(card.open())
    for _ in range(2):
        works(through_opensc, card.profile)
        card.pull()
        with pytest.raises(errors.CardRemoved):
            through_opensc.sign(CardKey.AUTHENTICATION, DATA, PIN)
        for _ in range(2):
            with pytest.raises(errors.CardAbsent):
                through_opensc.identity()
        card.put_back()
    works(through_opensc, card.profile)


def test_another_kind_of_card(card: Plugged, opened: Opened) -> None:
    through_opensc = opened(card.open())
    with card.replaced_by(OtherCard()):
        shown = run(card, "opensc-tool", "--reader", card.reader_name, "-a")
        assert bytes.fromhex(shown.replace(":", "")) == OtherCard.atr
        for _ in range(2):
            with pytest.raises(errors.NotAnEid) as caught:
                through_opensc.sign(CardKey.AUTHENTICATION, DATA, PIN)
            assert caught.value.facts == {"reader": card.reader_name}
    works(through_opensc, card.profile)


def test_no_smart_card_service_and_then_one(card: Plugged, opened: Opened, tmp_path: Path) -> None:
    way = tmp_path / "pcscd.comm"
    environment = {**card.pcsc.environment, "PCSCLITE_CSOCK_NAME": str(way)}
    through_opensc = opened(Pkcs11Card(card.pcsc.module, environment=environment))
    for _ in range(2):
        with pytest.raises(errors.SmartCardServiceMissing):
            through_opensc.identity()
    way.symlink_to(SOCKET)
    works(through_opensc, card.profile)


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_second_card_in_a_reader_is_refused(card: Plugged, plug_home: Path, opened: Opened) -> None:
    with plug_command(plug_home, "elise", card.reader) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert json.loads(output)["error"] == "virtual_reader_taken"
    works(opened(card.open()), card.profile)


def test_a_request_stops_at_the_signature_key(card: Plugged, call: Call, tmp_path: Path) -> None:
    """… with the sentence that names the software which can; nothing was sent, and no keystore was written."""
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    password = tmp_path / "password"
    password.write_text("Kine-2026\n")
    code, answer = call(
        *("certificate", "request", "--email", "veronique@example.be", "--phone", "+32 4 555 01 42"),
        *("--card", f"pkcs11:{card.pcsc.module}", "--accept-terms", "--lang", "en"),
        *("--pin-file", pin, "--new-password-file", password, "--keystore-folder", tmp_path / "keystores"),
    )
    assert (code, answer["error"]) == (4, "signing_unsupported")
    assert answer["facts"] == {"module": str(card.pcsc.module), "certificate": "Signature"}
    assert str(card.pcsc.module) in answer["message"]
    assert "official eID software from eid.belgium.be" in answer["next"]
    assert list(tmp_path.glob("keystores/*.p12")) == []
    assert call("training", "certificates")[1]["certificates"] == []


# ── several cards ─────────────────────────────────────────────────────────────────────────────────────────────
def test_two_readers_with_two_cards(
    plug: PlugFactory, opened: Opened, authorities: Authorities, profiles: Mapping[str, CardProfile]
) -> None:
    other = replace(IDENTITY, niss=Niss("85110230740"), surname="Desmedt", first_names="Bram Jozef")
    first, second = plug(profiles["rsa"]), plug(make_profile(authorities, identity=other), reader=2)
    for card in (first, second):
        chosen = opened(card.open(reader=card.reader_name))
        assert chosen.reader == card.reader_name
        assert chosen.identity().person == card.profile.identity.person
        works(chosen, card.profile)
    chosen = opened(second.open(reader=second.reader_name))
    chosen.identity()
    second.pull()
    with pytest.raises(errors.CardRemoved):
        chosen.sign(CardKey.AUTHENTICATION, DATA, PIN)
    with pytest.raises(errors.CardAbsent):
        chosen.identity()
    works(opened(first.open(reader=first.reader_name)), first.profile)
    second.put_back()
    works(chosen, second.profile)


def test_another_card_in_the_same_reader(
    plug: PlugFactory, opened: Opened, authorities: Authorities, profiles: Mapping[str, CardProfile]
) -> None:
    """A procedure that has begun with one card does not go on with another."""
    card = plug(profiles["rsa"])
    through_opensc = opened(card.open())
    works(through_opensc, card.profile)
    assert card.end() == 0
    other = plug(make_profile(authorities))
    with pytest.raises(errors.CardRemoved):
        through_opensc.sign(CardKey.AUTHENTICATION, DATA, PIN)
    works(through_opensc, other.profile)


# ── certificates that the card marks as private, as real cards do ────────────────────────────────────────────
def test_opensc_shows_none_before_the_pin(
    plug: PlugFactory, profiles: Mapping[str, CardProfile], opened: Opened, call: Call, tmp_path: Path
) -> None:
    """… and that is said: nobody is sent to the municipality for certificates that are there."""
    card = plug(profiles["rsa"], private=True)
    flags = run(card, "pkcs15-tool", "--reader", card.reader_name, "--list-certificates")
    assert flags.count("[0x03], private, modifiable") == 4
    module = f"pkcs11:{card.pcsc.module}"
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    for command in (("card", "show"), ("certificate", "list", "--pin-file", pin)):
        code, said = call(*command, "--card", module, "--lang", "en")
        assert (code, said["error"]) == (4, "card_certificates_hidden")
        assert "municipality" not in said["message"] + said["next"]
        assert "official eID software" in said["next"]
    _, listed = call("card", "list", "--card", module)
    assert "card_certificates_hidden" in str(listed)
    _, answer = call("doctor", "--card", module)
    keys = [line["key"] for line in answer["lines"]]
    assert "card_certificates_hidden" in keys
    assert not {"card_certificate_missing", "signature_dormant"} & set(keys)
    with pytest.raises(errors.CardCertificatesHidden):
        opened(card.open()).identity()


def test_opensc_shows_no_authority_after_the_pin(
    plug: PlugFactory, profiles: Mapping[str, CardProfile]
) -> None:
    """… which is why nothing here reads them then: the platform wants the whole chain of who signs."""
    card = plug(profiles["rsa"], private=True)
    tool = ("pkcs11-tool", "--module", card.pcsc.module)
    assert "Certificate Object" not in run(card, *tool, "--list-objects")
    shown = run(card, *tool, "--login", "--pin", "1234", "--list-objects", "--type", "cert")
    labels = [line.split()[-1] for line in shown.splitlines() if line.strip().startswith("label:")]
    assert labels == ["Authentication", "Signature"]
    # The card gives them to every program; the mark is for software.
    assert read_file(card, "3F00DF005038", 64)
