"""Rows of the trainer's live board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.forms.engine.user_progress import DONE
from ehtoolkit.forms.trainer.tables import STATUS_LOOKS
from ehtoolkit.forms.widgets.tables import ActionRow, Cell, RowButton
from ehtoolkit.i18n import Translator
from ehtoolkit.training import TrainingPerson
from ehtoolkit.training.lessons.stations import Station
from ehtoolkit.training.service.certificate_info import PlatformCertificate
from ehtoolkit.training.state.attendance import Trainee

_LONGEST: Final = 180
"""Characters of an error's sentence on the board."""


def trainee_row(
    trainee: Trainee, card: TrainingPerson | None, moment: datetime, texts: Translator
) -> ActionRow:
    """Return the row of a trainee: name, page and step, last error, since when, and what can be done.

    ``card``: the one that was chosen last. ``moment``: the computer's time.
    """
    get, here = texts.get, trainee.is_here(moment)
    holder = "" if card is None else get("trainer.board.card", name=card.person.full_name)
    minutes = int((moment - trainee.changed_at).total_seconds()) // 60
    since = texts.counted("trainer.board.minutes", minutes) if minutes > 0 else get("trainer.board.now")
    page, step = place_of(trainee, texts)
    buttons = [] if card is None else [RowButton("reset", get("trainer.board.reset"), trainee.name)]
    if not here:
        buttons.append(RowButton("forget", get("trainer.board.forget"), trainee.name))
    return ActionRow(
        trainee.visitor,
        [
            Cell(trainee.name, holder),
            Cell(page, step),
            Cell(problem_of(trainee, texts)),
            Cell(since) if here else Cell(get("trainer.board.away"), severity="off"),
        ],
        buttons,
    )


def place_of(trainee: Trainee, texts: Translator) -> tuple[str, str]:
    """Return the titles of the page and the step where a trainee is; a dash for a page that there is not."""
    form = trainee.page.replace("-", "_")
    titles = (f"{form}.caption", f"index.{trainee.page}", f"page.title.{trainee.page}", f"{form}.title")
    page = next((texts.get(key) for key in titles if trainee.page and texts.has(key)), "–")
    if trainee.step == DONE:
        return page, texts.get("trainer.board.done")
    step = f"{form}.step.{trainee.step}"
    return page, texts.get(step) if trainee.step and texts.has(step) else ""


def problem_of(trainee: Trainee, texts: Translator) -> str:
    """Return the sentence of a trainee's last error, without its facts; a dash without one."""
    if not trainee.problem or not texts.has(trainee.problem):
        return "–"
    sentence = texts.without_facts(trainee.problem)
    return sentence if len(sentence) <= _LONGEST else f"{sentence[:_LONGEST]}…"


def certificate_state_row(
    trainee: Trainee,
    card: TrainingPerson | None,
    certificates: Sequence[PlatformCertificate],
    texts: Translator,
) -> ActionRow:
    """Return the row of a trainee with the state and the end of their certificate: the active one of the card that they
    have chosen, else the one requested last.

    ``certificates``: all of the platform, the one requested last first.
    """
    get = texts.get
    own = [held for held in certificates if card is not None and held.person == card.name]
    active = [held for held in own if held.status is CertStatus.VALID_ACTIVE]
    certificate = next(iter(active or own), None)
    holder = "–" if card is None else card.person.full_name
    if certificate is None:
        state, until = Cell(get("trainer.board.certificates.none"), severity="off"), Cell("–")
    else:
        word = get(f"trainer.status.{certificate.status.lower()}")
        state = Cell(word, severity=STATUS_LOOKS.get(certificate.status, "info"))
        end = certificate.not_after
        until = Cell("–" if end is None else texts.date(end))
    return ActionRow(trainee.visitor, [Cell(trainee.name), Cell(holder), state, until])


def effects(station: Station | None, following: Station, texts: Translator) -> Iterator[str]:
    """Yield what the step from ``station`` to the one ``following`` does to clock and scenarios."""
    get = texts.get
    if following.move:
        yield get(f"trainer.board.move.{following.move.removeprefix('+')}")
    if station is not None and station.scenario is not None:
        yield get("trainer.board.off", scenario=get(f"scenario.{station.scenario}.title"))
    if following.scenario is not None:
        yield get("trainer.board.on", scenario=get(f"scenario.{following.scenario}.title"))
