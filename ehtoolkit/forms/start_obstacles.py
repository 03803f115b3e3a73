"""Obstacles to a form that are known before a card, a PIN or a password, for its first page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import Due, due_keystores, holder_words
from ehtoolkit.forms.due.next_steps import Item, outlook, request_again
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.html import Markup, panel
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Niss
from ehtoolkit.keystore.state import OVER, PENDING, FileState, State
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import fetch_request_status

_REQUEST: Final = FormLink.to("request", "index.request.do")
_HOME: Final = FormLink.to("index", "closing.home")
_CANNOT_SERVE: Final = PENDING | {
    FileState.REPLACED,
    FileState.ELSEWHERE,
    FileState.UNREADABLE,
    State.REFUSED,
}
"""Files that cannot be renewed."""
_RUNNING: Final = frozenset({State.COMPLETE, State.RENEWABLE, State.TO_ACTIVATE, State.NO_ETK})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way of a form.

    Attributes:
        title, text: what is the matter, and why.
        then: the form that leads on.
        final: whether the form that was opened can do nothing at all.
        look: of its panel: ``info`` where all is well, and nothing has to be done.
    """

    title: str
    text: str
    then: FormLink | None
    final: bool = True
    look: Literal["info", "warn"] = "warn"

    def panel(self, texts: Translator) -> Markup:
        """Return the panel to be shown above what the page is for, with the way on as the page's main button; where the
        obstacle is final, without it: the page has a main button of its own."""
        if self.then is None or self.final:
            return panel(self.look, self.title, self.text)
        return panel(self.look, self.title, self.text, self.then.button(texts, primary=True))


def items_of(context: Context, due: Sequence[Due] | None = None) -> tuple[Item, ...]:
    """Return how the files of the keystore folder stand, or ``due`` among them. Raises `errors.FileUnreadable`."""
    there = due_keystores(context.keystores, context.notes)
    found = outlook(there, context.clock.now(), context.environment)
    names = None if due is None else {each.name for each in due}
    return tuple(keystore for keystore in found if names is None or keystore.due.name in names)


def renewal_obstacle(items: Sequence[Item], texts: Translator) -> Obstacle | None:
    """Return why none of ``items`` can be renewed; None if one can, or if that is unknown until it is opened."""
    serving = [keystore for keystore in items if keystore.state not in _CANNOT_SERVE]
    pending = next((keystore for keystore in items if keystore.state in PENDING), None)
    completion = None if pending is None else pending.next_step
    if not serving:
        if pending is None:
            return _obstacle("renew.before.none", texts, _REQUEST)
        return _obstacle("renew.before.pending", texts, completion)
    if all(keystore.state in OVER for keystore in serving):
        return _obstacle("renew.before.over", texts, request_again(serving[0].due))
    if all(keystore.state is FileState.REPLACING for keystore in serving):
        return _obstacle("renew.before.running", texts, completion)
    early = [
        keystore
        for keystore in serving
        if keystore.state is State.COMPLETE and keystore.renewable_from is not None
    ]
    if len(early) == len(serving):
        start = min(keystore.renewable_from for keystore in early if keystore.renewable_from is not None)
        # If the platform has not named the day, it is a guess from the usual months, and the user may still try.
        explained = all(
            keystore.due.seen is not None and keystore.due.seen.renewable_from is not None
            for keystore in early
        )
        facts = {"start": texts.date(start)}
        early_renewal = _obstacle("renew.before.early", texts, _HOME, final=explained, **facts)
        return replace(early_renewal, look="info")
    return None


def request_obstacle(items: Sequence[Item], texts: Translator) -> Obstacle | None:
    """Return the obstacle to another request where some wait already, with their holders; None where none waits."""
    pending = [keystore for keystore in items if keystore.state in PENDING]
    if not pending:
        return None
    if len(pending) == 1:
        return _pending_request(pending[0], texts)
    holders = "; ".join(f"{_holder(keystore, texts)} ({keystore.due.name})" for keystore in pending)
    then, facts = FormLink.to("complete", "index.complete.do"), {"count": len(pending), "holders": holders}
    return _obstacle("request.before.waiting.many", texts, then, final=False, **facts)


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """The certificate, or the pending request, of a card's holder. ``until``: its last moment; None while it is
    pending."""

    item: Item
    until: datetime | None = None


def own_certificate(context: Context, niss: Niss) -> OwnCertificate | None:
    """Return what the keystore folder has for the holder of a card; the platform is asked, without a PIN, about a file
    that does not show its dates. None where there is nothing, or where that is unknown."""
    try:
        items = items_of(context)
    except errors.FileUnreadable:
        return None
    for keystore in items:
        owner = keystore.due.file.identifier
        if owner is None or not owner.is_person or owner.value != niss.digits:
            continue
        if keystore.state in PENDING:
            return OwnCertificate(keystore)
        until = _until(keystore, context)
        if until is not None:
            return OwnCertificate(keystore, until)
    return None


def _until(item: Item, context: Context) -> datetime | None:
    """Return the last moment of a certificate that runs; None for one that is over, or of which that is unknown."""
    if item.state in _RUNNING and item.life is not None:
        return item.life[1]
    key_id = item.due.file.key_id
    if item.state is not FileState.CLOSED or key_id is None:
        return None
    with suppress(errors.PlatformError):
        chain = fetch_request_status(key_id, context).chain
        end = chain[0].not_valid_after_utc if chain else None
        return end if end is not None and end > context.clock.now() else None
    return None


def own_obstacle(own: OwnCertificate, texts: Translator) -> Obstacle:
    """Return the obstacle to another request by the holder of ``own``; one for an organisation can still be made."""
    item = own.item
    if own.until is None:
        return _pending_request(item, texts)
    kind = "renewable" if item.state is State.RENEWABLE else "own"
    return Obstacle(
        texts.get("request.before.own", until=own.until),
        texts.get(f"request.before.{kind}.text", holder=_holder(item, texts), file=item.due.name),
        item.next_step,
        final=False,
    )


def _pending_request(item: Item, texts: Translator) -> Obstacle:
    facts = {"holder": _holder(item, texts), "file": item.due.name}
    return _obstacle("request.before.waiting", texts, item.next_step, final=False, **facts)


def _holder(item: Item, texts: Translator) -> str:
    return ", ".join(holder_words(item.due, texts)) or texts.get("complete.row.unknown")


def pending_item(context: Context, due: Sequence[Due]) -> Item | None:
    """Return the first of ``due``, in the order of `outlook`, that is to be completed before anything else can be done
    with it; None if there is none."""
    return next((keystore for keystore in items_of(context, due) if keystore.state in PENDING), None)


def _obstacle(
    key: str, texts: Translator, then: FormLink | None, *, final: bool = True, **facts: object
) -> Obstacle:
    return Obstacle(texts.get(key, **facts), texts.get(f"{key}.text", **facts), then, final)
