"""How a keystore stands, for all that can be known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from ehtoolkit.finding import Severity, Urgency
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import (
    ANSWER_LASTS,
    MEANINGS,
    Action,
    Content,
    Evidence,
    IssuerAsked,
    Known,
    standing,
)
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.keystore.storage.holder_keystores import Beside

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
URGENCIES = list(Urgency)


def content(ends: int, begins: int = -100, *, etk: bool = True) -> Content:
    return Content(NOW + begins * DAY, NOW + ends * DAY, etk)


PREPARED = Content(None, None, has_encryption_key=False)
CONTENTS = (
    PREPARED,
    content(900),
    content(900, etk=False),
    content(900, begins=2),
    content(60),
    content(-21),
    None,
)
WORDS = (None, *State)


def everything() -> list[Known]:
    """All combinations of what can be known."""
    return [
        Known(content=seen, waits=waits, word=word, beside=beside, revoked=revoked, issuer=issuer)
        for seen, waits, word, beside, revoked, issuer in product(
            CONTENTS, (False, True), WORDS, Beside, (None, False, True), IssuerAsked
        )
    ]


@pytest.mark.parametrize(
    ("known", "state", "urgency", "action"),
    [
        (Known(whole=False), FileState.UNREADABLE, Urgency.STOPS, Action.TROUBLESHOOT),
        (Known(), FileState.CLOSED, Urgency.NOTE, Action.OPEN),
        (Known(password_refused=True), FileState.CLOSED, Urgency.SOON, Action.OPEN),
        (Known(waits=True), State.PREPARED, Urgency.SOON, Action.COMPLETE),
        (Known(waits=True, word=State.WAITING), State.WAITING, Urgency.NOTE, Action.COMPLETE),
        (Known(content=PREPARED), State.PREPARED, Urgency.SOON, Action.COMPLETE),
        (Known(content=PREPARED, word=State.PREPARED), State.PREPARED, Urgency.SOON, Action.RESUME),
        (
            Known(content=PREPARED, word=State.PREPARED, beside=Beside.IN_FORCE),
            State.PREPARED,
            Urgency.NONE,
            Action.NONE,
        ),
        (
            Known(content=PREPARED, beside=Beside.IN_FORCE),  # which is asked whether it was ever sent
            State.PREPARED,
            Urgency.SOON,
            Action.COMPLETE,
        ),
        (
            Known(content=PREPARED, word=State.WAITING, beside=Beside.IN_FORCE),
            State.WAITING,
            Urgency.NOTE,
            Action.COMPLETE,
        ),
        (Known(content=PREPARED, word=State.WAITING), State.WAITING, Urgency.NOTE, Action.COMPLETE),
        (
            Known(content=PREPARED, word=State.WAITING, delivered=True),
            State.WAITING,
            Urgency.SOON,
            Action.COMPLETE,
        ),
        (Known(content=PREPARED, word=State.REFUSED), State.REFUSED, Urgency.STOPS, Action.REQUEST),
        (Known(content=content(900)), State.COMPLETE, Urgency.NONE, Action.USE),
        (Known(content=content(900), word=State.UNKNOWN), State.COMPLETE, Urgency.SOON, Action.TROUBLESHOOT),
        (Known(content=content(60), word=State.UNKNOWN), State.RENEWABLE, Urgency.SOON, Action.TROUBLESHOOT),
        (Known(content=PREPARED, word=State.UNKNOWN), State.PREPARED, Urgency.SOON, Action.COMPLETE),
        (Known(content=content(900), word=State.RENEWABLE), State.RENEWABLE, Urgency.NOTE, Action.RENEW),
        (Known(content=content(900), word=State.NO_ETK), State.NO_ETK, Urgency.STOPS, Action.COMPLETE),
        (
            Known(content=content(900), word=State.TO_ACTIVATE),
            State.TO_ACTIVATE,
            Urgency.SOON,
            Action.ACTIVATE,
        ),
        (Known(content=content(900), word=State.REVOKED), State.REVOKED, Urgency.STOPS, Action.REQUEST),
        (Known(content=content(900), revoked=True), State.REVOKED, Urgency.STOPS, Action.REQUEST),
        (Known(content=content(900), key_refused=True), FileState.UNUSABLE, Urgency.STOPS, Action.REQUEST),
        (Known(content=content(900, etk=False)), State.NO_ETK, Urgency.STOPS, Action.COMPLETE),
        (Known(content=content(900, begins=2)), State.NOT_YET_VALID, Urgency.NOTE, Action.NONE),
        (Known(content=content(60)), State.RENEWABLE, Urgency.SOON, Action.RENEW),
        (Known(content=content(60), without_card=True), State.RENEWABLE, Urgency.SOON, Action.REQUEST),
        (Known(content=content(-21)), State.EXPIRED, Urgency.STOPS, Action.REQUEST),
        (
            Known(content=content(900), elsewhere=Environment.PRODUCTION),
            FileState.ELSEWHERE,
            Urgency.NOTE,
            Action.TROUBLESHOOT,
        ),
        (
            Known(content=content(60), beside=Beside.REPLACED),
            FileState.REPLACED,
            Urgency.NONE,
            Action.ARCHIVE,
        ),
        (
            Known(content=content(900), beside=Beside.COMING),
            FileState.REPLACING,
            Urgency.NONE,
            Action.NONE,
        ),
        (Known(content=content(5), beside=Beside.COMING), FileState.REPLACING, Urgency.SOON, Action.NONE),
        (Known(content=content(-21), beside=Beside.COMING), State.EXPIRED, Urgency.STOPS, Action.NONE),
    ],
)
def test_what_it_says(known: Known, state: State | FileState, urgency: Urgency, action: Action) -> None:
    found = standing(known, NOW)
    assert (found.state, found.urgency, found.action) == (state, urgency, action)


def test_every_state_has_one_meaning() -> None:
    assert set(MEANINGS) == {*State, *FileState}


def test_no_standing_is_better_than_its_state() -> None:
    for known in everything():
        found = standing(known, NOW)
        if (found.state, known.beside, found.action) == (State.PREPARED, Beside.IN_FORCE, Action.NONE):
            continue  # what cannot be sent yet is not urgent
        assert URGENCIES.index(found.urgency) <= URGENCIES.index(MEANINGS[found.state].urgency), known
        assert found.severity.rank <= MEANINGS[found.state].severity.rank
        assert found.evidence
        if found.urgency is Urgency.STOPS:
            assert found.severity is Severity.ERROR


def test_what_is_over_for_platform_or_issuer_never_serves() -> None:
    for known in everything():
        found = standing(known, NOW)
        is_over = known.revoked or (known.word is not None and known.word.is_over)
        if is_over and known.content is not PREPARED and known.beside is Beside.ALONE:
            assert found.urgency is Urgency.STOPS, known
            assert found.action is Action.REQUEST, known


def test_an_issuer_that_does_not_answer_improves_nothing() -> None:
    for known in everything():
        if known.issuer is not IssuerAsked.ANSWERED:
            continue
        answered = standing(known, NOW)
        silent = standing(replace(known, issuer=IssuerAsked.SILENT), NOW)
        assert silent.state is answered.state, known
        assert URGENCIES.index(silent.urgency) <= URGENCIES.index(answered.urgency), known


def test_the_last_answer_of_a_silent_issuer_gets_too_old() -> None:
    good = Known(content=content(900), revoked=False, issuer=IssuerAsked.SILENT, revocation_at=NOW)
    assert (standing(good, NOW + ANSWER_LASTS).urgency, standing(good, NOW).checked) == (Urgency.NONE, True)
    later = standing(good, NOW + ANSWER_LASTS + DAY)
    assert (later.state, later.urgency, later.checked) == (State.COMPLETE, Urgency.SOON, False)
    never = standing(replace(good, revoked=None, revocation_at=None), NOW)
    assert (never.state, never.urgency) == (State.COMPLETE, Urgency.SOON)
    revoked = standing(replace(good, revoked=True, revocation_at=NOW - 400 * DAY), NOW)
    assert (revoked.state, revoked.checked) == (State.REVOKED, True)


@pytest.mark.parametrize(("ends", "urgency"), [(900, Urgency.NOTE), (20, Urgency.SOON), (-3, Urgency.STOPS)])
def test_a_closed_file_keeps_the_end_that_was_seen(ends: int, urgency: Urgency) -> None:
    found = standing(Known(last_seen=content(ends)), NOW)
    assert (found.state, found.urgency, found.days) == (FileState.CLOSED, urgency, ends)
    assert Evidence.LAST_SEEN in found.evidence


def test_the_horizon_decides_what_is_soon() -> None:
    known = Known(content=content(60))
    assert standing(known, NOW, 30 * DAY).urgency is Urgency.NOTE
    assert standing(known, NOW, 60 * DAY).urgency is Urgency.SOON
    assert standing(Known(content=content(200)), NOW, 365 * DAY).urgency is Urgency.SOON
    assert standing(known, NOW, 30 * DAY).severity is Severity.WARNING, "it can be renewed all the same"
