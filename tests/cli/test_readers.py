"""Cards in several readers on the command line: listed, chosen, never guessed; a warning before the last try."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.run import run
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.card.software import SoftwareCard
from tests.support.softhsm_readers import SoftHsmReaders, readers_in

pytestmark = pytest.mark.interop

ELISE = {"niss": "79031421872", "surname": "Vandamme", "first_names": "Élise Marie"}
KARL = {"niss": "68053041155", "surname": "Hennes", "first_names": "Karl"}
Say = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command with --json; its exit code and its answer."""

    def say(*arguments: str) -> tuple[int, dict[str, object]]:
        code = run([*arguments, "--json"])
        answer: dict[str, object] = json.loads(capsys.readouterr().out)
        return code, answer

    return say


@pytest.fixture
def readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsmReaders:
    readers = readers_in(load_settings().home, tmp_path / "softhsm", "elise", "karl")
    for name, value in readers.settings.items():
        monkeypatch.setenv(name, value)
    return readers


def test_several_cards_are_listed_and_one_is_chosen(readers: SoftHsmReaders, say: Say) -> None:
    code, answer = say("card", "list")
    assert code == ExitCode.FINE
    cards = answer["cards"]
    assert isinstance(cards, list)
    holders = sorted(
        ({name: card[name] for name in KARL} for card in cards), key=lambda holder: holder["surname"]
    )
    assert holders == [KARL, ELISE]
    for card in cards:
        assert card["card"] == f"pkcs11:{readers.softhsm.module}#{card['reader']}"
        code, shown = say("card", "show", "--card", str(card["card"]))
        assert (code, shown["niss"], shown["reader"]) == (ExitCode.FINE, card["niss"], card["reader"])

    code, refused = say("card", "show")
    assert (code, refused["error"]) == (ExitCode.CARD, "cards_several")
    assert "ehtoolkit card list" in str(refused["next"])
    facts = refused["facts"]
    assert isinstance(facts, dict)
    assert sorted(facts["readers"].split(", ")) == sorted(str(card["reader"]) for card in cards)
    code, unknown = say("card", "show", "--card", f"pkcs11:{readers.softhsm.module}#Pinpad")
    assert (code, unknown["error"]) == (ExitCode.CARD, "reader_unknown")

    readers.pull("karl")
    assert say("card", "show") == say(
        "card", "show", "--card", str(next(card["card"] for card in cards if card["niss"] == ELISE["niss"]))
    )
    readers.pull("elise")
    assert [say("card", what)[1]["error"] for what in ("show", "list")] == ["card_absent"] * 2


def test_in_words(readers: SoftHsmReaders, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "list", "--lang", "nl"]) == ExitCode.FINE
    out = capsys.readouterr().out
    assert "Karl Hennes, INSZ 68053041155" in out
    assert out.count(f"pkcs11:{readers.softhsm.module}#SoftHSM slot") == 2


def test_training_cards_are_listed_by_their_people(say: Say) -> None:
    code, answer = say("card", "list")
    assert code == ExitCode.FINE
    cards = answer["cards"]
    assert isinstance(cards, list)
    assert cards[0] == {"card": "training:elise", "reader": None, **ELISE}
    assert len(cards) == len({card["card"] for card in cards}) > 5


def test_a_warning_before_the_last_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toolkit = open_toolkit(load_settings())
    toolkit.open_card("training:elise").identity()
    toolkit.close()
    pin = tmp_path / "pin"
    pin.write_text("4321")
    warned = []
    for _ in range(3):
        assert (
            run(["certificate", "actors", "--card", "training:elise", "--pin-file", str(pin), "--lang", "en"])
            == ExitCode.CARD
        )
        warned.append(Translator("en").get("cli.pin.last_try") in capsys.readouterr().err)
    assert warned == [False, False, True]
    card = SoftwareCard(load_settings().home / "training" / "cards" / "elise")
    assert card.pin_tries_left() == 0
