"""Request and complete, in process, less the RSA key generations: what our own code and the key derivations of the
keystore cost, also as a ratio to these derivations, since seconds differ from machine to machine."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import rsa

from ehtoolkit.card.port import CardKey
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.codec import derivation
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures import complete, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 50


MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
"""Where the files go, since disks differ."""
_PAIRS = 2
"""Of authentication and encryption."""


class Stopwatch:
    """Replaces a function and adds up what it takes. ``calls``: since it was set to 0."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.total = 0.0
        self.calls = 0
        self._function = function

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        begin = time.perf_counter()
        result = self._function(*arguments, **options)
        self.total += time.perf_counter() - begin
        self.calls += 1
        return result

    def reset(self) -> None:
        self.total, self.calls = 0.0, 0


def one_road(home: Path, generator: Stopwatch, derive: Stopwatch) -> tuple[float, float]:
    """Seconds of one request and completion in a fresh home, less the key generations; and of its derivations."""
    toolkit = open_toolkit(load_settings(home=home, training_delivery=0.0))
    card = toolkit.open_card()
    person = card.identity().person
    card.sign(CardKey.AUTHENTICATION, b"warm", Secret("1234"))
    certificate_request = request.CertificateRequest(
        person, person, ContactData("a.b@example.be", "+32 2 555 01 42")
    )
    generator.reset()
    derive.reset()
    begin = time.perf_counter()
    outcome = request.request(
        certificate_request,
        card,
        lambda _: Secret("1234"),
        Secret("Kine-2026"),
        toolkit.context,
        show=lambda _: None,
    )
    complete.complete(KeystoreFile.open(outcome.keystore, Secret("Kine-2026")), toolkit.context)
    seconds = time.perf_counter() - begin - generator.total
    assert generator.calls == _PAIRS, "a key pair was made elsewhere, and its time is not taken off"
    assert derive.calls, "keys were derived elsewhere"
    return seconds, derive.total


def main() -> None:
    generator, derive = Stopwatch(rsa.generate_private_key), Stopwatch(derivation.derive)
    with (
        patch.object(rsa, "generate_private_key", generator),
        patch.object(derivation, "derive", derive),
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder,
    ):
        one_road(Path(folder) / "warm", generator, derive)
        taken = [one_road(Path(folder) / str(number), generator, derive) for number in range(ROUNDS)]
    times, derivations = ([seconds * 1000 for seconds in column] for column in zip(*taken, strict=True))
    ratio = statistics.median(time / alone for time, alone in zip(times, derivations, strict=True))
    print(
        f"request + complete less key generations: median {statistics.median(times):.0f} ms "
        f"({min(times):.0f}–{max(times):.0f}), of which {statistics.median(derivations):.0f} ms derivations; "
        f"ratio to these {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
