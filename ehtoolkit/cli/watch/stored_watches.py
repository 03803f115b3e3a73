"""The stored watches, and how commands print them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo

if TYPE_CHECKING:
    from ehtoolkit.errors import EhToolkitError
    from ehtoolkit.watch import WatchConfig, WatchStore


def watch_store(session: Session) -> WatchStore:
    """Return the watches of the user."""
    from ehtoolkit.watch import WatchStore

    return WatchStore(session.settings.home / "watch")


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
