"""``watch list`` and ``remove``: the stored watches, and how commands print them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.terminal import echo
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable
from ehtoolkit.watch.configuration import WatchConfig
from ehtoolkit.watch.outbox import Outbox
from ehtoolkit.watch.store import OUTBOX, WatchStore


@command()
def list_watches(session: Session) -> int:
    store, code = watch_store(session), ExitCode.FINE
    found, lines = list[dict[str, Any]](), list[str]()
    for name in store.names():
        try:
            watch, last = store.load(name), store.last_run(name)
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
        found.append({**describe_watch(watch), **about})
        lines += _lines(session, watch, found[-1])
    session.result_lines({"watches": found}, lines, None if code else "watch.none")
    return code


def _lines(session: Session, watch: WatchConfig, about: Mapping[str, Any]) -> list[str]:
    get = session.texts.get
    folders = (f"  {printable(folder)}" for folder in about["folders"])
    lines = [watch.name, *folders, *(f"  {line}" for line in _asked(session.texts, watch))]
    lines.append(f"  → {shown_targets(session, watch)}")
    if about["last"] is None:
        lines.append(f"  {get('watch.never')}")
    else:
        status = get(f"watch.status.{about['status']}")
        lines.append(f"  {get('watch.last', now=datetime.fromisoformat(about['last']), status=status)}")
    if about["waiting"]:
        lines.append(f"  {get('watch.waiting', count=about['waiting'])}")
    return lines


def _asked(texts: Translator, watch: WatchConfig) -> Iterator[str]:
    """Yield what the watch asks of an audit, where its passwords are, and how it shows that it runs."""
    if watch.practice is not None:
        yield texts.get("watch.asks.practice", practice=printable(watch.practice))
    yield texts.get("watch.asks.due_within", days=watch.due_within.days)
    yield texts.get("watch.asks.registry" if watch.registry else "watch.asks.no_registry")
    yield texts.get("watch.asks.revocation" if watch.revocation else "watch.asks.no_revocation")
    if watch.follow_links:
        yield texts.get("watch.asks.links")
    files = [*watch.passwords, *([watch.password_file] if watch.password_file else [])]
    if files:
        yield texts.get("watch.asks.passwords", files=", ".join(printable(str(file)) for file in files))
    else:
        yield texts.get("watch.asks.no_passwords")
    if watch.heartbeat is not None:
        yield texts.get("watch.asks.heartbeat", address=watch.heartbeat.shown)
    if watch.all_well:
        yield texts.get("watch.asks.all_well")


@command()
@click.argument("name")
def remove(session: Session, name: str) -> int:
    from ehtoolkit.watch.scheduled import remove_schedules

    store, get, code = watch_store(session), session.texts.get, ExitCode.FINE
    store.remove(name)
    lines, schedules = [get("watch.removed", name=name)], list[dict[str, Any]]()
    # Without a watch there is nothing to run.
    removals = () if store.names() else remove_schedules(store.folder, session.settings.home.absolute())
    try:
        for files, command in removals:
            shown = ", ".join(printable(str(file)) for file in files)
            lines.append(get("watch.unscheduled", files=shown, command=command))
            schedules.append({"files": [str(file) for file in files], "command": command})
    except errors.EhToolkitError as error:  # the watch is gone all the same
        complain(session, name, error)
        code = ExitCode.STORAGE
    session.result_lines({"removed": name, "schedules": schedules}, lines)
    return code


def watch_store(session: Session) -> WatchStore:
    """Return the watches of the user."""
    return WatchStore(session.settings.home / "watch")


def session_of(session: Session, watch: WatchConfig) -> closing[Session]:
    """Return a session with the options with which ``watch add`` would have made the watch, for a ``with`` block."""
    options = replace(
        session.options,
        environment=watch.environment,
        lang=watch.language,
        passwords=tuple(map(str, watch.passwords)),
        password_file=watch.password_file,
        quiet=True,
    )
    return closing(Session(options, session.invocation))


def check_watch(session: Session, watch: WatchConfig) -> None:
    """Check that the passwords of a watch can be read at every run, and that its practice is one of the registry.
    ``session``: has the options of the watch.

    Raises `UsageProblem`, `errors.PracticeUnknown`, and what reading the passwords raises.
    """
    if Path("-").absolute() in watch.passwords:  # standard input
        raise UsageProblem("watch_stdin")
    if watch.practice is not None and not watch.registry:
        raise UsageProblem("practice")
    if watch.password_file is not None:
        session.read_secret(watch.password_file)
    if watch.passwords:
        session.passwords  # noqa: B018  # refuses a table that is none
    if watch.practice is not None:
        from ehtoolkit.cli.audits.perform import check_practice

        check_practice(session, watch.request, watch.practice)


def describe_watch(watch: WatchConfig) -> dict[str, Any]:
    """Return a watch as JSON, without what may be a secret."""
    mail = watch.mail
    return {
        **watch.model_dump(mode="json", exclude={"mail", "webhook", "heartbeat"}),
        "mail": None
        if mail is None
        else {"to": list(mail.to), "server": mail.host, "security": mail.security},
        "webhook": None if watch.webhook is None else watch.webhook.shown,
        "heartbeat": None if watch.heartbeat is None else watch.heartbeat.shown,
    }


def complain(session: Session, name: str, error: errors.EhToolkitError) -> None:
    """Print on standard error what is wrong with the watch ``name``, while others go on."""
    echo(f"{name}: {session.texts.error(error)}\n{session.texts.next_step(error)}", err=True)


def shown_targets(session: Session, watch: WatchConfig, *, without: Collection[str] = ()) -> str:
    """Return where the messages of a watch go, in words. ``without``: targets and addresses that get none."""
    mail = () if watch.mail is None or "mail" in without else watch.mail.to
    mail = tuple(to for to in mail if to not in without)
    webhook = () if watch.webhook is None or "webhook" in without else (watch.webhook.shown,)
    return ", ".join((*mail, *webhook)) or session.texts.get("watch.nowhere")
