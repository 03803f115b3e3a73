"""The widgets that our pages are made of: each a Python class and a small module for the browser.

Sentences come from Python, icons too; no widget asks any other site for anything.
"""

from __future__ import annotations

from ehtoolkit.forms.widgets.buttons import Action, Actions, Button, Switch, Switches, Tab, Tabs
from ehtoolkit.forms.widgets.fields import (
    CheckField,
    ChoiceField,
    Option,
    PasswordRules,
    SecretField,
    TextField,
)
from ehtoolkit.forms.widgets.files import Download, Dropped, DropZone, FileList, Handout, ListedFile, NotTaken
from ehtoolkit.forms.widgets.page import (
    Announcer,
    Chart,
    ContractFrame,
    Countdown,
    ErrorLine,
    ErrorSummary,
    Navigator,
    SectionHead,
    StepHead,
    StepMark,
    Stepper,
)
from ehtoolkit.forms.widgets.tables import (
    Cell,
    EditColumn,
    EditRow,
    EditTable,
    Letter,
    MailList,
    Row,
    RowButton,
    RowLink,
    Rows,
    SortColumn,
    SortRow,
    SortTable,
)

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
