"""Steps on a training platform, and what it answers: recorded once, repeated by the code of today.

The clock stands at the moment of a step and the random numbers that Python draws depend on the step alone, so that
contracts, serial numbers and certificates are the same each time. The signatures of EC keys, encrypted challenges
and identifiers of messages differ: `comparable` leaves them out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from asn1crypto import crl, ocsp
from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.identity import Identifier
from ehtoolkit.training import TrainingOrganisation, TrainingPlatform

FILE = Path(__file__).parents[1] / "data" / "training-exchanges.json.xz"
DELIVERY = 3600.0
"""Seconds until the platform of the recording delivers a certificate."""
PATIENCE = 0.01
"""Seconds that the client waits for an answer that is slow."""

Step = dict[str, Any]
Outcome = Any


@dataclass
class SetClock:
    """Shows the moment that it was set to."""

    moment: datetime = datetime(2026, 11, 24, 15, 0, 0, 250_000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Recording:
    """What was recorded: the keys of the authorities, and each step with its outcome."""

    authorities: dict[str, str]
    steps: list[tuple[Step, Outcome]]

    @classmethod
    def read(cls) -> Recording:
        return cls(**json.loads(lzma.decompress(FILE.read_bytes())))

    def write(self) -> None:
        text = json.dumps(asdict(self), indent=1)
        FILE.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def open_platform(folder: Path, clock: SetClock) -> TrainingPlatform:
    platform = TrainingPlatform(folder, delivery_seconds=DELIVERY)
    platform.clock = clock  # type: ignore[assignment]
    return platform


def perform(platform: TrainingPlatform, clock: SetClock, number: int, step: Step) -> Outcome:
    """Do a step, and return what came of it as JSON has it."""
    clock.moment = datetime.fromisoformat(step["moment"])
    with _random_numbers(number):
        try:
            outcome = _KINDS[step["kind"]](platform, step)
        except errors.EhToolkitError as error:
            outcome = {"error": type(error).__name__, "facts": error.facts}
    return json.loads(json.dumps(outcome, default=_plain))


@contextmanager
def _random_numbers(number: int) -> Iterator[None]:
    """Have Python draw the numbers of step ``number``: one sequence for each length and each module that draws."""

    def source(module: str) -> Callable[[int], bytes]:
        drawn: Counter[int] = Counter()

        def draw(size: int) -> bytes:
            drawn[size] += 1
            return hashlib.shake_256(f"{number} {module} {size} {drawn[size]}".encode()).digest(size)

        return draw

    with mock.patch("os.urandom", source("os")), mock.patch("random._urandom", source("random")):
        yield


# ── the kinds of steps ───────────────────────────────────────────────────────────────────────────────────
def _post(platform: TrainingPlatform, step: Step) -> Outcome:
    transport = platform.transport(timeout=PATIENCE)
    answer = transport.post(f"http://training.invalid{step['path']}", _sent(step), step.get("headers", {}))
    return {"status": answer.status, "headers": dict(answer.headers), "body": answer.body.decode()}


def _status(platform: TrainingPlatform, step: Step) -> Outcome:
    body = None if step["body"] is None else base64.b64decode(step["body"])
    answer = platform.status_wire().fetch(f"http://pki{step['path']}", body, limit=1_000_000)
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": base64.b64encode(answer.body).decode(),
    }


def _confirm(platform: TrainingPlatform, step: Step) -> Outcome:
    return asdict(platform.confirm_request(platform.find_request(step["wanted"]).key_id))


def _set_mandate(platform: TrainingPlatform, step: Step) -> Outcome:
    organisation = TrainingOrganisation(Identifier(*step["identifier"]), *step["names"])
    return platform.set_mandate(step["person"], organisation, granted=step["held"])


_KINDS: dict[str, Callable[[TrainingPlatform, Step], Outcome]] = {
    "post": _post,
    "status": _status,
    "confirm": _confirm,
    "mandate": _set_mandate,
    "switch": lambda platform, step: asdict(
        platform.switch(step["name"], step["on"], step["person"], seconds=step.get("seconds"))
    ),
    "trust": lambda platform, step: platform.trust(step["certificate"].encode()),
    "decide": lambda platform, step: platform.decide(step["key_id"], deliver=step["deliver"]),
    "certificates": lambda platform, _: [asdict(held) for held in platform.certificates()],
    "mails": lambda platform, _: [asdict(mail) for mail in platform.mails()],
}


def _sent(step: Step) -> bytes:
    return step["body"].encode("utf-8", "surrogateescape")


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return str(value)


# ── what is compared ─────────────────────────────────────────────────────────────────────────────────────
_IDENTIFIER = re.compile(r"_[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_SIGNATURE = re.compile(r"(<(?:\w+:)?(SignatureValue|DigestValue)>)[^<]*")
_CERTIFICATE = re.compile(r"(<(?:\w+:)?X509Certificate>)([^<]*)")
_CHALLENGE = re.compile(r"(<etkra:Challenge>|<Challenge xmlns=[^>]*etkra[^>]*>)([^<]*)")


def comparable(outcome: Outcome) -> Outcome:
    """Return an outcome without what differs each time."""
    if not (isinstance(outcome, dict) and "body" in outcome):
        return outcome
    headers = {name: value for name, value in outcome["headers"].items() if name != "X-CorrelationID"}
    kind = headers.get("Content-Type", "")
    if kind == "application/ocsp-response":
        body = _described_ocsp(base64.b64decode(outcome["body"]))
    elif kind == "application/pkix-crl":
        body = _described_crl(base64.b64decode(outcome["body"]))
    else:
        body = _described(outcome["body"])
    return outcome | {"headers": headers, "body": body}


def _described(text: str) -> str:
    text = _SIGNATURE.sub(r"\1", _IDENTIFIER.sub("_ID", text))
    text = _CERTIFICATE.sub(lambda found: found[1] + _described_certificate(found[2]), text)
    return _CHALLENGE.sub(lambda found: found[1] + _described_challenge(found[2]), text)


def _described_certificate(text: str) -> str:
    """Return what a certificate says, without its key: in one scenario that is a new one each time."""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(text))
    except ValueError:  # of an answer that was cut off
        return "?"
    key = certificate.public_key()
    extensions = [
        (extension.critical, extension.value)
        for extension in certificate.extensions
        if not isinstance(extension.value, x509.SubjectKeyIdentifier)
    ]
    return (
        f"{certificate.serial_number} {certificate.subject} {certificate.issuer} "
        f"{certificate.not_valid_before_utc} {certificate.not_valid_after_utc} {type(key).__name__} {extensions}"
    )


def _described_challenge(text: str) -> str:
    """Return the length of the encrypted number, and the digest behind it."""
    challenge = base64.b64decode(text)
    return f"{len(challenge)} {challenge[-32:].hex()}"


def _described_ocsp(answer: bytes) -> str:
    response = ocsp.OCSPResponse.load(answer)
    if response["response_status"].native != "successful":
        return str(response["response_status"].native)
    data = response.basic_ocsp_response["tbs_response_data"]
    # Without the time at which it was made, which is the computer's.
    return " ".join(data[name].dump().hex() for name in ("responder_id", "responses", "response_extensions"))


def _described_crl(answer: bytes) -> str:
    return str(crl.CertificateList.load(answer)["tbs_cert_list"].dump().hex())
