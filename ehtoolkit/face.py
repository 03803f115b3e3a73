"""The procedures as single calls, for Python and notebooks: each builds its parts from the settings and lets go of
them. What is asked on the way (a PIN, an acceptance) is a function that the caller gives."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ehtoolkit.card import CardIdentity, CardKey
from ehtoolkit.compose import compose
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.identity import ContactData, Organisation
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.outcome import Outcome
from ehtoolkit.procedures.request import Wish, request
from ehtoolkit.procedures.status import status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings, load_settings


def read_card(card: str | None = None, *, settings: Settings | None = None) -> CardIdentity:
    """Who the holder of the card is; no PIN needed. ``card``: ``training:NAME`` or ``pkcs11:MODULE``.

    Raises `errors.CardError`.
    """
    with closing(compose(settings or load_settings())) as toolkit, closing(toolkit.open_card(card)) as reader:
        return reader.identity()


def request_certificate(
    contact: ContactData,
    *,
    pin: Callable[[CardKey], Secret | None],
    password: Secret,
    agree: Callable[[Contract], None],
    card: str | None = None,
    organisation: Organisation | None = None,
    application_id: str | None = None,
    settings: Settings | None = None,
) -> Outcome:
    """Ask for a certificate for the card's holder, or for ``organisation``.

    ``pin`` is called for each key with its name, and gives None where the middleware or the reader asks.
    ``agree`` gets the contract, has to show it, and raises `errors.TermsNotAccepted` to stop. Raises what
    `ehtoolkit.procedures.request` raises; a private key that was made is then on disk.
    """
    with closing(compose(settings or load_settings())) as toolkit, closing(toolkit.open_card(card)) as reader:
        person = reader.identity().person
        wish = Wish(person, organisation or person, contact, application_id)
        return request(wish, reader, pin, password, toolkit.parts, show=agree)


def complete_certificate(keystore: Path, password: Secret, *, settings: Settings | None = None) -> Outcome:
    """Install the certificate and make its encryption token, from wherever the file is.

    A certificate that is not delivered yet is an outcome (state ``waiting``), not an error.
    """
    with closing(compose(settings or load_settings())) as toolkit:
        return complete(KeystoreFile.open(keystore, password), toolkit.parts)


def certificate_status(keystore: Path, password: Secret, *, settings: Settings | None = None) -> Outcome:
    """What the platform says of a keystore's certificate; no card needed."""
    with closing(compose(settings or load_settings())) as toolkit:
        return status(KeystoreFile.open(keystore, password), toolkit.parts)
