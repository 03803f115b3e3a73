"""Every error of ehtoolkit, one tree.

::

    EhToolkitError
    ├── Unexpected                   a fault of ours
    ├── Cancelled                    the user stopped
    ├── InputInvalid                 what was given cannot be used
    │   ├── IdentifierInvalid        NISS, INAMI, enterprise number, identifier type
    │   ├── DistinguishedNameInvalid
    │   ├── ContactInvalid           e-mail address or telephone number
    │   ├── PasswordUnfit            empty, or not printable ASCII
    │   ├── PasswordsDiffer
    │   ├── TermsNotAccepted
    │   ├── OptionMissing
    │   ├── SettingInvalid
    │   ├── ClockMoveInvalid         the training clock cannot be moved there
    │   ├── FileUnreadable           a file named by the user
    │   └── FolderMissing            a folder named by the user
    ├── CardError
    │   ├── SmartCardServiceMissing
    │   ├── ModuleMissing
    │   ├── CardAbsent
    │   ├── CardForeign              another kind of card
    │   ├── CardRemoved
    │   ├── CardUnknown              no training card of that name
    │   ├── CardTimeout
    │   ├── CardFault                what the module answered and we do not know
    │   ├── PinError
    │   │   ├── PinWrong
    │   │   ├── PinBlocked
    │   │   ├── PinMalformed
    │   │   ├── PinCancelled
    │   │   └── PinNeeded
    │   ├── CardCertificateMissing
    │   ├── CardCertificateExpired
    │   └── SigningUnsupported       OpenSC and the Signature key
    ├── KeystoreError
    │   ├── KeystoreNotFound
    │   ├── NotAKeystore
    │   ├── KeystoreDamaged
    │   ├── KeystoreHostile          over a cap: size, nesting, iterations
    │   ├── KeystoreUnsupported      a cipher or MAC that we do not read
    │   ├── KeystorePasswordWrong
    │   ├── AliasesClash
    │   ├── FolderNotWritable
    │   ├── DiskFull
    │   ├── FileExists
    │   ├── FileBusy                 another program or process holds it
    │   ├── WriteFailed
    │   ├── RequestWaiting           a waiting keystore of the same holder
    │   ├── RequestRunning           another process works for the same holder
    │   ├── NeverSent                the platform does not know the key
    │   ├── ResetRefused             real keystores lie where training would delete
    │   ├── StateUnfit               this keystore is past, or before, that step
    │   ├── CertificateMissing       a keystore without the certificate that is asked for
    │   └── HoldersDiffer            keystores of different holders are not merged
    └── PlatformError
        ├── PlatformUnreachable
        ├── PlatformTimeout
        ├── PlatformUntrusted        TLS certificate of an unknown authority, out of date, for another name
        ├── MessageInvalid           what came is no message of the protocol
        │   ├── AnswerInvalid        garbage, HTML, too long, wrong InResponseTo
        │   └── SignatureInvalid     a request whose XML signature does not hold
        ├── AnswerUntrusted          a certificate, contract or token that is not ours
        ├── PlatformFault            SOAP fault
        ├── PlatformRefused          a status that is not success
        ├── NotYetDelivered
        └── AnswerLost               a call that may not be repeated, and no answer to it

An error carries a ``key`` (stable: scripts and translations hang on it) and ``facts`` (what the sentence
needs: numbers, names, codes; never a PIN, a password or a private key). `ehtoolkit.texts` makes the sentence
and the next step from them in French, Dutch, German and English. Exceptions of other libraries become ours at
one module each, with their cause kept.
"""

from __future__ import annotations

from typing import ClassVar


class EhToolkitError(Exception):
    """The root of all errors of ehtoolkit."""

    key: ClassVar[str] = "error"

    def __init__(self, **facts: object) -> None:
        super().__init__()
        self.facts = facts

    def __str__(self) -> str:
        summary = (self.__doc__ or self.key).splitlines()[0].rstrip(".")
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{summary} [{self.key}{': ' if facts else ''}{facts}]"


class Unexpected(EhToolkitError):
    """A fault of the program itself (facts: kind = the class of what was raised)."""

    key = "unexpected"


class Cancelled(EhToolkitError):
    """The user stopped; nothing more is done."""

    key = "cancelled"


# ── input ────────────────────────────────────────────────────────────────────────────────────────────────
class InputInvalid(EhToolkitError):
    """What was given cannot be used (facts: reason = characters | certificate | key_type)."""

    key = "input_invalid"


class IdentifierInvalid(InputInvalid):
    """A number is not valid (facts: kind, reason = length | characters | check_digits | date | type)."""

    key = "identifier_invalid"


class DistinguishedNameInvalid(InputInvalid):
    """No name of an eHealth certificate (facts: reason = name | application_id | syntax | form)."""

    key = "distinguished_name_invalid"


class ContactInvalid(InputInvalid):
    """An e-mail address or a telephone number has the wrong form (facts: field = email | phone)."""

    key = "contact_invalid"


class PasswordUnfit(InputInvalid):
    """A new password is empty or not printable ASCII (facts: reason = empty | characters)."""

    key = "password_unfit"


class PasswordsDiffer(InputInvalid):
    """The password and its repetition differ."""

    key = "passwords_differ"


class TermsNotAccepted(InputInvalid):
    """The conditions of use were not accepted."""

    key = "terms_not_accepted"


class OptionMissing(InputInvalid):
    """Something that is needed was not given and there is no terminal to ask at (facts: option)."""

    key = "option_missing"


class SettingInvalid(InputInvalid):
    """A setting has a value that it cannot have (facts: setting)."""

    key = "setting_invalid"


class ClockMoveInvalid(InputInvalid):
    """The training clock cannot be moved there (facts: reason = form | backwards | too_far, text)."""

    key = "clock_move_invalid"


class FileUnreadable(InputInvalid):
    """A file that was named cannot be read (facts: path)."""

    key = "file_unreadable"


class FolderMissing(InputInvalid):
    """A folder that the user named is not there, or none was named (facts: folder)."""

    key = "folder_missing"


# ── card ─────────────────────────────────────────────────────────────────────────────────────────────────
class CardError(EhToolkitError):
    """Something about the card, the reader or their software."""

    key = "card_error"


class SmartCardServiceMissing(CardError):
    """No reader is seen: no smart-card service, or no reader connected."""

    key = "no_reader"


class ModuleMissing(CardError):
    """The PKCS#11 module cannot be loaded (facts: module, reason = extra for a missing PyKCS11)."""

    key = "module_missing"


class CardAbsent(CardError):
    """No card is in the reader."""

    key = "card_absent"


class CardForeign(CardError):
    """The card in the reader is not a Belgian identity card (facts: reader)."""

    key = "card_foreign"


class CardRemoved(CardError):
    """The card was pulled out in the middle."""

    key = "card_removed"


class CardUnknown(CardError):
    """There is no training card of that name (facts: name, known)."""

    key = "card_unknown"


class CardTimeout(CardError):
    """The card or its software gave no sign of life in time (facts: seconds)."""

    key = "card_timeout"


class CardFault(CardError):
    """The card's software answered with something that says nothing to a user.

    (facts: code = worker | profile | signature | no_private_key | identity | subject | PKCS#11's own)
    """

    key = "card_fault"


class PinError(CardError):
    """Something about the PIN."""

    key = "pin_error"


class PinWrong(PinError):
    """The PIN is wrong (facts: tries_left, reason = last_try for 1 | unknown_tries for None)."""

    key = "pin_wrong"


class PinBlocked(PinError):
    """The PIN is blocked after three wrong tries."""

    key = "pin_blocked"


class PinMalformed(PinError):
    """A PIN has 4 to 12 digits; this one never reached the card."""

    key = "pin_malformed"


class PinCancelled(PinError):
    """The dialog that asked for the PIN was closed."""

    key = "pin_cancelled"


class PinNeeded(PinError):
    """This card takes its PIN from us, and none was given."""

    key = "pin_needed"


class CardCertificateMissing(CardError):
    """The card lacks a certificate or it was never activated (facts: certificate)."""

    key = "card_certificate_missing"


class CardCertificateExpired(CardError):
    """A certificate on the card is out of date (facts: certificate, date, reason = not_yet_valid)."""

    key = "card_certificate_expired"


class SigningUnsupported(CardError):
    """This module cannot sign with that key; the official one can (facts: module, certificate)."""

    key = "signing_unsupported"


# ── keystore ─────────────────────────────────────────────────────────────────────────────────────────────
class KeystoreError(EhToolkitError):
    """Something about a keystore or its folder."""

    key = "keystore_error"


class KeystoreNotFound(KeystoreError):
    """There is no such keystore (facts: path)."""

    key = "keystore_not_found"


class NotAKeystore(KeystoreError):
    """The file is something else (facts: path, kind)."""

    key = "not_a_keystore"


class KeystoreDamaged(KeystoreError):
    """The keystore is damaged (facts: path, reason)."""

    key = "keystore_damaged"


class KeystoreHostile(KeystoreError):
    """The file asks for more work than any sane keystore (facts: reason, value, limit)."""

    key = "keystore_hostile"


class KeystoreUnsupported(KeystoreError):
    """The keystore is protected in a way that is not supported (facts: algorithm)."""

    key = "keystore_unsupported"


class KeystorePasswordWrong(KeystoreError):
    """The password does not open the keystore."""

    key = "keystore_password_wrong"


class AliasesClash(KeystoreError):
    """Two entries have names that differ only in case; Java would lose one (facts: alias)."""

    key = "aliases_clash"


class FolderNotWritable(KeystoreError):
    """The keystore folder cannot be written (facts: folder)."""

    key = "folder_not_writable"


class DiskFull(KeystoreError):
    """The disk is full (facts: folder)."""

    key = "disk_full"


class FileExists(KeystoreError):
    """A file of that name is there already (facts: path)."""

    key = "file_exists"


class FileBusy(KeystoreError):
    """Another program holds the file, or has changed it (facts: path, reason = changed)."""

    key = "file_busy"


class WriteFailed(KeystoreError):
    """What was written does not read back as it should; the old file is untouched (facts: path)."""

    key = "write_failed"


class RequestWaiting(KeystoreError):
    """A keystore of the same holder is waiting for its certificate (facts: path)."""

    key = "request_waiting"


class RequestRunning(KeystoreError):
    """Another process works for the same holder at this moment."""

    key = "request_running"


class NeverSent(KeystoreError):
    """The platform does not know this key: the request was never sent (facts: path, key_id)."""

    key = "never_sent"


class ResetRefused(KeystoreError):
    """Real keystores lie inside the training folder, so nothing there is deleted (facts: path)."""

    key = "reset_refused"


class StateUnfit(KeystoreError):
    """The keystore is not in a state for this (facts: path, state)."""

    key = "state_unfit"


class CertificateMissing(KeystoreError):
    """The keystore lacks the certificate that this needs (facts: path, reason = no_etk)."""

    key = "certificate_missing"


class HoldersDiffer(KeystoreError):
    """The two keystores belong to different holders (facts: new, old)."""

    key = "holders_differ"


# ── platform ─────────────────────────────────────────────────────────────────────────────────────────────
class PlatformError(EhToolkitError):
    """Something about the eHealth platform or the way to it."""

    key = "platform_error"


class PlatformUnreachable(PlatformError):
    """The platform cannot be reached.

    (facts: host, reason = connect | name | tls | proxy | address | cut, sent)
    """

    key = "platform_unreachable"


class PlatformTimeout(PlatformError):
    """The platform did not answer in time (facts: host, seconds, sent)."""

    key = "platform_timeout"


class PlatformUntrusted(PlatformError):
    """The server's TLS certificate cannot be trusted.

    (facts: host, issuer, reason = issuer | unknown_issuer | expired | not_yet_valid | hostname)
    """

    key = "platform_untrusted"


class MessageInvalid(PlatformError):
    """What came is not a message of the protocol (facts: reason, element)."""

    key = "message_invalid"


class SignatureInvalid(MessageInvalid):
    """The XML signature of a request does not hold, or signs something else (facts: reason)."""

    key = "signature_invalid"


class AnswerInvalid(MessageInvalid):
    """The answer is not one of the eHealth platform (facts: reason, operation)."""

    key = "answer_invalid"


class AnswerUntrusted(PlatformError):
    """The answer does not belong to what was asked (facts: reason)."""

    key = "answer_untrusted"


class PlatformFault(PlatformError):
    """The platform answered with a fault (facts: code, origin, detail, correlation_id)."""

    key = "platform_fault"


class PlatformRefused(PlatformError):
    """The platform refused (facts: code, detail)."""

    key = "platform_refused"


class NotYetDelivered(PlatformError):
    """The certificate is not there yet (facts: not_before, where the platform names it)."""

    key = "not_yet_delivered"


class AnswerLost(PlatformError):
    """The request may have arrived but no answer came, and it may not be sent twice (facts: operation)."""

    key = "answer_lost"
