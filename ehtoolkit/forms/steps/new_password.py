"""A new password, typed twice."""

from __future__ import annotations

from collections.abc import Callable

from ehtoolkit import errors
from ehtoolkit.forms.markup import panel, show
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.widgets import SecretField
from ehtoolkit.keystore import check_new_password
from ehtoolkit.secret import Secret
from ehtoolkit.texts import Texts


def matching_password(first: Secret, second: Secret) -> Secret:
    """The password that was typed twice.

    Raises `errors.PasswordUnfit` and `errors.PasswordsDiffer`.
    """
    check_new_password(first)
    if first != second:
        raise errors.PasswordsDiffer
    return first


def password_page(texts: Texts, work: Callable[[Secret], None], *, lead: str = "") -> Page:
    """The page; ``work`` gets the password once it is fit. ``lead``: what the form says in place of the usual."""
    get, reveal = texts.get, texts.get("wizard.reveal")
    return Page(
        title=get("steps.password.title"),
        lead=lead or get("steps.password.lead"),
        body=[
            show(panel("warn", get("steps.password.nobody"), get("steps.password.keep"), level=2)),
            SecretField(
                "first",
                get("steps.password.first"),
                hint=get("steps.password.hint"),
                autocomplete="new-password",
                reveal=reveal,
            ),
            SecretField("second", get("steps.password.second"), autocomplete="new-password", reveal=reveal),
        ],
        primary=get("wizard.next"),
        work=lambda sent: work(matching_password(sent.secrets["first"], sent.secrets["second"])),
        failed=get("steps.password.failed"),
        field_of=field_of,
    )


def field_of(error: errors.EhToolkitError) -> str:
    """Which of the two fields an error is about: the second, when they differ."""
    return "second" if isinstance(error, errors.PasswordsDiffer) else "first"
