"""Check this computer: card, reader, platform and folders; and whether it is the certificate."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from ehtoolkit.forms.doctor.model import DoctorModel
from ehtoolkit.forms.doctor.page import DoctorPage
from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.helpdesk import CARD
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.tool import Tool


def _model(context: PageContext, _: ExitStack) -> DoctorModel:
    return DoctorModel(context.settings, context.keystore_named(), context.asked(CARD))


DOCTOR: Final = Tool("doctor", _model, DoctorPage, MenuPlace("tools", 4, "index.doctor", "activity"))
"""The query of its address: ``keystore=FILE`` chooses one of the folder's files, ``card=training:NAME`` a training
card."""
