"""The Python half of the widgets: what they send, what they take, and what is in no state."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.page_errors import guard
from ehtoolkit.forms.widgets.browser_timers import Countdown
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress, Switch, Switches
from ehtoolkit.forms.widgets.choices import Chips, ChoiceButton, FileList, Tabs
from ehtoolkit.forms.widgets.fields import (
    CheckField,
    ChoiceField,
    Option,
    PasswordRules,
    SecretField,
    TextField,
)
from ehtoolkit.forms.widgets.files import Download, DownloadFile
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.forms.widgets.page_parts import (
    ContractFrame,
    ErrorLine,
    ErrorSummary,
    MailList,
    MailMessage,
    Passage,
    StepHead,
    Stepper,
)
from ehtoolkit.forms.widgets.tables import (
    ActionRow,
    Cell,
    Column,
    EditColumn,
    EditTable,
    RowButton,
    Sorting,
    Table,
)
from ehtoolkit.secret import Secret
from tests.support.ipywidgets_internals import send_to

UNITS = {unit: (f"{{count}} {unit}", f"{{count}} {unit}s") for unit in ("minutes", "seconds")}
SORTED = Table(
    "People",
    [Column("Name", "name")],
    nothing="None",
    pager={"pager": "Pages", "previous": "Back", "next": "On"},
)
EVERY = [
    TextField("name", "Label"),
    SecretField("pin", "Label", pin=True),
    CheckField("terms", "Label"),
    ChoiceField("kind", "Label", [Option("a", "A")]),
    ButtonBar([Button("next", "Next", "primary", "pen")]),
    StepHead(),
    Stepper(label="Steps", done_word="(done)"),
    ErrorSummary(),
    Announcer(),
    Download("Save", lambda: None),
    ContractFrame("Contract", "<p>x</p>"),
    Countdown("{left}", UNITS),
    PasswordRules({"long": "Long enough"}, label="Rules", met="(met)", broken="(not met)"),
    Table("People", [Column("Person"), Column("Actions")]),
    Switches(label="Scenarios", on_word="on", off_word="off"),
    MailList(label="Letters", nothing="None yet"),
    Tabs(label="Parts"),
    Chips(label="States"),
    Passage(),
    FileList(label="Files"),
    SORTED,
    EditTable("Periods", [EditColumn("start", "Start")], heading="No.", remove="Remove", nothing="None"),
]


@pytest.mark.parametrize("widget", EVERY, ids=lambda widget: type(widget).__name__)
def test_the_script_is_included_and_sends_no_requests(widget: Any) -> None:
    module = widget.get_state()["_esm"]

    assert "export default" in module
    assert "http" not in module
    assert "import " not in module


@pytest.mark.parametrize("widget", EVERY, ids=lambda widget: type(widget).__name__)
def test_no_class_is_made_for_a_widget(widget: Any) -> None:
    """As anywidget does for each that it gives a trait."""
    kind = type(widget)

    assert getattr(importlib.import_module(kind.__module__), kind.__name__) is kind
    assert widget.get_state()["_anywidget_id"] == f"{kind.__module__}.{kind.__name__}"


def test_an_action_carries_values_and_secrets() -> None:
    actions, got = ButtonBar([Button("next", "Next")]), list[ButtonPress]()
    actions.on_action(got.append)
    message = {"action": "next", "serial": 0, "values": {"email": "a@b"}, "secrets": {"pin": "1234"}}

    send_to(actions, message)

    assert got == [ButtonPress("next", {"email": "a@b"}, {"pin": Secret("1234")})]
    assert "secrets" not in message, "the message outlives its handling"
    assert "1234" not in repr(got)


class PressedBar:
    """Buttons, and a browser that presses them."""

    def __init__(self) -> None:
        self.bar, self.counted = ButtonBar([Button("on", "On"), Button("off", "Off")]), list[str]()
        self.bar.on_action(lambda press: self.counted.append(press.name))

    def press(self, *names: str) -> None:
        """Press buttons one after the other, before the browser hears anything of the first."""
        serial = self.bar.serial
        for name in names:
            send_to(self.bar, {"action": name, "serial": serial})


def test_a_double_press_counts_once() -> None:
    user = PressedBar()
    user.press("on", "on", "off", "off", "on")
    assert user.counted == ["on", "off"]
    user.press("on", "on")
    assert user.counted == ["on", "off", "on"], "the browser has heard of the first, so this one is meant"


def test_a_press_while_the_first_is_being_done_does_not_count() -> None:
    """What it does is slow, and the browser shows nothing of it yet."""
    user = PressedBar()
    serial = user.bar.serial
    user.bar.on_action(lambda press: user.counted.append(f"{press.name} {user.bar.serial - serial}"))
    user.press("on", "on")
    assert user.counted == ["on 0"]
    assert user.bar.serial == serial + 1


def test_a_press_during_work_counts_only_where_it_always_does() -> None:
    user = PressedBar()
    user.bar.offer([Button("on", "On"), Button("stop", "Stop", "stop", always=True)])
    user.bar.begin("Working")
    user.press("on", "stop")
    assert user.counted == ["stop"]
    user.bar.end()
    user.press("on")
    assert user.counted == ["stop", "on"]


def test_a_press_of_what_is_not_offered_any_more_does_not_count() -> None:
    user = PressedBar()
    user.bar.offer([Button("off", "Off")])
    user.press("on", "off")
    assert user.counted == ["off"]


@pytest.mark.parametrize("anew", [False, True])
def test_a_press_on_its_way_counts_where_the_same_is_offered_again(anew: bool) -> None:
    """Not of another page, whose button has the same name."""
    user = PressedBar()
    serial = user.bar.serial
    user.bar.offer([Button("on", "On"), Button("more", "More")], anew=anew)
    send_to(user.bar, {"action": "on", "serial": serial})
    assert user.counted == ([] if anew else ["on"])
    user.press("more")
    assert user.counted[-1] == "more"


def test_a_press_that_fails_can_be_repeated() -> None:
    user = PressedBar()

    def fail(_: ButtonPress) -> None:
        user.counted.append("tried")
        raise errors.CardRemoved

    user.bar.on_action(guard(fail, lambda _: None))
    for _ in range(2):
        user.press("on")
    assert user.counted == ["tried", "tried"]


def test_a_press_before_anyone_listens_is_lost() -> None:
    send_to(ButtonBar(), {"action": "next"})


def test_the_secret_field_has_no_trait_for_its_content() -> None:
    field = SecretField("pin", "PIN", pin=True)

    assert not {"value", "content", "text", "secret"} & set(field.keys)
    assert field.max_length == 12
    assert SecretField("password", "Password").max_length == 0


def test_tries_left_are_shown() -> None:
    field = SecretField("pin", "PIN", pin=True)
    field.show_tries(1, "One try left")

    assert (field.tries_left, field.tries) == (1, "One try left")


def test_other_options_drop_a_value_that_is_gone() -> None:
    field = ChoiceField("kind", "Kind", [Option("a", "A"), Option("b", "B")], value="b")

    field.offer([Option("a", "A")])

    assert field.value == ""
    assert field.options == [{"value": "a", "label": "A", "hint": ""}]


def test_the_summary_takes_the_focus_each_time() -> None:
    summary = ErrorSummary()
    summary.show("Not yet", [ErrorLine("Wrong", "email"), ErrorLine("Late")], ["Do this", ""])
    summary.show("Not yet", [])

    assert summary.focused == 2
    assert summary.notes == []
    summary.clear()
    assert (summary.title, summary.items) == ("", [])


def test_a_sentence_is_announced_twice() -> None:
    announcer = Announcer()
    announcer.say("Saved")
    announcer.say("Saved")

    assert announcer.count == 2


def test_a_file_is_made_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make() -> DownloadFile:
        made.append("now")
        return DownloadFile("a.p12", b"\x00\x01")

    download = Download("Save", make)
    sent: list[tuple[Any, Any]] = []
    monkeypatch.setattr(download, "send", lambda content, buffers=None: sent.append((content, buffers)))
    assert made == []

    send_to(download, {"action": "want"})

    assert made == ["now"]
    assert sent == [({"action": "file", "name": "a.p12", "mime": "application/octet-stream"}, [b"\x00\x01"])]


def test_the_contract_is_framed_by_a_policy_that_allows_nothing() -> None:
    document = ContractFrame("Contract", "<p>Text</p>").document

    policy, _, rest = document.partition("</head>")
    assert "default-src 'none'; style-src 'unsafe-inline'" in policy
    assert rest == '<body tabindex="0"><p>Text</p>'


def test_the_contract_to_be_signed_can_be_read_in_a_large_window() -> None:
    plain = ContractFrame("Contract", "<p>Text</p>")
    assert (plain.large, plain.close_word) == ("", "")
    large = ContractFrame("Contract", "<p>Text</p>", large="Read it large", close="Close it")
    assert (large.large, large.close_word) == ("Read it large", "Close it")
    assert large.document == plain.document, "under the same policy"


def test_a_countdown_calls_once_and_not_after_it_was_stopped() -> None:
    countdown, calls = Countdown("{left}", UNITS), list[str]()
    countdown.on_over(lambda: calls.append("over"))
    countdown.start(90)
    first = countdown.serial

    send_to(countdown, {"action": "over", "serial": first})
    send_to(countdown, {"action": "over", "serial": first})
    countdown.start(90)
    send_to(countdown, {"action": "over", "serial": first})
    countdown.stop()
    send_to(countdown, {"action": "over", "serial": countdown.serial})

    assert calls == ["over"]


def test_a_table_shows_tags_and_says_which_button_of_which_row_was_pressed() -> None:
    rows, got = Table("People", [Column("Person"), Column("PIN"), Column("Actions")]), list[tuple[str, str]]()
    rows.show(
        [
            ActionRow(
                "bram",
                [Cell("Bram", "physio"), Cell("0 of 3", severity="danger")],
                [RowButton("unblock", "Unblock")],
            )
        ]
    )
    rows.on_press(lambda key, action: got.append((key, action)))

    send_to(rows, {"action": "press", "key": "bram", "button": "unblock"})
    send_to(rows, {"action": "scroll", "key": "bram", "button": "unblock"})

    assert got == [("bram", "unblock")]
    (row,) = rows.rows
    plain, tag = row["cells"]
    assert (plain["note"], plain["icon"]) == ("physio", "")
    assert tag["icon"].startswith("<svg")


def test_a_switch_that_is_turned_says_so_and_keeps_no_state_of_its_own() -> None:
    switches, got = Switches(label="Scenarios", on_word="on", off_word="off"), list[tuple[str, bool]]()
    switches.show([Switch("slow", "Slow", "Late answers.", on=False)])
    switches.on_switch(lambda key, on: got.append((key, on)))

    send_to(switches, {"action": "switch", "key": "slow", "on": True})

    assert got == [("slow", True)]
    assert [switch["on"] for switch in switches.switches] == [False], "how it stands, its owner says"


@pytest.mark.parametrize("fact", [{}, {"key": "slow"}, {"key": 1, "on": True}, {"key": "slow", "on": "yes"}])
def test_a_message_without_a_fact_or_with_another_type_is_ignored(fact: dict[str, Any]) -> None:
    switches, got = Switches(label="Scenarios", on_word="on", off_word="off"), list[tuple[str, bool]]()
    switches.on_switch(lambda key, on: got.append((key, on)))
    send_to(switches, {"action": "switch", **fact})
    assert got == []


def test_a_sorted_table_reports_headings_and_pages() -> None:
    table, got = SORTED, list[object]()
    table.on_sort(got.append)
    table.on_turn(got.append)
    table.show([ActionRow("elise", [Cell("Elise"), Cell("3")])], Sorting("name", True, 1, 2, "1–1"))
    send_to(table, {"action": "sort", "column": "name"})
    send_to(table, {"action": "turn", "page": 2})
    send_to(table, {"action": "turn", "page": "2"})
    assert got == ["name", 2]
    assert (table.rows[0]["cells"][0]["link"], table.place) == (None, "1–1")


def test_a_chip_that_is_shown_can_be_pressed() -> None:
    chips, got = Chips(label="States"), list[str]()
    chips.on_choose(got.append)
    chips.show([ChoiceButton("expired", "Expired", 2, "danger")])
    send_to(chips, {"action": "choose", "key": "expired"})
    send_to(chips, {"action": "choose", "key": "valid"})
    assert got == ["expired"]


def test_tables_and_switches_without_handlers_do_nothing() -> None:
    send_to(Table("People", []), {"action": "press", "key": "a", "button": "b"})
    send_to(Switches(label="S", on_word="on", off_word="off"), {"action": "switch", "key": "a", "on": True})


def test_letters_are_in_the_language_of_who_gets_them() -> None:
    mails = MailList(label="Letters", nothing="None yet")

    mails.show([MailMessage("Votre demande", "à elise", "De : eHealth", "Bonjour,", "fr")])

    assert mails.mails == [
        {
            "subject": "Votre demande",
            "about": "à elise",
            "head": "De : eHealth",
            "body": "Bonjour,",
            "language": "fr",
        }
    ]


def test_results_are_shown_and_progress_is_only_announced() -> None:
    announcer = Announcer()
    announcer.say("Saved", seen=True)
    assert (announcer.text, announcer.seen) == ("Saved", True)
    announcer.say("One moment")
    assert (announcer.text, announcer.seen) == ("One moment", False)


def test_a_widget_takes_no_state_that_it_does_not_have() -> None:
    with pytest.raises(TypeError, match="valeu"):
        TextField("name", "Label", valeu="x")
