"""``ehtoolkit watch add``, ``list`` and ``remove``: what watches look at, and where their messages go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.usage import UsageProblem
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.session import Session
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    from ehtoolkit.errors import EhToolkitError
    from ehtoolkit.watch import WatchConfig, WatchStore
    from ehtoolkit.watch.configuration import Credential

_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_SENDING: Final = ("mail_from", "smtp", "smtp_security", "smtp_user", "smtp_password_file", "smtp_keyring")
"""The options that say how a mail is sent."""


@click.command(
    cls=LocalisedCommand,
    help="Add a watch. Its passwords come from --passwords and --password-file, its environment and its language from "
    "--environment and --lang; the files are read at every run, and no password is kept.",
)
@click.argument("name")
@click.option(
    "--folder",
    "folders",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="Of keystores, with the folders within; several by giving it again.",
)
@click.option("--practice", metavar="NAME", help="The providers of this practice alone.")
@click.option("--no-registry", is_flag=True, help="The folders alone; no provider of the registry.")
@click.option("--revocation", is_flag=True, help="Ask the issuers which certificates are revoked.")
@click.option(
    "--mail", "mails", multiple=True, metavar="ADDRESS", help="Who gets a mail; several by giving it again."
)
@click.option("--mail-from", metavar="ADDRESS", help="The sender; without it the first who gets it.")
@click.option("--smtp", metavar="HOST[:PORT]", help="The mail server.")
@click.option(
    "--smtp-security",
    type=click.Choice(["starttls", "tls", "none"]),
    help="starttls without it; none only for a server on this computer.",
)
@click.option("--smtp-user", metavar="NAME", help="For a login.")
@click.option("--smtp-password-file", type=_FILE, help="File with the password of --smtp-user.")
@click.option(
    "--smtp-keyring", metavar="SERVICE", help="Or its entry in the keyring of the operating system."
)
@click.option("--webhook", metavar="URL", help="An address that gets the report as JSON.")
@click.option(
    "--webhook-token-file", type=_FILE, help="File with the token that is sent (Authorization, Bearer)."
)
@click.option(
    "--webhook-keyring", metavar="SERVICE", help="Or its entry in the keyring, of the user webhook."
)
@shared
def add(session: Session, /, name: str, folders: tuple[Path, ...], **options: Any) -> int:
    from ehtoolkit.watch import WatchConfig
    from ehtoolkit.watch.configuration import check_name

    given, settings = session.options, session.settings
    if "-" in given.passwords:  # standard input
        raise UsageProblem(
            "watch_stdin", "A watch reads its passwords at every run: --passwords needs a file."
        )
    if options["practice"] is not None and options["no_registry"]:
        raise UsageProblem("practice", "--practice needs the registry, which --no-registry leaves out.")
    made = WatchConfig(
        name=check_name(name),
        folders=tuple(folder.absolute() for folder in folders),
        practice=options["practice"],
        passwords=tuple(Path(table).absolute() for table in given.passwords),
        password_file=None if given.password_file is None else given.password_file.absolute(),
        environment=settings.environment if "environment" in settings.model_fields_set else None,
        language=session.texts.language,
        revocation=options["revocation"],
        registry=not options["no_registry"],
        mail=_mail(options),
        webhook=_webhook(options),
    )
    if made.password_file is not None:
        from ehtoolkit.secret import Secret

        Secret.from_file(made.password_file)
    if made.passwords:
        session.passwords  # noqa: B018  # refuses a table that is none
    if made.practice is not None:
        from ehtoolkit.cli.audit_run import check_practice

        check_practice(session, made.folders, made.practice)
    watch_store(session).add(made)
    session.result(_described(made), "watch.added", name=name, targets=shown_targets(session, made))
    return 0


def _mail(options: Mapping[str, Any]) -> Any:
    from ehtoolkit.watch import MailTarget

    if not options["mails"]:
        if any(options[name] is not None for name in _SENDING):
            raise UsageProblem(
                "watch_smtp", "--smtp says how a mail is sent, --mail to whom: give --mail, too."
            )
        return None
    if not options["smtp"]:
        raise UsageProblem("watch_mail", "--mail needs a mail server: --smtp HOST.")
    security: Literal["starttls", "tls", "none"] = options["smtp_security"] or "starttls"
    return MailTarget.make(
        options["mails"],
        options["smtp"],
        sender=options["mail_from"],
        security=security,
        user=options["smtp_user"],
        password=_credential("smtp", "smtp_password_file", options),
    )


def _webhook(options: Mapping[str, Any]) -> Any:
    from ehtoolkit.watch import WebhookTarget

    token = _credential("webhook", "webhook_token_file", options)
    if options["webhook"] is None:
        if token is not None:
            raise UsageProblem("watch_token", "A token is for --webhook: give its address, too.")
        return None
    return WebhookTarget.make(options["webhook"], token)


def _credential(kind: str, file: str, options: Mapping[str, Any]) -> Credential | None:
    from ehtoolkit.watch.configuration import Credential

    path, service = options[file], options[f"{kind}_keyring"]
    if path is not None and service is not None:
        names = {"file": f"--{file.replace('_', '-')}", "keyring": f"--{kind}-keyring"}
        raise UsageProblem("watch_credential", "{file} or {keyring}, not both.".format(**names), **names)
    if path is None and service is None:
        return None
    return Credential(file=None if path is None else path.absolute(), service=service)


@click.command(
    "list",
    cls=LocalisedCommand,
    help="The watches, with what they look at, where their messages go, and how it was the last time.",
)
@shared
def list_watches(session: Session) -> int:
    from ehtoolkit import errors
    from ehtoolkit.cli.exit_codes import ExitCode
    from ehtoolkit.watch.outbox import Outbox
    from ehtoolkit.watch.store import OUTBOX

    store, code = watch_store(session), ExitCode.FINE
    found = []
    for name in store.names():
        try:
            one, last = store.load(name), store.last_run(name)
        except errors.EhToolkitError as error:  # the others are shown
            complain(session, name, error)
            code = ExitCode.STORAGE
            continue
        at, status = last or (None, None)
        about = {
            "last": None if at is None else at.isoformat(),
            "status": status,
            "waiting": len(Outbox(store.folder_of(name) / OUTBOX)),
        }
        found.append({**_described(one), **about})
        if not session.options.as_json:
            echo(_listed(session, one, found[-1]))
    if session.options.as_json:
        session.result({"watches": found}, "watch.none")
    elif not found and not code:
        echo(session.texts.get("watch.none"))
    return int(code)


def _listed(session: Session, one: WatchConfig, about: Mapping[str, Any]) -> str:
    get = session.texts.get
    lines = [
        one.name,
        *(f"  {printable(folder)}" for folder in about["folders"]),
        f"  → {shown_targets(session, one)}",
    ]
    if about["last"] is None:
        lines.append(f"  {get('watch.never')}")
    else:
        status = get(f"watch.status.{about['status']}")
        lines.append(f"  {get('watch.last', now=datetime.fromisoformat(about['last']), status=status)}")
    if about["waiting"]:
        lines.append(f"  {get('watch.waiting', count=about['waiting'])}")
    return "\n".join(lines)


@click.command(
    cls=LocalisedCommand,
    help="Take a watch out, with what it kept and has not sent. No keystore is touched.",
)
@click.argument("name")
@shared
def remove(session: Session, name: str) -> int:
    watch_store(session).remove(name)
    session.result({"removed": name}, "watch.removed", name=name)
    return 0


def watch_store(session: Session) -> WatchStore:
    """Return the watches of the user."""
    from ehtoolkit.watch import WatchStore

    return WatchStore(session.settings.home / "watch")


def _described(one: WatchConfig) -> dict[str, Any]:
    """Return a watch as JSON, without what may be a secret."""
    mail = one.mail
    return {
        "name": one.name,
        "folders": [str(folder) for folder in one.folders],
        "practice": one.practice,
        "environment": one.environment,
        "language": one.language,
        "mail": None
        if mail is None
        else {"to": list(mail.to), "server": mail.host, "security": mail.security},
        "webhook": None if one.webhook is None else one.webhook.shown,
    }


def complain(session: Session, name: str, error: EhToolkitError) -> None:
    """Print on standard error what is wrong with the watch ``name``, while others go on."""
    echo(f"{name}: {session.texts.error(error)}\n{session.texts.next_step(error)}", err=True)


def shown_targets(session: Session, one: WatchConfig) -> str:
    """Return where the messages of a watch go, in words."""
    mail = () if one.mail is None else one.mail.to
    webhook = () if one.webhook is None else (one.webhook.shown,)
    return ", ".join((*mail, *webhook)) or session.texts.get("watch.nowhere")
