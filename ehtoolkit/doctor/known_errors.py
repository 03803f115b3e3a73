"""Known errors of other programs: what they mean, who can help, and whether the certificate is at fault.

A user types or pastes what he reads: the code of a practice software's module (``ERR2000xx``), a fault of the platform
or of MyCareNet (``SOA-xxxxx``), a return code of PKCS#11, or a sentence. Sentences are recognised by a few words of
theirs, in whatever case and with or without accents. For trouble that shows no code there is `SYMPTOMS`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from ehtoolkit.doctor.error_explanation import Contact, KnownError
from ehtoolkit.doctor.keystore_errors import KEYSTORE_ERRORS, error_numbers
from ehtoolkit.ehealth.sealing.other_software_errors import known_names, named_findings

_OF_MESSAGES: Final = (
    ("old_keys", Contact.NOBODY, ("not_for_this_keystore",)),
    ("kgss", Contact.VENDOR, ("no_key_transport_recipient",)),
    ("outer_chain", Contact.VENDOR, ("signer_not_trusted",)),
    ("sealing_too_old", Contact.VENDOR, ("ec_signature", "signer_key_unfit", "algorithm_not_allowed")),
    ("status_unknown", Contact.CONSULTANT, ("revocation_not_asked", "revocation_unknown")),
    ("signing_time", Contact.NOBODY, ("signing_time_missing", "signing_time_old", "signing_time_future")),
    ("message_not_sound", Contact.VENDOR, named_findings()),
)
"""Errors over sealed messages: which findings of ours they are. Of a name that several findings have, the first one
counts; the names themselves are in `ehtoolkit.ehealth.sealing.other_software_errors`."""
_GENERAL: Final = ("CMSException", "InvalidMessageException", "ASN1ParsingException")
"""Names that accompany others."""
_CODE: Final = re.compile(r"[A-Z_]+")


def _of_messages(
    key: str,
    codes: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
    alone: tuple[str, ...] = (),
    *,
    certificate: bool = False,
) -> KnownError:
    """Return the entry of `_OF_MESSAGES` with that key. ``codes``, ``words``, ``alone``: what is known beside that
    table."""
    taken: set[str] = set()
    for message, contact, findings in _OF_MESSAGES:
        names = [name for name in known_names(*findings) if name not in taken]
        taken |= set(names)
        if message == key:
            codes += tuple(name for name in names if _CODE.fullmatch(name))
            words += tuple(
                name.casefold() for name in names if not _CODE.fullmatch(name) and name not in _GENERAL
            )
            alone += tuple(name.casefold() for name in names if name in _GENERAL)
            return KnownError(key, contact, codes, words, alone, certificate)
    raise ValueError(key)


_TABLE: Final = (
    # ── reader, card, PIN ────────────────────────────────────────────────────────────────────────────────
    KnownError(
        "reader",
        Contact.CONSULTANT,
        error_numbers(5, 6),
        (
            *("aucun lecteur de carte", "geen kaartlezer", "kein kartenleser", "no card reader"),
            *("cannot read eid", "eid is not present", "could not locate eid runtime"),
        ),
    ),
    KnownError("virtual_reader", Contact.CONSULTANT, ("TOKEN_NOT_RECOGNIZED", "DEVICE_ERROR")),
    KnownError("card_contact", Contact.CONSULTANT, ("CKR_GENERAL_ERROR", "CARD_UNKNOWN")),
    KnownError(
        "pin_refused", Contact.NOBODY, ("CKR_PIN_INCORRECT",), ("could not validate your login (pin)",)
    ),
    KnownError("pin_blocked", Contact.MUNICIPALITY, ("PIN_LOCKED",)),
    KnownError("opensc", Contact.CONSULTANT, ("CKR_FUNCTION_NOT_SUPPORTED",)),
    KnownError("eid_revoked", Contact.MUNICIPALITY, ("SSL_ERROR_DECRYPT",)),
    KnownError(
        "inspection",
        Contact.CONSULTANT,
        ("CERTIFICATE_VERIFY_FAILED", "HANDSHAKE_FAILURE"),
        ("pkix path building failed", "ssl handshake", "handshake error", "handshakeexception"),
    ),
    KnownError("eid_invalid", Contact.MUNICIPALITY, error_numbers(30, 31)),
    KnownError("other_card", Contact.NOBODY, error_numbers(28)),
    *KEYSTORE_ERRORS,
    _of_messages(
        "old_keys",
        error_numbers(4),
        ("unseal", "(un)seal"),
        ("error.crypto", "cryptoresultexception"),  # of the connector, whose log has the code as well
        certificate=True,
    ),
    # ── its state, the holder, his rights ────────────────────────────────────────────────────────────────
    KnownError(
        "expired",
        Contact.NOBODY,
        error_numbers(36, 46, 47, 58),
        ("certificateexpiredexception",),
        certificate=True,
    ),
    KnownError(
        "not_yet_valid",
        Contact.NOBODY,
        ("AUTH_CERT_NOT_YET_VALID", *error_numbers(59)),
        ("certificatenotyetvalidexception",),
        certificate=True,
    ),
    KnownError(
        "clock",
        Contact.CONSULTANT,
        (*error_numbers(24), "INVALIDTIMERANGE", "MESSAGEEXPIRED"),
        (":expireddata", "the message has expired"),
    ),
    KnownError("being_checked", Contact.NOBODY, ("CERT_NOT_YET_DELIVERED",)),
    KnownError("registers", Contact.REGISTERS, error_numbers(15, 62, 66), ("could not find nihii",)),
    KnownError(
        "no_person",
        Contact.VENDOR,
        ("ERROR.NOTAPERSON",),
        ("could not verify that you are a person",),
        certificate=True,
    ),
    KnownError("number_differs", Contact.VENDOR, ("CROSSCHECK_ISSUER", "INCORRECT_INSS")),
    # ── the services ─────────────────────────────────────────────────────────────────────────────────────
    # Of WS-Trust and WS-Security codes the prefix differs; those that are words of every log need one.
    KnownError(
        "not_recognised",
        Contact.VENDOR,
        ("SOA-01001", "FAILEDAUTHENTICATION", "INVALIDSECURITYTOKEN"),
        (
            ":failedcheck",
            "security token could not be authenticated or authorized",
        ),
        certificate=True,
    ),
    KnownError(
        "not_authorised", Contact.VENDOR, ("SOA-01002",), ("service call not authorized", ":invalidscope")
    ),
    KnownError("service_down", Contact.EHEALTH, ("SOA-00001", "SOA-02001", "SOA-02002"), (":requestfailed",)),
    KnownError(
        "malformed",
        Contact.VENDOR,
        (
            *(f"SOA-0300{number}" for number in range(1, 8)),
            *("AUTHENTICATIONBADELEMENTS", "UNSUPPORTEDSECURITYTOKEN"),
        ),
        (":invalidrequest", ":badrequest"),
    ),
    KnownError("unreachable", Contact.CONSULTANT, (), ("connectexception: connection refused",)),
    KnownError(
        "first_fault",
        Contact.VENDOR,
        ("HTTP 404",),
        ("activating switch mechanism", "error while executing web service call"),
    ),
    KnownError(
        "session",
        Contact.NOBODY,
        (*error_numbers(13), "UNABLETORENEW", "RENEWNEEDED"),
        (
            *("no valid session found", "no valid session with encryption", "no active session found"),
            *("no saml token found", "token is invalid : token is expired"),
        ),
    ),
    KnownError(
        "no_token",
        Contact.VENDOR,
        ("STS.ERROR.RESPONSE", "SAML.RESPONSE.EMPTY"),
        (
            *("unable to obtain token", "calling the ehealth securetokenservice"),
            *("response from the ehealth securetokenservice", "no saml assertion in the response"),
        ),
    ),
    KnownError(
        "proxy",
        Contact.CONSULTANT,
        (),
        (
            *("proxy authentication required", "authentification proxy requise", "proxyverificatie vereist"),
            *("proxyauthentifizierung erforderlich", "proxy-authentifizierung erforderlich"),
            *("http/1.1 407", "http/1.0 407", "http 407"),
        ),
    ),
    # ── sealed messages: the codes of etee-crypto, and the sentences of e-Contract's and egelke's clients ──
    _of_messages("kgss"),
    _of_messages("outer_chain"),
    _of_messages("message_not_sound", words=("cmssignerdigestmismatch", "triple wrapped message")),
    _of_messages(
        "sealing_too_old", ("ALGORITHM_UNAUTHORIZED", "KEY_LENGTH_UNAUTHORIZED", "DIGEST_UNAUTHORIZED")
    ),
    _of_messages("status_unknown", ("CERT_STATUS_UNKNOWN",)),
    _of_messages("signing_time"),
    KnownError(
        "etk_unsound",
        Contact.NOBODY,
        (
            *("ETK_ENCRYPTION_CERT_SIGNATURE_NOT_VALID", "ETK_CERTS_DO_NOT_MATCH"),
            *(
                f"ETK_{which}_CERT_{what}"
                for which in ("ENCRYPTION", "AUTHENTICATION")
                for what in ("EXPIRED", "NOT_YET_VALID", "HAS_INVALID_KEYUSAGE")
            ),
        ),
        certificate=True,
    ),
    # ── not the user's certificate at all ────────────────────────────────────────────────────────────────
    KnownError("new_issuer", Contact.VENDOR, (), ("cert chain not trusted", "invalid certificate")),
    KnownError(
        "elliptic_key",
        Contact.VENDOR,
        (),
        (
            *("can't identify ec private key", "not a rsaprivatekey instance"),
            *(
                "cannot find private key for signature",
                "cannot be cast to java.security.interfaces.rsaprivatekey",
            ),
        ),
    ),
    KnownError("sts_signer", Contact.VENDOR, (), ("iamacc",)),
    KnownError("timestamp", Contact.VENDOR, alone=("timestamp", "horodatage", "tijdstempel", "zeitstempel")),
    KnownError("licence", Contact.VENDOR, (), ("licence", "license", "licentie", "lizenz")),
)

SYMPTOMS: Final = (
    KnownError("new_card", Contact.CONSULTANT),
    KnownError("card_type", Contact.VENDOR),
    KnownError("abroad", Contact.MUNICIPALITY),
    KnownError("pin_repeated", Contact.CONSULTANT),
    KnownError("no_eid", Contact.NOBODY),
    KnownError("trainee", Contact.REGISTERS),
    KnownError("all_at_once", Contact.VENDOR),
    KnownError("sealing", Contact.VENDOR),
    KnownError("test_mode", Contact.VENDOR),
    KnownError("no_help", Contact.EHEALTH),
)
"""Trouble that shows no code: a user chooses what fits."""

UNKNOWN: Final = KnownError("unknown", Contact.VENDOR)
"""For a code of a family that we know, which is not in the table."""

ALL: Final = (*_TABLE, *SYMPTOMS, UNKNOWN)

LONGEST: Final = 100_000
"""Letters of what was pasted that are looked at: half of them at its beginning, where programs say what happened, and
half at its end, where Java says why."""

_FAMILY: Final = re.compile(r"ERR\d{6}|SOA-\d{5}|CKR_[A-Z_]+")


def find_known_error(text: str) -> tuple[KnownError, ...]:
    """Return everything that ``text`` is recognised as, in the order of the table. Where that is nothing, a code of a
    known family gives `UNKNOWN`; other text gives an empty tuple."""
    plain = _plain(text)
    found = tuple(known for known in _TABLE if _fits(known, plain))
    found = found or tuple(known for known in _TABLE if any(word in plain for word in known.alone))
    # A code of WS-Trust may come without its prefix.
    found = found or tuple(known for known in _TABLE if f":{plain}" in known.words)
    return found or ((UNKNOWN,) if _FAMILY.search(plain.upper()) else ())


def codes_in(text: str) -> tuple[str, ...]:
    """Return the codes in ``text`` that are safe to hand on: those of known families or of the table, and nothing else
    of it."""
    plain = _plain(text).upper()
    ours = (code for known in _TABLE for code in known.codes if _has(code, plain))
    return tuple(dict.fromkeys([*_FAMILY.findall(plain), *ours]))


def symptom_named(key: str) -> KnownError | None:
    """Return the entry of `SYMPTOMS` with that key; None without one."""
    return next((symptom for symptom in SYMPTOMS if symptom.key == key), None)


def _fits(advice: KnownError, plain: str) -> bool:
    upper = plain.upper()
    return any(_has(code, upper) for code in advice.codes) or any(word in plain for word in advice.words)


def _has(code: str, upper: str) -> bool:
    """Return whether the code is there, and not as the beginning of a longer number."""
    return re.search(rf"{re.escape(code)}(?!\d)", upper) is not None


def _plain(text: str) -> str:
    """Return ``text`` in small letters, without accents and invisible characters, with single blanks and straight
    quotes; of a whole log its two ends.

    Letter by letter: normalised in one go, a long row of accents takes a time that grows with its square.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    bare: Iterator[str] = (
        part
        for letter in text
        for part in unicodedata.normalize("NFKD", letter)
        if not unicodedata.combining(part) and unicodedata.category(part) != "Cf"
    )
    return " ".join("".join(bare).casefold().replace("’", "'").split())
