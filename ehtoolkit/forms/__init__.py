"""The pages: a form is a model without widgets, the pages of its steps, and a thin view.

Notebooks import from here, and only from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ehtoolkit.forms import (
    activate,
    audit,
    complete,
    doctor,
    foreigner,
    index,
    password,
    providers,
    renew,
    request,
    revoke,
    trainer,
    troubleshoot,
)
from ehtoolkit.forms.visit import Opener, entrance

PAGES: Final[Mapping[str, Opener]] = {
    "activate": activate.open_activate,
    "audit": audit.open_audit,
    "complete": complete.open_complete,
    "complete-renewal": complete.open_complete_renewal,
    "doctor": doctor.open_doctor,
    "foreigner": foreigner.open_foreigner,
    "index": index.open_index,
    "password": password.open_password,
    "providers": providers.open_providers,
    "renew": renew.open_renew,
    "request": request.open_request,
    "revoke": revoke.open_revoke,
    "trainer": trainer.open_trainer,
    "troubleshoot": troubleshoot.open_troubleshoot,
}
"""By the names of their notebooks: what follows each other in one page of the browser."""

open_activate = entrance(PAGES, "activate")
open_audit = entrance(PAGES, "audit")
open_complete = entrance(PAGES, "complete")
open_complete_renewal = entrance(PAGES, "complete-renewal")
open_doctor = entrance(PAGES, "doctor")
open_foreigner = entrance(PAGES, "foreigner")
open_index = entrance(PAGES, "index")
open_password = entrance(PAGES, "password")
open_providers = entrance(PAGES, "providers")
open_renew = entrance(PAGES, "renew")
open_request = entrance(PAGES, "request")
open_revoke = entrance(PAGES, "revoke")
open_trainer = entrance(PAGES, "trainer")
open_troubleshoot = entrance(PAGES, "troubleshoot")

__all__ = [
    "open_activate",
    "open_audit",
    "open_complete",
    "open_complete_renewal",
    "open_doctor",
    "open_foreigner",
    "open_index",
    "open_password",
    "open_providers",
    "open_renew",
    "open_request",
    "open_revoke",
    "open_trainer",
    "open_troubleshoot",
]
