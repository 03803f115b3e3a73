"""The widgets that our pages are made of: each a Python class and a small module for the browser.

Sentences come from Python, icons too; no widget asks any other site for anything.
"""

from __future__ import annotations

from ehtoolkit.forms.widgets.actions import Action, Actions, Button
from ehtoolkit.forms.widgets.announcer import Announcer
from ehtoolkit.forms.widgets.chart import Chart
from ehtoolkit.forms.widgets.check_field import CheckField
from ehtoolkit.forms.widgets.choice_field import ChoiceField, Option
from ehtoolkit.forms.widgets.contract_frame import ContractFrame
from ehtoolkit.forms.widgets.countdown import Countdown
from ehtoolkit.forms.widgets.download import Download, Handout
from ehtoolkit.forms.widgets.drop_zone import Dropped, DropZone, NotTaken
from ehtoolkit.forms.widgets.edit_table import EditColumn, EditRow, EditTable
from ehtoolkit.forms.widgets.error_summary import ErrorLine, ErrorSummary
from ehtoolkit.forms.widgets.file_list import FileList, ListedFile
from ehtoolkit.forms.widgets.mailbox import Letter, MailList
from ehtoolkit.forms.widgets.navigator import Navigator
from ehtoolkit.forms.widgets.password_rules import PasswordRules
from ehtoolkit.forms.widgets.rows import Cell, Row, RowButton, Rows
from ehtoolkit.forms.widgets.secret_field import SecretField
from ehtoolkit.forms.widgets.section_head import SectionHead
from ehtoolkit.forms.widgets.sort_table import RowLink, SortColumn, SortRow, SortTable
from ehtoolkit.forms.widgets.step_head import StepHead
from ehtoolkit.forms.widgets.stepper import StepMark, Stepper
from ehtoolkit.forms.widgets.switches import Switch, Switches
from ehtoolkit.forms.widgets.tabs import Tab, Tabs
from ehtoolkit.forms.widgets.text_field import TextField

__all__ = [
    "Action",
    "Actions",
    "Announcer",
    "Button",
    "Cell",
    "Chart",
    "CheckField",
    "ChoiceField",
    "ContractFrame",
    "Countdown",
    "Download",
    "DropZone",
    "Dropped",
    "EditColumn",
    "EditRow",
    "EditTable",
    "ErrorLine",
    "ErrorSummary",
    "FileList",
    "Handout",
    "Letter",
    "ListedFile",
    "MailList",
    "Navigator",
    "NotTaken",
    "Option",
    "PasswordRules",
    "Row",
    "RowButton",
    "RowLink",
    "Rows",
    "SecretField",
    "SectionHead",
    "SortColumn",
    "SortRow",
    "SortTable",
    "StepHead",
    "StepMark",
    "Stepper",
    "Switch",
    "Switches",
    "Tab",
    "Tabs",
    "TextField",
]
