"""Keystores of the first page in a state that is given."""

from __future__ import annotations

from datetime import datetime

from ehtoolkit.forms.due.keystores import Due
from ehtoolkit.forms.due.next_steps import Item
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import MEANINGS, Standing
from ehtoolkit.keystore.state import FileState, KeystoreState, State

ON_FIRST_PAGE = tuple(
    state
    for state in MEANINGS
    if state not in (State.ACTIVE, State.UNKNOWN, FileState.MISSING, FileState.NONE, FileState.UNUSABLE)
)
"""The states that a keystore of the folder can be in there: its key and what it holds are not looked at."""


def item_in(
    due: Due,
    state: KeystoreState,
    life: tuple[datetime, datetime] | None = None,
    renewable_from: datetime | None = None,
    days: int | None = None,
    environment: Environment | None = None,
) -> Item:
    """Return ``due`` as an item in ``state``, as urgent as the state is by itself."""
    meaning = MEANINGS[state]
    until = None if life is None else life[1]
    standing = Standing(state, meaning.urgency, meaning.action, frozenset(), until=until, days=days)
    return Item(due, standing, life, renewable_from, environment)
