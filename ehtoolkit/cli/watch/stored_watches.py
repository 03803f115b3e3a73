"""The stored watches, and how commands print them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ehtoolkit.cli.help.usage import UsageProblem
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo

if TYPE_CHECKING:
    from ehtoolkit.errors import EhToolkitError
    from ehtoolkit.watch import WatchConfig, WatchStore


def watch_store(session: Session) -> WatchStore:
    """Return the watches of the user."""
    from ehtoolkit.watch import WatchStore

    return WatchStore(session.settings.home / "watch")


def check_watch(session: Session, watch: WatchConfig) -> None:
    """Check that the passwords of a watch can be read at every run, and that its practice is one of the registry.
    ``session``: has the options of the watch.

    Raises `UsageProblem`, `errors.PracticeUnknown`, and what reading the passwords raises.
    """
    if Path("-").absolute() in watch.passwords:  # standard input
        raise UsageProblem(
            "watch_stdin", "A watch reads its passwords at every run: --passwords requires a file."
        )
    if watch.practice is not None and not watch.registry:
        raise UsageProblem("practice", "--practice requires the registry, which --no-registry excludes.")
    if watch.password_file is not None:
        from ehtoolkit.secret import Secret

        Secret.from_file(watch.password_file)
    if watch.passwords:
        session.passwords  # noqa: B018  # refuses a table that is none
    if watch.practice is not None:
        from ehtoolkit.cli.audits.perform import check_practice

        check_practice(session, watch.folders, watch.practice)


def describe_watch(watch: WatchConfig) -> dict[str, Any]:
    """Return a watch as JSON, without what may be a secret."""
    mail = watch.mail
    return {
        "name": watch.name,
        "folders": [str(folder) for folder in watch.folders],
        "practice": watch.practice,
        "environment": watch.environment,
        "language": watch.language,
        "mail": None
        if mail is None
        else {"to": list(mail.to), "server": mail.host, "security": mail.security},
        "webhook": None if watch.webhook is None else watch.webhook.shown,
    }


def complain(session: Session, name: str, error: EhToolkitError) -> None:
    """Print on standard error what is wrong with the watch ``name``, while others go on."""
    echo(f"{name}: {session.texts.error(error)}\n{session.texts.next_step(error)}", err=True)


def shown_targets(session: Session, watch: WatchConfig) -> str:
    """Return where the messages of a watch go, in words."""
    mail = () if watch.mail is None else watch.mail.to
    webhook = () if watch.webhook is None else (watch.webhook.shown,)
    return ", ".join((*mail, *webhook)) or session.texts.get("watch.nowhere")
