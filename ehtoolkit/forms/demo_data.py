"""The invented providers of a demonstration: made by the first page that needs them, beside it, with a sign of life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ehtoolkit.bootstrap import open_training_platform
from ehtoolkit.forms.engine.background import Runner, run_in_thread
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import ButtonBar
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import Settings
from ehtoolkit.training.sample import Sample

if TYPE_CHECKING:
    from ehtoolkit.training import TrainingPlatform


def sample_of(settings: Settings, training: TrainingPlatform | None = None) -> Sample | None:
    """Return the sample of this home; None in the real environments."""
    if settings.environment != "training":
        return None
    return Sample(settings, training or open_training_platform(settings))


def with_sample(
    sample: Sample | None,
    texts: Translator,
    *,
    wait: Callable[[Any], None],
    then: Callable[[bool, BaseException | None], None],
    runner: Runner = run_in_thread,
) -> None:
    """Go on with ``then`` at once; or, where the sample is wanted, when it is made. Meanwhile ``wait`` is given a
    widget to show.

    ``then``: whether it was made here, and what was raised; the page goes on without the providers in that case.
    Called inside the page's error boundary.
    """
    if sample is None or not sample.is_wanted:
        then(False, None)
        return
    sign = ButtonBar()
    sign.begin(texts.get("providers.sample.making"))
    wait(column("eh-form", of=(sign,)))
    made: list[bool] = []
    runner(lambda: made.append(sample.ensure()), lambda raised: then(any(made), raised))
