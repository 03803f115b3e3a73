"""``ehtoolkit training``: serve the embedded platform, move its clock, read its mail, put it back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo, stopping_on_signals
from ehtoolkit.cli.session import Session
from ehtoolkit.secret import Secret


@click.command(
    cls=LocalisedCommand,
    help="Confirm a request without card, in the place of its holder: by its address or its key.",
)
@click.argument("request", metavar="URL|KEY_ID")
@shared
def validate(session: Session, request: str) -> int:
    record = session.training.confirm_request(session.training.find_request(request).key_id)
    value = {"key_id": record.key_id, "ready": record.deliver_at.isoformat()}
    session.result(value, "cli.training.validated", key_id=record.key_id, ready=record.deliver_at)
    return 0


@click.command(cls=LocalisedCommand, help="The platform over HTTP, with paths as the real one's.")
@click.option("--host", metavar="ADDR", default="127.0.0.1", show_default=True)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8097, show_default=True, help="0: any that is free."
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file with what clients have to show, on any address but the loopback; or EHTOOLKIT_PLATFORM_TOKEN.",
)
@shared
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


@click.command(
    cls=LocalisedCommand, help="Show the training clock, or move it: +N(min|h|d|mo|y), an ISO date, reset."
)
@click.argument("move", required=False)
@shared
def clock(session: Session, move: str | None) -> int:
    if move is not None:
        session.training.clock.move(move)
    now = session.training.clock.now()
    session.result({"now": now.isoformat()}, "cli.training.clock", now=now)
    return 0


@click.command(cls=LocalisedCommand, help="The e-mails that the platform wrote, newest first.")
@shared
def mail(session: Session) -> int:
    mails = [
        {"to": one.to, "sent": one.sent.isoformat(), "subject": one.subject, "body": one.body}
        for one in session.training.mails()
    ]
    if session.options.as_json:
        session.result({"mails": mails}, "cli.training.no_mail")
        return 0
    for one in mails:
        echo("{sent}  {to}\n{subject}\n\n{body}\n".format(**one))
    if not mails:
        session.result({}, "cli.training.no_mail")
    return 0


@click.command(
    cls=LocalisedCommand,
    help="Forget everything that this platform issued: cards, certificates, keystores; and the invented providers.",
)
@click.option(
    "--providers", is_flag=True, help="Also the providers that were entered in the training registry by hand."
)
@shared
def reset(session: Session, providers: bool) -> int:
    from ehtoolkit.training.sample import Sample

    settings = session.settings
    real = () if settings.environment == "training" else (settings.keystores,)
    session.training.reset(also=(settings.home / "notes" / "training",), real_folders=real)
    sample = Sample(settings, session.training)
    kept = 0
    if providers:
        sample.clear()
    else:
        sample.remove()
        kept = sample.state().own
    session.result({"reset": True, "providers_kept": kept}, "cli.training.reset")
    if kept:
        session.say("cli.training.reset.kept", count=kept)
    return 0


@click.command(
    cls=LocalisedCommand,
    help="Forty invented providers over six practices, with keystores: everything that an audit can find.",
)
@click.option("--anew", is_flag=True, help="Although they are there: what was changed in them is lost.")
@click.option("--remove", is_flag=True, help="Take them away, and leave everything else.")
@shared
def sample(session: Session, anew: bool, remove: bool) -> int:
    from ehtoolkit.training.sample import Sample

    found = Sample(session.settings, session.training)
    if remove:
        found.remove()
        session.result({"removed": True}, "cli.training.sample.removed")
        return 0
    made = found.make() if anew or not found.is_there else 0
    facts = {
        "folder": str(found.folder),
        "patterns": str(found.patterns),
        "password": found.password,
        "moment": found.made_at,
    }
    described = {
        "made": made,
        "made_at": found.made_at,
        "folders": [str(one) for one in found.folders],
        "passwords": str(found.patterns),
        "password": found.password,
    }
    session.result(described, f"cli.training.sample.{'made' if made else 'there'}", count=made, **facts)
    return 0


@click.command(
    cls=LocalisedCommand, help="Accept cards under this root certificate too (PEM or DER), in training alone."
)
@click.argument("certificate", type=click.Path(dir_okay=False, path_type=Path))
@shared
def trust(session: Session, certificate: Path) -> int:
    try:
        subject = session.training.trust(certificate.read_bytes())
    except OSError as error:
        raise errors.FileUnreadable(path=str(certificate)) from error
    session.result({"trusted": subject}, "cli.training.trusted", subject=subject)
    return 0
