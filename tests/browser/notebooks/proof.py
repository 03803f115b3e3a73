"""A form that exists for the tests only: every widget on it, right and wrong answers, slow work, a surprise."""

from __future__ import annotations

import time
from typing import Any

from ehtoolkit import errors
from ehtoolkit.forms import html
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.forms.widgets.browser_timers import Countdown
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import CheckField, ChoiceField, Option, SecretField, TextField
from ehtoolkit.forms.widgets.files import Download, DownloadFile
from ehtoolkit.forms.widgets.page_parts import ContractFrame

CONTRACT = (
    "<h2>Contract</h2><p onclick='parent.hurt()'>Text <img src='https://foreign.example/pixel.png'></p>"
    "<script>parent.document.title = 'hurt'</script>"
    "<style>@import 'https://foreign.example/a.css'; h2 { background: url(https://foreign.example/b.png) }</style>"
    "<form action='https://foreign.example/c' target='_top'><input name='pin'><button>Log in</button></form>"
    "<p><a href='https://foreign.example/d' target='_top'>Away</a> <a href='https://foreign.example/e'>Here</a></p>"
    "<meta http-equiv='refresh' content='0;url=https://foreign.example/f'>"
    "<object data='https://foreign.example/g'></object><iframe src='https://foreign.example/h'></iframe>"
    + "<p>One more line of the contract.</p>"
    * 40
)
SEEN: dict[str, Any] = {}


def complete(values: Values) -> list[Blocker]:
    blockers = []
    if "@" not in values["email"]:
        blockers.append(Blocker("error.contact_invalid.email", "email"))
    if not values["terms"]:
        blockers.append(Blocker("error.terms_not_accepted", "terms"))
    return blockers


class Proof:
    """The pages of the form."""

    def __init__(self) -> None:
        self.stage = PageContext.of_this_kernel()
        self.texts = self.stage.texts
        self.stopped: list[bool] = []
        self.pin = SecretField("pin", "PIN", hint="4 to 12 digits", pin=True)
        self.wizard = Wizard(
            [
                Step("words", {"email": "", "kind": "", "type": "CBE", "terms": False}, complete),
                Step("sign"),
                Step("last"),
            ]
        )
        self.view = WizardView(
            self.wizard,
            {"words": self.words, "sign": self.sign, "last": self.last},
            self.done,
            texts=self.texts,
            home=self.stage.settings.home,
            caption="Proof",
            names={"words": "Words", "sign": "Sign", "last": "Last"},
            cancel="Cancel the proof",
        )

    def words(self) -> Page:
        values = self.wizard.values
        return Page(
            title="Some words",
            lead="Fields of every kind.",
            body=[
                TextField(
                    "email", "E-mail", value=values["email"], hint="Yours", kind="email", autocomplete="email"
                ),
                ChoiceField(
                    "kind",
                    "For whom",
                    [
                        Option("person", "Myself", "A personal certificate"),
                        Option("organisation", "An organisation"),
                    ],
                    value=values["kind"],
                    hint="You can ask again later",
                ),
                ChoiceField(
                    "type",
                    "Type of number",
                    [Option("CBE", "CBE"), Option("NIHII", "NIHII")],
                    value=values["type"],
                    compact=True,
                ),
                CheckField("terms", "I accept the conditions", value=values["terms"]),
            ],
            primary=self.texts.get("wizard.next"),
            failed="Not yet",
        )

    def sign(self) -> Page:
        self.pin = SecretField("pin", "PIN", hint="4 to 12 digits", pin=True)
        password = SecretField(
            "password",
            "Password",
            autocomplete="new-password",
            reveal=self.texts.get("wizard.reveal"),
            capslock=self.texts.get("wizard.capslock"),
        )
        countdown = Countdown(
            "Again in {left}",
            {
                "minutes": ("{count} minute", "{count} minutes"),
                "seconds": ("{count} second", "{count} seconds"),
            },
        )
        countdown.start(90)
        return Page(
            title="Sign the contract",
            body=[
                ContractFrame("The contract", CONTRACT, large="Read it large", close="Close it"),
                Download(
                    "Save the contract", lambda: DownloadFile("contract.html", CONTRACT.encode(), "text/html")
                ),
                html.show(html.panel("info", "You type the PIN <here>", "It is kept nowhere.")),
                self.pin,
                password,
                countdown,
            ],
            primary="Sign",
            icon="pen",
            work=self.do_sign,
            busy="Signing…",
            failed="The request has not been signed",
            field_of=lambda error: "pin" if isinstance(error, errors.PinError) else None,
            on_error=self.show_tries,
            stop=lambda: self.stopped.append(True),
        )

    def do_sign(self, submission: SubmittedForm) -> None:
        self.stopped.clear()
        pin = submission.secrets["pin"].reveal()
        SEEN["pin"] = pin
        SEEN["password"] = submission.secrets["password"].reveal()
        if pin == "990073091511":
            raise ZeroDivisionError(f"with the PIN {pin} in its text")
        if pin == "5555":
            for _ in range(200):
                time.sleep(0.05)
                if self.stopped:
                    raise errors.PinCancelled
        if pin != "1234":
            raise errors.PinWrong(tries_left=2)
        submission.report("Half way…")
        time.sleep(0.3)
        self.wizard.keep("signature", "signed")

    def show_tries(self, error: errors.EhToolkitError) -> None:
        if isinstance(error, errors.PinWrong):
            self.pin.show_tries(2, "2 of 3 tries left")

    def last(self) -> Page:
        rows = [("E-mail", self.wizard.values["email"]), ("Signature", self.wizard.result("signature"))]
        return Page(
            title="Check",
            body=[html.show(html.card(html.summary(rows)))],
            primary="Send",
            more=[Button("again", "Look again", icon="again")],
            acts={"again": self.again},
        )

    def again(self, action: ButtonPress) -> None:
        self.view.run(lambda submission: time.sleep(0.2), self.view.refresh, action, "Looking…")

    def done(self) -> Page:
        events = [
            html.Event("Sent", ["Today"], state="done"),
            html.Event("E-mail", icon="mail"),
        ]
        return Page(
            title="It is sent",
            body=[html.show(html.timeline(events, self.texts)), html.show(html.checks([("ok", "All fine")]))],
            more=[Button("print", "Print", "primary", "print", does="print")],
        )


def build() -> Any:
    proof = Proof()
    SEEN["proof"] = proof
    return proof.stage.show(proof.view.root)
