"""Where each action is done: in which form, by which command, and by which function in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, overload

from ehtoolkit.keystore.standing import Action


class ActionPlace(NamedTuple):
    """Where an action is done.

    Attributes:
        page: the form.
        command: what follows ``ehtoolkit``.
        function: a function of ``ehtoolkit``; None: Python has none.
        parameter: as what the address of the form takes the keystore; empty: it takes none.
    """

    page: str
    command: str
    function: str | None
    parameter: str = "keystore"


_PLACES: Final[Mapping[Action, ActionPlace]] = {
    Action.REQUEST: ActionPlace("request", "certificate request", "request_certificate", ""),
    Action.RESUME: ActionPlace("request", "certificate request --resume", None, "resume"),
    Action.COMPLETE: ActionPlace("complete", "certificate complete", "complete_certificate"),
    Action.ACTIVATE: ActionPlace("activate", "certificate activate", "activate_etk"),
    Action.RENEW: ActionPlace("renew", "certificate renew", "renew_certificate"),
    Action.REVOKE: ActionPlace("revoke", "certificate revoke", "revoke_certificate"),
    Action.ARCHIVE: ActionPlace("troubleshoot", "keystore archive", None),
    Action.TROUBLESHOOT: ActionPlace("troubleshoot", "keystore diagnose", "diagnose"),
    Action.OPEN: ActionPlace("troubleshoot", "keystore diagnose", "diagnose"),
    Action.ASSIGN: ActionPlace("providers", "provider assign", None, ""),
}
"""For a holder with a card. With the actions that are not here nothing is done."""
_FOREIGNER: Final = ActionPlace(
    "foreigner", "certificate request-foreigner", "request_foreign_certificate", ""
)
_WITHOUT_CARD: Final[Mapping[Action, ActionPlace]] = {
    Action.REQUEST: _FOREIGNER,
    Action.RENEW: _FOREIGNER,
    Action.RESUME: _FOREIGNER._replace(command="certificate request-foreigner --resume", function=None),
}
"""Where that is another place for a holder without a card. The form sends a request that was never sent by itself."""


@overload
def place_of(
    action: Literal[Action.RESUME, Action.COMPLETE, Action.TROUBLESHOOT],
    *,
    without_card: bool = False,
    renewal: bool = False,
) -> ActionPlace: ...
@overload
def place_of(
    action: Action | None, *, without_card: bool = False, renewal: bool = False
) -> ActionPlace | None: ...
def place_of(
    action: Action | None, *, without_card: bool = False, renewal: bool = False
) -> ActionPlace | None:
    """Return where an action is done; None where nothing is to be done.

    Args:
        without_card: whether the holder has no card.
        renewal: whether the keystore renews another one.
    """
    if action is None:
        return None
    if action is Action.COMPLETE and renewal:
        return _PLACES[action]._replace(page="complete-renewal")
    return (without_card and _WITHOUT_CARD.get(action)) or _PLACES.get(action)
