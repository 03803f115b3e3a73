"""The kind of the new key: what is said of it before anybody signs, and the other kind after a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.html import panel, show
from ehtoolkit.forms.widgets import Button, ButtonPress
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Niss
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.preconditions import other_kind


def key_note(context: Context, signer: Niss, texts: Translator) -> Iterator[Widget]:
    """Yield a panel that says which programs do not know the kind of key that a request is about to be made with;
    nothing for RSA."""
    kind = context.new_key_kind(signer)
    if kind is NewKeyKind.EC_P384:
        facts = {"kind": str(kind.kind), "software": software_without_elliptic_keys()}
        yield show(panel("info", texts.get("steps.new_key.title"), texts.get("steps.new_key.text", **facts)))


class OtherKeyOffer:
    """A button to ask again with a key of the other kind; there after a refusal that may be for the kind of the key.

    Attributes:
        buttons: the page's further buttons (`Page.more`): this one, once it is offered.
    """

    def __init__(self, take: Callable[[NewKeyKind], None], view: WizardView, texts: Translator) -> None:
        """Make the offer, without a button yet. ``take``: has the model ask again, from an earlier step on, which
        ``view`` then shows."""
        self._take, self._view, self._texts = take, view, texts
        self.buttons: list[tuple[Button, Callable[[ButtonPress], None]]] = []

    def on_error(self, error: errors.EhToolkitError) -> None:
        """Offer the other kind of key after a refusal that may be for the kind of the key, and after no other error."""
        self.buttons.clear()
        if isinstance(error, errors.NewKeyRefused):
            kind = other_kind(error)
            label = self._texts.get("steps.new_key.other", kind=str(kind.kind))
            self.buttons.append((Button("other_key", label, "", "again"), lambda _: self._ask_with(kind)))

    def _ask_with(self, kind: NewKeyKind) -> None:
        self._take(kind)
        self._view.refresh(focus=True)
