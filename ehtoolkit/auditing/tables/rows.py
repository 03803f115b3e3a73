"""Rows of the tables of an audit. The fields of a row are the columns of its table.

Frames, CSV, JSON, workbooks and pages are made from these rows; their columns and types are read from the fields.
Nothing here needs pandas, which takes half of the memory of a command that only prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final, Self

from ehtoolkit.auditing.rules.providers import ProviderKeystore
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.clock import brussels_day
from ehtoolkit.finding import Severity, Urgency
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import END_MATTERS, MEANINGS, ORDER, Action
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.providers import Conventioned, Provider
from ehtoolkit.system.text_safety import printable

SEVERITIES: Final = tuple(map(str, Severity))
STATES: Final = tuple(
    str(state)
    for state in ORDER
    if state not in (FileState.NONE, FileState.MISSING, State.UNKNOWN, State.ACTIVE)
)
"""How a keystore of an audit can stand, the most urgent first."""
URGENCIES: Final = tuple(map(str, Urgency))
ACTIONS: Final = tuple(map(str, Action))
ENVIRONMENTS: Final = tuple(map(str, Environment))
REVOCATIONS: Final = ("revoked", "unknown", "unasked", "unaskable", "not_checked", "good")
CONVENTIONS: Final = tuple(map(str, Conventioned))


@dataclass(frozen=True, slots=True, repr=False)
class KeystoreRow(TableRow):
    """A keystore file.

    Attributes:
        file: path of the file, as it can be printed
        kind: what the file is by its content: `pkcs12`, `jks`, …
        size: bytes
        holder: `TYPE=ID`, with the application id after a comma when there is one
        holder_name: the name in the certificate; empty while it does not show
        application_id: tells several certificates of one organisation apart
        environment: which platform has issued it, by its issuer, else by the ending of its name
        state: how it stands today, the most urgent first
        urgency: `stops` (nobody can work with it), `soon` (it is due), `note`, `none`
        action: what to do with it
        not_before: first day of validity; of a file that does not open, as it was seen last, like `not_after`
        not_after: last day of validity
        renewable_from: day from which it can be renewed; a guess, since only the platform knows
        days_left: days from today to `not_after` on a Belgian calendar; negative when past
        etks: number of encryption tokens whose private key is in the file; empty while it does not open
        key_id: key identifier of the platform: SHA-1 of the public key, 40 hexadecimal digits
        authentication_key: kind of the authentication key (`EC P-384`); missing while the file is closed
        serial_hex: serial number of the certificate, hexadecimal as openssl and Windows have it; missing while it
            cannot be seen
        thumbprint: SHA-1 of the certificate, 40 hexadecimal digits as Windows has it; missing while it cannot be seen
        revocation: what the certificate's issuer says now: `revoked`, `unknown`, `unasked` (no usable answer),
            `unaskable` (it names no service to ask), `good`; `not_checked`: no service was asked
        opened: whether a password that was given opens it
        by_content: whether `holder` is the certificate's; else it is read from the name of the file
        replaced_by: path of the newer keystore of the same holder that takes its place
        practice: of the provider that it is assigned to
        acknowledged: whether it counts apart: it is acknowledged as a whole, or every finding of it that is due is
    """

    file: str
    kind: str
    size: int | None
    holder: str | None
    holder_name: str | None
    application_id: str | None
    environment: Annotated[str, ENVIRONMENTS] | None
    state: Annotated[str, STATES]
    urgency: Annotated[str, URGENCIES]
    action: Annotated[str, ACTIONS]
    not_before: date | None
    not_after: date | None
    renewable_from: date | None
    days_left: int | None
    etks: int | None
    key_id: str | None
    authentication_key: str | None
    serial_hex: str | None
    thumbprint: str | None
    revocation: Annotated[str, REVOCATIONS]
    opened: bool
    by_content: bool
    replaced_by: str | None
    practice: str | None
    acknowledged: bool

    @classmethod
    def of(cls, seen: AuditedKeystore, practice: str | None, within: timedelta) -> Self:
        """Make the row of a keystore, as long as it is not acknowledged. ``within``: an end that is as near as this is
        urgent."""
        environment, standing = seen.environment, seen.standing(within)
        return cls(
            file=seen.shown,
            kind=seen.reading.kind,
            size=seen.reading.size,
            holder=seen.holder_text,
            holder_name=seen.holder_name,
            application_id=seen.application_id,
            environment=None if environment is None else environment.value,
            state=standing.state.value,
            urgency=standing.urgency.value,
            action=standing.action.value,
            not_before=brussels_day(seen.begin),
            not_after=brussels_day(seen.end),
            renewable_from=brussels_day(seen.renewable_from),
            days_left=seen.days_left,
            etks=seen.etks,
            key_id=seen.last_key_id,
            authentication_key=seen.reading.authentication_key,
            serial_hex=seen.reading.serial,
            thumbprint=seen.reading.thumbprint,
            revocation="not_checked" if seen.revocation is None else seen.revocation.answer.value,
            opened=seen.reading.opened,
            by_content=seen.by_content,
            replaced_by=None if seen.replaced_by is None else printable(seen.replaced_by),
            practice=practice,
            acknowledged=False,
        )

    @property
    def end_matters(self) -> bool:
        """Whether it matters when its certificate ends: see `ehtoolkit.keystore.standing.END_MATTERS`."""
        return self.replaced_by is None and self.state in END_MATTERS


class PersonRow(TableRow):
    """A row with the name of a provider."""

    __slots__ = ()

    name: str
    first_names: str

    @property
    def full_name(self) -> str:
        return f"{self.first_names} {self.name}".strip()


@dataclass(frozen=True, slots=True, repr=False)
class ProviderRow(PersonRow):
    """A record of the registry.

    Attributes:
        provider: number of the record in the registry
        name: family name
        first_names: all of them, separated by spaces
        niss: 11 digits
        inami: 11 digits
        practice: the group or place that was noted
        language: `fr`, `nl`, `de` or `en`; missing where it is not known
        types: types of provider, separated by `/`
        file: path of the provider's keystore; empty when there is none
    """

    provider: int | None
    name: str
    first_names: str
    niss: str | None
    inami: str | None
    practice: str | None
    language: str | None
    types: str | None
    file: str | None

    @classmethod
    def of(cls, joined: ProviderKeystore) -> Self:
        """Make the row of a record and its keystore."""
        record = joined.record
        return cls(
            provider=record.id,
            name=record.name,
            first_names=record.first_names,
            niss=record.niss or None,
            inami=record.inami or None,
            practice=record.practice or None,
            language=record.language,
            types="/".join(record.types) or None,
            file=joined.file,
        )

    @property
    def holder(self) -> str | None:
        """The provider as the holder of a keystore."""
        return None if self.niss is None else f"SSIN={self.niss}"


@dataclass(frozen=True, slots=True, repr=False)
class PeriodRow(PersonRow):
    """An INAMI period of a provider.

    Attributes:
        provider: number of the record in the registry
        name: family name
        first_names: all of them, separated by spaces
        practice: the group or place that was noted
        number: which period of the record, from 1, as in `provider show`
        type: type of provider
        start: first day
        end: last day; missing while the period lasts
        days_left: days from today to `end`; negative when past
        current: whether today is in it
        inami: 11 digits
        conventioned: whether the provider keeps to the agreed fees; missing where it is not known
    """

    provider: int | None
    name: str
    first_names: str
    practice: str | None
    number: int
    type: str
    start: date
    end: date | None
    days_left: int | None
    current: bool
    inami: str | None
    conventioned: Annotated[str, CONVENTIONS] | None

    @classmethod
    def all_of(cls, record: Provider, today: date) -> Iterator[Self]:
        """Make a row for each period of ``record``. ``today``: in Belgium."""
        for number, period in enumerate(record.periods, start=1):
            yield cls(
                provider=record.id,
                name=record.name,
                first_names=record.first_names,
                practice=record.practice or None,
                number=number,
                type=period.type,
                start=period.start,
                end=period.end,
                days_left=None if period.end is None else (period.end - today).days,
                current=period.covers(today),
                inami=period.inami or None,
                conventioned=None if period.conventioned is None else period.conventioned.value,
            )


STATE_SEVERITIES: Final[Mapping[str, Severity]] = {
    str(state): meaning.severity for state, meaning in MEANINGS.items()
}
"""How bad each state looks, the most urgent first: for the terminal, Excel and HTML."""


def states_of(keystores: Iterable[KeystoreRow]) -> Counter[str]:
    """Return how many keystores are in each state."""
    return Counter(keystore.state for keystore in keystores)
