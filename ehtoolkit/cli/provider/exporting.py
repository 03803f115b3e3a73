"""``provider export``: the registry as CSV."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.providers.exporting import export_file, write_table
from ehtoolkit.system.text_safety import printable


@click.command(
    help="Write providers and periods as CSV, to standard output or to a new file. Holds personal data."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file that is not there yet."
)
@click.option("--comma", is_flag=True, help="Commas between the cells, in place of semicolons.")
@shared
def export_providers(session: Session, output: Path | None, comma: bool) -> int:
    from ehtoolkit.keystore.storage import fs

    separator = "," if comma else ";"
    if output is not None:
        fs.require_new(output)
    with open_registry_session(session) as at:
        if output is not None:
            count = export_file(at.registry.providers(), output, separator=separator)
            value = {"file": str(output), "providers": count}
            session.result(value, "cli.provider.exported", file=printable(str(output)), count=count)
        elif session.options.as_json:
            session.result(
                {"providers": [at.describe(one) for one in at.registry.providers()]}, "cli.provider.none"
            )
        else:
            write_table(at.registry.providers(), sys.stdout, separator=separator)
    return 0
