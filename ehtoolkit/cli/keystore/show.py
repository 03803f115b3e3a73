"""``keystore show``: what is in keystores."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.keystore.arguments import ALL_PROFILES, FILES
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(
    help="What is in keystores: holder, state, keys, dates; without a password what can be seen. "
    "Without FILE: those in the keystore folder."
)
@FILES
@ALL_PROFILES
@shared
def show(session: Session, files: tuple[Path, ...], all_profiles: bool) -> int:
    from ehtoolkit.cli.keystore.looking import look, tell

    looked = look(session, files, all_profiles)
    tell(session, looked, findings=False)
    return 0 if all(one.outline is not None for one in looked.keystores) else 1
