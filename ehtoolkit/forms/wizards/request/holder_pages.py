"""The pages about whom the certificate is for: the choice, and the organisation."""

from __future__ import annotations

from typing import Any

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import Markup, details, element, mono, panel, show, summary_card, with_hint
from ehtoolkit.forms.html import Severity as Look
from ehtoolkit.forms.widgets.fields import ChoiceField, Option
from ehtoolkit.forms.wizards.request.holder_choice import MYSELF, TYPED, field_of
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.i18n import Translator, search_key
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS
from ehtoolkit.procedures.allowed_holders import (
    ACTORS,
    LIMIT,
    ApplicationIds,
    EligibleActors,
    ListedOrganisation,
    about_ids,
    no_actor_reasons,
)

_LONGEST_APPLICATION_ID = 30


Context = FormContext[RequestModel]


def who(context: Context) -> Page:
    """Return the page that asks for whom: the holder of the card, an organisation that the platform lists, or another
    one."""
    get, found = context.texts.get, context.model.choices
    options = [] if found is None else _options(context, found)
    body: list[Widget] = [
        ChoiceField(
            "actor", get("request.who.label"), options, value=str(context.model.wizard.values["actor"])
        )
    ]
    if found is not None:
        unsupported = [listed for listed in found.organisations if listed.identifier is None]
        body += [
            notice_panel(notice, context.texts)
            for notice in found.notices(context.texts.language)
            if notice.key == "type_unknown"
        ]
        missing = "some" if len(found.organisations) > len(unsupported) else "none"
        body.append(show(details(get(f"request.who.missing.{missing}"), *_causes(context, missing))))
    return context.page("who", body)


def organisation(context: Context) -> Page:
    """Return the page of the organisation: its application id, with those in use; of one that is not listed also type,
    number and name."""
    get, listed = context.texts.get, context.model.listed
    body: list[Widget] = _about(context, listed) if listed is not None else _typed(context)
    field = context.text_field(
        "organisation.application_id", max_length=_LONGEST_APPLICATION_ID, autocomplete="off"
    )
    body.append(field)

    def on_error(error: errors.EhToolkitError) -> None:
        """Show the application ids in use when the one that was typed is taken: of an organisation that was typed, only
        now it is known what it has."""
        checked = context.model.checked
        if isinstance(error, errors.ApplicationIdTaken) and checked is not None and checked.ids.named:
            hint = get("request.organisation.application_id.hint")
            field.hint = f"{hint}. {get('request.organisation.taken', ids=', '.join(checked.ids.named))}"

    title = get("request.organisation.title") if listed is None else listed.name(context.texts.language)
    return Page(
        title=title,
        lead=get(f"request.organisation.lead.{'typed' if listed is None else 'listed'}"),
        body=body,
        primary=get("wizard.next"),
        work=lambda _: context.model.check_organisation(),
        busy=get("request.organisation.busy"),
        failed=get("request.organisation.failed"),
        field_of=field_of,
        on_error=on_error,
    )


# ── the choice ───────────────────────────────────────────────────────────────────────────────────────
def _options(context: Context, found: EligibleActors) -> list[Option]:
    get = context.texts.get
    typed = "request.who.typed" if found.organisations else "request.who.organisation"
    myself = "request.who.myself.hint" if found.natural_person else "request.who.myself.not"
    return [
        Option(MYSELF, get("request.who.myself"), get(myself)),
        *(
            Option(
                listed.text,
                listed.name(context.texts.language),
                _hint(context, listed, found),
            )
            for listed in found.organisations
            if listed.identifier is not None
        ),
        Option(TYPED, get(typed), get("request.who.typed.hint")),
    ]


def _hint(context: Context, listed: ListedOrganisation, found: EligibleActors) -> str:
    kind = found.types.name(listed.listed.type, context.texts)
    number = f"{kind}, {listed.listed.number}"
    ids = listed.application_ids
    if not ids.known or not ids.used:
        return number
    return f"{number} · {context.texts.get('request.who.used', used=len(set(ids.used)), limit=LIMIT)}"


def _causes(context: Context, missing: str) -> list[Markup]:
    """Return why an organisation is not there, and what to do; the first line is for who has none at all."""
    notices = no_actor_reasons() if missing == "none" else no_actor_reasons()[1:]
    return [
        element("b", notice.message(context.texts)) + " " + notice.next_step(context.texts)
        for notice in notices
    ]


# ── the organisation ─────────────────────────────────────────────────────────────────────────────────
def _about(context: Context, listed: ListedOrganisation) -> list[Widget]:
    get, found = context.texts.get, context.model.choices
    kind = listed.listed.type if found is None else found.types.name(listed.listed.type, context.texts)
    rows = [
        (kind, mono(listed.text)),
        (get("request.organisation.used"), _used(context, listed.application_ids)),
    ]
    name = listed.name(context.texts.language)
    notices = about_ids(name, listed.application_ids)
    return [summary_card(rows), *(notice_panel(notice, context.texts) for notice in notices)]


def _used(context: Context, ids: ApplicationIds) -> str | Markup:
    get = context.texts.get
    if not ids.known:
        return get("request.organisation.used.unknown")
    if not ids.used:
        return get("request.organisation.used.none", limit=LIMIT)
    names = [get("request.organisation.used.bare") if used is None else mono(used) for used in ids.used]
    count = get("request.organisation.used.count", used=len(set(ids.used)), limit=LIMIT)
    return with_hint(Markup(", ").join(names), count)


def _typed(context: Context) -> list[Widget]:
    get, values, found = context.texts.get, context.model.wizard.values, context.model.choices
    kinds = (
        [] if found is None else [(found.types.name(code, context.texts), code) for code in found.types.known]
    )
    options = [Option("", get("request.organisation.kind.choose"))]
    options += [
        Option(code, f"{name} ({code})") for name, code in sorted(kinds, key=lambda kind: search_key(kind[0]))
    ]
    kind = ChoiceField(
        "kind", get("request.organisation.kind"), options, value=str(values["kind"]), compact=True
    )
    number = context.text_field(
        "organisation.number",
        hint=_number_hint(context, str(values["kind"])),
        inputmode="numeric",
        autocomplete="off",
    )

    def follow(change: Any) -> None:
        number.hint = _number_hint(context, change["new"])

    kind.observe(follow, "value")
    name = context.text_field("organisation.name", "organisation_name", autocomplete="organization")
    offline = found is not None and not found.types.live
    warning = [notice_panel(ACTORS.warning("types_offline"), context.texts)] if offline else []
    return [*warning, kind, number, name]


def _number_hint(context: Context, kind: str) -> str:
    length = IDENTIFIER_LENGTHS.get(kind)
    if length is None:
        return context.texts.get("request.organisation.number.hint")
    return context.texts.get("request.organisation.number.length", length=length)


def notice_panel(notice: Finding, texts: Translator) -> Widget:
    """Return a notice as a verdict: in the colour of a warning when it is one."""
    look: Look = "warn" if notice.severity is Severity.WARNING else "info"
    return show(panel(look, notice.message(texts), notice.next_step(texts)))
