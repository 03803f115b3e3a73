"""Show keystores: ``keystore show`` and ``keystore diagnose``."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.keystore.arguments import ALL_PROFILES, FILES
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(
    cls=LocalisedCommand,
    help="What is in keystores: holder, state, keys, dates; without a password what can be seen. "
    "Without FILE: those in the keystore folder. Exit code 1 when one cannot be looked into, or not with the password "
    "that was given.",
)
@FILES
@ALL_PROFILES
@shared
def show(session: Session, files: tuple[Path, ...], all_profiles: bool) -> int:
    from ehtoolkit.cli.keystore.inspection import closed, inspect_files, print_diagnosis

    looked = inspect_files(session, files, all_profiles)
    print_diagnosis(session, looked, findings=False)
    return 1 if any(map(closed, looked.keystores)) else 0


# ── keystore diagnose ────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="What is wrong with keystores, and what to do about it. Without FILE: those in the keystore folder. With "
    "--quiet only errors and warnings, and nothing of a file that has none.",
)
@FILES
@ALL_PROFILES
@click.option(
    "--online", is_flag=True, help="Ask the issuer, too, whether the certificate is revoked; needs no login."
)
@shared
def diagnose(session: Session, files: tuple[Path, ...], all_profiles: bool, online: bool) -> int:
    from ehtoolkit.cli.keystore.inspection import ask_about_revocation, inspect_files, print_diagnosis
    from ehtoolkit.keystore.diagnosis import Severity

    looked = inspect_files(session, files, all_profiles)
    if online:
        looked = ask_about_revocation(session, looked)
    print_diagnosis(session, looked, findings=True)
    return 1 if any(one.severity is Severity.ERROR for one in looked.keystores) else 0
