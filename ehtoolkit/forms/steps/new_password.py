"""A new password, typed twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, FormStep, M_contra
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import panel, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.fields import CheckField, PasswordRules, Rule, SecretField
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.passwords import SENSIBLE_LENGTH, check_new_password
from ehtoolkit.secret import Secret

KEEP: Final = "keep_password"


def matching_password(first: Secret, second: Secret) -> Secret:
    """Return the password that was typed twice.

    Raises `errors.PasswordNotAllowed` and `errors.PasswordsDiffer`.
    """
    check_new_password(first)
    if first != second:
        raise errors.PasswordsDiffer
    return first


def password_step(
    work: Callable[[M_contra, Secret], None],
    *,
    lead: Callable[[FormContext[M_contra]], str] = lambda _: "",
    present: Callable[[M_contra], Secret | None] | None = None,
    applies: Callable[[M_contra], bool] = lambda _: True,
) -> FormStep[M_contra]:
    """Return the step that chooses the password of a new keystore, which ``work`` gets once it is fit.

    Args:
        lead: what the form says in place of the usual.
        present: the password that may be kept, where there is one.
        applies: whether a password has to be chosen.
    """

    def page(context: FormContext[M_contra]) -> Page:
        model = context.model
        kept = None if present is None else present(model)
        return password_page(
            context.texts, lambda password: work(model, password), lead=lead(context), present=kept
        )

    fields = {} if present is None else {KEEP: True}
    return FormStep("password", page, fields=lambda _: fields, applies=applies)


def password_page(
    texts: Translator, work: Callable[[Secret], None], *, lead: str = "", present: Secret | None = None
) -> Page:
    """Return the page of a new password; ``work`` gets the password once it is fit.

    Args:
        lead: what the form says in place of the usual.
        present: a password that may be kept: while the box for that is ticked, there are no fields for another.
    """
    get = texts.get
    body: list[Widget] = [
        show(panel("warn", get("steps.password.nobody"), get("steps.password.keep"), level=2))
    ]
    fields = new_password_fields(texts, {"first": "steps.password.first", "second": "steps.password.second"})
    if present is None:
        body += fields
    else:
        keep = CheckField(
            KEEP, get("steps.password.present"), value=True, hint=get("steps.password.present.hint")
        )
        typed = column("eh-stack")

        def offer(_: object) -> None:
            typed.children = () if keep.value else fields

        keep.observe(offer, "value")
        body += [keep, typed]

    def choose(sent: SubmittedForm) -> None:
        first, second = (sent.secrets.get(name, Secret("")) for name in ("first", "second"))
        if present is not None and sent.values.get(KEEP) and first == second == Secret(""):
            work(present)
            return
        work(matching_password(first, second))

    return Page(
        title=get("steps.password.title"),
        lead=lead or get("steps.password.lead"),
        body=body,
        primary=get("wizard.next"),
        work=choose,
        failed=get("steps.password.failed"),
        field_of=field_of,
    )


def field_of(error: errors.EhToolkitError) -> str:
    """Return which of the two fields an error is about: the second, when they differ; else the first."""
    return "second" if isinstance(error, errors.PasswordsDiffer) else "first"


def new_password_fields(
    texts: Translator, labels: Mapping[str, str], *, optional: bool = False
) -> Sequence[Widget]:
    """Return the fields in which a new password is typed twice, under the rules for it that are shown meanwhile.

    Args:
        labels: the keys of the labels by the names of the two fields; that of the first has a hint, too.
        optional: a password may also be left as it is.
    """
    get, (first, second) = texts.get, labels
    shown: Sequence[Rule] = ("long", "ends") if optional else ("long", "printable", "ends", "same")
    rules = PasswordRules(
        {rule: get(f"steps.password.rule.{rule}", limit=SENSIBLE_LENGTH) for rule in shown},
        label=get("steps.password.rules"),
        met=get("steps.password.rule.met"),
        broken=get("steps.password.rule.broken"),
        first=first,
        second=second,
    )
    hint, capslock = get(f"{labels[first]}.hint"), get("wizard.capslock")
    return (
        rules,
        SecretField(first, get(labels[first]), hint=hint, autocomplete="new-password", capslock=capslock),
        SecretField(
            second,
            get(labels[second]),
            autocomplete="new-password",
            reveal=get("wizard.reveal"),
            reveals=first,
            capslock=capslock,
        ),
    )
