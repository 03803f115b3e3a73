"""The result of scanning one keystore file, and its form as JSON: between processes and computers, and in the cache.

`ScanResult.from_json` accepts exactly what `ScanResult.to_json` makes: JSON from another process or computer is checked
before it is used.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from sys import intern
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, cast, get_args, get_origin, get_type_hints

from cryptography.x509 import Certificate, load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.auditing.audit_finding import CATALOGUE as AUDIT
from ehtoolkit.finding import KEYSTORES, Fact, Finding, MessageKey, Severity, Topic, Urgency
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.version import __version__

NOT_OURS: Final = (TypeError, ValueError, KeyError, AttributeError, ArithmeticError)
"""What `ScanResult.from_json`, `KeystoreFacts.from_json` and `read_answer` raise for JSON that they do not accept."""


# ── Values ───────────────────────────────────────────────────────────────────────────────────────────────
def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


_TAGGED: Final[Mapping[str, tuple[type, Callable[[Any], str], Callable[[str], Fact]]]] = {
    "datetime": (datetime, datetime.isoformat, _aware),
    "date": (date, date.isoformat, date.fromisoformat),  # after datetime, which is a date too
    "environment": (Environment, str, Environment),
    "message_key": (MessageKey, str, MessageKey),
}
"""Types of values that JSON lacks: a value of one is an object with one name and one text."""

_TYPED: Final = (str, int, float, bool, date, datetime, Environment, MessageKey)


def typed_fact(value: object) -> Fact:
    """Return ``value`` as a fact that survives JSON; a type that no sentence knows becomes text."""
    if isinstance(value, tuple):
        return tuple(map(str, value))
    return cast("Fact", value) if type(value) in _TYPED else str(value)


def _to_json(value: Fact | None) -> object:
    for name, (kind, to_text, _) in _TAGGED.items():
        if isinstance(value, kind):
            return {name: to_text(value)}
    return list(value) if isinstance(value, tuple) else value


def _from_json(value: object) -> Fact:
    if isinstance(value, dict):
        ((name, text),) = value.items()
        return _TAGGED[name][2](_typed(text, str))
    if isinstance(value, list):
        return tuple(_typed(text, str) for text in value)
    return cast("Fact", _typed(value, str, int, float, bool))


def _typed(value: Any, *kinds: type) -> Any:
    """Return ``value``. Raises ``TypeError`` when it is not exactly of one of ``kinds``: True is no number here."""
    if type(value) not in kinds:
        raise TypeError(type(value).__name__)
    return value


# ── Results ──────────────────────────────────────────────────────────────────────────────────────────────
def _fault_to_json(fault: Finding) -> dict[str, Any]:
    return {
        "key": fault.key,
        "variant": fault.variant,
        "catalogue": fault.catalogue,
        "facts": {name: _to_json(value) for name, value in fault.facts.items()},
        "severity": fault.severity.value,
        "urgency": fault.urgency.value,
        "topic": None if fault.topic is None else fault.topic.value,
        "until": _to_json(fault.until),
    }


def _fault_from_json(value: Mapping[str, Any]) -> Finding:
    """Make a fault of ``value``, which `_fault_to_json` made. Raises `NOT_OURS`, also for a finding that has no
    sentence with these facts."""
    if value.keys() != _FAULT:
        raise KeyError(*value.keys())
    key, variant, catalogue = (_typed(value[name], str) for name in ("key", "variant", "catalogue"))
    if catalogue not in (KEYSTORES.catalogue, AUDIT):
        raise ValueError(catalogue)
    topic, until = value["topic"], value["until"]
    fault = Finding(
        key,
        Severity(_typed(value["severity"], str)),
        {_typed(name, str): _from_json(fact) for name, fact in value["facts"].items()},
        catalogue,
        variant,
        urgency=Urgency(_typed(value["urgency"], str)),
        topic=None if topic is None else Topic(_typed(topic, str)),
        until=None if until is None else _typed(_from_json(until), date, datetime),
    )
    texts = Translator("en")
    fault.message(texts)
    fault.next_step(texts)
    return fault


_FAULT: Final = frozenset(field.name for field in fields(Finding))
_WORDS: Final = ("kind", "application_id", "issuer", "authentication_key")
"""Fields that have few values."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What the scan of one file found.

    Attributes:
        kind: as `ehtoolkit.keystore.diagnosis.content.FileFacts` has it.
        size: bytes; None when nothing was read.
        whole: it is a keystore, as far as its frame tells.
        tried: a password was given.
        opened: it, or none, was enough.
        refused: no password opens it as it is.
        key_refused: as in `ehtoolkit.keystore.diagnosis.diagnosis.Diagnosis`.
        holder: ``TYPE=NUMBER`` of the certificate.
        authentication_key: its kind.
        serial: number of the certificate, hexadecimal; ``thumbprint``: its SHA-1, hexadecimal.
        keys: alias and localKeyID (hexadecimal) of each.
        prepared: the stand-in certificate is in it.
        decrypts: there is an encryption key for the certificate. Times are in UTC.
        etk_not_after: when the certificate of its present encryption key ends.
        faults: errors and warnings about the file itself, with facts of the types that `typed_fact` gives.
        chain: the holder's certificate and its issuer's, DER in base64; only there when it was asked for (see
            `ehtoolkit.auditing.scan.file_scan.scan_file`).
        guessed: passwords were tried that were meant for other files too, and none opens it.
        recalled: it was not opened now; the certificate was seen earlier (`ehtoolkit.auditing.scan.scanning.recall`).
    """

    kind: str
    size: int | None = None
    whole: bool = False
    tried: bool = False
    opened: bool = False
    refused: bool = False
    key_refused: bool = False
    holder: str | None = None
    holder_name: str | None = None
    application_id: str | None = None
    issuer: str | None = None
    environment: Environment | None = None
    key_id: str | None = None
    authentication_key: str | None = None
    serial: str | None = None
    thumbprint: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    keys: tuple[tuple[str | None, str | None], ...] = ()
    prepared: bool = False
    decrypts: bool = False
    etk_not_after: datetime | None = None
    faults: tuple[Finding, ...] = ()
    chain: tuple[str, ...] = ()
    guessed: bool = False
    recalled: bool = False

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates of ``chain``; none where one cannot be read."""
        try:
            return tuple(load_der_x509_certificate(base64.b64decode(der)) for der in self.chain)
        except ValueError:
            return ()

    @property
    def owner(self) -> DistinguishedName | None:
        """Whose certificate it is; None while that cannot be seen."""
        if self.holder is None or self.holder_name is None:
            return None
        kind, _, number = self.holder.partition("=")
        try:
            return DistinguishedName(Identifier(kind, number), self.holder_name, self.application_id)
        except errors.EhToolkitError:
            return None

    @property
    def password_refused(self) -> bool:
        """Whether a password does not open the file."""
        return any(fault.topic is Topic.PASSWORD for fault in self.faults)

    @property
    def hangs(self) -> bool:
        """Whether it could not be read in time."""
        return any(fault.topic is Topic.HANGS for fault in self.faults)

    def without_keys(self) -> ScanResult:
        """Return the same result without what the keys are called: names and identifiers of all files take more memory
        than the rest."""
        return replace(self, keys=()) if self.keys else self

    def as_untried(self) -> ScanResult:
        """Return the same result without what a password has shown by failing: it was a mere guess, and that accuses
        nobody. The result is then ``guessed`` and not ``tried``; one without such a failure is returned as it is."""
        if not self.password_refused:
            return self
        kept = tuple(fault for fault in self.faults if fault.topic is not Topic.PASSWORD)
        return replace(self, tried=False, guessed=True, faults=kept)

    def to_json(self) -> dict[str, Any]:
        plain = {field.name: _to_json(getattr(self, field.name)) for field in fields(self)}
        return {**plain, "faults": list(map(_fault_to_json, self.faults))}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ScanResult:
        """Make a result of ``value``, which `to_json` made. Raises `NOT_OURS`."""
        if value.keys() != _TYPES.keys():
            raise KeyError(*value.keys())
        keys = tuple(
            (_typed(alias, str, NoneType), _typed(key_id, str, NoneType))
            for alias, key_id in _typed(value["keys"], list)
        )
        faults = tuple(map(_fault_from_json, _typed(value["faults"], list)))
        found: dict[str, Any] = {"keys": keys, "faults": faults}
        for name in _TYPES.keys() - found.keys():
            plain = value[name]
            found[name] = _typed(None if plain is None else _from_json(plain), *_TYPES[name])
        # The same words for every file: one of each in memory.
        words = {name: intern(found[name]) for name in _WORDS if found[name] is not None}
        return cls(**{**found, **words})


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    name: get_args(hint) if isinstance(hint, UnionType) else (get_origin(hint) or hint,)
    for name, hint in get_type_hints(ScanResult).items()
}
"""The types that each field of a result may have."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class KeystoreFacts(NamedTuple):
    """What a look at a file gives.

    Attributes:
        fingerprint: SHA-256 of the file's bytes, hexadecimal; None when there were none to read.
        reading: what was seen.
        place: of the password that it was seen with, among those that were tried.
    """

    fingerprint: str | None
    reading: ScanResult
    place: int = 0

    def to_json(self) -> dict[str, Any]:
        return {**self._asdict(), "reading": self.reading.to_json()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], passwords: int) -> KeystoreFacts:
        """Make facts of ``value``, which `to_json` made; ``passwords``: how many were tried. Raises `NOT_OURS`."""
        fingerprint = _typed(value["fingerprint"], str, NoneType)
        place = _typed(value["place"], int)
        if not 0 <= place < max(passwords, 1) or (fingerprint and _SHA256.fullmatch(fingerprint) is None):
            raise ValueError(value)
        return cls(fingerprint, ScanResult.from_json(value["reading"]), place)


def answer_of(facts: Iterable[KeystoreFacts], given_up: Iterable[Path]) -> dict[str, Any]:
    """Return what a worker answers, as JSON has it: facts about its files, in their order, and the folders that do not
    answer."""
    return {
        "version": __version__,
        "facts": [fact.to_json() for fact in facts],
        "given_up": list(map(path_to_json, given_up)),
    }


def read_answer(
    answer: Mapping[str, Any], passwords: Iterable[int]
) -> tuple[tuple[KeystoreFacts, ...], set[Path]]:
    """Return the facts and the folders of an answer. ``passwords``: how many were tried on each file. Raises
    `NOT_OURS`."""
    facts = zip(answer["facts"], passwords, strict=True)
    given_up = set(map(path_from_json, answer["given_up"]))
    return tuple(KeystoreFacts.from_json(values, tried) for values, tried in facts), given_up


def path_to_json(path: str | Path) -> str:
    """Return ``path`` as a text: a path need not be Unicode."""
    return os.fsencode(path).hex()


def path_from_json(text: str) -> Path:
    """Return the path of ``text``, which `path_to_json` made. Raises `NOT_OURS`."""
    return Path(os.fsdecode(bytes.fromhex(text)))
