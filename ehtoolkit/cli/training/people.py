"""``training people`` and ``card``: the training people, their cards and their readers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any

import click

from ehtoolkit.cli.certificate.output import needed
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import EnumChoice
from ehtoolkit.cli.table import TableColumn, print_table
from ehtoolkit.cli.terminal import echo, stopping_on_signals
from ehtoolkit.i18n import Translator
from ehtoolkit.training.person_state import PersonState
from ehtoolkit.training.state.invented_people import Profession, TrainingPerson
from ehtoolkit.training.state.people_store import NewPerson, read_birth_date, read_gender


@command()
@click.option("--add", nargs=2, metavar="FIRST_NAMES NAME")
@click.option("--born", metavar="DATE")
@click.option("--gender", type=click.Choice(["F", "M"], case_sensitive=False))
@click.option("--profession", type=EnumChoice(Profession), default="nurse", show_default=True)
@click.option("--speaks", type=click.Choice(["fr", "nl", "de"]), default="fr", show_default=True)
@click.option("--chip", type=click.Choice(["rsa", "ec"]), default="rsa", show_default=True)
def people(session: Session, /, add: tuple[str, str] | None, **about: Any) -> None:
    added = None if add is None else _add(session, add, about)
    described = [_describe_person(session, state) for state in session.training.person_states()]
    if session.options.as_json:
        name = {} if added is None else {"added": added.name}
        session.print_json({**name, "people": described})
        return
    if added is not None:
        person, named = added.person, f"training:{added.name}"
        facts = {"card": named, "name": person.full_name, "niss": person.niss.formatted}
        session.print_text("cli.training.people.added", **facts)
        return
    if not session.options.verbose:
        print_table(_people_columns(session.texts), described)
        return
    get = session.texts.get
    for value in described:
        echo("{card:<20} {niss}  {first_names} {surname}, {profession}".format(**value))
        for organisation in value["organisations"]:
            echo("    " + get("cli.training.people.organisation", **organisation))
        if value["scenarios"]:
            echo("    " + get("cli.training.people.scenarios", scenarios=", ".join(value["scenarios"])))


def _people_columns(texts: Translator) -> Sequence[TableColumn[Mapping[str, Any]]]:
    """Return the columns of the table of people, each as in the JSON object."""
    get, mandates = texts.get, "{organisation} {name}".format_map
    return (
        TableColumn("--card", itemgetter("card"), 16),
        TableColumn(get("registry.column.name"), "{0[first_names]} {0[surname]}".format, 16),
        TableColumn(get("registry.column.niss"), itemgetter("niss"), 11, 1),
        TableColumn(get("registry.column.type"), itemgetter("profession"), 12, 2),
        TableColumn(
            "training mandate", lambda person: "; ".join(map(mandates, person["organisations"])), 18, 4
        ),
        TableColumn("training scenario", lambda person: ", ".join(person["scenarios"]), 12, 3),
    )


def _add(session: Session, names: tuple[str, str], about: Mapping[str, Any]) -> TrainingPerson:
    """Invent a person.

    Args:
        names: first names and surname.
        about: what the options say.

    Raises `errors.OptionMissing` and `errors.InputInvalid` (reason ``name``, ``birth_date`` or ``gender``).
    """
    given = {"--born": about["born"], "--gender": about["gender"]}
    checks = {"--born": read_birth_date, "--gender": read_gender}
    born, gender = needed(session, given, checks=checks)
    newcomer = NewPerson(
        *names,
        born=read_birth_date(born),
        gender=read_gender(gender),
        language=about["speaks"],
        profession=about["profession"],
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
            {"organisation": held.identifier.text, "name": held.name_in(session.texts.language)}
            for held in state.mandates
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
) -> None:
    training = session.training
    if insert is not None:
        training.card(insert).plug()
    if unblock is not None:
        training.unblock(unblock)
    if unplug is not None:
        training.card(unplug).unplug()
    if plug is not None:
        _plug(session, plug, reader, private_certificates=not public_certificates)
        return
    found = training.person_states()
    value = {"cards": [describe_card(state) for state in found]}
    session.result_lines(value, (_card_line(state, session.texts) for state in found))


def _card_line(state: PersonState, texts: Translator) -> str:
    where = texts.get(f"cli.training.card.{'in' if state.plugged else 'out'}")
    tries = texts.get("cli.training.card.tries", tries=state.tries_left)
    return f"{f'training:{state.person.name}':<20} {where}; {tries}"


def _plug(session: Session, name: str, reader: int, *, private_certificates: bool) -> None:
    """Keep a training card in a virtual reader until Ctrl+C, which also closes the reader: nothing is left behind."""
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
    port = session.settings.virtual_reader_port
    with suppress(KeyboardInterrupt), stopping_on_signals():
        keep_plugged(training_card, reader, port, tell, private_certificates=private_certificates)


def describe_card(state: PersonState) -> dict[str, Any]:
    return {
        "card": f"training:{state.person.name}",
        "plugged": state.plugged,
        "pin_tries_left": state.tries_left,
    }
