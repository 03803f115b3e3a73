"""``watch list``: the watches and their last results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo
from ehtoolkit.cli.watch.stored_watches import complain, describe_watch, shown_targets, watch_store
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    from ehtoolkit.watch import WatchConfig


@click.command("list", cls=LocalisedCommand)
@shared()
def list_watches(session: Session) -> int:
    from ehtoolkit import errors
    from ehtoolkit.cli.exit_codes import ExitCode
    from ehtoolkit.watch.outbox import Outbox
    from ehtoolkit.watch.store import OUTBOX

    store, code = watch_store(session), ExitCode.FINE
    found = []
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
        if not session.options.as_json:
            echo(_listed(session, watch, found[-1]))
    if session.options.as_json:
        session.result({"watches": found}, "watch.none")
    elif not found and not code:
        echo(session.texts.get("watch.none"))
    return int(code)


def _listed(session: Session, watch: WatchConfig, about: Mapping[str, Any]) -> str:
    get = session.texts.get
    lines = [
        watch.name,
        *(f"  {printable(folder)}" for folder in about["folders"]),
        f"  → {shown_targets(session, watch)}",
    ]
    if about["last"] is None:
        lines.append(f"  {get('watch.never')}")
    else:
        status = get(f"watch.status.{about['status']}")
        lines.append(f"  {get('watch.last', now=datetime.fromisoformat(about['last']), status=status)}")
    if about["waiting"]:
        lines.append(f"  {get('watch.waiting', count=about['waiting'])}")
    return "\n".join(lines)
