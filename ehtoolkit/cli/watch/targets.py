"""Where the messages of a watch go, by the options of ``watch add`` and ``watch edit``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit.cli.help.command import UsageProblem
from ehtoolkit.cli.options import several

if TYPE_CHECKING:
    from ehtoolkit.watch import MailTarget, WebhookTarget
    from ehtoolkit.watch.configuration import Credential

_FILE: Final = click.Path(dir_okay=False, path_type=Path)
target_options = several(
    click.option("--mail", "mails", multiple=True, metavar="ADDRESS"),
    click.option("--mail-from", metavar="ADDRESS"),
    click.option("--smtp", metavar="HOST[:PORT]"),
    click.option("--smtp-security", type=click.Choice(["starttls", "tls", "none"])),
    click.option("--smtp-user", metavar="NAME"),
    click.option("--smtp-password-file", type=_FILE),
    click.option("--smtp-keyring", metavar="SERVICE"),
    click.option("--webhook", metavar="URL"),
    click.option("--webhook-token-file", type=_FILE),
    click.option("--webhook-keyring", metavar="SERVICE"),
)
_SENDING: Final = ("mail_from", "smtp", "smtp_security", "smtp_user", "smtp_password_file", "smtp_keyring")
"""The options that say how a mail is sent."""
TARGETS: Final = {
    "mail": ("mails", *_SENDING),
    "webhook": ("webhook", "webhook_token_file", "webhook_keyring"),
}
"""By target, the options about it."""


def mail_target(options: Mapping[str, Any], old: MailTarget | None = None) -> MailTarget | None:
    """Return where mails go; what is not named is as in ``old``. Raises `UsageProblem` and `errors.WatchInvalid`."""
    from ehtoolkit.watch import MailTarget

    given = {name: options[name] for name in _SENDING if options[name] is not None}
    if old is None and not options["mails"]:
        if given:
            raise UsageProblem("watch_smtp")
        return None
    if old is None and not options["smtp"]:
        raise UsageProblem("watch_mail")
    password = _credential("smtp", "smtp_password_file", options)
    if old is None:
        return MailTarget.make(
            options["mails"],
            options["smtp"],
            sender=options["mail_from"],
            security=given.get("smtp_security", "starttls"),
            user=options["smtp_user"],
            password=password,
        )
    same_server = "smtp" not in given and "smtp_security" not in given
    changed = MailTarget.make(
        options["mails"] or old.to,
        given.get("smtp", _host(old.host)),
        sender=given.get("mail_from", None if old.sender == old.to[0] else old.sender),
        security=given.get("smtp_security", old.security),
        user=given.get("smtp_user", old.user),
        password=password or old.password,
    )
    return changed.model_copy(update={"port": old.port}) if same_server else changed


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def webhook_target(options: Mapping[str, Any], old: WebhookTarget | None = None) -> WebhookTarget | None:
    """Return the address that gets JSON; what is not named is as in ``old``. Raises `UsageProblem` and
    `errors.WatchInvalid`."""
    from ehtoolkit.watch import WebhookTarget

    token = _credential("webhook", "webhook_token_file", options)
    url = options["webhook"]
    if url is None and old is not None:
        url = old.url
    if url is None:
        if token is not None:
            raise UsageProblem("watch_token")
        return None
    # A token is a secret of the old address.
    kept = old.token if old is not None and options["webhook"] in (None, old.url) else None
    return WebhookTarget(url=url, token=token or kept)


def _credential(kind: str, file: str, options: Mapping[str, Any]) -> Credential | None:
    from ehtoolkit.watch.configuration import Credential

    path, service = options[file], options[f"{kind}_keyring"]
    if path is not None and service is not None:
        names = {"file": f"--{file.replace('_', '-')}", "keyring": f"--{kind}-keyring"}
        raise UsageProblem("watch_credential", **names)
    if path is None and service is None:
        return None
    return Credential(file=None if path is None else path.absolute(), service=service)
