"""Rows of the tables on the Trainer page, of its live board, and of the mailbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ehtoolkit.ehealth.certificate_info_xml import CertStatus, EtkStatus
from ehtoolkit.forms.due.keystores import shown_number
from ehtoolkit.forms.engine.user_progress import DONE
from ehtoolkit.forms.widgets.buttons import Switch
from ehtoolkit.forms.widgets.fields import Option
from ehtoolkit.forms.widgets.page_parts import MailMessage
from ehtoolkit.forms.widgets.tables import ActionRow, Cell, RowButton
from ehtoolkit.i18n import Translator, search_key
from ehtoolkit.training import TrainingOrganisation, TrainingPerson, TrainingPlatform
from ehtoolkit.training.lessons.stations import Station
from ehtoolkit.training.person_state import PersonState
from ehtoolkit.training.service.certificate_info import PlatformCertificate
from ehtoolkit.training.service.sealed_letters import SealedLetter
from ehtoolkit.training.state.attendance import Trainee
from ehtoolkit.training.state.mailbox import Mail
from ehtoolkit.training.state.scenarios import Scenario

TRIES: Final = 3
EVERYBODY: Final = ""
"""The choice of all people instead of one."""

STATUS_LOOKS: Final = {
    CertStatus.IN_PROGRESS: "info",
    CertStatus.VALID_ACTIVE: "ok",
    CertStatus.REFUSED: "danger",
    CertStatus.REVOKED: "off",
    CertStatus.EXPIRED: "off",
}
_GROUPS: Final = {
    Scenario.MANUAL_VALIDATION: "requests",
    Scenario.EXPIRED_EID: "card",
    Scenario.PLATFORM_DOWN: "connection",
    Scenario.RIGHT_MISSING: "use",
}
"""Of the first scenario of each group the end of the key of its heading; scenarios are in the order of `Scenario`."""
_TOKEN_LOOKS: Final = {EtkStatus.VALID_ACTIVE: "ok", EtkStatus.WAIT_FOR_ACTIVATION: "warn"}


def person_row(state: PersonState, texts: Translator) -> ActionRow:
    """Return the row of a person: profession, card, tries of the PIN, mandates, scenarios, and what can be done to the
    card."""
    get, person = texts.get, state.person
    tries = "ok" if state.tries_left == TRIES else "danger" if not state.tries_left else "warn"
    on = ", ".join(get(f"scenario.{scenario}.title") for scenario in state.scenarios)
    names = (mandate.name_in(texts.language) for mandate in state.mandates)
    mandates = ", ".join(dict.fromkeys(names))  # one may have several numbers
    about = get("trainer.people.of", name=person.person.first_names)
    actions = ("unplug" if state.plugged else "plug", "block" if state.tries_left else "unblock")
    return ActionRow(
        person.name,
        [
            Cell(
                person.person.full_name,
                f"{get(f'training.profession.{person.profession}')}\n{person.person.niss.formatted}",
            ),
            Cell(get("trainer.card.in"), severity="info") if state.plugged else Cell(get("trainer.card.out")),
            Cell(get("trainer.tries", left=state.tries_left, total=TRIES), severity=tries),
            Cell(mandates or "–"),
            Cell(on or "–"),
        ],
        [RowButton(action, get(f"trainer.{action}"), about) for action in actions],
    )


def mandate_row(organisation: TrainingOrganisation, texts: Translator) -> ActionRow:
    """Return the row of an organisation, with a button to take the mandate away."""
    name, number = organisation.name_in(texts.language), organisation.identifier.text
    about = texts.get("trainer.people.of", name=name)
    button = RowButton("withdraw", texts.get("trainer.mandates.withdraw"), about)
    return ActionRow(number, [Cell(name), Cell(number)], [button])


def person_options(states: Sequence[PersonState]) -> list[Option]:
    """Return the options for one of the people."""
    return [Option(state.person.name, state.person.person.full_name) for state in states]


def switches_of(training: TrainingPlatform, person: str, words: str, texts: Translator) -> list[Switch]:
    """Return the switches of the scenarios whose text contains all ``words``, as they stand for ``person`` (a short
    name) or for `EVERYBODY`. The one that leaves a keystore of one person is left out for `EVERYBODY`."""
    found: list[Switch] = []
    group = shown_group = ""
    wanted = search_key(words).split()
    for state in training.scenarios():
        group = _GROUPS.get(state.scenario, group)
        if state.scenario is Scenario.FORGOTTEN_PASSWORD and person == EVERYBODY:
            continue  # it leaves a keystore of one person
        key, heading = f"scenario.{state.scenario}", texts.get(f"trainer.scenarios.{group}")
        title, hint = texts.get(f"{key}.title"), texts.get(key)
        sought = search_key(f"{heading} {title} {hint} {state.scenario}")
        if not all(word in sought for word in wanted):
            continue
        on = state.everybody if person == EVERYBODY else person in state.people
        found.append(Switch(state.scenario, title, hint, on, "" if group == shown_group else heading))
        shown_group = group
    return found


def certificate_row(certificate: PlatformCertificate, texts: Translator) -> ActionRow:
    """Return the row of a certificate or request, with what can be decided about it."""
    get = texts.get
    number = _holder_number(certificate)
    status = get(f"trainer.status.{certificate.status.lower()}")
    token = get(f"trainer.token.{certificate.token_status.lower()}")
    when = get("trainer.held.asked", moment=certificate.requested_at)
    if certificate.not_after is not None:
        when = get("trainer.held.until", date=texts.date(certificate.not_after))
    elif certificate.withheld:
        when = get("trainer.held.withheld")
    elif certificate.status == CertStatus.IN_PROGRESS and certificate.awaits_validation:
        when = get("trainer.held.to_confirm", moment=certificate.deliver_at)
    elif certificate.status == CertStatus.IN_PROGRESS:
        when = get("trainer.held.due", moment=certificate.deliver_at)
    replacement = ""
    if certificate.replacement_start is not None and certificate.status == CertStatus.VALID_ACTIVE:
        replacement = get("trainer.held.replacement", date=texts.date(certificate.replacement_start))
    return ActionRow(
        certificate.key_id,
        [
            Cell(certificate.holder, number),
            Cell(status, severity=STATUS_LOOKS.get(certificate.status, "info")),
            Cell(token, severity=_TOKEN_LOOKS.get(certificate.token_status, "off")),
            Cell(when, replacement),
        ],
        [
            RowButton(decision, get(f"trainer.{decision}"), get("trainer.people.of", name=certificate.holder))
            for decision in _decisions(certificate)
        ],
    )


def _decisions(certificate: PlatformCertificate) -> Iterator[str]:
    """Yield what a trainer can do about a request under way."""
    if certificate.status != CertStatus.IN_PROGRESS:
        return
    if certificate.awaits_validation:
        yield "confirm"
    elif not certificate.withheld:
        yield "deliver"
    yield "refuse"


def mail_rows(mails: Sequence[Mail], texts: Translator) -> list[MailMessage]:
    """Return the e-mails, newest first; their texts are in the language of the recipient."""
    return [
        MailMessage(
            mail.subject,
            texts.get("trainer.mail.about", to=mail.to, moment=mail.sent),
            texts.get("trainer.mail.head", to=mail.to, moment=mail.sent),
            mail.body,
            mail.language,
        )
        for mail in mails
    ]


def message_rows(messages: Sequence[SealedLetter], texts: Translator) -> list[ActionRow]:
    """Return a row for each sealed message, the newest first. What is in them only their holders can see."""
    return [
        ActionRow(
            str(message.number),
            [
                Cell(message.sender),
                Cell(message.holder, _holder_number(message)),
                Cell(texts.moment(message.sent)),
                Cell(f"…{str(message.serial)[-6:]}"),
            ],
        )
        for message in messages
    ]


def _holder_number(issued: PlatformCertificate | SealedLetter) -> str:
    """Return the number of a holder, and the application id where there is one."""
    return " · ".join(filter(None, (shown_number(issued.identifier), issued.application_id)))


# ── the live board ───────────────────────────────────────────────────────────────────────────────────────
_LONGEST: Final = 180
"""Characters of an error's sentence on the board."""


def trainee_row(
    trainee: Trainee,
    card: TrainingPerson | None,
    moment: datetime,
    texts: Translator,
    tries_left: int | None = None,
) -> ActionRow:
    """Return the row of a trainee: name, page and step, last error, since when, and what can be done.

    ``card``: the one that was chosen last. ``moment``: the computer's time. ``tries_left``: of the card's PIN, where an
    error speaks of them.
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
            Cell(problem_of(trainee, texts, tries_left)),
            Cell(since) if here else Cell(get("trainer.board.away"), severity="off"),
        ],
        buttons,
    )


def place_of(trainee: Trainee, texts: Translator) -> tuple[str, str]:
    """Return the titles of the page and the step where a trainee is; a dash for a page that there is not."""
    page = texts.page_title(trainee.page) or "–"
    if trainee.step == DONE:
        return page, texts.get("trainer.board.done")
    step = f"{trainee.page.replace('-', '_')}.step.{trainee.step}"
    return page, texts.get(step) if trainee.step and texts.has(step) else ""


def speaks_of_tries(trainee: Trainee) -> bool:
    """Return whether a trainee's last error is about tries of a PIN."""
    return trainee.problem == "error.pin_wrong"


def problem_of(trainee: Trainee, texts: Translator, tries_left: int | None = None) -> str:
    """Return the sentence of a trainee's last error; a dash without one. Pages send no facts of it: an ellipsis stands
    for each but ``tries_left``, which the training platform knows."""
    if not trainee.problem or not texts.has(trainee.problem):
        return "–"
    known = {} if tries_left is None else {"tries_left": tries_left}
    sentence = texts.without_facts(trainee.problem, **known)
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
    own = [each for each in certificates if card is not None and each.person == card.name]
    active = [each for each in own if each.status is CertStatus.VALID_ACTIVE]
    certificate = next(iter(active or own), None)
    holder = "–" if card is None else card.person.full_name
    if certificate is None:
        # Without a card, nobody knows whether there is one.
        word = "none" if card is not None else "unknown"
        state, until = Cell(get(f"trainer.board.certificates.{word}"), severity="off"), Cell("–")
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
