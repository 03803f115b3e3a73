"""A page on which everything that can be pressed is drawn anew whenever a number is asked for."""

from __future__ import annotations

from ipywidgets import Widget

from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, Switch, Switches
from ehtoolkit.forms.widgets.choices import Chips, ChoiceButton, FileList, ListedFile, Tabs
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, TextField
from ehtoolkit.forms.widgets.page_parts import MailList, MailMessage, StepMark, Stepper
from ehtoolkit.forms.widgets.tables import (
    ActionRow,
    Cell,
    Column,
    EditColumn,
    EditRow,
    EditTable,
    RowButton,
    Sorting,
    Table,
)
from ehtoolkit.html import element


def build() -> Widget:
    """Return a field for the number, what was pressed so far, and the widgets; what each shows ends with the number."""
    number = TextField("number", "Number", value="0")
    shown, presses = show(paragraph("Drawn 0")), show(paragraph("Pressed:"))
    bar, other, switches, tabs, chips = (
        ButtonBar(),
        ButtonBar(),
        Switches(label="Switches", on_word="on", off_word="off"),
        Tabs(label="Tabs"),
        Chips(label="Chips"),
    )
    files, mails, steps = (
        FileList(label="Files"),
        MailList(label="Letters", nothing="None"),
        Stepper(label="Steps", done_word="(done)"),
    )
    table = Table("People", [Column("Person"), Column("Actions")])
    edits = EditTable("Periods", [EditColumn("from", "From")], heading="No", remove="Remove", nothing="None")
    choice = ChoiceField("choice", "Choice", [Option("one", "One"), Option("two", "Two")], value="one")
    sorts = Table(
        "Sorted",
        [Column("Heading", "title")],
        nothing="None",
        pager={"pager": "Pages", "previous": "Back", "next": "Further"},
    )

    def hear(*words: object) -> None:
        presses.value = str(paragraph(f"Pressed: {' '.join(map(str, words))}"))

    def draw(n: str) -> None:
        bar.offer([Button("go", f"Button {n}", "primary")])
        other.offer([Button("leave", f"Anew {n}")], anew=True)
        switches.show([Switch("slow", "Switch", f"Hint {n}", on=False)])
        tabs.show([ChoiceButton("tab", f"Tab {n}")], "")
        chips.show([ChoiceButton("chip", "Chip", int(n), "ok")])
        files.show([ListedFile("file", "File", f"Note {n}", "ok", "good")], "")
        mails.show(
            [
                MailMessage(f"Letter {label}", "Today", f"Head {label}", f"Words {label}", "en")
                for label in (n, "A", "B")
            ]
        )
        marks = [StepMark("step", f"Step {n}", "done", link=True), StepMark("last", "Last", "now")]
        steps.show(marks, now=f"Now {n}", then="")
        table.show([ActionRow("row", [Cell(f"Elise {n}")], [RowButton("change", "Change", f"Elise {n}")])])
        edits.show_fields([EditRow("period", f"Period {n}", {"from": ""})])
        sorts.show([ActionRow("row", [Cell(f"Row {n}")])], Sorting("", True, 1, 2, f"Place {n}"))
        choice.options = [
            {"value": name, "label": name.title(), "hint": f"Hint {n}"} for name in ("one", "two")
        ]
        shown.value = str(paragraph(f"Drawn {n}"))

    for each in (bar, other):
        each.on_action(lambda press: hear("button", press.name))
    switches.on_switch(lambda key, on: hear("switch", key, on))
    tabs.on_choose(lambda key: hear("tab", key))
    chips.on_choose(lambda key: hear("chip", key))
    files.on_choose(lambda key: hear("file", key))
    steps.on_go(lambda step, values: hear("step", step))
    table.on_press(lambda key, action: hear("row", key, action))
    edits.on_remove(lambda key: hear("remove", key))
    sorts.on_sort(lambda key: hear("sort", key))
    sorts.on_turn(lambda page: hear("page", page))
    choice.observe(lambda change: hear("choice", change["new"]), "value")
    number.observe(lambda change: draw(change["new"]), "value")
    draw("0")
    parts = (steps, tabs, chips, files, switches, choice, table, edits, sorts, bar, other)
    form = column("eh-form", of=parts)
    # The list that grows is the last one: nothing else moves under the pointer.
    return column(
        "eh", of=(show(element("h1", "Pressed", class_="eh-h1")), number, shown, presses, form, mails)
    )
