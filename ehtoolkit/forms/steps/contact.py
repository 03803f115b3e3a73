"""Contact data: the person's own, and an organisation's general ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.forms.engine.form import FormContext, FormStep
from ehtoolkit.forms.engine.form_model import M_contra
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Values
from ehtoolkit.forms.html import Markup
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.identity.actor import normalise_phone, require_email

OWN: Final = ("email", "phone")
GENERAL: Final = ("general_email", "general_phone")


def contact_fields(**known: Any) -> dict[str, str]:
    """Return the step's fields by their names, filled in with what is ``known``, else empty."""
    return {name: known.get(name) or "" for name in (*OWN, *GENERAL)}


def contact_blocks(values: Values, *, with_general: bool) -> Iterable[Blocker]:
    """Yield what is missing or malformed."""
    for name in _names(with_general=with_general):
        yield from _block(name, str(values[name]).strip())


def contact_data(values: Values, *, with_general: bool) -> ContactData:
    """Return what was typed, written as people do. Raises `errors.ContactInvalid`."""
    own, general = ([str(values[name]).strip() for name in names] for names in (OWN, GENERAL))
    return ContactData(*own, *general) if with_general else ContactData(*own)


def contact_lines(contact: ContactData) -> Markup:
    """Return how the holder can be reached, a line each, for a summary."""
    return Markup("<br>").join(filter(None, (getattr(contact, name) for name in (*OWN, *GENERAL))))


def contact_step(
    general: Callable[[M_contra], bool],
    known: Callable[[M_contra], Mapping[str, str]] = lambda _: contact_fields(),
) -> FormStep[M_contra]:
    """Return the step of the contact data. The form's texts have ``contact.lead``.

    Args:
        general: whether an organisation's data are asked for too.
        known: what is known before anybody typed.
    """

    def page(context: FormContext[M_contra]) -> Page:
        values, get = context.model.wizard.values, context.texts.get
        return Page(
            title=get("steps.contact.title"),
            lead=context.get("contact.lead"),
            body=contact_inputs(values, context.texts, with_general=general(context.model)),
            primary=get("wizard.next"),
        )

    return FormStep(
        "contact",
        page,
        fields=known,
        check=lambda model, values: contact_blocks(values, with_general=general(model)),
    )


def contact_inputs(values: Values, texts: Translator, *, with_general: bool) -> list[TextField]:
    """Return the fields of the contact data, with ``values`` as people write them."""
    return [
        TextField(
            name,
            texts.get(f"steps.contact.{name}"),
            value=_written(name, str(values[name])),
            hint=texts.get(f"steps.contact.{name}.hint"),
            kind="email" if name.endswith("email") else "tel",
            autocomplete={"email": "email", "phone": "tel"}.get(name, "off"),
        )
        for name in _names(with_general=with_general)
    ]


def _names(*, with_general: bool) -> Sequence[str]:
    return (*OWN, *GENERAL) if with_general else OWN


def _block(field: str, text: str) -> Iterable[Blocker]:
    if not text:
        yield Blocker(f"steps.block.{field}.empty", field)
        return
    try:
        _require(field, text)
    except errors.ContactInvalid as error:
        variant = error.reason or error.field
        yield Blocker(f"error.contact_invalid.{variant}", field, error.facts)


def _require(field: str, text: str) -> str:
    return require_email(text) if field.endswith("email") else normalise_phone(text)


def _written(field: str, text: str) -> str:
    """Return an address or a number as people write it; as it was typed, where it is none."""
    try:
        return _require(field, text)
    except errors.ContactInvalid:
        return text
