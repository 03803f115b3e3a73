"""The widgets that our pages are made of: each a Python class and a small module for the browser.

Sentences come from Python, icons too; no widget asks any other site for anything.
"""

from __future__ import annotations

from ehtoolkit.forms.widgets.actions import Action, Actions, Button
from ehtoolkit.forms.widgets.announcer import Announcer
from ehtoolkit.forms.widgets.check_field import CheckField
from ehtoolkit.forms.widgets.choice_field import ChoiceField, Option
from ehtoolkit.forms.widgets.contract_frame import ContractFrame
from ehtoolkit.forms.widgets.countdown import Countdown
from ehtoolkit.forms.widgets.download import Download, Handout
from ehtoolkit.forms.widgets.error_summary import ErrorLine, ErrorSummary
from ehtoolkit.forms.widgets.secret_field import SecretField
from ehtoolkit.forms.widgets.step_head import StepHead
from ehtoolkit.forms.widgets.stepper import StepMark, Stepper
from ehtoolkit.forms.widgets.text_field import TextField

__all__ = [
    "Action",
    "Actions",
    "Announcer",
    "Button",
    "CheckField",
    "ChoiceField",
    "ContractFrame",
    "Countdown",
    "Download",
    "ErrorLine",
    "ErrorSummary",
    "Handout",
    "Option",
    "SecretField",
    "StepHead",
    "StepMark",
    "Stepper",
    "TextField",
]
