"""The card step with readers: cards that come, go and are exchanged, tries that run out, and people who do not type."""

from __future__ import annotations

import asyncio
import functools
import json
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit import toolkit as composing
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.readers import CardLister
from ehtoolkit.forms.engine.background import run_in_thread
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.wizard import Phase
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.wizards.request.form import REQUEST
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.card.profile import load_profile
from tests.forms.player import Player
from tests.support.ipywidgets_internals import send_to
from tests.support.softhsm_readers import SoftHsmReaders, readers_in

pytestmark = pytest.mark.interop

PIN, WRONG = "1234", "4321"
SCRIPTED = Path(__file__).parents[1] / "card" / "scripted_worker.py"
TEXTS = Translator("en")


class Form(Player):
    """The Request form at the card step, and who sits at it; inside a running loop, as in a kernel."""

    def __init__(self, toolkit: Toolkit) -> None:
        self.model = REQUEST.walk(RequestModel(toolkit))
        self.view = FormContext(REQUEST, self.model, TEXTS, load_settings().home, runner=run_in_thread)
        super().__init__(self.view.root)
        self.press("next", {"accepted": True})

    async def until(self, condition: Callable[[], Any], seconds: float = 30.0) -> Any:
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, (self.title, self.problem, self.html)
            await asyncio.sleep(0.02)
        return value

    async def do(
        self, secrets: dict[str, str] | None = None, values: dict[str, str | bool] | None = None
    ) -> None:
        """Press the main button, and wait until it is the user's turn again."""
        self.press("next", values, secrets)
        await self.until(lambda: self.model.wizard.phase is Phase.OPEN)

    @property
    def offered(self) -> list[str]:
        """The holders of the cards to choose from."""
        field = self.part(ChoiceField, "card")
        return [] if field.layout.display == "none" else [option["label"] for option in field.options]

    def offers(self, name: str) -> str:
        """What the form gets for the card of a holder."""
        options = self.part(ChoiceField, "card").options
        return next(str(option["value"]) for option in options if name in option["label"])


@pytest.fixture
def make_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., SoftHsmReaders]:
    def make(*names: str) -> SoftHsmReaders:
        driver = readers_in(load_settings().home, tmp_path / "softhsm", *names)
        for name, value in driver.settings.items():
            monkeypatch.setenv(name, value)
        return driver

    return make


@pytest.fixture
def toolkit() -> Iterator[Callable[[], Toolkit]]:
    made: list[Toolkit] = []

    def make() -> Toolkit:
        made.append(open_toolkit(load_settings()))
        return made[-1]

    yield make
    for form in made:
        form.close()


def watching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "eh-watch"]


MakeDesk = Callable[..., SoftHsmReaders]
MakeToolkit = Callable[[], Toolkit]


def test_cards_come_and_go_by_themselves(make_driver: MakeDesk, toolkit: MakeToolkit) -> None:
    driver = make_driver("elise", "karl")
    driver.pull("elise")
    driver.pull("karl")

    async def sit() -> None:
        form = Form(toolkit())
        await form.until(lambda: "There is no card in the reader" in form.html)
        assert form.offered == []
        driver.put_back("elise")
        await form.until(lambda: form.offered == ["Élise Marie Vandamme"])
        field = form.part(ChoiceField, "card")
        assert field.value == form.offers("Élise")
        await form.do()
        assert form.title == TEXTS.get("steps.card.title")
        read = form.model.card
        assert read is not None
        assert TEXTS.get("steps.card.reader", reader=read.reader) in form.html
        assert len(watching()) == 1

        driver.pull("elise")
        await form.until(lambda: form.title == TEXTS.get("steps.card.insert.title"))
        assert form.problem == [(TEXTS.error(errors.CardRemoved()), "")]
        driver.put_back("karl")
        # Another's card is offered, and is not chosen for him.
        await form.until(lambda: form.offered == ["Karl Hennes"])
        assert form.part(ChoiceField, "card").value == ""
        driver.pull("karl")
        driver.put_back("elise")
        await form.until(lambda: form.offered == ["Élise Marie Vandamme"])
        assert form.part(ChoiceField, "card").value == form.offers("Élise")
        await form.do()
        await form.do({"pin": PIN})
        assert form.title == TEXTS.get("request.who.title")
        # Nobody looks at the readers any more.
        await form.until(lambda: watching() == [])
        form.press("back")
        await form.until(lambda: len(watching()) == 1)
        form.view.root.close()
        await form.until(lambda: watching() == [])
        form.model.close()

    asyncio.run(sit())


def test_two_cards_and_none_chosen(make_driver: MakeDesk, toolkit: MakeToolkit) -> None:
    make_driver("elise", "karl")

    async def sit() -> None:
        form = Form(toolkit())
        await form.until(lambda: len(form.offered) == 2)
        assert form.part(ChoiceField, "card").value == ""
        await form.do()
        ((sentence, field),) = form.problem
        assert field == "card"
        assert sentence.startswith("There is an identity card in several readers")
        form.press("back")
        await form.do({}, {"accepted": True})
        await form.until(lambda: len(form.offered) == 2)
        await form.do(values={"card": form.offers("Karl")})
        assert "Hennes" in form.html
        form.view.root.close()
        form.model.close()
        await form.until(lambda: watching() == [])

    asyncio.run(sit())


def test_without_the_module(toolkit: MakeToolkit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EHTOOLKIT_CARD", f"pkcs11:{tmp_path / 'nothing.so'}")

    async def sit() -> None:
        form = Form(toolkit())
        await form.until(lambda: "could not be loaded" in form.html)
        await form.do()
        assert "could not be loaded" in form.problem[0][0]
        form.view.root.close()
        await form.until(lambda: watching() == [])

    asyncio.run(sit())


def test_a_reader_that_hangs(toolkit: MakeToolkit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody waits for it: page and button say so, and when the reader is well again the card is there."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"list": [{"sleep": 60}], "present": [{"sleep": 60}]}))
    command = [sys.executable, str(SCRIPTED), str(script)]
    monkeypatch.setattr(composing, "Pkcs11Card", functools.partial(Pkcs11Card, command=command))
    monkeypatch.setattr(composing, "CardLister", functools.partial(CardLister, command=command))
    monkeypatch.setenv("EHTOOLKIT_CARD", "pkcs11:module")
    monkeypatch.setenv("EHTOOLKIT_CARD_TIMEOUT", "0.5")

    async def sit() -> None:
        form = Form(toolkit())
        message = TEXTS.error(errors.CardTimeout(seconds=0.5))
        await form.until(lambda: message in form.html)
        await form.do()
        assert form.problem == [(message, "")]
        place = {"reader": "Reader", "serial": "1", "protected": False, "kind": "other"}
        data = {"national_number": "79031421872", "surname": "Vandamme", "firstnames": "Marie"}
        values = {label: b64encode(text.encode()).decode() for label, text in data.items()}
        script.write_text(
            json.dumps({"list": [{"result": {"cards": [place]}}], "data": [{"result": values}]})
        )
        await form.until(lambda: form.offered == ["Marie Vandamme"])
        form.view.root.close()
        form.model.close()
        await form.until(lambda: watching() == [])

    asyncio.run(sit())


def test_another_persons_card_in_its_place(make_driver: MakeDesk, toolkit: MakeToolkit) -> None:
    """The one who was read is the one who asks and signs."""
    driver = make_driver("elise", "karl")
    driver.pull("karl")
    model = REQUEST.walk(RequestModel(toolkit()))
    model.wizard.edit({"accepted": True})
    assert model.wizard.confirm()
    model.reading.read(model.wizard)
    driver.pull("elise")
    driver.put_back("karl")
    with pytest.raises(errors.CardRemoved):
        model.ask_choices(Secret(PIN))
    for _ in range(2):
        with pytest.raises(errors.DifferentCardHolder) as caught:
            model.ask_choices(Secret(PIN))
        assert caught.value.facts == {"holder": "Élise Marie Vandamme", "card": "Karl Hennes"}
    driver.pull("karl")
    driver.put_back("elise")
    with pytest.raises(errors.CardRemoved):
        model.ask_choices(Secret(PIN))
    model.ask_choices(Secret(PIN))
    assert model.choices is not None
    model.close()


def test_a_warning_before_the_last_try(toolkit: MakeToolkit) -> None:
    """A card that tells its tries; also after another page was shown, and no more once it was right."""
    last = TEXTS.get("pin.last")

    async def sit() -> None:
        form = Form(toolkit())
        await form.do()
        assert last not in form.html
        await form.do({"pin": WRONG})
        assert last not in form.html
        await form.do({"pin": WRONG})
        assert last in form.html
        form.press("other")
        await form.do()
        assert last in form.html
        await form.do({"pin": PIN})
        assert form.title == TEXTS.get("request.who.title")
        form.press("back")
        assert last not in form.html
        form.model.close()

    asyncio.run(sit())


def test_a_warning_where_the_card_does_not_tell(make_driver: MakeDesk, toolkit: MakeToolkit) -> None:
    make_driver("karl")

    async def sit() -> None:
        form = Form(toolkit())
        await form.until(lambda: form.offered)
        await form.do()
        for warned in (False, True, True):
            await form.do({"pin": WRONG})
            assert (TEXTS.get("pin.last") in form.html) is warned
        form.press("other")
        await form.until(lambda: form.offered)
        await form.do()
        assert TEXTS.get("pin.last") in form.html, "it is the same card"
        await form.do({"pin": PIN})
        assert form.title == TEXTS.get("request.who.title")
        form.model.close()
        await form.until(lambda: watching() == [])

    asyncio.run(sit())


@pytest.mark.parametrize("tries", [None, 1])
def test_a_reader_that_asks_and_a_person_who_does_not_type(
    toolkit: MakeToolkit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tries: int | None
) -> None:
    """The page says who asks, warns of the last try there too, and lets go at once when told to."""
    parts = toolkit()
    assert parts.training is not None
    parts.training.card("karl").identity()
    profile = load_profile(load_settings().home / "training" / "cards" / "karl")
    certificates = {
        key.value: b64encode(certificate.public_bytes(Encoding.DER)).decode()
        for key, certificate in profile.certificates.items()
    }
    place = {"reader": "Pinpad", "serial": "1", "protected": True, "kind": "official"}
    script = {
        "present": [{"result": place}],
        "data": [{"result": {}}],
        "certificates": [{"result": certificates}],
        "tries": [{"result": {"tries_left": tries}}],
        "sign": [{"sleep": 60}],
    }
    (tmp_path / "script.json").write_text(json.dumps(script))
    command = [sys.executable, str(SCRIPTED), str(tmp_path / "script.json")]
    monkeypatch.setattr(composing, "Pkcs11Card", functools.partial(Pkcs11Card, command=command))

    async def sit() -> None:
        form = Form(parts)
        form.press("next", {"card": "pkcs11:module"})
        await form.until(lambda: form.title == TEXTS.get("steps.card.title"))
        assert TEXTS.get("pin.reader.title") in form.html.replace("&#39;", "'").replace("&#x27;", "'")
        assert (TEXTS.get("pin.last") in form.html) is (tries == 1)
        assert "stop" in form.buttons
        form.press("next")
        await form.until(lambda: '"sign"' in (tmp_path / "script.requests").read_text())
        assert form.model.wizard.phase is Phase.BUSY
        _, actions, *_ = form.parts(ButtonBar)
        send_to(actions, {"action": "stop", "serial": actions.serial, "values": {}, "secrets": {}})
        await form.until(lambda: form.model.wizard.phase is Phase.OPEN)
        assert form.problem[0][0] == TEXTS.error(errors.PinCancelled())
        form.model.close()

    asyncio.run(sit())
