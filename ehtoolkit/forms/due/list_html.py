"""The list of what is due, as it is shown: one line for each keystore, with its state, its time and its next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.due.keystores import Due, number_words
from ehtoolkit.forms.due.next_steps import Item, next_event
from ehtoolkit.forms.due.standings import look_of
from ehtoolkit.forms.html import Markup, element, folded, join, link, panel, paragraph, svg
from ehtoolkit.forms.html import Severity as Look
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.standing import MEANINGS, Action
from ehtoolkit.keystore.state import OVER, FileState, KeystoreState, State
from ehtoolkit.keystore.storage.holder_keystores import Beside

_WIDTH: Final = 384
"""Of the drawn life, in its own units."""
_ICONS: Final[Mapping[KeystoreState, str]] = {
    State.WAITING: "mail",
    State.VALIDATING: "mail",
    State.NOT_YET_VALID: "clock",
    FileState.REPLACING: "clock",
    FileState.REPLACED: "clock",
    FileState.CLOSED: "file",
}
"""Of states whose icon is not that of how bad they look."""


def due_list(items: Sequence[Item], now: datetime, pages: frozenset[str], texts: Translator) -> Markup:
    """Return the list of all keystores of a folder, of which there is one at least; the page's main button is that of
    the `leading` line."""
    lead = leading(items, pages)
    due = [keystore for keystore in items if keystore.is_due]
    rest = [keystore for keystore in items if not keystore.is_due]

    def lines(shown: Sequence[Item]) -> Markup:
        made = (_line(keystore, now, pages, texts, primary=keystore is lead) for keystore in shown)
        return element("ul", join(made), class_="eh-card eh-flush eh-due-list")

    if not due:
        return _nothing(items, texts) + lines(rest)
    found = paragraph(texts.counted("index.due", len(items)), "eh-note") + lines(due)
    return found + folded(texts.counted("index.due.rest", len(rest)), lines(rest)) if rest else found


def leading(items: Sequence[Item], pages: frozenset[str]) -> Item | None:
    """Return the first keystore with a next step, of those that are due where any is; None if there is none."""
    shown = [keystore for keystore in items if keystore.is_due] or items
    return next((keystore for keystore in shown if _has_step(keystore, pages)), None)


def days(count: int, texts: Translator) -> str:
    return texts.get("index.days.one") if count == 1 else texts.get("index.days.many", days=count)


def name_of(due: Due, texts: Translator) -> str:
    """Return whose keystore it is, in as few words as there are."""
    return due.holder or " ".join(_numbers(due, texts))


def _nothing(items: Sequence[Item], texts: Translator) -> Markup:
    """Return a panel that says that nothing is due, and when something will be."""
    coming, lines = next_event(items), []
    if coming is not None and coming.life is not None:
        holder = name_of(coming.due, texts)
        dates = {"start": _day(coming.renewable_from, texts), "end": _day(coming.life[1], texts)}
        lines.append(texts.get("index.due.nothing.next", holder=holder, **dates))
    return panel("ok", texts.get("index.due.nothing"), *lines, level=3)


def _line(item: Item, now: datetime, pages: frozenset[str], texts: Translator, *, primary: bool) -> Markup:
    word, icon = _words(item)
    due, key = item.due, f"index.due.{word}"
    when = element(
        "div",
        element("span", svg(icon) + texts.get(f"{key}.when")) + element("b", _state(item, key, texts)),
        class_=f"eh-due-when eh-is-{_look(item)}",
    )
    numbers = ", ".join(_numbers(due, texts))
    about = element("span", f" · {numbers}", class_="eh-note") if due.holder else ""
    what = element(
        "div",
        element("h3", Markup("{}{}").format(name_of(due, texts), about), class_="eh-h3")
        + paragraph(_sentence(item, key, texts))
        + _life(item, now, texts)
        + paragraph(due.name, "eh-note eh-mono"),
        class_="eh-due-what",
    )
    return element("li", when + what + _next_step(item, pages, texts, primary=primary), class_="eh-due")


def _words(item: Item) -> tuple[str, str]:
    """Return the word of the sentences, below ``index.due``: the state; and the icon."""
    if item.ready:
        return "ready", "download"
    # Whether a prepared request was ever sent is unknown, unless the platform was asked.
    state = State.WAITING if item.state is State.PREPARED and item.waits else item.state
    return str(state), _ICONS.get(state) or LOOKS[MEANINGS[state].severity]


def _look(item: Item) -> Look:
    return "ok" if item.ready else look_of(item.standing)


def _state(item: Item, key: str, texts: Translator) -> str:
    """Return the large word: how many days, where that is what counts."""
    counts = item.state in (State.EXPIRED, State.RENEWABLE, State.COMPLETE)
    if counts and item.days is not None:
        return days(abs(item.days), texts)
    if item.environment is not None:
        return texts.get(f"page.environment.{item.environment}")
    return texts.get(f"{key}.state")


def _sentence(item: Item, key: str, texts: Translator) -> str:
    note, moment = item.due.note, item.due.file.moment
    facts: dict[str, object] = {
        "moment": texts.moment(note.requested_at) if note is not None else texts.date(moment.date()),
        "start": _day(item.renewable_from, texts),
        "end": _day(None if item.life is None else item.life[1], texts),
    }
    if item.environment is not None:
        facts["environment"] = texts.get(f"page.environment.{item.environment}")
    variant = ""
    if item.state in OVER and item.standing.action is Action.NONE:
        variant = ".older" if item.beside is Beside.RENEWABLE else ".coming"
    elif item.beside is Beside.IN_FORCE and item.standing.action is Action.NONE:
        variant = ".in_force"
    elif item.state is State.EXPIRED and item.life is None:
        variant = ".unseen"
    elif item.reminds:
        variant = ".load" if item.replaced_on is None else ".load.since"
        facts["start"] = _day(item.replaced_on, texts)
    elif item.renewal and item.standing.action is Action.COMPLETE:
        variant = ".renewal"
    return texts.get(f"{key}.text{variant}", **facts)


def _life(item: Item, now: datetime, texts: Translator) -> Markup:
    """Return a drawing of the certificate's time: what is past, the replacement period, today. Empty where that time is
    not known, or does not count any more."""
    if item.life is None or item.renewable_from is None or item.state in (State.EXPIRED, FileState.REPLACED):
        return Markup("")
    begin, end = item.life
    past, start = (_share(moment, begin, end) for moment in (now, item.renewable_from))
    words = texts.get(
        "index.due.life",
        begin=_day(begin, texts),
        end=_day(end, texts),
        start=_day(item.renewable_from, texts),
        share=round(past * 100),
    )
    x, window = past * _WIDTH, start * _WIDTH
    return Markup(
        '<svg class="eh-life" viewBox="0 0 {width} 14" role="img" aria-label="{words}">'
        '<rect class="track" y="4" width="{width}" height="6" rx="3"/>'
        '<rect class="past" y="4" width="{x:.1f}" height="6" rx="3"/>'
        '<rect class="window" x="{window:.1f}" y="4" width="{rest:.1f}" height="6" rx="2"/>'
        '<circle class="now" cx="{dot:.1f}" cy="7" r="6"/></svg>'
    ).format(
        words=words, width=_WIDTH, x=x, window=window, rest=_WIDTH - window, dot=min(max(x, 6), _WIDTH - 6)
    )


def _share(moment: datetime, begin: datetime, end: datetime) -> float:
    """Return how much of the time from ``begin`` to ``end`` is over at ``moment``: 0 to 1."""
    whole = (end - begin).total_seconds()
    return min(max((moment - begin).total_seconds() / whole, 0.0), 1.0) if whole > 0 else 1.0


def _day(moment: datetime | None, texts: Translator) -> str:
    return "" if moment is None else texts.date(moment)


def _numbers(due: Due, texts: Translator) -> list[str]:
    """Return who the file is for, as far as can be seen."""
    file = due.file
    return list(number_words(file.identifier, file.application_id, texts)) or [texts.get("index.due.unnamed")]


def _has_step(item: Item, pages: frozenset[str]) -> bool:
    return item.next_step is not None and item.next_step.page in pages


def _next_step(item: Item, pages: frozenset[str], texts: Translator, *, primary: bool) -> Markup:
    step = item.next_step
    if step is None or not _has_step(item, pages):
        return Markup("")
    text = texts.get(step.words)
    look = "eh-button eh-primary" if primary else "eh-button"
    label = texts.labelled(text, name_of(item.due, texts))
    return element("div", link(text, step.address, class_=look, label=label), class_="eh-due-do")
