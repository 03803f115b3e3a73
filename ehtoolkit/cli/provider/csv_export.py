"""``provider export``: export providers and their periods as CSV."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import keep_line_ends
from ehtoolkit.providers.exporting import export_file, write_table
from ehtoolkit.system.text_safety import printable


@click.command(cls=LocalisedCommand)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--comma", is_flag=True, hidden=True)
@shared(ENVIRONMENT)
def export_providers(session: Session, output: Path | None, comma: bool) -> int:
    from ehtoolkit.system.files import require_new

    separator = "," if comma else ";"
    if output is not None:
        require_new(output)
    with open_registry_session(session) as at:
        if output is not None:
            count = export_file(at.registry.providers(), output, separator=separator)
            value = {"file": str(output), "providers": count}
            session.result(value, "cli.provider.exported", file=printable(str(output)), count=count)
        elif session.options.as_json:
            session.result(
                {"providers": [at.describe(record) for record in at.registry.providers()]},
                "cli.provider.none",
            )
        else:
            keep_line_ends()
            write_table(at.registry.providers(), sys.stdout, separator=separator)
    return 0
