"""What a home has been through before a test begins, done by the procedures; and the command line on it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import SEEN_FOLDER
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_key
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit

PIN = "1234"
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")


def certificate_in(home: Path, password: str, *, later: str = "") -> Path:
    """A complete keystore of the first training person. ``later``: by how much the clock is moved afterwards."""
    toolkit = open_toolkit(load_settings(home=home, training_delivery=0.0))
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, CONTACT)
    outcome = request(
        requested, card, lambda _: Secret(PIN), Secret(password), toolkit.context, show=lambda _: None
    )
    complete(KeystoreFile.open(outcome.keystore, Secret(password)), toolkit.context)
    if later and toolkit.training is not None:
        toolkit.training.clock.move(later)
    _forget(toolkit)
    return outcome.keystore


def ehtoolkit(home: Path, *arguments: str) -> dict[str, Any]:
    """What a command says on this home. Called in this process: what starting it takes is the subject of others."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(io.StringIO()):
        patch.setenv("EHTOOLKIT_HOME", str(home))
        run([*arguments, "--json"])
    answer: dict[str, Any] = json.loads(said.getvalue())
    return answer


def renewed_in(home: Path, password: str, *, delivered: bool = True) -> Path:
    """The keystore that renews the one of the home, complete and not activated yet; or, not ``delivered``, requested a
    moment ago."""
    toolkit = open_toolkit(load_settings(home=home, training_delivery=0.0 if delivered else 3600.0))
    (old,) = toolkit.context.keystores.glob("*.p12")
    secret, card = Secret(password), toolkit.open_card()
    file = KeystoreFile.open(old, secret)
    outcome = renew(
        file,
        card,
        lambda _: Secret(PIN),
        secret,
        toolkit.context,
        show=lambda _: None,
        contact=RegisteredContact.as_contact,
    )
    if delivered:
        complete(KeystoreFile.open(outcome.keystore, secret), toolkit.context)
    _forget(toolkit)
    return outcome.keystore


def revoke_in(home: Path, path: Path, password: str) -> None:
    """Revoke the certificate of a keystore, as on another computer: the file stays as it is."""
    toolkit = open_toolkit(load_settings(home=home, training_delivery=0.0))
    key_id = KeystoreFile.open(path, Secret(password)).keystore.key_id
    reason = RevocationReason.CESSATION_OF_OPERATION
    card = toolkit.open_card()
    revoke(card, lambda _: Secret(PIN), by_key(key_id), reason, toolkit.context, show=lambda _: None)
    _forget(toolkit)


def _forget(toolkit: Toolkit) -> None:
    """What was seen, as if all this had happened on another computer: to the first page the files are closed."""
    rmtree(toolkit.context.notes / SEEN_FOLDER)
    toolkit.close()
