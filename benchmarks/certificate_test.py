"""What it costs to put a certificate to the test on the embedded platform, keys made beforehand.

``certificate_test.py [ROUNDS]``. Seconds of ``prove_certificate`` with the keystore open, its issuer asked too: the
first time in a process, which loads what it needs, and the median of the rounds after it; for a fresh keystore, and for
one with twenty older encryption keys.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.certificate_test import Colour, prove_certificate
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit, revocation_asker

PASSWORD, PIN = Secret("Kine-2026"), Secret("1234")
OLDER = 20


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        for kind in (NewKeyKind.RSA_2048, NewKeyKind.EC_P384):
            toolkit = open_toolkit(load_settings(home=Path(name) / kind.value, training_delivery=0.0))
            file = fresh(toolkit, kind)
            first, median = measured(file, toolkit, rounds)
            print(f"{kind.value}: first {first:.3f} s, then {median:.3f} s")
            file.keystore = with_older(file.keystore, toolkit)
            _, median = measured(file, toolkit, rounds)
            print(f"{kind.value}, {OLDER} older keys: {median:.3f} s")
            toolkit.close()


def fresh(toolkit: Toolkit, kind: NewKeyKind) -> KeystoreFile:
    """A complete keystore of the first training person."""
    card = toolkit.open_card()
    person = card.identity().person
    certificate_request = CertificateRequest(
        person, person, ContactData("elise@example.be", "+32 4 555 01 42")
    )
    asked = request(
        certificate_request, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None, kind=kind
    )
    file = KeystoreFile.open(asked.keystore, PASSWORD)
    complete(file, toolkit.context)
    return file


def with_older(keystore: Keystore, toolkit: Toolkit) -> Keystore:
    """The same with older encryption keys, each with a certificate of its own."""
    signer = keystore.authentication
    for _ in range(OLDER):
        key = generate_private_key(65537, 2048)
        der = encryption_certificate(
            signer.key, keystore.chain[0], key.public_key(), x509.random_serial_number()
        )
        keystore = keystore.with_encryption(key, x509.load_der_x509_certificate(der))
    return keystore


def measured(file: KeystoreFile, toolkit: Toolkit, rounds: int) -> tuple[float, float]:
    """Seconds of the first time, and the median of the others."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        with revocation_asker(toolkit.settings) as ask:
            found = prove_certificate(file, toolkit.context, ask_revocation=ask)
        seconds.append(time.perf_counter() - start)
        if found.colour is not Colour.GREEN:
            raise RuntimeError(f"not green: {found}")
    return seconds[0], statistics.median(seconds[1:])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
