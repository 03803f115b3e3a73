"""What a home has been through before a test begins, done by the procedures; and the command line on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ehtoolkit.compose import compose
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import Wish, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings

PIN = "1234"
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")


def certificate_in(home: Path, password: str, *, later: str = "") -> Path:
    """A complete keystore of the first training person. ``later``: by how much the clock is moved afterwards."""
    toolkit = compose(load_settings(home=home, training_delivery=0.0))
    card = toolkit.open_card()
    person = card.identity().person
    wish = Wish(person, person, CONTACT)
    outcome = request(wish, card, lambda _: Secret(PIN), Secret(password), toolkit.parts, show=lambda _: None)
    complete(KeystoreFile.open(outcome.keystore, Secret(password)), toolkit.parts)
    if later and toolkit.training is not None:
        toolkit.training.clock.move(later)
    toolkit.close()
    return outcome.keystore


def ehtoolkit(home: Path, *arguments: str) -> dict[str, Any]:
    """What a command says on this home."""
    done = subprocess.run(
        [sys.executable, "-m", "ehtoolkit", *arguments, "--json"],
        env={**os.environ, "EHTOOLKIT_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
