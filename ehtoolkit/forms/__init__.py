"""The pages: a form is a model without widgets, the pages of its steps, and a thin view.

Notebooks import from here, and only from here.
"""

from __future__ import annotations

from ehtoolkit.forms.activate import open_activate
from ehtoolkit.forms.audit import open_audit
from ehtoolkit.forms.complete import open_complete, open_complete_renewal
from ehtoolkit.forms.doctor import open_doctor
from ehtoolkit.forms.foreigner import open_foreigner
from ehtoolkit.forms.index import open_index
from ehtoolkit.forms.password import open_password
from ehtoolkit.forms.providers import open_providers
from ehtoolkit.forms.renew import open_renew
from ehtoolkit.forms.request import open_request
from ehtoolkit.forms.revoke import open_revoke
from ehtoolkit.forms.trainer import open_trainer
from ehtoolkit.forms.troubleshoot import open_troubleshoot

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
