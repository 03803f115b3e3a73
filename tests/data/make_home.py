"""Make the corpus home-first anew: ``python -m tests.data.make_home [FOLDER]``, by default tests/data/home-first.

The home is one of the ehtoolkit that runs. For the home of an older version, run this file with the Python of an
environment in which that version is installed: ``python -P tests/data/make_home.py``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import ehtoolkit
from ehtoolkit.cli.run import run
from ehtoolkit.providers import Provider

TARGET: Final = Path(__file__).with_name("home-first")
PLACEHOLDER: Final = "/HOME"
PASSWORD: Final = "Kine-2026"
FIRST, LATER = "2026-11-30T00:13:22", "2029-10-01T00:14:00"
"""In Brussels: the first certificate is requested, and in its last three months renewed."""


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        for name in [name for name in os.environ if name.startswith("EHTOOLKIT_")]:
            del os.environ[name]
        os.environ |= {
            "EHTOOLKIT_HOME": str(home),
            "EHTOOLKIT_LANGUAGE": "en",
            "EHTOOLKIT_ENVIRONMENT": "training",
        }
        make_certificates(home)
        make_watch(home)
        clean(home)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(home, target)


def make_certificates(home: Path) -> None:
    """Make an active certificate with its renewal under way, a request under way, and a provider in the registry."""
    contact = ehtoolkit.ContactData("you@example.be", "+32 2 555 01 42")
    with ehtoolkit.connect(home=str(home), training_delivery=0.0) as eh:
        if eh.clock.now().isoformat() < FIRST:
            eh.training.clock.move(FIRST)
        asked = eh.request_certificate(
            contact, password=PASSWORD, pin="1234", card="training:elise", agree=print
        )
        eh.complete_certificate(asked.keystore, PASSWORD)
        eh.activate_etk(asked.keystore, PASSWORD)
    with ehtoolkit.connect(home=str(home)) as eh:
        eh.training.clock.move(LATER)
        eh.renew_certificate(asked.keystore, PASSWORD, pin="1234", card="training:elise", agree=print)
        other = ehtoolkit.ContactData("bram@example.be", "+32 2 555 01 43")
        eh.request_certificate(other, password=PASSWORD, pin="1234", card="training:bram", agree=print)
        with eh.open_registry() as registry:
            registry.add(
                Provider(
                    "Vandamme",
                    first_names="Élise",
                    niss="79031421872",
                    inami="53886171521",
                    practice="Les Tilleuls",
                    types=("physiotherapist",),
                )
            )


def make_watch(home: Path) -> None:
    """Make a watch whose first message cannot be sent, since no mail server listens."""
    secret = home / "password.txt"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    secret.chmod(0o600)
    mail = ("--mail", "els@example.be", "--smtp", "127.0.0.1:9", "--smtp-security", "none")
    folder = home / "training" / "keystore"
    for command in (
        ["watch", "add", "tilleuls", "--folder", str(folder), *mail, "--password-file", str(secret)],
        ["watch", "run", "tilleuls"],
    ):
        print(command, run(command))


def clean(home: Path) -> None:
    """Replace the folder's name in what was written, and remove what only this computer needs."""
    for file in home.rglob("*.json"):
        file.write_text(file.read_text(encoding="utf-8").replace(str(home), PLACEHOLDER), encoding="utf-8")
    for file in [*home.rglob("*.lock"), *home.rglob("*.sock")]:
        file.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else TARGET)
