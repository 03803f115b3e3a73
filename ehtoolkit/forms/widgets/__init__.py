"""The widgets that our pages are made of: each a Python class and a small module for the browser.

Sentences come from Python, icons too; no widget asks any other site for anything.
"""

from __future__ import annotations

from ehtoolkit.forms.widgets.buttons import (
    Button,
    ButtonBar,
    ButtonPress,
    Switch,
    Switches,
)
from ehtoolkit.forms.widgets.choices import FileList, ListedFile, Tab, Tabs, Tile, Tiles
from ehtoolkit.forms.widgets.class_bar import ClassBar
from ehtoolkit.forms.widgets.delivery import DeliveryTimer
from ehtoolkit.forms.widgets.fields import (
    CheckField,
    ChoiceField,
    Option,
    PasswordRules,
    SecretField,
    TextField,
)
from ehtoolkit.forms.widgets.files import (
    CopyButton,
    Download,
    DownloadFile,
    DropZone,
    RejectedFile,
    UploadedFile,
)
from ehtoolkit.forms.widgets.mail_list import MailList, MailMessage
from ehtoolkit.forms.widgets.page import (
    Address,
    Announcer,
    Chart,
    ContractFrame,
    Countdown,
    ErrorLine,
    ErrorSummary,
    HeaderDate,
    Navigator,
    SectionHead,
    StepHead,
    StepMark,
    Stepper,
)
from ehtoolkit.forms.widgets.tables import (
    ActionRow,
    ActionTable,
    Cell,
    EditColumn,
    EditRow,
    EditTable,
    RowButton,
    RowLink,
    SortColumn,
    SortRow,
    SortTable,
)

__all__ = [
    "ActionRow",
    "ActionTable",
    "Address",
    "Announcer",
    "Button",
    "ButtonBar",
    "ButtonPress",
    "Cell",
    "Chart",
    "CheckField",
    "ChoiceField",
    "ClassBar",
    "ContractFrame",
    "CopyButton",
    "Countdown",
    "DeliveryTimer",
    "Download",
    "DownloadFile",
    "DropZone",
    "EditColumn",
    "EditRow",
    "EditTable",
    "ErrorLine",
    "ErrorSummary",
    "FileList",
    "HeaderDate",
    "ListedFile",
    "MailList",
    "MailMessage",
    "Navigator",
    "Option",
    "PasswordRules",
    "RejectedFile",
    "RowButton",
    "RowLink",
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
    "Tile",
    "Tiles",
    "UploadedFile",
]
