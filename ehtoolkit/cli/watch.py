"""``ehtoolkit watch``: audits that run by themselves and send a message when something is due."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from ehtoolkit.cli.help.command import LocalisedGroup
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo, stopping_on_signals
from ehtoolkit.cli.session import Session

if TYPE_CHECKING:  # pandas takes its time, which --help does not need
    from ehtoolkit.audit import Audit
    from ehtoolkit.errors import EhToolkitError
    from ehtoolkit.watch import RunResult, WatchConfig, WatchRunner, WatchStore
    from ehtoolkit.watch.configuration import Credential
    from ehtoolkit.watch.outbox import Sender

_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_PROCESSES: Final = 2


@click.group(
    cls=LocalisedGroup, help="Audits that run by themselves, and send a message when something is due."
)
def watch() -> None:
    """The group; its commands do the work."""


@watch.command(
    help="Add a watch. Its passwords come from --passwords and --password-file, its environment and its language from "
    "--environment and --lang; the files are read at every run, and no password is kept."
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
    default="starttls",
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
    if given.passwords == "-":  # standard input
        raise click.UsageError("A watch reads its passwords at every run: --passwords needs a file.")
    if options["practice"] is not None and options["no_registry"]:
        raise click.UsageError("--practice needs the registry, which --no-registry leaves out.")
    made = WatchConfig(
        name=check_name(name),
        folders=tuple(folder.absolute() for folder in folders),
        practice=options["practice"],
        passwords=None if given.passwords is None else Path(given.passwords).absolute(),
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
    if made.passwords is not None:
        session.passwords  # noqa: B018  # refuses a table that is none
    _store(session).add(made)
    session.result(_described(made), "watch.added", name=name, targets=_shown_targets(session, made))
    return 0


def _mail(options: Mapping[str, Any]) -> Any:
    from ehtoolkit.watch import MailTarget

    if not options["mails"]:
        if options["smtp"] or options["smtp_user"] or options["mail_from"]:
            raise click.UsageError("--smtp says how a mail is sent, --mail to whom: give --mail, too.")
        return None
    if not options["smtp"]:
        raise click.UsageError("--mail needs a mail server: --smtp HOST.")
    security: Literal["starttls", "tls", "none"] = options["smtp_security"]
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
            raise click.UsageError("A token is for --webhook: give its address, too.")
        return None
    return WebhookTarget.make(options["webhook"], token)


def _credential(kind: str, file: str, options: Mapping[str, Any]) -> Credential | None:
    from ehtoolkit.watch.configuration import Credential

    path, service = options[file], options[f"{kind}_keyring"]
    if path is not None and service is not None:
        raise click.UsageError(f"--{file.replace('_', '-')} or --{kind}-keyring, not both.")
    if path is None and service is None:
        return None
    return Credential(file=None if path is None else path.absolute(), service=service)


@watch.command(
    "list", help="The watches, with what they look at, where their messages go, and how it was the last time."
)
@shared
def list_watches(session: Session) -> int:
    from ehtoolkit.watch.outbox import Outbox
    from ehtoolkit.watch.store import REPORT, load_json

    store = _store(session)
    found = []
    for name in store.names():
        one, folder = store.load(name), store.folder_of(name)
        last = load_json(folder / REPORT) or {}
        about = {
            "last": last.get("at"),
            "status": last.get("status"),
            "waiting": len(Outbox(folder / "outbox")),
        }
        found.append({**_described(one), **about})
        if not session.options.as_json:
            echo(_listed(session, one, found[-1]))
    if session.options.as_json:
        session.result({"watches": found}, "watch.none")
    elif not found:
        echo(session.texts.get("watch.none"))
    return 0


def _listed(session: Session, one: WatchConfig, about: Mapping[str, Any]) -> str:
    get = session.texts.get
    lines = [one.name, *(f"  {folder}" for folder in about["folders"]), f"  → {_shown_targets(session, one)}"]
    if about["last"] is None:
        lines.append(f"  {get('watch.never')}")
    else:
        status = get(f"watch.status.{about['status']}")
        lines.append(f"  {get('watch.last', now=datetime.fromisoformat(about['last']), status=status)}")
    if about["waiting"]:
        lines.append(f"  {get('watch.waiting', count=about['waiting'])}")
    return "\n".join(lines)


@watch.command(help="Take a watch out, with what it kept and has not sent. No keystore is touched.")
@click.argument("name")
@shared
def remove(session: Session, name: str) -> int:
    _store(session).remove(name)
    session.result({"removed": name}, "watch.removed", name=name)
    return 0


@watch.command(
    help="Run the watches now, without NAME all: what changed, what is due; messages are sent. Exit code 1 when "
    "something is due, 6 when an audit failed, a watch runs already, or a message could not be sent."
)
@click.argument("names", nargs=-1, metavar="[NAME...]")
@shared
def run(session: Session, names: tuple[str, ...]) -> int:
    from ehtoolkit import errors
    from ehtoolkit.cli.exit_codes import ExitCode
    from ehtoolkit.clock import SystemClock

    store, code, reports = _store(session), ExitCode.FINE, []
    watches = [store.load(name) for name in names or store.names()]
    with stopping_on_signals():
        for one in watches:
            try:
                with _runner(session, store) as runner:
                    result = runner.run(one, lambda one=one: _audit(session, one), SystemClock().now)  # type: ignore[misc]
            except errors.Cancelled:
                raise
            except errors.EhToolkitError as error:  # the others go on
                _complain(session, one.name, error)
                code = ExitCode.STORAGE
                continue
            reports.append(_told(session, store, one, result))
            failed = result.report.status == "failed" or result.delivery.failures
            due = ExitCode.NOT_FINE if result.report.status == "due" else ExitCode.FINE
            code = max(code, ExitCode.STORAGE if failed else due)
    if session.options.as_json:
        session.result({"runs": reports}, "watch.none")
    elif not watches:
        echo(session.texts.get("watch.none"))
    return int(code)


def _told(session: Session, store: WatchStore, one: WatchConfig, result: RunResult) -> dict[str, Any]:
    """Say what a run found: with --quiet only what is due or failed."""
    from ehtoolkit.watch.store import REPORT, load_json

    delivery = result.delivery
    if not session.options.as_json and not (session.options.quiet and result.report.status == "fine"):
        echo(result.report.text(session.texts), nl=False)
    for target, error in delivery.failures.items():
        _complain(session, f"{one.name}, {target}", error)
    if delivery.left:
        session.say("watch.waiting", count=delivery.left)
    report = load_json(store.folder_of(one.name) / REPORT) or {}
    about = {"sent": delivery.sent, "waiting": delivery.left, "dropped": delivery.dropped}
    return {**report, **about, "failures": {name: error.key for name, error in delivery.failures.items()}}


def _complain(session: Session, name: str, error: EhToolkitError) -> None:
    echo(f"{name}: {session.texts.error(error)}\n{session.texts.next_step(error)}", err=True)


@watch.command(help="Send a test message to where the messages of a watch go.")
@click.argument("name")
@shared
def test(session: Session, name: str) -> int:
    from ehtoolkit.cli.exit_codes import ExitCode
    from ehtoolkit.clock import SystemClock

    store = _store(session)
    one = store.load(name)
    if not one.targets:
        raise click.UsageError(f"{name} sends no message: it has neither --mail nor --webhook.")
    with _runner(session, store) as runner:
        result = runner.test(one, SystemClock().now())
    failures = result.delivery.failures
    for target, error in failures.items():
        _complain(session, target, error)
    answer = {"sent": result.delivery.sent, "failures": {one: error.key for one, error in failures.items()}}
    session.result(answer, "watch.tested", count=result.delivery.sent, targets=_shown_targets(session, one))
    return int(ExitCode.STORAGE if failures else ExitCode.FINE)


class TimeOfDay(click.ParamType[time]):
    """``07:30``."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> time:
        if isinstance(value, time):
            return value
        try:
            return datetime.strptime(str(value), "%H:%M").time()  # of any day
        except ValueError:
            self.fail(f"{value!r} is no time of day. Write 07:30.", param, ctx)


@watch.command(
    help="Have the operating system run all watches every day: a systemd timer, a task of Windows or an agent of "
    "launchd. Each file is shown, and written when that is confirmed; the command that starts it is shown, not run."
)
@click.option(
    "--for",
    "scheduler",
    type=click.Choice(["systemd", "launchd", "windows"]),
    help="Without it, this computer's.",
)
@click.option("--at", type=TimeOfDay(), default="07:30", metavar="HH:MM", help="07:30 without it.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Where the files go.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@shared
def install(
    session: Session, scheduler: str | None, at: time, into: Path | None, dry_run: bool, yes: bool
) -> int:
    import os

    from ehtoolkit.watch.schedule import Scheduler, plan_schedule

    chosen = Scheduler.here() if scheduler is None else Scheduler(scheduler)
    program = (sys.executable, "-m", "ehtoolkit", "watch", "run", "--quiet")
    variables = {name: os.environ[name] for name in _carried() if name in os.environ}
    if "EHTOOLKIT_HOME" in variables:
        variables["EHTOOLKIT_HOME"] = str(Path(variables["EHTOOLKIT_HOME"]).absolute())
    plan = plan_schedule(chosen, program, at, variables, None if into is None else into.absolute())
    if not session.options.as_json:
        for file in plan.files:
            echo(f"── {file.path}\n{file.text}")
    written = not dry_run and (yes or session.confirm("--yes", "watch.ask"))
    if written:
        plan.write()
    answer = {
        "files": [{"path": str(file.path), "text": file.text} for file in plan.files],
        "command": plan.command,
        "written": written,
    }
    session.result(answer, "watch.written" if written else "watch.shown", command=plan.command)
    return 0


def _carried() -> list[str]:
    """The settings of this shell that a run needs, too; not those that are secrets, or of a single command."""
    from ehtoolkit.settings import Settings

    left_out = {"platform_token", "trace", "environment", "language", "card"}
    return [f"EHTOOLKIT_{name.upper()}" for name in Settings.model_fields if name not in left_out]


# ── what the commands have in common ─────────────────────────────────────────────────────────────────────
def _store(session: Session) -> WatchStore:
    from ehtoolkit.watch import WatchStore

    return WatchStore(session.settings.home / "watch")


@contextmanager
def _runner(session: Session, store: WatchStore) -> Iterator[WatchRunner]:
    from ehtoolkit.audit.pseudonyms import Pseudonyms
    from ehtoolkit.ehealth.wire.http import HttpTransport
    from ehtoolkit.ehealth.wire.tls import trusting_context
    from ehtoolkit.watch import WatchRunner
    from ehtoolkit.watch.mail import compose, send_mail
    from ehtoolkit.watch.webhook import post_webhook

    settings = session.settings
    with ExitStack() as opened:

        def senders(one: WatchConfig) -> Mapping[str, Sender]:
            found: dict[str, Sender] = {}
            mail, webhook = one.mail, one.webhook
            if mail is not None:
                context = trusting_context(settings.ca_file)

                def send(message: Mapping[str, Any]) -> None:
                    at = datetime.fromisoformat(message["at"])
                    made = compose(mail, message["subject"], message["text"], message["id"], at)
                    send_mail(mail, made, context, settings.platform_timeout)

                found["mail"] = send
            if webhook is not None:
                # Without the token of a training server, which is for that one alone.
                plain = settings.model_copy(update={"platform_token": None})
                transport = opened.enter_context(closing(HttpTransport(plain)))
                found["webhook"] = lambda message: post_webhook(webhook, message["payload"], transport)
            return found

        yield WatchRunner(store, Pseudonyms.open(settings.home / "audit"), senders)


def _audit(session: Session, one: WatchConfig) -> Audit:
    """As ``ehtoolkit audit`` would with the options of the watch."""
    from ehtoolkit.cli.audit import AuditScope, perform_audit
    from ehtoolkit.watch.thresholds import THRESHOLDS

    options = replace(
        session.options,
        environment=one.environment,
        lang=one.language,
        passwords=None if one.passwords is None else str(one.passwords),
        password_file=one.password_file,
        quiet=True,
    )
    scope = AuditScope(
        timedelta(days=max(THRESHOLDS)), _PROCESSES, one.practice, not one.registry, one.revocation
    )
    with closing(Session(options)) as inner:
        return perform_audit(inner, one.folders, scope)


def _described(one: WatchConfig) -> dict[str, Any]:
    """As JSON, without what may be a secret."""
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


def _shown_targets(session: Session, one: WatchConfig) -> str:
    mail = () if one.mail is None else one.mail.to
    webhook = () if one.webhook is None else (one.webhook.shown,)
    return ", ".join((*mail, *webhook)) or session.texts.get("watch.nowhere")
