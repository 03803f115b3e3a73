"""The training platform behind a page, and the invented providers of a demonstration.

The first page that needs the providers makes them beside itself, and shows that it does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.layout import form_column
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.toolkit import open_training_platform
from ehtoolkit.training.sample import Sample

if TYPE_CHECKING:
    from ehtoolkit.training.keystores.issued_keystores import IssuedKeystores


@dataclass(frozen=True, slots=True)
class TrainingSource:
    """What a page gets from the training platform.

    Attributes:
        clock: of the environment.
        issued: the keystores that may be opened; None: any may.
        sample: the invented practices of this home; None in the real environments.
    """

    clock: Clock
    issued: IssuedKeystores | None
    sample: Sample | None


def open_training(context: PageContext, opened: ExitStack) -> TrainingSource:
    """Open the training platform, if that is the environment; it is closed with ``opened``."""
    settings = context.settings
    if settings.environment != "training":
        return TrainingSource(SystemClock(), None, None)
    platform = open_training_platform(settings)
    opened.callback(platform.close)
    issued = platform.issued(settings.notes) if settings.shared else None
    return TrainingSource(platform.clock, issued, Sample(settings, platform))


def with_sample(
    sample: Sample | None,
    shell: PageShell,
    *,
    wait: Callable[[Any], None],
    then: Callable[[bool], None],
) -> None:
    """Go on with ``then`` at once; or, if the sample is wanted, when it is made. Meanwhile ``wait`` is given a widget
    to show.

    ``then`` gets whether the sample was made here. When making it fails, the page goes on without it, and shows the
    error.
    """
    go_on = shell.guard(then)
    if sample is None or not sample.is_wanted:
        go_on(False)
        return
    sign = ButtonBar()
    tasks = shell.tasks(lambda: sign)

    def failed(error: BaseException) -> None:
        go_on(False)
        shell.fail(error)

    wait(form_column(of=(sign,)))
    tasks.start(Task(lambda _: sample.ensure(), go_on, shell.texts.get("providers.sample.making")), failed)
