"""``ehtoolkit training messages``, ``discard-keys`` and ``return-keys``: sealed messages, and the old keys for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.session import Session

if TYPE_CHECKING:
    from ehtoolkit.training.lessons.discarded_keys import DiscardedFile, DiscardedKeys
    from ehtoolkit.training.service.sealed_letters import SealedLetter

_PATH = click.Path(path_type=Path)


@click.command(
    cls=LocalisedCommand,
    help="The sealed messages that colleagues have sent to all who have a token; or save one, for message open.",
)
@click.option("--save", type=int, metavar="NUMBER", help="Write this one to a file; needs -o.")
@click.option("-o", "--output", type=_PATH, help="The new file.")
@shared
def messages(session: Session, save: int | None, output: Path | None) -> int:
    found = session.training.messages()
    if save is not None:
        return _save(session, found, save, output)
    if session.options.as_json:
        session.result({"messages": [_describe(one) for one in found]}, "cli.training.no_messages")
        return 0
    for one in found:
        facts = {"number": one.number, "sender": one.sender, "holder": one.holder, "moment": one.sent}
        echo(session.texts.get("cli.training.message", **facts, key=str(one.serial)))
    if not found:
        session.result({}, "cli.training.no_messages")
    return 0


@click.command(
    "discard-keys",
    cls=LocalisedCommand,
    help="Throw the old keys of a renewed keystore away, and its holder's older files; return-keys undoes it.",
)
@click.argument("file", type=_PATH)
@shared
def discard_keys(session: Session, file: Path) -> int:
    gone = _discarded(session).discard(file, session.password_of(file))
    facts = {"file": str(file), "count": len(gone)}
    session.result({"file": str(file), "thrown_away": _files(gone)}, "cli.training.discarded", **facts)
    return 0


@click.command(
    "return-keys",
    cls=LocalisedCommand,
    help="Put back into the keystore folder what discard-keys threw away.",
)
@shared
def return_keys(session: Session) -> int:
    back = _discarded(session).bring_back()
    session.result({"returned": [str(one) for one in back]}, "cli.training.returned", count=len(back))
    for one in back if not session.options.as_json else ():
        echo(str(one))
    return 0


def _save(session: Session, found: list[SealedLetter], number: int, output: Path | None) -> int:
    from ehtoolkit.system.files import create_file

    if output is None:
        raise errors.OptionMissing(option="--output")
    letter = next((one for one in found if one.number == number), None)
    if letter is None:
        known = ", ".join(str(one.number) for one in reversed(found)) or "–"
        raise errors.TrainingMessageUnknown(number=number, known=known)
    create_file(output, letter.data)
    session.result({**_describe(letter), "file": str(output)}, "cli.training.message_saved", file=str(output))
    return 0


def _discarded(session: Session) -> DiscardedKeys:
    keystores = session.settings.keystores if session.settings.environment == "training" else None
    return session.training.discarded_keys(keystores)


def _files(gone: tuple[DiscardedFile, ...]) -> list[dict[str, Any]]:
    return [{"file": str(one.path), "keys": list(one.keys)} for one in gone]


def _describe(one: SealedLetter) -> dict[str, Any]:
    return {
        "number": one.number,
        "sender": one.sender,
        "holder": one.identifier.text,
        "holder_name": one.holder,
        "application_id": one.application_id,
        "sent": one.sent.isoformat(),
        "key": str(one.serial),
        "size": len(one.data),
    }
