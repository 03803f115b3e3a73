"""The trainer's page, and the mailbox of the training platform; both are about training in every environment."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.tool import Tool
from ehtoolkit.forms.trainer.page import TrainerModel, TrainerPage
from ehtoolkit.forms.trainer.training_messages import MailboxPage
from ehtoolkit.toolkit import open_training_platform
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.sample import Sample


def _platform(context: PageContext, opened: ExitStack) -> TrainingPlatform:
    training = open_training_platform(context.settings)
    opened.callback(training.close)
    return training


def _model(context: PageContext, opened: ExitStack) -> TrainerModel:
    settings, training = context.settings, _platform(context, opened)
    real = settings.keystores if settings.environment != "training" else None
    return TrainerModel(training, Sample(settings, training), real)


TRAINER: Final = Tool(
    "trainer",
    _model,
    TrainerPage,
    MenuPlace("tools", 5, "index.trainer", "school"),
    reaches_platform=False,
)
MAILBOX: Final = Tool(
    "mailbox",
    _platform,
    MailboxPage,
    MenuPlace("tools", 7, "mailbox.menu", "mail"),
    reaches_platform=False,
)
