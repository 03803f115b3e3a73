"""The result of an action on a file, as HTML."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit.forms.html import (
    Markup,
    Piece,
    card,
    element,
    heading,
    join,
    mono,
    panel,
    paragraph,
    summary,
    with_hint,
)
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.troubleshoot.results import Rewritten
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.repair.recovery import LostItem
from ehtoolkit.keystore.rewrite import NewKeystore


def made(new: NewKeystore, texts: Translator, *, added: int | None, other_password: bool) -> Markup:
    """Return what the page says of a new keystore that is in no file yet. ``added``: the old keys in it, where they
    were asked for."""
    get = texts.get
    lines = [get("troubleshoot.made.proven"), get("troubleshoot.made.unsaved")]
    if added is not None:
        lines.insert(0, get("troubleshoot.merge.added", count=added))
    rows: list[tuple[Piece, Piece]] = [
        (get("troubleshoot.made.name"), mono(new.name)),
        (get("finding.label.keys"), str(new.keys)),
        (get("finding.label.certificates"), str(new.certificates)),
        (
            get("troubleshoot.made.password"),
            get(f"troubleshoot.made.password.{'new' if other_password else 'same'}"),
        ),
    ]
    title = get("troubleshoot.made.partly" if new.lost else "troubleshoot.made")
    return (
        panel("warn" if new.lost else "ok", title, *lines, level=3)
        + card(summary(rows))
        + _lost(new.lost, texts)
    )


def rewritten(result: Rewritten, texts: Translator) -> Markup:
    """Return what the page says of a file of the folder that was written over, and of the copy of before, where there
    is one, which opens with the password of before."""
    get = texts.get
    title = get("troubleshoot.rewritten")
    lines = [] if result.added is None else [get("troubleshoot.merge.added", count=result.added)]
    lines.append(get("troubleshoot.made.proven"))
    rows: list[tuple[Piece, Piece]] = [(get("troubleshoot.made.name"), _where(result.path, texts))]
    if result.backup is not None:
        which = "old" if result.other_password else "same"
        lines.append(get(f"troubleshoot.backup.{which}"))
        rows.append((get("troubleshoot.backup"), _where(result.backup, texts)))
    return panel("ok", title, *lines, level=3) + card(summary(rows))


def saved(path: Path, texts: Translator) -> Markup:
    """Return what the page says of a new file in the keystore folder."""
    get = texts.get
    said = panel("ok", get("troubleshoot.saved"), get("troubleshoot.saved.next"), level=3)
    return said + card(summary([(get("troubleshoot.made.name"), _where(path, texts))]))


def nothing(texts: Translator) -> Markup:
    """Return what the page says when no old key was missing."""
    return panel(
        "info", texts.get("troubleshoot.merge.nothing"), texts.get("troubleshoot.merge.nothing.why"), level=3
    )


def _where(path: Path, texts: Translator) -> Markup:
    return with_hint(
        mono(visible(path.name)), texts.get("troubleshoot.made.folder", folder=visible(str(path.parent)))
    )


def _lost(lost: tuple[LostItem, ...], texts: Translator) -> Markup:
    if not lost:
        return Markup("")
    get = texts.get
    lines = (
        get(
            f"troubleshoot.lost.{one.kind}",
            alias=visible(one.alias or "–"),
            why=get(f"troubleshoot.lost.{one.reason}"),
        )
        for one in lost
    )
    items = element("ul", join(element("li", line) for line in lines), class_="eh-bullets")
    return element(
        "section", heading(get("troubleshoot.lost"), 3) + items + paragraph(get("troubleshoot.lost.keep"))
    )
