"""Where each action is done: the form, the command and the function that the table names are there, and every door
leads to that form."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from click import Command, Context, Group

import ehtoolkit
from ehtoolkit.cli.app import app
from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.due.action_links import ActionLinks
from ehtoolkit.forms.due.next_steps import form_of, resume_link
from ehtoolkit.forms.registry import PAGES
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.action_places import ActionPlace, place_of
from ehtoolkit.keystore.standing import MEANINGS, Action
from tests.forms.due_files import LATER, opened

HOLDERS = {"SSIN=79031421872": False, "SSIN=79431410082": True}
"""Whether a holder has no card."""
NEED_A_CARD = frozenset({"request", "renew"})
CASES = list(product(Action, HOLDERS))


def command_of(words: str) -> tuple[Command, frozenset[str]]:
    """Return a command, and its options."""
    found: Command = app
    names = words.split()
    for name in names:
        if name.startswith("--"):
            continue
        assert isinstance(found, Group)
        inner = found.get_command(Context(found), name)
        assert inner is not None, words
        found = inner
    return found, frozenset(option for each in found.params for option in each.opts)


@pytest.mark.parametrize(("action", "without_card"), list(product(Action, (False, True))))
def test_the_form_the_command_and_the_function_are_there(action: Action, without_card: bool) -> None:
    place = place_of(action, without_card=without_card)
    if place is None:
        assert action in (Action.USE, Action.NONE)
        return
    assert place.page in PAGES
    command, options = command_of(place.command)
    assert not isinstance(command, Group)
    assert {word for word in place.command.split() if word.startswith("--")} <= options
    if place.function is not None:
        assert callable(getattr(ehtoolkit, place.function))
    assert not (without_card and place.page in NEED_A_CARD)


def test_a_state_proposes_what_can_be_done() -> None:
    nowhere = {meaning.action for meaning in MEANINGS.values() if place_of(meaning.action) is None}
    assert nowhere == {Action.USE, Action.NONE}


def expected(place: ActionPlace | None, name: str) -> tuple[str, str] | None:
    """Return the form of a place, and its address for a keystore of the folder."""
    if place is None:
        return None
    query = f"?{place.parameter}={key_of_file(name)}" if place.parameter else ""
    return place.page, f"{place.page}.ipynb{query}"


@pytest.mark.parametrize(("action", "holder"), CASES)
def test_lists_and_the_first_page_lead_to_the_same_form(action: Action, holder: str, tmp_path: Path) -> None:
    due = opened("20231018", LATER, number=holder)
    place = place_of(action, without_card=HOLDERS[holder])
    assert Identifier.parse(holder).has_bis_number is HOLDERS[holder]
    links = ActionLinks(tmp_path, frozenset(PAGES))
    listed = links.of_action(action, 7, str(tmp_path / due.name), holder)
    if action is Action.ASSIGN:
        assert listed is not None
        assert listed.address == "providers.ipynb?provider=7&part=certificate"
        return
    assert (listed and (listed.page, listed.address)) == expected(place, due.name)
    on_first_page = form_of(action, due)
    if action is Action.OPEN:
        assert on_first_page is None  # the page itself asks for the password
    else:
        assert (on_first_page and (on_first_page.page, on_first_page.address)) == expected(place, due.name)
    if action is Action.RESUME:
        assert resume_link(Path(due.name), "index.resume.do") == on_first_page


@pytest.mark.parametrize("action", list(Action))
def test_a_file_from_elsewhere_is_copied_first(action: Action, tmp_path: Path) -> None:
    """By the forms that work in the folder: a request that was never sent goes on from the form that completes it."""
    links = ActionLinks(tmp_path / "keystore", frozenset(PAGES))
    link = links.of_action(action, None, str(tmp_path / "SSIN=79031421872 20231018-091200.p12"), None)
    if action in (Action.COMPLETE, Action.RESUME):
        assert link is not None
        assert (link.page, link.words) == ("complete", "audit_page.do.take_over.complete")
    elif action in (Action.ACTIVATE, Action.RENEW):
        assert link is not None
        assert link.words == f"audit_page.do.take_over.{link.page}"
