"""The keystores that a provider has and had."""

from __future__ import annotations

from collections.abc import Sequence

from ehtoolkit.forms.markup import Event, Markup, mono, paragraph, timeline
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Assignment


def history(assignments: Sequence[Assignment], texts: Translator) -> Markup:
    """The present one first."""
    if not assignments:
        return paragraph(texts.get("providers.history.none"))
    return timeline([_event(one, texts) for one in assignments])


def _event(one: Assignment, texts: Translator) -> Event:
    name = one.path.replace("\\", "/").rpartition("/")[2]
    lines = [texts.get("providers.history.from", moment=one.assigned_at)]
    if one.ended_at is not None:
        lines.append(texts.get("providers.history.until", moment=one.ended_at))
    return Event(mono(name), lines, icon="key", state="later" if one.ended_at else "now")
