"""Obstacles to a form that are known before a card, a PIN or a password, for its first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ehtoolkit.forms.due.keystores import Due, due_keystores
from ehtoolkit.forms.due.outlook import Item, outlook, request_again
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.html import Markup, panel
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import CertificateState, FileState
from ehtoolkit.procedures.context import Context

_REQUEST: Final = FormLink.to("request", "index.request.do")
_OVER: Final = frozenset({CertificateState.EXPIRED, CertificateState.REVOKED})
_PENDING: Final = frozenset(
    {CertificateState.WAITING, CertificateState.VALIDATING, CertificateState.PREPARED}
)
_CANNOT_SERVE: Final = frozenset(
    {FileState.REPLACED, FileState.ELSEWHERE, FileState.UNREADABLE, *_PENDING, CertificateState.REFUSED}
)
"""Files that nobody renews."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way of a form.

    Attributes:
        title, text: what is the matter, and why.
        then: the form that leads on.
        final: whether the form that was opened can do nothing at all.
    """

    title: str
    text: str
    then: FormLink | None
    final: bool = True

    def panel(self, texts: Translator) -> Markup:
        """Return the panel to be shown above what the page is for, with the way on as the page's main button; where the
        obstacle is final, without it: the page has a main button of its own."""
        if self.then is None or self.final:
            return panel("warn", self.title, self.text)
        return panel("warn", self.title, self.text, self.then.button(texts, primary=True))


def items_of(parts: Context, due: Sequence[Due] | None = None) -> tuple[Item, ...]:
    """Return how the files of the keystore folder stand, or ``due`` among them. Raises `errors.FileUnreadable`."""
    there = due_keystores(parts.keystores, parts.notes)
    found = outlook(there, parts.clock.now(), parts.environment)
    return (
        found if due is None else tuple(one for one in found if one.due.name in {each.name for each in due})
    )


def renewal_obstacle(items: Sequence[Item], texts: Translator) -> Obstacle | None:
    """Return why none of ``items`` can be renewed; None if one can, or if that is unknown until it is opened."""
    serving = [one for one in items if one.state not in _CANNOT_SERVE]
    if not serving:
        pending = next((one for one in items if one.state in _PENDING), None)
        if pending is not None:
            return _obstacle("pending", texts, pending.next_step)
        return _obstacle("none", texts, _REQUEST)
    if all(one.state in _OVER for one in serving):
        return _obstacle("over", texts, request_again(serving[0].due))
    if all(one.state is FileState.REPLACING for one in serving):
        pending = next((one for one in items if one.state in _PENDING), None)
        return _obstacle("running", texts, None if pending is None else pending.next_step)
    early = [
        one for one in serving if one.state is CertificateState.COMPLETE and one.renewable_from is not None
    ]
    if len(early) == len(serving):
        start = min(one.renewable_from for one in early if one.renewable_from is not None)
        # If the platform has not named the day, it is a guess from the usual months, and the user may still try.
        told = all(one.due.seen is not None and one.due.seen.renewable_from is not None for one in early)
        return _obstacle("early", texts, None, final=told, start=texts.date(start))
    return None


def request_obstacle(items: Sequence[Item], texts: Translator) -> Obstacle | None:
    """Return the obstacle to another request where one waits already: the other one is for another holder, or a
    mistake. None where none waits."""
    pending = next((one for one in items if one.state in _PENDING), None)
    if pending is None:
        return None
    return Obstacle(
        texts.get("request.before.waiting"),
        texts.get("request.before.waiting.text", file=pending.due.name),
        pending.next_step,
        final=False,
    )


def pending_item(parts: Context, due: Sequence[Due]) -> Item | None:
    """Return the first of ``due``, in the order of `outlook`, that is to be completed before anything else can be done
    with it; None if there is none."""
    return next((one for one in items_of(parts, due) if one.state in _PENDING), None)


def _obstacle(
    what: str, texts: Translator, then: FormLink | None, *, final: bool = True, **facts: object
) -> Obstacle:
    get = texts.get
    return Obstacle(
        get(f"renew.before.{what}", **facts), get(f"renew.before.{what}.text", **facts), then, final
    )
