"""``keystore diagnose``: the findings about keystores."""

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
@click.option("--online", is_flag=True)
@shared(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, KEYSTORE_FOLDER)
def diagnose(session: Session, files: tuple[Path, ...], all_profiles: bool, online: bool) -> int:
    from ehtoolkit.cli.keystore.diagnosis_output import print_diagnosis
    from ehtoolkit.cli.keystore.inspection import ask_about_revocation, inspect_files
    from ehtoolkit.finding import Severity

    looked = inspect_files(session, files, all_profiles)
    if online:
        looked = ask_about_revocation(session, looked)
    print_diagnosis(session, looked, findings=True)
    return 1 if any(diagnosis.severity is Severity.ERROR for diagnosis in looked.keystores) else 0
