"""``ehtoolkit training people``, ``card`` and ``certificates``: who there is, and what the platform has of them."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo, stopping_on_signals
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.table import Cell, TableColumn, print_table

if TYPE_CHECKING:
    from ehtoolkit.training.people.person_state import PersonState
    from ehtoolkit.training.service.certificate_view import PlatformCertificate
    from ehtoolkit.training.state.invented_people import LanguageName, TrainingPerson

_PROFESSIONS: Final = (
    "physiotherapist",
    "nurse",
    "speech_therapist",
    "general_practitioner",
    "trainee",
    "pharmacist",
    "secretary",
)
"""The values of `ehtoolkit.training.Profession`, without the import; a test holds them equal."""


@click.command(
    cls=LocalisedCommand,
    help="The training people, their cards, their mandates, and the scenarios that are on for them; or one more.",
)
@click.option(
    "--add",
    nargs=2,
    metavar="FIRST_NAMES NAME",
    help="Invent somebody, with a number and a card, until reset.",
)
@click.option("--born", metavar="DATE", help="Of somebody new: 14/03/1979 or 1979-03-14.")
@click.option("--gender", type=click.Choice(["F", "M"], case_sensitive=False), help="Of somebody new.")
@click.option("--profession", type=click.Choice(_PROFESSIONS), default="nurse", show_default=True)
@click.option("--speaks", type=click.Choice(["fr", "nl", "de"]), default="fr", show_default=True)
@click.option(
    "--chip",
    type=click.Choice(["rsa", "ec"]),
    default="rsa",
    show_default=True,
    help="ec: a card of the newer kind.",
)
@shared
def people(session: Session, /, add: tuple[str, str] | None, **about: str | None) -> int:
    added = None if add is None else _add(session, add, about)
    found = session.training.person_states()
    described = [_describe_person(session, one) for one in found]
    if session.options.as_json:
        name = {} if added is None else {"added": added.name}
        session.result({**name, "people": described}, "cli.training.people")
        return 0
    get = session.texts.get
    if added is not None:
        person = added.person
        about_card = {
            "card": f"training:{added.name}",
            "name": person.full_name,
            "niss": person.niss.formatted,
        }
        echo(get("cli.training.people.added", **about_card))
        return 0
    if not session.options.verbose:
        print_table(*_people_table(session, described))
        return 0
    for one, value in zip(found, described, strict=True):
        echo("{card:<20} {niss}  {first_names} {surname}, {profession}".format(**value))
        for organisation in value["organisations"]:
            echo("    " + get("cli.training.people.organisation", **organisation))
        if one.scenarios:
            echo("    " + get("cli.training.people.scenarios", scenarios=", ".join(one.scenarios)))
    return 0


def _people_table(
    session: Session, people: Sequence[Mapping[str, Any]]
) -> tuple[Sequence[TableColumn], list[Sequence[Cell]]]:
    """Return the columns of the table of people and a row for each. ``people``: as in the JSON object."""
    get = session.texts.get
    columns = (
        TableColumn("--card", 16),
        TableColumn(get("registry.column.name"), 16),
        TableColumn(get("registry.column.niss"), 11, 1),
        TableColumn(get("registry.column.type"), 12, 2),
        TableColumn("training mandate", 18, 4),
        TableColumn("training scenario", 12, 3),
    )
    rows: list[Sequence[Cell]] = [
        (
            one["card"],
            f"{one['first_names']} {one['surname']}",
            one["niss"],
            one["profession"],
            "; ".join(f"{each['organisation']} {each['name']}" for each in one["organisations"]),
            ", ".join(one["scenarios"]),
        )
        for one in people
    ]
    return columns, rows


@click.command(
    cls=LocalisedCommand,
    help="The training cards: in their reader or not, PIN blocked or not; and how to change that.",
)
@click.option(
    "--plug", metavar="NAME", help="Put this card into a virtual reader, for every program, until Ctrl+C."
)
@click.option(
    "--reader",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="Which virtual reader, with --plug.",
)
@click.option(
    "--public-certificates",
    is_flag=True,
    help="With --plug: certificates that OpenSC shows without the PIN. Real cards mark theirs as private.",
)
@click.option(
    "--unplug", metavar="NAME", help="Take this person's card out of its reader, also of a virtual one."
)
@click.option("--insert", metavar="NAME", help="Put it back.")
@click.option("--unblock", metavar="NAME", help="Give its PIN three tries again, as the municipality does.")
@shared
def card(
    session: Session,
    plug: str | None,
    reader: int,
    public_certificates: bool,
    unplug: str | None,
    insert: str | None,
    unblock: str | None,
) -> int:
    training = session.training
    if insert is not None:
        training.card(insert).plug()
    if unblock is not None:
        training.unblock(unblock)
    if unplug is not None:
        training.card(unplug).unplug()
    if plug is not None:
        return _plug(session, plug, reader, private_certificates=not public_certificates)
    found = training.person_states()
    if session.options.as_json:
        session.result({"cards": [_describe_card(one) for one in found]}, "cli.training.people")
        return 0
    get = session.texts.get
    for one in found:
        where = get(f"cli.training.card.{'in' if one.plugged else 'out'}")
        tries = get("cli.training.card.tries", tries=one.tries_left)
        echo(f"{f'training:{one.person.name}':<20} {where}; {tries}")
    return 0


@click.command(
    cls=LocalisedCommand,
    help="What the training platform holds: every certificate that was asked for, the last first.",
)
@shared
def certificates(session: Session) -> int:
    found = session.training.certificates()
    if session.options.as_json:
        session.result({"certificates": [_describe_held(one) for one in found]}, "cli.training.people")
        return 0
    get, rows = session.texts.get, list[Sequence[Cell]]()
    for one in found:
        holder = ",".join(filter(None, (one.identifier.text, one.application_id)))
        rows.append(
            (
                f"{one.holder}, {holder}",
                f"{one.status}, ETK {one.token_status}{_when(session, one)}",
                one.key_id,
            )
        )
    columns = (
        TableColumn(get("export.column.holder"), 16),
        TableColumn(get("export.column.standing"), 20),
        TableColumn(get("registry.column.key_id"), 12),
    )
    print_table(columns, rows)
    if not found:
        session.result({}, "cli.training.no_certificates")
    return 0


def _add(session: Session, names: tuple[str, str], about: Mapping[str, str | None]) -> TrainingPerson:
    """Invent a person.

    Args:
        names: first names and surname.
        about: what the options say.

    Raises `errors.OptionMissing` and `errors.InputInvalid` (reason ``name``, ``birth_date`` or ``gender``).
    """
    from ehtoolkit.cli.certificate.output import needed
    from ehtoolkit.training.state.invented_people import Profession
    from ehtoolkit.training.state.person_factory import NewPerson, read_birth_date, read_gender

    born, gender = needed(
        session,
        {"--born": about["born"], "--gender": about["gender"]},
        checks={"--born": read_birth_date, "--gender": read_gender},
    )
    newcomer = NewPerson(
        *names,
        born=read_birth_date(born),
        gender=read_gender(gender),
        language=cast("LanguageName", about["speaks"]),
        profession=Profession(str(about["profession"])),
        card_is_ec=about["chip"] == "ec",
    )
    return session.training.add_person(newcomer)


def _plug(session: Session, name: str, reader: int, *, private_certificates: bool) -> int:
    """Keep a training card in a virtual reader until Ctrl+C, which also closes the reader: nothing is left behind.
    Returns the exit code."""
    from ehtoolkit.training.virtual_card.plugging import PlugEvent, keep_plugged
    from ehtoolkit.training.virtual_card.vpcd import ports_from

    training_card = session.training.card(name)
    specification, told = f"training:{training_card.name}", False

    def tell(event: PlugEvent) -> None:
        nonlocal told
        key, facts = f"cli.training.card.{event}", {"card": specification, "reader": reader}
        if told:
            session.say(key, **facts)
            return
        session.result({**facts, "plugged": True}, key, **facts)
        sys.stdout.flush()
        told = True

    training_card.plug()
    with suppress(KeyboardInterrupt), stopping_on_signals():
        keep_plugged(
            training_card,
            reader,
            tell,
            ports=ports_from(session.settings.virtual_reader_port),
            private_certificates=private_certificates,
        )
    return 0


def _describe_person(session: Session, state: PersonState) -> dict[str, Any]:
    person = state.person
    return {
        **_describe_card(state),
        "niss": person.person.niss.digits,
        "first_names": person.person.first_names,
        "surname": person.person.name,
        "profession": session.texts.get(f"training.profession.{person.profession}"),
        "organisations": [
            {
                "organisation": one.identifier.text,
                "name": one.name_nl if session.texts.language == "nl" else one.name_fr,
            }
            for one in state.mandates
        ],
        "scenarios": list(map(str, state.scenarios)),
    }


def _describe_card(state: PersonState) -> dict[str, Any]:
    return {
        "card": f"training:{state.person.name}",
        "plugged": state.plugged,
        "pin_tries_left": state.tries_left,
    }


def _describe_held(held: PlatformCertificate) -> dict[str, Any]:
    values = {field.name: getattr(held, field.name) for field in dataclasses.fields(held)}
    return {**values, "identifier": held.identifier.text}


def _when(session: Session, held: PlatformCertificate) -> str:
    """Return the one date that matters now, after a comma: when the certificate ends, or when it is due. For a
    certificate that is withheld, return that it is; for a refused one, empty text."""
    get = session.texts.get
    if held.withheld:
        return ", " + get("cli.training.certificate.withheld")
    if held.not_after is not None:
        return ", " + get("cli.training.certificate.until", until=held.not_after)
    if held.refused_at is None:
        return ", " + get("cli.training.certificate.due", due=held.deliver_at)
    return ""
