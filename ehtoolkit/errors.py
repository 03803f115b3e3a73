"""Every error of ehtoolkit, one tree.

An error carries a ``key`` (stable: scripts and translations use it) and ``facts`` (what the sentence needs: numbers,
names, codes; never a PIN, a password or a private key). Facts are declared like the fields of a dataclass: a type
checker asks for those without a default where an error is made, and each is an attribute, None where this error does
not have it. `ehtoolkit.i18n` makes the sentence and the next step from them in French, Dutch, German and English.
Exceptions of other libraries become ours at one module each, with their cause kept.

>>> from ehtoolkit import Translator, errors, read_card
>>> try:
...     read_card("training:nobody")
... except errors.EhToolkitError as error:
...     print(error.key, "→", Translator("en").error(error))
card_unknown → There is no training card named “nobody”.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, Literal, Self, dataclass_transform

# Reasons that functions return.
PeriodReason = Literal["early", "expired"]
UnassignableReason = Literal["other", "waiting", "no_etk", "expired", "environment", "unreadable", "none"]
UnreachableReason = Literal[
    "connect",
    "name",
    "tls",
    "proxy",
    "proxy_down",
    "proxy_login",
    "proxy_gateway",
    "proxy_untrusted",
    "address",
    "cut",
]
MessageReason = Literal[
    "content",
    "dtd",
    "empty",
    "encoding",
    "envelope",
    "forbidden",
    "gateway",
    "html",
    "http_status",
    "in_response_to",
    "incomplete",
    "not_found",
    "not_xml",
    "other_message",
    "redirect",
    "token",
    "too_large",
]
SignatureReason = Literal["algorithm", "certificate", "form", "missing", "value", "wrapping"]
UntrustedReason = Literal["issuer", "unknown_issuer", "expired", "not_yet_valid", "hostname", "clock"]


class _Fact:
    """A declared fact as an attribute of its error; ``optional``: an error may lack it."""

    def __init__(self, name: str, *, optional: bool) -> None:
        self._name = name
        self.optional = optional

    def __get__(self, error: EhToolkitError | None, kind: type[EhToolkitError]) -> object:
        return self if error is None else error.facts.get(self._name)


@dataclass_transform(kw_only_default=True, eq_default=False)
class EhToolkitError(Exception):
    """The root of all errors of ehtoolkit."""

    key: ClassVar[str] = "error"
    exit_code = 1
    """Of a command that this error ends (docs/CLI.md); without an annotation, or it would be a fact."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in cls.__annotations__:
            setattr(cls, name, _Fact(name, optional=name in vars(cls)))

    def __init__(self, **facts: object) -> None:
        super().__init__()
        self.facts = facts

    def with_facts(self, **facts: object) -> Self:
        """Return the same error with ``facts`` added or changed."""
        return type(self)(**{**self.facts, **facts})

    def __str__(self) -> str:
        summary = (self.__doc__ or self.key).splitlines()[0].partition("(facts:")[0].rstrip(" .")
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{summary} [{self.key}{': ' if facts else ''}{facts}]"


class Unexpected(EhToolkitError):
    """A fault of the program itself (facts: kind = the class of what was raised)."""

    key = "unexpected"
    exit_code = 70
    kind: str


class Cancelled(EhToolkitError):
    """The user stopped; nothing more is done (facts: path = of a keystore that was prepared, and perhaps sent)."""

    key = "cancelled"
    exit_code = 130
    path: str | None = None


# ── input ────────────────────────────────────────────────────────────────────────────────────────────────
class InputInvalid(EhToolkitError):
    """What was given cannot be used (facts: reason = birth_date | characters | certificate | gender |
    key_type | name | revocation_reason). ``element``: the part of a message that has the characters."""

    key = "input_invalid"
    exit_code = 2
    element: str | None = None
    reason: str | None = None


class IdentifierInvalid(InputInvalid):
    """A number is not valid.

    (facts: kind, reason = length | characters | check_digits | date | type | pattern | unlisted | first_digit |
    not_bis)
    """

    key = "identifier_invalid"
    kind: str
    reason: Literal[
        "length",
        "characters",
        "check_digits",
        "date",
        "type",
        "pattern",
        "unlisted",
        "first_digit",
        "not_bis",
    ]


class DistinguishedNameInvalid(InputInvalid):
    """No name of an eHealth certificate (facts: reason = name | application_id | syntax | form)."""

    key = "distinguished_name_invalid"
    reason: Literal["name", "application_id", "syntax", "form"]


class ContactInvalid(InputInvalid):
    """An e-mail address or a telephone number has the wrong form.

    (facts: field = email | phone, reason = at | blank | accent | comma | character | name | dots | domain | long,
    character). The last two are of an e-mail address: what is wrong with it, and which one cannot stand there.
    """

    key = "contact_invalid"
    character: str | None = None
    field: Literal["email", "phone"]
    reason: (
        Literal["at", "blank", "accent", "comma", "character", "name", "dots", "domain", "long"] | None
    ) = None


class PasswordNotAllowed(InputInvalid):
    """A new password is empty, not printable ASCII, short, has a blank at an end, or is the old one (facts: reason =
    empty | characters | short | blank | same, limit)."""

    key = "password_unfit"
    limit: int | None = None
    reason: Literal["empty", "characters", "short", "blank", "same"]


class PasswordsDiffer(InputInvalid):
    """The password and its repetition differ."""

    key = "passwords_differ"


class PasswordReused(InputInvalid):
    """It opens the same person's keystore for the other use (facts: path, kind = personal | organisation)."""

    key = "password_shared"
    path: str
    kind: Literal["personal", "organisation"]


class ApplicationIdTaken(InputInvalid):
    """The organisation has a certificate under this application id (facts: application_id, reason = none)."""

    key = "application_id_taken"
    application_id: str
    reason: Literal["none"] | None = None


class ClaimsUnfit(InputInvalid):
    """A keystore of this type has no session with these claims (facts: quality, type = of the keystore's number)."""

    key = "claims_unfit"
    quality: str
    type: str


class TermsNotAccepted(InputInvalid):
    """The conditions of use were not accepted."""

    key = "terms_not_accepted"


class OptionMissing(InputInvalid):
    """Something that is needed was not given, and there is no terminal to ask at.

    (facts: option, several with commas between; reason = terminal: none that could show what was asked for, needed:
    it is never asked for)
    """

    key = "option_missing"
    option: str
    reason: Literal["terminal", "needed"] | None = None


class SettingInvalid(InputInvalid):
    """A setting has a value that it cannot have.

    (facts: setting, reason = proxy_password | database_password | database_insecure | shared_environment |
    shared_card | page_port, port)
    """

    key = "setting_invalid"
    setting: str
    reason: (
        Literal[
            "proxy_password",
            "database_password",
            "database_insecure",
            "shared_environment",
            "shared_card",
            "page_port",
        ]
        | None
    ) = None
    port: int | None = None


class ClockMoveInvalid(InputInvalid):
    """The training clock cannot be moved there (facts: reason = form | backwards | too_far, text)."""

    key = "clock_move_invalid"
    text: str
    reason: Literal["form", "backwards", "too_far"]


class ValidationImpossible(InputInvalid):
    """No request of the training platform can be confirmed there.

    (facts: reason = unknown | expired | refused | taken)
    """

    key = "validation_impossible"
    reason: Literal["unknown", "expired", "refused", "taken"]


class ScenarioUnknown(InputInvalid):
    """The training platform has no scenario of that name (facts: name, known)."""

    key = "scenario_unknown"
    name: str
    known: str


class ScenarioUnfit(InputInvalid):
    """A scenario cannot be switched so (facts: name, person, reason = everybody | certificate | withheld |
    seconds)."""

    key = "scenario_unfit"
    name: str
    person: str | None
    reason: Literal["everybody", "certificate", "withheld", "seconds"]


class TrainingMessageUnknown(InputInvalid):
    """No colleague has sent a sealed message of that number (facts: number, known)."""

    key = "training_message_unknown"
    number: int
    known: str


class ProviderTypeUnknown(InputInvalid):
    """There is no type of provider of that name (facts: name, known)."""

    key = "provider_type_unknown"
    name: str
    known: str


class RecordInvalid(InputInvalid):
    """A provider's record cannot be kept (facts: reason = name | long | characters | date | start | period_type)."""

    key = "record_invalid"
    reason: Literal["name", "long", "characters", "date", "start", "period_type"]


class PracticeUnknown(InputInvalid):
    """No provider of the registry is of that practice, or no registry is read (facts: name, known,
    reason = registry | empty)."""

    key = "practice_unknown"
    name: str
    known: str | None = None
    reason: Literal["registry", "empty"] | None = None


class NotAProviderTable(InputInvalid):
    """A file is no table of providers (facts: path, reason = empty | foreign | workbook | binary | rows,
    columns, limit)."""

    key = "table_unfit"
    path: str
    columns: str | None = None
    limit: int | None = None
    reason: Literal["empty", "foreign", "workbook", "binary", "rows"]


class PasswordTableInvalid(InputInvalid):
    """A file that is no table of passwords.

    (facts: path, reason = empty | header | encoding | format | rows | pattern, found = its first line, line = number of
    the line with the pattern, limit = of lines, or of characters of a pattern)
    """

    key = "password_table_invalid"
    path: str
    found: str | None = None
    line: int | None = None
    limit: int | None = None
    reason: Literal["empty", "header", "encoding", "format", "rows", "pattern"]


class WatchUnknown(InputInvalid):
    """There is no watch of that name (facts: name, known)."""

    key = "watch_unknown"
    name: str
    known: str


class WatchExists(InputInvalid):
    """A watch of that name is there already (facts: name)."""

    key = "watch_exists"
    name: str


class WatchInvalid(InputInvalid):
    """A watch cannot be made so (facts: reason = name | mail_address | mail_server | mail_insecure | mail_login |
    webhook_address | webhook_insecure, value)."""

    key = "watch_invalid"
    reason: Literal[
        "name",
        "mail_address",
        "mail_server",
        "mail_insecure",
        "mail_login",
        "webhook_address",
        "webhook_insecure",
    ]
    value: str


class CredentialMissing(InputInvalid):
    """A password is not in the keyring of the operating system (facts: service, user, reason = package | backend |
    entry)."""

    key = "credential_missing"
    service: str
    user: str
    reason: Literal["package", "backend", "entry"]


class SchedulerInsecure(InputInvalid):
    """The connection to a scheduler or a worker needs TLS and has none (facts: address)."""

    key = "scheduler_insecure"
    address: str


class FileUnreadable(InputInvalid):
    """A file that was named cannot be read (facts: path, reason = drive | encoding | outbox | state: the last two
    are damaged files of a watch, which were set aside)."""

    key = "file_unreadable"
    path: str
    reason: Literal["drive", "encoding", "outbox", "state"] | None = None


class FolderMissing(InputInvalid):
    """A folder that the user named is not there, or none was named (facts: folder, reason = unnamed)."""

    key = "folder_missing"
    folder: str | None = None
    reason: Literal["unnamed"] | None = None


class FileManagerMissing(EhToolkitError):
    """There is no file manager on this computer that could show a folder (facts: folder)."""

    key = "file_manager_missing"
    folder: str


# ── watches ──────────────────────────────────────────────────────────────────────────────────────────────
class WatchRunning(EhToolkitError):
    """Another process runs this watch (facts: name)."""

    key = "watch_running"
    exit_code = 6
    name: str


class DeliveryFailed(EhToolkitError):
    """A message could not be sent (facts: host, code, reason = connect | timeout | untrusted | starttls | login |
    recipient | refused | redirect | status | answer)."""

    key = "delivery_failed"
    exit_code = 6
    host: str
    code: int | str | None = None
    reason: Literal[
        "connect",
        "timeout",
        "untrusted",
        "starttls",
        "login",
        "recipient",
        "refused",
        "redirect",
        "status",
        "answer",
    ]


class SchedulerUnreachable(EhToolkitError):
    """A cluster cannot be used, or has gone (facts: address, reason = address | package | tls | connect | workers |
    version | lost, worker, version = of ehtoolkit there, ours)."""

    key = "scheduler_unreachable"
    exit_code = 6
    address: str | None = None
    reason: Literal["address", "package", "tls", "connect", "workers", "version", "lost"]
    worker: str | None = None
    version: str | None = None
    ours: str | None = None


# ── card ─────────────────────────────────────────────────────────────────────────────────────────────────
class CardError(EhToolkitError):
    """Something about the card, the reader or their software."""

    key = "card_error"
    exit_code = 4
    certificate: str | None = None


class SmartCardServiceMissing(CardError):
    """No reader is seen: no smart-card service, or no reader connected."""

    key = "no_reader"


class ModuleMissing(CardError):
    """The PKCS#11 module cannot be loaded (facts: module, reason = extra for a missing PyKCS11)."""

    key = "module_missing"
    module: str
    reason: Literal["extra"] | None = None


class CardAbsent(CardError):
    """No card is in the reader."""

    key = "card_absent"


class NotAnEid(CardError):
    """The card in the reader is not a Belgian identity card (facts: reader)."""

    key = "card_foreign"
    reader: str


class CardRemoved(CardError):
    """The card was pulled out in the middle."""

    key = "card_removed"


class DifferentCardHolder(CardError):
    """The card in the reader is not that of the person who began (facts: holder, card)."""

    key = "card_of_another"
    holder: str
    card: str


class MultipleCards(CardError):
    """There are cards in several readers, and none was chosen (facts: readers)."""

    key = "cards_several"
    readers: str


class ReaderUnknown(CardError):
    """No reader that is connected has this name (facts: reader, known)."""

    key = "reader_unknown"
    reader: str
    known: str


class RealCardRefused(CardError):
    """A card in a reader, and a training platform on another computer (facts: host)."""

    key = "real_card_refused"
    host: str


class CardUnknown(CardError):
    """There is no training card of that name (facts: name, known)."""

    key = "card_unknown"
    name: str
    known: str


class CardTimeout(CardError):
    """The card or its software gave no sign of life in time (facts: seconds)."""

    key = "card_timeout"
    seconds: float


class CardFault(CardError):
    """The card's software answered with something that says nothing to a user.

    (facts: code = worker | profile | signature | no_private_key | identity | subject | PKCS#11's own)
    """

    key = "card_fault"
    code: str


class PinError(CardError):
    """Something about the PIN."""

    key = "pin_error"


class PinWrong(PinError):
    """The PIN is wrong (facts: tries_left, reason = last_try for 1 | unknown_tries for None)."""

    key = "pin_wrong"
    tries_left: int | None
    reason: Literal["last_try", "unknown_tries"] | None = None


class PinBlocked(PinError):
    """The PIN is blocked after three wrong tries."""

    key = "pin_blocked"


class PinMalformed(PinError):
    """A PIN has 4 to 12 digits; this one never reached the card."""

    key = "pin_malformed"


class PinCancelled(PinError):
    """The dialog that asked for the PIN was closed."""

    key = "pin_cancelled"


class SignatureWithheld(PinError):
    """The middleware asked for the PIN and gave no signature: it was cancelled, or what was typed is no PIN."""

    key = "signature_withheld"


class PinNeeded(PinError):
    """This card takes its PIN from us, and none was given."""

    key = "pin_needed"


class CardCertificateMissing(CardError):
    """The card lacks a certificate or it was never activated (facts: certificate, reason = signature_alone)."""

    key = "card_certificate_missing"
    certificate: str
    reason: Literal["signature_alone"] | None = None


class CardCertificatesHidden(CardError):
    """The card's software shows no certificate before the PIN is given (facts: module)."""

    key = "card_certificates_hidden"
    module: str


class CardCertificateExpired(CardError):
    """A certificate on the card is out of date (facts: certificate, date, reason = not_yet_valid)."""

    key = "card_certificate_expired"
    certificate: str
    date: datetime
    reason: Literal["not_yet_valid"] | None = None


class SigningUnsupported(CardError):
    """This module cannot sign with that key; the official one can (facts: module, certificate)."""

    key = "signing_unsupported"
    module: str
    certificate: str


class VirtualReaderMissing(CardError):
    """No virtual reader of the smart-card service listens (facts: reader, port)."""

    key = "virtual_reader_missing"
    reader: int
    port: int


class VirtualReaderTaken(CardError):
    """Another card is in that virtual reader (facts: reader)."""

    key = "virtual_reader_taken"
    reader: int


# ── keystore ─────────────────────────────────────────────────────────────────────────────────────────────
class KeystoreError(EhToolkitError):
    """Something about a keystore or its folder."""

    key = "keystore_error"
    path: str | None = None
    reason: str | None = None


class KeystoreNotFound(KeystoreError):
    """There is no such keystore (facts: path)."""

    key = "keystore_not_found"
    path: str


class NotAKeystore(KeystoreError):
    """The file is something else (facts: path, kind)."""

    key = "not_a_keystore"
    kind: str


class KeystoreDamaged(KeystoreError):
    """The keystore is damaged (facts: path, reason)."""

    key = "keystore_damaged"
    reason: Literal[
        "certificate", "contents", "integrity", "key", "key_point", "structure", "text_mode", "truncated"
    ]


class LimitExceeded(KeystoreError):
    """The file asks for more work than any sane keystore.

    (facts: reason = elements | iterations | nesting | salt | size | work, value, limit)
    """

    key = "keystore_hostile"
    reason: Literal["elements", "iterations", "nesting", "salt", "size", "work"]
    value: int
    limit: int


class KeystoreUnsupported(KeystoreError):
    """The keystore is protected in a way that is not supported (facts: algorithm)."""

    key = "keystore_unsupported"
    algorithm: str


class KeyUnfit(KeystoreError):
    """A private key of a kind that no eHealth keystore has (facts: kind, reason)."""

    key = "key_unfit"
    kind: str
    reason: str


class KeystorePasswordWrong(KeystoreError):
    """The password does not open the keystore; nothing was typed, or it would with other blanks at its ends, or it
    opens none of several keystores (facts: reason = empty | trimmed | blank | candidates, files)."""

    key = "keystore_password_wrong"
    files: str | None = None
    reason: Literal["empty", "trimmed", "blank", "candidates"] | None = None


class DuplicateAlias(KeystoreError):
    """A name differs from a key's only in case; Java would lose that key (facts: alias)."""

    key = "aliases_clash"
    alias: str


class FolderNotWritable(KeystoreError):
    """The keystore folder cannot be written (facts: folder)."""

    key = "folder_not_writable"
    exit_code = 6
    folder: str


class DiskFull(KeystoreError):
    """The disk is full (facts: folder)."""

    key = "disk_full"
    exit_code = 6
    folder: str


class FileExists(KeystoreError):
    """A file of that name is there already (facts: path)."""

    key = "file_exists"
    exit_code = 6
    path: str


class FileBusy(KeystoreError):
    """Another program holds the file, or has changed it (facts: path, reason = changed | folder | password)."""

    key = "file_busy"
    exit_code = 6
    path: str
    reason: Literal["changed", "folder", "password"] | None = None


class WriteFailed(KeystoreError):
    """What was written does not read back as it should; the old file is untouched (facts: path)."""

    key = "write_failed"
    exit_code = 6
    path: str


class RequestWaiting(KeystoreError):
    """A request of the same holder is waiting for its certificate.

    (facts: path, reason = renewal | old | elsewhere, old = its older file, which was chosen, date = of a request
    whose file is not here)
    """

    key = "request_waiting"
    old: str | None = None
    date: datetime | None = None
    reason: Literal["renewal", "old", "elsewhere"] | None = None


class RequestRunning(KeystoreError):
    """Another process works for the same holder at this moment."""

    key = "request_running"


class NeverSent(KeystoreError):
    """The platform does not know this key: the request was never sent (facts: path, key_id, kind = foreign)."""

    key = "never_sent"
    path: str
    key_id: str
    kind: Literal["foreign"] | None = None


class ResetRefused(KeystoreError):
    """Real keystores lie inside the training folder, so nothing there is deleted (facts: path)."""

    key = "reset_refused"
    path: str


class WrongState(KeystoreError):
    """The keystore is not in a state for this (facts: path, state, reason = closed | only | nameless)."""

    key = "state_unfit"
    path: str
    state: str | None = None
    reason: Literal["closed", "only", "nameless"] | None = None


class CertificateInForce(KeystoreError):
    """The platform has a certificate for the holder that serves.

    (facts: path, key_id, until, reason = renewable | elsewhere, where the file is not here)
    """

    key = "certificate_in_force"
    key_id: str
    until: datetime | None
    reason: Literal["renewable", "elsewhere"] | None = None


class CertificateMissing(KeystoreError):
    """The keystore lacks the certificate that this needs (facts: path, reason = no_etk)."""

    key = "certificate_missing"
    reason: Literal["no_etk"] | None = None


class HoldersDiffer(KeystoreError):
    """The two keystores belong to different holders (facts: new, old)."""

    key = "holders_differ"
    new: str
    old: str


class NoOldKey(KeystoreError):
    """In training: this keystore's holder has no old key to throw away (facts: path, reason = none | foreign)."""

    key = "no_old_key"
    path: str
    reason: Literal["none", "foreign"]


class CertificateNotListed(KeystoreError):
    """The platform lists no certificate with this key for the card's holder (facts: key_id)."""

    key = "certificate_unlisted"
    key_id: str


class NotRevocable(KeystoreError):
    """The certificate cannot be revoked (facts: key_id, state = revoked | expired | waiting | refused)."""

    key = "not_revocable"
    key_id: str
    state: str


class ValidationOverdue(KeystoreError):
    """Nobody confirmed the request at its web address in time (facts: path, date)."""

    key = "validation_overdue"
    path: str
    date: datetime | None


class WrongEnvironment(KeystoreError):
    """The keystore is of another environment (facts: path, kind = training | acceptance | production, wanted)."""

    key = "environment_differs"
    path: str
    kind: str
    wanted: str


class DifferentKeystoreHolder(KeystoreError):
    """The keystore is not the card's holder's (facts: path, holder, card)."""

    key = "keystore_of_another"
    path: str
    holder: str
    card: str


class KeystoreNotIssued(KeystoreError):
    """On a server that is shared: this training platform did not issue the keystore, or that cannot be seen
    (facts: path)."""

    key = "keystore_not_issued"
    path: str


class NotAssignable(KeystoreError):
    """The keystore is not to be assigned to this provider.

    (facts: path, reason = other | waiting | no_etk | expired | environment | unreadable | none)
    """

    key = "keystore_unfit"
    path: str
    reason: UnassignableReason


class NotEntitled(KeystoreError):
    """The card's holder may not ask certificates for this organisation (facts: organisation, card)."""

    key = "not_entitled"
    organisation: str
    card: str


class RenewalTooEarly(KeystoreError):
    """The certificate cannot be replaced yet (facts: path, date = when the platform says it can)."""

    key = "renewal_too_early"
    path: str
    date: datetime


class NotReplaceable(KeystoreError):
    """The platform does not let this certificate be replaced (facts: path, reason = foreign)."""

    key = "not_replaceable"
    path: str
    reason: Literal["foreign"] | None = None


class AlreadyRenewed(KeystoreError):
    """The holder has a newer keystore, which is complete (facts: path, newer, reason = old, where that was chosen)."""

    key = "already_renewed"
    path: str
    newer: str
    reason: Literal["old"] | None = None


class RequestRefused(KeystoreError):
    """The platform refused to make the certificate (facts: path, code, detail = its code and its own words)."""

    key = "request_refused"
    path: str
    detail: str
    code: str


class EtkKeyMissing(KeystoreError):
    """The platform has a token for this certificate, and the keystore lacks its key (facts: path)."""

    key = "etk_key_missing"
    path: str


# ── sealed messages ──────────────────────────────────────────────────────────────────────────────────────
class MessageError(EhToolkitError):
    """Something about a sealed message."""

    key = "message_error"


class RecipientUnusable(MessageError):
    """Nothing may be sealed for this recipient.

    (facts: recipient = TYPE=ID, a file or a serial number, reason = none | several | untrusted | unbound | expired |
    early | unfit | missing, for a message without a recipient)
    """

    key = "recipient_unusable"
    recipient: str | None = None
    reason: Literal["none", "several", "untrusted", "unbound", "expired", "early", "unfit", "missing"]


class SenderUnusable(MessageError):
    """A keystore whose key cannot sign messages (facts: reason = expired | early | usage | unfit | no_token)."""

    key = "sender_unusable"
    reason: Literal["expired", "early", "usage", "unfit", "no_token"]


class MessageTooLarge(MessageError):
    """A file that is too large to be sealed or opened (facts: path, reason = content | message, limit in megabytes)."""

    key = "message_too_large"
    path: str
    reason: Literal["content", "message"]
    limit: int


# ── registry of providers ────────────────────────────────────────────────────────────────────────────────
class RegistryError(EhToolkitError):
    """Something about the registry of providers."""

    key = "registry_error"


class ProviderUnknown(RegistryError):
    """No provider fits what was asked for (facts: text)."""

    key = "provider_unknown"
    text: str


class ProviderAmbiguous(RegistryError):
    """Several providers fit (facts: text, count)."""

    key = "provider_ambiguous"
    text: str
    count: int


class ProviderExists(RegistryError):
    """Another record has this NISS."""

    key = "provider_exists"


class ProviderChanged(RegistryError):
    """The record was changed or removed by somebody else since it was read (facts: name)."""

    key = "provider_changed"
    name: str


class PeriodUnknown(RegistryError):
    """The record has no period of this number (facts: number, count)."""

    key = "period_unknown"
    number: int
    count: int


class RegistryBusy(RegistryError):
    """Another program has kept the registry locked for too long (facts: place)."""

    key = "registry_busy"
    exit_code = 6
    place: str


class RegistryReadOnly(RegistryError):
    """The registry may not be written, or not be made (facts: place)."""

    key = "registry_read_only"
    exit_code = 6
    place: str


class RegistryNewer(RegistryError):
    """A newer version of the program has made the registry (facts: place, version)."""

    key = "registry_newer"
    exit_code = 6
    place: str
    version: str


class RegistryDamaged(RegistryError):
    """The registry is damaged, or no registry (facts: place, reason = foreign | views | endless)."""

    key = "registry_damaged"
    exit_code = 6
    place: str
    reason: Literal["foreign", "views", "endless"] | None = None


class RegistryUnreachable(RegistryError):
    """The database server does not let us in (facts: place, reason = connect | login | database)."""

    key = "registry_unreachable"
    exit_code = 6
    place: str
    reason: Literal["connect", "login", "database"]


class RegistryDriverMissing(RegistryError):
    """The component that talks to PostgreSQL is not installed."""

    key = "registry_driver_missing"
    exit_code = 6


class SampleRefused(RegistryError):
    """Invented providers do not go into a registry that is a shared database (facts: place)."""

    key = "sample_refused"
    place: str


class RegistryFault(RegistryError):
    """The database answered with something that says nothing to a user (facts: place, code)."""

    key = "registry_fault"
    exit_code = 6
    place: str
    code: str


# ── platform ─────────────────────────────────────────────────────────────────────────────────────────────
class PlatformError(EhToolkitError):
    """Something about the eHealth platform or the way to it."""

    key = "platform_error"
    exit_code = 5
    reason: str | None = None
    here: datetime | None = None
    there: datetime | None = None


class PlatformUnreachable(PlatformError):
    """The platform cannot be reached.

    (facts: host, reason = connect | name | tls | proxy | proxy_down | proxy_login | proxy_gateway |
    proxy_untrusted | address | cut, proxy = the proxy that is down or not trusted, sent)
    """

    key = "platform_unreachable"
    host: str
    proxy: str | None = None
    reason: UnreachableReason
    sent: bool | None


class PlatformTimeout(PlatformError):
    """The platform did not answer in time (facts: host, seconds, sent)."""

    key = "platform_timeout"
    host: str
    seconds: float
    sent: bool | None


class PlatformUntrusted(PlatformError):
    """The server's TLS certificate cannot be trusted.

    (facts: host, issuer, reason = issuer | unknown_issuer | expired | not_yet_valid | hostname | clock, here = what
    the computer's clock says, there = what the server's says)
    """

    key = "platform_untrusted"
    host: str
    issuer: str | None
    reason: UntrustedReason


class MessageInvalid(PlatformError):
    """What came is not a message of the protocol (facts: reason, element)."""

    key = "message_invalid"
    reason: MessageReason | SignatureReason
    element: str | None = None


class SignatureInvalid(MessageInvalid):
    """The XML signature of a request does not hold, or signs something else (facts: reason)."""

    key = "signature_invalid"
    reason: SignatureReason


class ResponseInvalid(MessageInvalid):
    """The answer is not one of the eHealth platform (facts: reason, element, operation, status, location)."""

    key = "answer_invalid"
    reason: MessageReason
    operation: str | None = None
    status: int | None = None
    location: str | None = None


class ResponseUntrusted(PlatformError):
    """The answer does not belong to what was asked (facts: reason)."""

    key = "answer_untrusted"
    reason: Literal[
        "certificate",
        "chain",
        "chain_order",
        "challenge",
        "contract",
        "depot",
        "etk",
        "key",
        "name",
        "not_switched",
    ]


class AssertionUntrusted(PlatformError):
    """The assertion of the STS is not to be believed, or is not ours.

    (facts: reason = no_token | context | wrapping | signature | stranger | signer_ended | issuer | form | key |
    number | not_begun | ended, signer = the name of who signed, issuer = of the authority that has issued the signer's
    certificate, moment = when it began or ended, here = what the computer's clock says, there = what the platform's
    says)
    """

    key = "assertion_untrusted"
    signer: str | None = None
    issuer: str | None = None
    moment: datetime | None = None
    reason: Literal[
        "no_token",
        "context",
        "wrapping",
        "signature",
        "stranger",
        "signer_ended",
        "issuer",
        "form",
        "key",
        "number",
        "not_begun",
        "ended",
    ]


class PlatformFault(PlatformError):
    """The platform answered with a fault.

    (facts: code, origin, detail, correlation_id, reason = clock, here = what the computer's clock says, there = what
    the platform's says)
    """

    key = "platform_fault"
    origin: str
    detail: str
    correlation_id: str | None
    reason: Literal["clock"] | None = None
    code: str | None


class PlatformRefused(PlatformError):
    """The platform refused.

    (facts: code, detail, correlation_id, reason = clock, here = what the computer's clock says, there = what the
    platform's says)
    """

    key = "platform_refused"
    exit_code = 1
    correlation_id: str | None = None
    reason: Literal["clock"] | None = None
    code: str
    detail: str

    @property
    def words(self) -> str:
        """The platform's code and its own words."""
        return f"{self.code} {self.detail}".strip()


class NewKeyRefused(PlatformRefused):
    """The platform refused a request, perhaps for the kind of its key.

    (facts: code, detail, correlation_id, kind = of the key that was asked with, other = the kind
    that can be tried, option = the same as the setting has it)
    """

    key = "new_key_refused"
    kind: str
    other: str
    option: str
    reason: None = None


class NotYetDelivered(PlatformError):
    """The certificate is not there yet (facts: not_before, where the platform names it)."""

    key = "not_yet_delivered"
    exit_code = 3
    not_before: datetime | None


class ResponseLost(PlatformError):
    """The request may have been dealt with, no usable answer came, and it may not be sent twice.

    (facts: operation, reason = what was wrong with what came, status)
    """

    key = "answer_lost"
    operation: str
    status: int | None = None


OUTCOME_UNKNOWN: Final = (ResponseLost, ResponseInvalid, PlatformFault)
"""After these the outcome of a request that changes something is unknown: a fault may come from a system behind the
service that did the work."""
