"""The conditions of use, accepted explicitly, and what has to be at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ehtoolkit.forms.markup import card, checks, element, heading, join, show
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.widgets import CheckField
from ehtoolkit.forms.wizard import Blocker, Values, Wizard
from ehtoolkit.i18n import Translator


def terms_block(values: Values) -> Iterable[Blocker]:
    if not values["accepted"]:
        yield Blocker("steps.block.terms", "accepted")


def terms_page(wizard: Wizard, texts: Translator, form: str, needed: Sequence[str]) -> Page:
    """The page. ``form``: the form's catalogue, with ``terms.title|lead`` and ``needed.<thing>`` for each of
    ``needed``; the conditions are ``terms.<form>``, a title and lines that begin with a dash."""
    get = texts.get
    title, *lines = get(f"terms.{form}").splitlines()
    conditions = element(
        "ul", join(element("li", line.removeprefix("- ")) for line in lines), class_="eh-bullets"
    )
    hand = checks([("info", get(f"{form}.needed.{thing}")) for thing in needed])
    return Page(
        title=get(f"{form}.terms.title"),
        lead=get(f"{form}.terms.lead"),
        body=[
            show(element("section", heading(get("steps.needed")) + hand)),
            show(card(heading(title), conditions)),
            CheckField("accepted", get("steps.terms.accept"), value=bool(wizard.values["accepted"])),
        ],
        primary=get("wizard.next"),
    )
