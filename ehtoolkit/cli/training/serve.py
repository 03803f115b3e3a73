"""``training serve``: the training platform over HTTP."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import TRACE
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import stopping_on_signals
from ehtoolkit.secret import Secret


@click.command(cls=LocalisedCommand)
@click.option("--host", metavar="ADDR", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8097, show_default=True)
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shared(TRACE)
def serve(session: Session, host: str, port: int, token_file: Path | None) -> int:
    import warnings

    from ehtoolkit.training.http.server import serve_training

    def ready(url: str) -> None:
        session.result({"url": url}, "cli.training.serving", url=url)
        sys.stdout.flush()

    # Not an option of its own: every user of a computer sees what a command was started with.
    token = session.settings.platform_token
    if token_file is not None:
        token = Secret.from_file(token_file).reveal()
    trace = session.settings.trace
    if trace is not None:
        session.say("cli.trace.on", folder=trace)
    with stopping_on_signals(), warnings.catch_warnings():
        if not sys.warnoptions:  # libraries warn of what clients send, such as a serial number of 0
            warnings.simplefilter("ignore")
        serve_training(session.training.server(host=host, port=port, token=token, trace=trace), ready)
    return 0
