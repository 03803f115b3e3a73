"""``training clock``, ``certificates``, ``validate``, ``trust``, ``sample``, ``reset``, ``serve``: the platform."""

from __future__ import annotations

import dataclasses
import sys
import warnings
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, FILE_PATH, KEYSTORE_FOLDER, TRACE
from ehtoolkit.cli.table import TableColumn, print_table
from ehtoolkit.cli.terminal import stopping_on_signals
from ehtoolkit.system.files import read_input

if TYPE_CHECKING:  # it loads the protocol, which the training clock does not need
    from ehtoolkit.training.service.certificate_info import PlatformCertificate


@command()
@click.argument("move", required=False)
def clock(session: Session, move: str | None) -> None:
    if move is not None:
        session.training.clock.move(move)
    now = session.training.clock.now()
    session.result({"now": now.isoformat()}, "cli.training.clock", now=now)


@command()
def certificates(session: Session) -> None:
    found, get = session.training.certificates(), session.texts.get
    if session.options.as_json:
        session.print_json({"certificates": [_describe_certificate(certificate) for certificate in found]})
        return

    def holder(certificate: PlatformCertificate) -> str:
        number = ",".join(filter(None, (certificate.identifier.text, certificate.application_id)))
        return f"{certificate.holder}, {number}"

    def state(certificate: PlatformCertificate) -> str:
        return f"{certificate.status}, ETK {certificate.token_status}{_when(session, certificate)}"

    columns = (
        TableColumn(get("export.column.holder"), holder, 16),
        TableColumn(get("export.column.state"), state, 20),
        TableColumn(get("registry.column.key_id"), attrgetter("key_id"), 12),
    )
    if not print_table(columns, found):
        session.print_text("cli.training.no_certificates")


def _describe_certificate(certificate: PlatformCertificate) -> dict[str, Any]:
    values = {field.name: getattr(certificate, field.name) for field in dataclasses.fields(certificate)}
    return {**values, "identifier": certificate.identifier.text}


def _when(session: Session, certificate: PlatformCertificate) -> str:
    """Return the one date that matters now, after a comma: when the certificate ends, or when it is due. For a
    certificate that is withheld, return that it is; for a refused one, empty text."""
    get = session.texts.get
    if certificate.withheld:
        return ", " + get("cli.training.certificate.withheld")
    if certificate.not_after is not None:
        return ", " + get("cli.training.certificate.until", until=certificate.not_after)
    if certificate.refused_at is None:
        return ", " + get("cli.training.certificate.due", due=certificate.deliver_at)
    return ""


@command()
@click.argument("request", metavar="URL|KEY_ID")
def validate(session: Session, request: str) -> None:
    record = session.training.confirm_request(session.training.find_request(request).key_id)
    value = {"key_id": record.key_id, "ready": record.deliver_at.isoformat()}
    session.result(value, "cli.training.validated", key_id=record.key_id, ready=record.deliver_at)


_LONGEST: Final = 100_000
"""Bytes of a file with a certificate."""


@command()
@click.argument("certificate", type=FILE_PATH)
def trust(session: Session, certificate: Path) -> None:
    subject = session.training.trust(read_input(certificate, _LONGEST))
    session.result({"trusted": subject}, "cli.training.trusted", subject=subject)


@command()
@click.option("--anew", is_flag=True)
@click.option("--remove", is_flag=True)
def sample(session: Session, anew: bool, remove: bool) -> None:
    from ehtoolkit.training.sample import Sample

    found = Sample(session.settings, session.training)
    if remove:
        found.remove()
        session.result({"removed": True}, "cli.training.sample.removed")
        return
    made = found.make() if anew or not found.is_there else 0
    described = {
        "made": made,
        "made_at": found.made_at,
        "folders": found.folders,
        "passwords": found.patterns,
        "password": found.password,
    }
    session.result(
        described,
        f"cli.training.sample.{'made' if made else 'there'}",
        count=made,
        folder=found.folder,
        patterns=found.patterns,
        password=found.password,
        moment=found.made_at,
    )


@command(ENVIRONMENT, KEYSTORE_FOLDER)
@click.option("--providers", is_flag=True)
def reset(session: Session, providers: bool) -> None:
    from ehtoolkit.training.sample import Sample

    settings = session.settings
    real = () if settings.environment == "training" else (settings.keystores,)
    done = session.training.reset(also=(settings.home / "notes" / "training",), real_folders=real)
    sample = Sample(settings, session.training)
    kept = 0
    if providers:
        sample.clear()
    else:
        sample.remove()
        kept = sample.state().own
    described = {"reset": True, "providers_kept": kept, "set_aside": done.folder}
    session.result(described, "cli.training.reset", folder=done.folder)
    if kept:
        session.say("cli.training.reset.kept", count=kept)


@command(TRACE)
@click.option("--host", metavar="ADDR", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8097, show_default=True)
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def serve(session: Session, host: str, port: int, token_file: Path | None) -> None:
    from ehtoolkit.training.http.server import serve_training

    def ready(url: str) -> None:
        session.result({"url": url}, "cli.training.serving", url=url)
        sys.stdout.flush()

    # Not an option of its own: every user of a computer sees what a command was started with.
    given = session.read_secret(token_file)
    token = session.settings.platform_token if given is None else given.reveal()
    trace = session.settings.trace
    if trace is not None:
        session.say("cli.trace.on", folder=trace)
    with stopping_on_signals(), warnings.catch_warnings():
        if not sys.warnoptions:  # libraries warn of what clients send, such as a serial number of 0
            warnings.simplefilter("ignore")
        server = session.training.server(host=host, port=port, token=token, trace=trace)
        serve_training(server, ready)
