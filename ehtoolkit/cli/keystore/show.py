"""``keystore show``: the content of keystores."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, KEY_PASSWORD, KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.keystore.arguments import ALL_PROFILES, FILES
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@FILES
@ALL_PROFILES
@shared(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, KEYSTORE_FOLDER)
def show(session: Session, files: tuple[Path, ...], all_profiles: bool) -> int:
    from ehtoolkit.cli.keystore.diagnosis_output import closed, print_diagnosis
    from ehtoolkit.cli.keystore.inspection import inspect_files

    looked = inspect_files(session, files, all_profiles)
    print_diagnosis(session, looked, findings=False)
    return 1 if any(map(closed, looked.keystores)) else 0
