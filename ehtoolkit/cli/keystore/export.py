"""``keystore export``: the public parts of a keystore."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.keystore.arguments import FILE, require_answers
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@FILE
@click.option("--certificate", "part", flag_value="certificate", default=True)
@click.option("--chain", "part", flag_value="chain")
@click.option("--etk", "part", flag_value="etk")
@click.option("--form", type=click.Choice(["pem", "der"]), default="pem", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path))
@shared(PASSWORDS, KEYSTORE_FOLDER)
def export(session: Session, file: Path, part: str, form: str, output: Path | None) -> int:
    from ehtoolkit.keystore.repair.pem import (
        CertificateFormat,
        export_certificate,
        export_chain,
        export_encryption,
    )
    from ehtoolkit.keystore.storage.keystore_file import open_keystore

    require_answers(session, file, *([] if output is None else [output.parent]))
    writers = {"certificate": export_certificate, "chain": export_chain, "etk": export_encryption}
    data = writers[part](open_keystore(file, session.password_of(file)), CertificateFormat(form))
    if output is None and not session.options.as_json:
        sys.stdout.buffer.write(data)
        return 0
    if output is None:
        raise errors.OptionMissing(option="-o", reason="needed")
    _write_new(output, data)
    session.result({"file": str(output)}, "cli.keystore.exported", file=output)
    return 0


def _write_new(path: Path, data: bytes) -> None:
    from ehtoolkit.system.files import map_os_errors

    with map_os_errors(path), path.open("xb") as target:
        target.write(data)
