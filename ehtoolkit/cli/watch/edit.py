"""``watch add`` and ``edit``: what a watch audits, and where its messages go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import click

from ehtoolkit.cli.audits.request_options import REQUEST_OPTIONS, request_options
from ehtoolkit.cli.command import UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, FILE_PATH, PASSWORDS, PATH, several
from ehtoolkit.cli.watch.stored_watches import (
    check_watch,
    describe_watch,
    session_of,
    shown_targets,
    watch_store,
)
from ehtoolkit.watch.configuration import (
    Credential,
    HeartbeatTarget,
    MailTarget,
    WatchConfig,
    WebhookTarget,
    check_name,
)

target_options = several(
    click.option("--mail", "mails", multiple=True, metavar="ADDRESS"),
    click.option("--mail-from", metavar="ADDRESS"),
    click.option("--smtp", metavar="HOST[:PORT]"),
    click.option("--smtp-security", type=click.Choice(["starttls", "tls", "none"])),
    click.option("--smtp-user", metavar="NAME"),
    click.option("--smtp-password-file", type=FILE_PATH),
    click.option("--smtp-keyring", metavar="SERVICE"),
    click.option("--webhook", metavar="URL"),
    click.option("--webhook-token-file", type=FILE_PATH),
    click.option("--webhook-keyring", metavar="SERVICE"),
    click.option("--heartbeat", metavar="URL"),
    click.option("--all-well/--no-all-well", default=None),
)
_SENDING: Final = ("mail_from", "smtp", "smtp_security", "smtp_user", "smtp_password_file", "smtp_keyring")
"""The options that say how a mail is sent."""


@command(ENVIRONMENT, PASSWORDS)
@click.argument("name")
@click.option("--folder", "folders", multiple=True, required=True, type=PATH)
@request_options()
@target_options
def add(session: Session, /, name: str, **options: Any) -> None:
    settings = session.settings
    values = {
        "name": check_name(name),
        **_given(session, options),
        "environment": settings.environment if "environment" in settings.model_fields_set else None,
        "language": session.texts.language,
        "mail": mail_target(options),
        "webhook": webhook_target(options),
    }
    made = WatchConfig.model_validate(values)
    check_watch(session, made)
    watch_store(session).add(made)
    key = "watch.added" if made.mail or made.webhook else "watch.added.silent"
    session.result(describe_watch(made), key, name=name, targets=shown_targets(session, made))


def _given(session: Session, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a watch for which there are options, but the targets of its messages."""
    given = session.options
    found = {
        "folders": tuple(folder.absolute() for folder in options["folders"]),
        **{name: options[name] for name in REQUEST_OPTIONS},
        "passwords": tuple(Path(table).absolute() for table in given.passwords),
        "password_file": given.password_file and given.password_file.absolute(),
        "environment": given.environment,
        "language": given.lang,
        "heartbeat": options["heartbeat"] and HeartbeatTarget(url=options["heartbeat"]),
        "all_well": options["all_well"],
    }
    return {name: value for name, value in found.items() if value not in (None, ())}


_OPTIONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "mail": ("mails", *_SENDING),
    "webhook": ("webhook", "webhook_token_file", "webhook_keyring"),
    "login": ("smtp_user", "smtp_password_file", "smtp_keyring"),
    "token": ("webhook_token_file", "webhook_keyring"),
    "heartbeat": ("heartbeat",),
    "practice": ("practice",),
    "passwords": ("passwords",),
    "password-file": ("password_file",),
    "environment": ("environment",),
}
"""What --without removes, with the options that would give it."""
_OF_OUTPUT: Final = ("as_json", "quiet", "verbose")


@command(ENVIRONMENT, PASSWORDS)
@click.argument("name")
@click.option("--folder", "folders", multiple=True, type=PATH)
@request_options(changes=True)
@target_options
@click.option("--without", multiple=True, type=click.Choice(tuple(_OPTIONS_OF)))
def edit(session: Session, /, name: str, **options: Any) -> None:
    from ehtoolkit.watch.state import edit_watch

    store = watch_store(session)
    earlier = store.load(name)
    _check_options(options)
    made = _edited(session, earlier, options)
    with session_of(session, made) as inner:
        check_watch(inner, made)
    edit_watch(store, made)
    session.result(describe_watch(made), "watch.edited", name=name, targets=shown_targets(session, made))


def _check_options(options: Mapping[str, Any]) -> None:
    """Raise `UsageProblem` where nothing is to be changed, or one option gives what another removes."""
    context = click.get_current_context()
    source = context.get_parameter_source
    given = {name for name in context.params if source(name) is click.core.ParameterSource.COMMANDLINE}
    if not given - {"name", *_OF_OUTPUT}:
        raise UsageProblem("watch_nothing", command=context.command_path)
    for part in options["without"]:
        for name in given.intersection(_OPTIONS_OF[part]):
            option = f"--{name.removesuffix('s') if name == 'mails' else name}".replace("_", "-")
            raise UsageProblem("watch_without", option=option, part=part)


def _edited(session: Session, old: WatchConfig, options: Mapping[str, Any]) -> WatchConfig:
    """Return the watch with what the options change."""
    changes, without = _given(session, options), options["without"]
    for part in without:
        name = part.replace("-", "_")
        if name in WatchConfig.model_fields:
            changes[name] = () if name == "passwords" else None
    mail, webhook = old.mail, old.webhook
    if mail is not None and "login" in without:
        mail = mail.model_copy(update={"user": None, "password": None})
    if webhook is not None and "token" in without:
        webhook = webhook.model_copy(update={"token": None})
    changes["mail"] = None if "mail" in without else mail_target(options, mail)
    changes["webhook"] = None if "webhook" in without else webhook_target(options, webhook)
    # Through the model again, which checks what belongs together.
    return WatchConfig.model_validate({**old.model_dump(), **changes})


# ── Where messages go ────────────────────────────────────────────────────────────────────────────────────
def mail_target(options: Mapping[str, Any], old: MailTarget | None = None) -> MailTarget | None:
    """Return where mails go; what is not named is as in ``old``. Raises `UsageProblem` and `errors.WatchInvalid`."""
    given = {name: options[name] for name in _SENDING if options[name] is not None}
    if old is None and not options["mails"]:
        if given:
            raise UsageProblem("watch_smtp")
        return None
    if old is None and not options["smtp"]:
        raise UsageProblem("watch_mail")
    kept: Mapping[str, Any] = {} if old is None else _as_options(old, given)
    wanted = {**kept, **given}
    return MailTarget.make(
        options["mails"] or kept["mails"],
        wanted["smtp"],
        sender=wanted.get("mail_from"),
        security=wanted.get("smtp_security", "starttls"),
        user=wanted.get("smtp_user"),
        password=_credential("smtp", "smtp_password_file", options) or kept.get("password"),
    )


def _as_options(old: MailTarget, given: Collection[str]) -> dict[str, Any]:
    """Return the options that make ``old``, and its password. With another security, its port is the usual one."""
    host = f"[{old.host}]" if ":" in old.host else old.host
    return {
        "mails": old.to,
        "smtp": host if "smtp_security" in given else f"{host}:{old.port}",
        "mail_from": None if old.sender == old.to[0] else old.sender,
        "smtp_security": old.security,
        "smtp_user": old.user,
        "password": old.password,
    }


def webhook_target(options: Mapping[str, Any], old: WebhookTarget | None = None) -> WebhookTarget | None:
    """Return the address that gets JSON; what is not named is as in ``old``. Raises `UsageProblem` and
    `errors.WatchInvalid`."""
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
    path, service = options[file], options[f"{kind}_keyring"]
    if path is not None and service is not None:
        names = {"file": f"--{file.replace('_', '-')}", "keyring": f"--{kind}-keyring"}
        raise UsageProblem("watch_credential", **names)
    if path is None and service is None:
        return None
    return Credential(file=None if path is None else path.absolute(), service=service)
