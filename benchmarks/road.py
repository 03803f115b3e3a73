"""Request and complete, in process, less the RSA key generations: what our own code and the derivations cost."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from ehtoolkit.card.port import CardKey
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import complete, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 50


_PAIRS = 2
"""Of authentication and encryption."""


class Stopwatch:
    """Stands in front of the key generator and adds up what it takes. ``calls``: since it was set to 0."""

    def __init__(self) -> None:
        self.total = 0.0
        self.calls = 0
        self._generate = rsa.generate_private_key

    def __call__(self, *sizes: int, **arguments: int) -> Any:
        begin = time.perf_counter()
        pair = self._generate(*sizes, **arguments)
        self.total += time.perf_counter() - begin
        self.calls += 1
        return pair


def one_road(home: Path, generator: Stopwatch) -> float:
    """Seconds of one request and completion in a fresh home, less the key generations."""
    toolkit = open_toolkit(load_settings(home=home, training_delivery=0.0))
    card = toolkit.open_card()
    person = card.identity().person
    card.sign(CardKey.AUTHENTICATION, b"warm", Secret("1234"))
    certificate_request = request.CertificateRequest(
        person, person, ContactData("a.b@example.be", "+32 2 555 01 42")
    )
    generator.total, generator.calls = 0.0, 0
    begin = time.perf_counter()
    outcome = request.request(
        certificate_request,
        card,
        lambda _: Secret("1234"),
        Secret("Motdepasse1"),
        toolkit.context,
        show=lambda _: None,
    )
    complete.complete(KeystoreFile.open(outcome.keystore, Secret("Motdepasse1")), toolkit.context)
    seconds = time.perf_counter() - begin - generator.total
    assert generator.calls == _PAIRS, "a key pair was made elsewhere, and its time is not taken off"
    return seconds


def main() -> None:
    generator = Stopwatch()
    rsa.generate_private_key = generator
    complete.generate_private_key = generator  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        one_road(Path(folder) / "warm", generator)
        times = [one_road(Path(folder) / str(number), generator) * 1000 for number in range(ROUNDS)]
    low, middle, high = min(times), statistics.median(times), max(times)
    print(
        f"request + complete less key generations: median {middle:.0f} ms ({low:.0f}–{high:.0f}), aim ≤ 100"
    )


if __name__ == "__main__":
    main()
