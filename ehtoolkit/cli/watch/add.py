"""``watch add``: what a watch audits, and where its messages go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, PASSWORDS
from ehtoolkit.cli.help.usage import UsageProblem
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.watch.stored_watches import describe_watch, shown_targets, watch_store

if TYPE_CHECKING:
    from ehtoolkit.watch.configuration import Credential

_FILE: Final = click.Path(dir_okay=False, path_type=Path)


_SENDING: Final = ("mail_from", "smtp", "smtp_security", "smtp_user", "smtp_password_file", "smtp_keyring")
"""The options that say how a mail is sent."""


@click.command(cls=LocalisedCommand)
@click.argument("name")
@click.option("--folder", "folders", multiple=True, required=True, type=click.Path(path_type=Path))
@click.option("--practice", metavar="NAME")
@click.option("--no-registry", is_flag=True)
@click.option("--revocation", is_flag=True)
@click.option("--mail", "mails", multiple=True, metavar="ADDRESS")
@click.option("--mail-from", metavar="ADDRESS")
@click.option("--smtp", metavar="HOST[:PORT]")
@click.option("--smtp-security", type=click.Choice(["starttls", "tls", "none"]))
@click.option("--smtp-user", metavar="NAME")
@click.option("--smtp-password-file", type=_FILE)
@click.option("--smtp-keyring", metavar="SERVICE")
@click.option("--webhook", metavar="URL")
@click.option("--webhook-token-file", type=_FILE)
@click.option("--webhook-keyring", metavar="SERVICE")
@shared(ENVIRONMENT, PASSWORDS)
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
        session.passwords  # noqa: B018  # refuses a file that is not a table of passwords
    if made.practice is not None:
        from ehtoolkit.cli.audits.perform import check_practice

        check_practice(session, made.folders, made.practice)
    watch_store(session).add(made)
    session.result(describe_watch(made), "watch.added", name=name, targets=shown_targets(session, made))
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
