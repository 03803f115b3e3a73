"""A new password, typed twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, FormStep
from ehtoolkit.forms.engine.form_model import M_contra
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import panel, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.fields import CheckField, PasswordRules, Rule, SecretField
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.guessable_passwords import Guess, guess_of
from ehtoolkit.keystore.passwords import SENSIBLE_LENGTH, check_new_password
from ehtoolkit.secret import Secret

KEEP: Final = "keep_password"


LABELS: Final = {"first": "steps.password.first", "second": "steps.password.second"}
"""The keys of the labels of the two fields."""


def typed_password(sent: SubmittedForm) -> Secret:
    """Return the password that was typed twice. Raises `errors.PasswordNotAllowed` and `errors.PasswordsDiffer`."""
    first, second = (sent.secrets.get(name, Secret("")) for name in LABELS)
    check_new_password(first)
    if first != second:
        raise errors.PasswordsDiffer
    return first


def password_step(
    work: Callable[[M_contra, Secret], None],
    *,
    lead: Callable[[FormContext[M_contra]], str] = lambda _: "",
    present: Callable[[M_contra], Secret | None] | None = None,
    known: Callable[[M_contra], Iterable[str]] = lambda _: (),
    applies: Callable[[M_contra], bool] = lambda _: True,
) -> FormStep[M_contra]:
    """Return the step that chooses the password of a new keystore, which ``work`` gets once it is fit.

    Args:
        lead: what the form says in place of the usual.
        present: the password that may be kept, where there is one.
        known: the names and numbers by which that could be guessed.
        applies: whether a password has to be chosen.
    """

    def page(context: FormContext[M_contra]) -> Page:
        get, model = context.texts.get, context.model
        kept = None if present is None else present(model)
        fields = new_password_fields(context.texts, LABELS)

        def choose(sent: SubmittedForm) -> None:
            is_empty = all(secret == Secret("") for secret in sent.secrets.values())
            keeps = is_empty and sent.values.get(KEEP)
            work(model, kept if kept is not None and keeps else typed_password(sent))

        return Page(
            title=get("steps.password.title"),
            lead=lead(context) or get("steps.password.lead"),
            body=[
                password_warning(context.texts),
                *(fields if kept is None else _or_keep(fields, guess_of(kept, known(model)), context.texts)),
            ],
            primary=get("wizard.next"),
            work=choose,
            failed=get("steps.password.failed"),
            field_of=field_of,
        )

    values = {} if present is None else {KEEP: True}
    return FormStep("password", page, fields=lambda _: values, applies=applies)


def password_warning(texts: Translator) -> Widget:
    """Return what is to be known before a password is chosen."""
    return show(panel("warn", texts.get("steps.password.nobody"), texts.get("steps.password.keep"), level=2))


def _or_keep(fields: Sequence[Widget], guess: Guess | None, texts: Translator) -> Sequence[Widget]:
    """Return a box to keep the present password, with a warning if it is easily guessed, and ``fields`` for another
    while it is not ticked."""
    label, hint = texts.get("steps.password.present"), texts.get("steps.password.present.hint")
    keep, typed = CheckField(KEEP, label, value=True, hint=hint), column("eh-stack")

    def offer(_: object) -> None:
        typed.children = () if keep.value else fields

    keep.observe(offer, "value")
    if guess is None:
        return keep, typed
    title, reason = texts.get("steps.password.present.weak"), texts.get(f"error.password_unfit.{guess}")
    return show(panel("warn", title, reason, level=2)), keep, typed


def field_of(error: errors.EhToolkitError) -> str | None:
    """Return which of the two fields an error is about: the second, when they differ, or the first; None when it is
    not about what was typed."""
    if isinstance(error, errors.PasswordsDiffer):
        return "second"
    return "first" if isinstance(error, errors.InputInvalid) else None


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
