"""The card that was read, shown as a card: photo, names, number, validity."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from ehtoolkit.card.port import CardIdentity
from ehtoolkit.forms.html import Markup, element, join
from ehtoolkit.i18n import Translator

_CHIP: Final = Markup(
    '<svg viewBox="0 0 40 32" aria-hidden="true" focusable="false">'
    '<g fill="none" stroke="currentColor" stroke-width="1.6"><rect x="4" y="4" width="32" height="24" rx="5"/>'
    '<path d="M4 12h10v8H4M36 12H26v8h10M14 4v24M26 4v24"/></g></svg>'
)
_NOBODY: Final = Markup(
    '<svg viewBox="0 0 80 100" aria-hidden="true" focusable="false">'
    '<circle cx="40" cy="40" r="17"/><path d="M8 100c2-24 14-36 32-36s30 12 32 36Z"/></svg>'
)


def id_card(identity: CardIdentity, texts: Translator) -> Markup:
    """Return what is known of the holder, as a card; what the card's software does not tell is left out."""
    head = element(
        "div",
        _CHIP + texts.get("idcard.kind") + element("span", texts.get("idcard.country")),
        class_="eh-idcard-head",
    )
    name = Markup("{}<br>{}").format(identity.surname, identity.first_names)
    rows = [
        _row(texts.get("idcard.name"), name, "eh-name", wide=True),
        _row(texts.get("idcard.niss"), identity.niss.formatted, "eh-num"),
    ]
    if identity.birth_date is not None:
        rows.append(_row(texts.get("idcard.born"), texts.date(identity.birth_date)))
    if identity.valid_until is not None:
        rows.append(_row(texts.get("idcard.valid_until"), texts.date(identity.valid_until)))
    if identity.card_number:
        rows.append(_row(texts.get("idcard.number"), _grouped(identity.card_number), "eh-num"))
    body = element("div", _photo(identity, texts) + element("dl", join(rows)), class_="eh-idcard-body")
    return element("div", head + body, class_="eh-idcard", role="group", aria_label=texts.get("idcard.read"))


def _photo(identity: CardIdentity, texts: Translator) -> Markup:
    if identity.photo is None:
        return element("div", _NOBODY, class_="eh-photo", role="img", aria_label=texts.get("idcard.no_photo"))
    picture = Markup('<img src="data:image/jpeg;base64,{}" alt="{}">').format(
        b64encode(identity.photo).decode(), texts.get("idcard.photo")
    )
    return element("div", picture, class_="eh-photo")


def _row(name: str, value: str | Markup, class_: str | None = None, *, wide: bool = False) -> Markup:
    return element(
        "div", element("dt", name) + element("dd", value, class_=class_), class_="eh-wide" if wide else None
    )


def _grouped(number: str) -> str:
    """Return twelve digits as they are printed on the card; another number as it is."""
    return f"{number[:3]}-{number[3:10]}-{number[10:]}" if len(number) == 12 else number
