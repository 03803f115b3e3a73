"""``ehtoolkit doctor``: what is wrong with this computer, and whether it is the certificate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.finding_lines import print_brief, print_findings
from ehtoolkit.cli.options import CARD, FILE_PATH, PASSWORDS, PATH, PLATFORM
from ehtoolkit.cli.terminal import echo
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import create_file, require_new

if TYPE_CHECKING:  # they load every part of the program, which --help does not need
    from ehtoolkit.card.port import Card
    from ehtoolkit.doctor import CheckResult, HealthReport, KnownError, Triage
    from ehtoolkit.doctor.certificate_triage import Recognition


@command(CARD, PASSWORDS, PLATFORM)
@click.argument("keystore", required=False, type=PATH)
@click.option("--says", metavar="TEXT", default="")
@click.option("--online", is_flag=True)
@click.option("--test-pin", is_flag=True)
@click.option("--last-try", is_flag=True)
@click.option("--report", type=FILE_PATH)
def doctor(
    session: Session,
    keystore: Path | None,
    says: str,
    online: bool,
    test_pin: bool,
    last_try: bool,
    report: Path | None,
) -> int:
    from ehtoolkit.doctor import examine, find_known_error, report_of, triage
    from ehtoolkit.doctor.certificate_triage import Recognition
    from ehtoolkit.doctor.known_errors import codes_in
    from ehtoolkit.toolkit import revocation_asker

    if report is not None:
        require_new(report)
    session.confirm_environment()
    password = None if keystore is None else _password_of(session, keystore)
    advice, codes = find_known_error(says), codes_in(says)
    if says and not session.options.as_json:  # asked first, and known before anything is looked at
        _tell_advice(session, advice, with_call=keystore is None)
    examination, recognition = examine(session.settings), None
    if test_pin:
        line, recognition = _test_pin(session, last_try, recognise=keystore is not None)
        examination = examination.with_lines([line])
    found = None
    if keystore is not None:
        recognition = recognition or Recognition.without_pin(session.toolkit)
        with revocation_asker(session.settings) as ask:
            found = triage(
                keystore,
                password,
                session.toolkit,
                recognition=recognition,
                advice=advice,
                codes=codes,
                ask_revocation=ask if online else None,
            )
    if report is not None:
        create_file(report, report_of(examination, session.texts, found))
        session.say("cli.doctor.report", path=report)
    if session.options.as_json:
        session.print_json(_described(examination, found, advice, session))
    else:
        _tell(session, examination, found)
    sound = examination.sound if found is None else found.sound
    return 0 if sound else 1


def _test_pin(session: Session, last_try: bool, *, recognise: bool) -> tuple[CheckResult, Recognition | None]:
    """Try the PIN, and return the line about it. With ``recognise`` its one signature asks the platform who the card's
    holder is, and the answer is returned too; else None."""
    from ehtoolkit.doctor.card import check_pin, sign_something
    from ehtoolkit.doctor.certificate_triage import Recognition
    from ehtoolkit.doctor.check_result import CheckResult, CheckTopic
    from ehtoolkit.procedures.authorization import ask_qualities

    found: list[Recognition] = []

    def ask(card: Card, pin: Secret | None) -> None:
        found.append(Recognition(card.identity(), ask_qualities(card, pin, session.toolkit.context)))

    def allow_last_try() -> bool:
        return last_try or session.confirms("cli.doctor.last_try")

    try:
        with session.open_card() as (card, pin):
            line = check_pin(card, pin, allow_last_try, ask if recognise else sign_something)
    except errors.CardError as error:
        line = CheckResult.of_error(CheckTopic.PIN, error)
    return line, found[0] if found else None


def _password_of(session: Session, keystore: Path) -> Secret | None:
    """Return the password of a keystore; None where it was not given and cannot be asked for. Raises
    `errors.WrongEnvironment` before anything else is looked at."""
    from ehtoolkit.doctor.certificate_triage import examine_keystore

    try:
        password = session.password_of(keystore)
    except errors.OptionMissing:
        password = None
    try:
        examine_keystore(keystore, password, session.toolkit)
    except errors.WrongEnvironment:
        raise
    except errors.EhToolkitError:  # the triage says so
        pass
    return password


def _described(
    examination: HealthReport, found: Triage | None, advice: tuple[KnownError, ...], session: Session
) -> dict[str, Any]:
    from ehtoolkit.doctor.health_check import versions
    from ehtoolkit.doctor.report import described

    texts = session.texts
    value: dict[str, Any] = {
        "environment": examination.environment,
        "at": examination.at,
        "seconds": examination.seconds,
        "sound": examination.sound,
        "lines": [described(line, texts) for line in examination.lines],
        "advice": [_advised(known, session) for known in advice],
        "versions": versions(),
    }
    if found is not None:
        value["certificate"] = {
            "verdict": str(found.verdict),
            "message": found.sentence(texts),
            "contact": str(found.contact),
            "call": found.call(texts),
            "lines": [described(line, texts) for line in found.lines],
        }
    return value


def _advised(advice: KnownError, session: Session) -> dict[str, str]:
    texts = session.texts
    return {
        "key": advice.key,
        "message": advice.cause(texts),
        "next": advice.cure(texts),
        "contact": str(advice.contact),
        "call": advice.call(texts),
    }


def _tell_advice(session: Session, advice: tuple[KnownError, ...], *, with_call: bool) -> None:
    """Print what the user's code or sentence means, or that it is not known. ``with_call``: also who can help, where no
    verdict on a keystore follows, which says it for both."""
    form = "{message}\n→ {next}\n→ {call}\n" if with_call else "{message}\n→ {next}\n"
    for known in advice:
        echo(form.format(**_advised(known, session)))
    if not advice:
        echo(session.texts.get("cli.doctor.unheard") + "\n")


def _tell(session: Session, examination: HealthReport, found: Triage | None) -> None:
    """Print the verdict first; then what is wrong, or everything with --verbose."""
    get = session.texts.get
    if found is None:
        sound = "cli.doctor.sound.training_card" if examination.training_card else "cli.doctor.sound"
        echo(get(sound if examination.sound else "cli.doctor.unsound"))
    else:
        echo(f"{found.sentence(session.texts)}\n{found.call(session.texts)}")
        if found.lines:
            echo(get("doctor.section.keystore"))
            print_brief(session, found.lines)
            if not (session.options.verbose or session.options.quiet):
                echo(get("doctor.section.computer"))
    if not session.options.verbose:
        print_brief(session, examination.lines)
        return
    for section, lines in examination.sections():
        echo(get(f"doctor.section.{section}"))
        print_findings(session, lines)
