"""What several keystore commands take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ehtoolkit.cli.session import Session
    from ehtoolkit.secret import Secret

FILES = click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
ALL_PROFILES = click.option(
    "--all-profiles", is_flag=True, help="Those in the keystore folders of all users of this computer, too."
)
FILE = click.argument("file", type=click.Path(path_type=Path))
OUTPUT = click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The new file.")
PROFILE = click.option(
    "--profile",
    type=click.Choice(["compatible", "modern"]),
    default="compatible",
    show_default=True,
    help="compatible: old software reads it too; modern: AES-256.",
)
KEPT_PROFILE = click.option(
    "--profile",
    type=click.Choice(["compatible", "modern"]),
    help="compatible: old software reads it too; modern: AES-256; without it: as it was.",
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say what would be done.")


def new_password(session: Session) -> Secret | None:
    """The password for a new file, where one is given; None keeps the old one."""
    return session.new_password() if session.options.new_password_file is not None else None
