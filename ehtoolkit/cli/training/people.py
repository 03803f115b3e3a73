"""``training people`` and ``card``: the training people, their cards and their readers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

import click

from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.help.command import command
from ehtoolkit.cli.table import Cell, TableColumn, print_table
from ehtoolkit.cli.terminal import echo, stopping_on_signals

if TYPE_CHECKING:
    from ehtoolkit.training.person_state import PersonState
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


@command()
@click.option("--add", nargs=2, metavar="FIRST_NAMES NAME")
@click.option("--born", metavar="DATE")
@click.option("--gender", type=click.Choice(["F", "M"], case_sensitive=False))
@click.option("--profession", type=click.Choice(_PROFESSIONS), default="nurse", show_default=True)
@click.option("--speaks", type=click.Choice(["fr", "nl", "de"]), default="fr", show_default=True)
@click.option("--chip", type=click.Choice(["rsa", "ec"]), default="rsa", show_default=True)
def people(session: Session, /, add: tuple[str, str] | None, **about: str | None) -> None:
    added = None if add is None else _add(session, add, about)
    found = session.training.person_states()
    described = [_describe_person(session, state) for state in found]
    if session.options.as_json:
        name = {} if added is None else {"added": added.name}
        session.print_json({**name, "people": described})
        return
    get = session.texts.get
    if added is not None:
        person = added.person
        about_card = {
            "card": f"training:{added.name}",
            "name": person.full_name,
            "niss": person.niss.formatted,
        }
        echo(get("cli.training.people.added", **about_card))
        return
    if not session.options.verbose:
        print_table(*_people_table(session, described))
        return
    for state, value in zip(found, described, strict=True):
        echo("{card:<20} {niss}  {first_names} {surname}, {profession}".format(**value))
        for organisation in value["organisations"]:
            echo("    " + get("cli.training.people.organisation", **organisation))
        if state.scenarios:
            echo("    " + get("cli.training.people.scenarios", scenarios=", ".join(state.scenarios)))


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
            person["card"],
            f"{person['first_names']} {person['surname']}",
            person["niss"],
            person["profession"],
            "; ".join(
                f"{organisation['organisation']} {organisation['name']}"
                for organisation in person["organisations"]
            ),
            ", ".join(person["scenarios"]),
        )
        for person in people
    ]
    return columns, rows


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


def _describe_person(session: Session, state: PersonState) -> dict[str, Any]:
    person = state.person
    return {
        **describe_card(state),
        "niss": person.person.niss.digits,
        "first_names": person.person.first_names,
        "surname": person.person.name,
        "profession": session.texts.get(f"training.profession.{person.profession}"),
        "organisations": [
            {
                "organisation": organisation.identifier.text,
                "name": organisation.name_in(session.texts.language),
            }
            for organisation in state.mandates
        ],
        "scenarios": list(map(str, state.scenarios)),
    }


@command()
@click.option("--plug", metavar="NAME")
@click.option("--reader", type=click.IntRange(1, 2), default=1, show_default=True)
@click.option("--public-certificates", is_flag=True)
@click.option("--unplug", metavar="NAME")
@click.option("--insert", metavar="NAME")
@click.option("--unblock", metavar="NAME")
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
        session.print_json({"cards": [describe_card(state) for state in found]})
        return 0
    get = session.texts.get
    for state in found:
        where = get(f"cli.training.card.{'in' if state.plugged else 'out'}")
        tries = get("cli.training.card.tries", tries=state.tries_left)
        echo(f"{f'training:{state.person.name}':<20} {where}; {tries}")
    return 0


def _plug(session: Session, name: str, reader: int, *, private_certificates: bool) -> int:
    """Keep a training card in a virtual reader until Ctrl+C, which also closes the reader: nothing is left behind.
    Returns the exit code."""
    from ehtoolkit.training.virtual_card.plugging import keep_plugged
    from ehtoolkit.training.virtual_card.virtual_reader import PlugEvent

    training_card = session.training.card(name)
    specification, reported = f"training:{training_card.name}", False

    def tell(event: PlugEvent) -> None:
        nonlocal reported
        key, facts = f"cli.training.card.{event}", {"card": specification, "reader": reader}
        if reported:
            session.say(key, **facts)
            return
        session.result({**facts, "plugged": True}, key, **facts)
        sys.stdout.flush()
        reported = True

    training_card.plug()
    with suppress(KeyboardInterrupt), stopping_on_signals():
        keep_plugged(
            training_card,
            reader,
            session.settings.virtual_reader_port,
            tell,
            private_certificates=private_certificates,
        )
    return 0


def describe_card(state: PersonState) -> dict[str, Any]:
    return {
        "card": f"training:{state.person.name}",
        "plugged": state.plugged,
        "pin_tries_left": state.tries_left,
    }
