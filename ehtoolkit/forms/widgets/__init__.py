"""The widgets that our pages are made of: each a Python class and a small module for the browser.

Sentences come from Python, icons too; no widget asks any other site for anything.
"""

from __future__ import annotations

from ehtoolkit.forms.widgets.browser_timers import Countdown, DeliveryTimer
from ehtoolkit.forms.widgets.buttons import (
    Button,
    ButtonBar,
    ButtonPress,
    Switch,
    Switches,
)
from ehtoolkit.forms.widgets.choices import Chips, CountChip, FileList, ListedFile, Tab, Tabs
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
from ehtoolkit.forms.widgets.page_frame import Address, Announcer, ClassBar, HeaderDate, Navigator
from ehtoolkit.forms.widgets.page_parts import (
    Chart,
    ContractFrame,
    ErrorLine,
    ErrorSummary,
    MailList,
    MailMessage,
    Passage,
    SectionHead,
    StepHead,
    StepMark,
    Stepper,
)
from ehtoolkit.forms.widgets.tables import (
    ActionRow,
    ActionTable,
    Cell,
    CellLink,
    Column,
    EditColumn,
    EditRow,
    EditTable,
    RowButton,
    Sorting,
    Table,
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
    "CellLink",
    "Chart",
    "CheckField",
    "Chips",
    "ChoiceField",
    "ClassBar",
    "Column",
    "ContractFrame",
    "CopyButton",
    "CountChip",
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
    "Passage",
    "PasswordRules",
    "RejectedFile",
    "RowButton",
    "SecretField",
    "SectionHead",
    "Sorting",
    "StepHead",
    "StepMark",
    "Stepper",
    "Switch",
    "Switches",
    "Tab",
    "Table",
    "Tabs",
    "TextField",
    "UploadedFile",
]
