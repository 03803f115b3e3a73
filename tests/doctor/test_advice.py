"""What users read in other programs, row by row of the table of symptoms, to cause, cure and whom to call."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from ehtoolkit.cli.app import app
from ehtoolkit.doctor.known_errors import (
    ALL,
    SYMPTOMS,
    UNKNOWN,
    Contact,
    KnownError,
    codes_in,
    find_known_error,
)
from ehtoolkit.ehealth.sealing.other_software_errors import known_names, named_findings
from ehtoolkit.i18n import LANGUAGES, Translator

MUNICIPALITY, VENDOR, EHEALTH = Contact.MUNICIPALITY, Contact.VENDOR, Contact.EHEALTH
NOBODY, CONSULTANT, REGISTERS = Contact.NOBODY, Contact.CONSULTANT, Contact.REGISTERS

ROWS = [
    # row of the table of symptoms, what is typed or pasted, what it is, who helps
    (5, "Aucun lecteur de cartes trouvé", "reader", CONSULTANT),
    (5, "Geen kaartlezer gevonden", "reader", CONSULTANT),
    (5, "Kein Kartenleser gefunden!", "reader", CONSULTANT),
    (6, "CKR_TOKEN_NOT_RECOGNIZED", "virtual_reader", CONSULTANT),
    (6, "0x30 CKR_DEVICE_ERROR", "virtual_reader", CONSULTANT),
    (9, "CKR_GENERAL_ERROR (5)", "card_contact", CONSULTANT),
    (9, "error: CARD_UNKNOWN", "card_contact", CONSULTANT),
    (16, "CKR_PIN_LOCKED", "pin_blocked", MUNICIPALITY),
    (18, "pkcs11 CKR_FUNCTION_NOT_SUPPORTED", "opensc", CONSULTANT),
    (19, "Fehlercode: SSL_ERROR_DECRYPT_ERROR_ALERT", "eid_revoked", MUNICIPALITY),
    (19, "ssl_error_decrypt", "eid_revoked", MUNICIPALITY),
    (20, "javax.net.ssl.SSLHandshakeException: PKIX path building failed", "path_incomplete", CONSULTANT),
    (20, "javax.net.ssl.SSLHandshakeException: Received fatal alert", "inspection", CONSULTANT),
    (20, "[SSL: CERTIFICATE_VERIFY_FAILED]", "inspection", CONSULTANT),
    (21, "[ERR200030] certificat eID invalide", "eid_invalid", MUNICIPALITY),
    (21, "[ERR200031]", "eid_invalid", MUNICIPALITY),
    (22, "[ERR200028] no personal certificate for that SSIN", "other_card", NOBODY),
    (23, "[ERR200005]", "reader", CONSULTANT),
    (23, "ERR200006", "reader", CONSULTANT),
    (23, "Cannot read eID, is device attached to the computer?", "reader", CONSULTANT),
    (23, "EID is not present", "reader", CONSULTANT),
    (23, "Could not locate eID runtime", "reader", CONSULTANT),
    (24, "keystore password was incorrect", "password", NOBODY),
    (24, "[ERR200022]", "password", NOBODY),
    (24, "[ERR200032]", "password", NOBODY),
    (24, "[ERR200043]", "password", NOBODY),
    (24, "Incorrect password for the KeyStore", "password", NOBODY),
    (27, "Could not retrieve ETK", "etk_missing", NOBODY),
    (27, "[ERR200007]", "etk_missing", NOBODY),
    (27, "PCDH_NO_MATCHING_PHARMACY_ETK_ERROR", "etk_missing", NOBODY),
    (28, "[ERR200021]", "etk_other", NOBODY),
    (
        28,
        "The certificate from the ETK don't match with the one in the encryption keystore",
        "etk_other",
        NOBODY,
    ),
    (
        28,
        "the certificate from the ETK don’t match with the one in the  encryption keystore",
        "etk_other",
        NOBODY,
    ),
    (30, "[ERR200029] several keystores", "several_keystores", NOBODY),
    (34, "[ERR200004]", "old_keys", NOBODY),
    (34, "Error while trying to (un)seal", "old_keys", NOBODY),
    (36, "[ERR200023] private key not found", "damaged", NOBODY),
    (36, "[ERR200055]", "damaged", NOBODY),
    (36, "[ERR200056]", "damaged", NOBODY),
    (36, "No X509 Certificate and/or Private Key provided", "damaged", NOBODY),
    (39, "[ERR200036]", "expired", NOBODY),
    (39, "[ERR200046]", "expired", NOBODY),
    (39, "[ERR200047]", "expired", NOBODY),
    (39, "[ERR200058]", "expired", NOBODY),
    (40, "AUTH_CERT_NOT_YET_VALID[25/11/2026 08:00]", "not_yet_valid", NOBODY),
    (40, "[ERR200059]", "not_yet_valid", NOBODY),
    (41, "[ERR200024]", "clock", CONSULTANT),
    (42, "CERT_NOT_YET_DELIVERED", "being_checked", NOBODY),
    (43, "[ERR200015]", "registers", REGISTERS),
    (43, "[ERR200062]", "registers", REGISTERS),
    (43, "[ERR200066]", "registers", REGISTERS),
    (43, "Could not find NIHII, are you a recognized care provider?", "registers", REGISTERS),
    (45, "CROSSCHECK_ISSUER", "number_differs", VENDOR),
    (45, "INCORRECT_INSS_PHYSICIAN_SAML", "number_differs", VENDOR),
    (49, "SOA-01001", "not_recognised", VENDOR),
    (50, "SOA-01002 Service call not authorized.", "not_authorised", VENDOR),
    (50, "soa-01002", "not_authorised", VENDOR),
    (51, "SOA-02001", "service_down", EHEALTH),
    (51, "SOA-02002 Service is busy", "service_down", EHEALTH),
    *((52, f"SOA-0300{number}", "malformed", VENDOR) for number in range(1, 8)),
    (53, "Error while executing web service call", "first_fault", VENDOR),
    (53, "HTTP 404", "first_fault", VENDOR),
    (53, "Activating switch mechanism", "first_fault", VENDOR),
    (54, "No valid session found", "session", NOBODY),
    (54, "[ERR200013]", "session", NOBODY),
    (56, "Invalid certificate", "new_issuer", VENDOR),
    (56, "Cert chain NOT trusted", "new_issuer", VENDOR),
    (58, "L’horodatage est invalide", "timestamp", VENDOR),
    (60, "Licence inconnue ou invalide", "licence", VENDOR),
]

CHOSEN = [
    (8, "new_card", CONSULTANT),
    (10, "card_type", VENDOR),
    (11, "abroad", MUNICIPALITY),
    (17, "pin_repeated", CONSULTANT),
    (44, "trainee", REGISTERS),
    (55, "no_eid", NOBODY),
    (57, "all_at_once", VENDOR),
    (59, "sealing", VENDOR),
    (61, "test_mode", VENDOR),
    (62, "no_help", EHEALTH),
]
"""Rows without a code: a user chooses them."""

SEEN_IN_2026 = [
    ("Algorithm HmacPBESHA256 not available", "protection_unknown"),
    ("CryptographicException: `MonoBtlsPkcs12.Import` failed.", "mono_import"),
    ("CertPathValidatorException: timestamp check failed", "outside_validity"),  # Java 8
    (
        "PKIX path validation failed: CertPathValidatorException: validity check failed",
        "outside_validity",
    ),  # Java 17
    ("SSLHandshakeException: PKIX path validation failed: timestamp check failed", "outside_validity"),
    ("timestamp check failed Caused by: CertificateExpiredException: NotAfter: Sat", "expired"),
    ("timestamp check failed Caused by: CertificateNotYetValidException: NotBefore: Sat", "not_yet_valid"),
    # where it was run or read: PEERS.md, FIELD-2026.md, ETEE.md, STS.md and TRIED-CONSULTANT.md in shared
    ("java.io.IOException: PKCS12 key store mac invalid - wrong password or corrupted file.", "old_reader"),
    (
        "exception unwrapping private key - javax.crypto.BadPaddingException: pad block corrupted",
        "old_reader",
    ),
    ("The specified network password is not correct.", "old_reader"),
    ("Le mot de passe réseau spécifié est incorrect.", "old_reader"),
    ("Het opgegeven netwerkwachtwoord is onjuist.", "old_reader"),
    ("Das angegebene Netzwerkkennwort ist falsch.", "old_reader"),
    ("Mac verify error: invalid password?", "password"),
    ("Get Key failed: Given final block not properly padded", "key_password"),
    ("java.security.UnrecoverableKeyException: Cannot recover key", "key_password"),
    ("javax.crypto.BadPaddingException: Given final block not properly padded", "password"),
    ("PKCS12 decode not verified: SEC_ERROR_BAD_PASSWORD", "password"),
    (
        "The certificate data cannot be read with the provided password, the password may be incorrect.",
        "password",
    ),
    ("Le mot de passe réseau spécifié n’est pas correct.", "old_reader"),
    ("CertUtil: -importPFX command FAILED: 0x80070056 (WIN32: 86)", "old_reader"),
    ("Exception: HResult -2147024810", "old_reader"),
    ("error:0308010C:digital envelope routines::unsupported", "old_protection"),
    ("code: 'ERR_OSSL_EVP_UNSUPPORTED'", "old_protection"),
    ("java.io.IOException: Invalid keystore format", "not_pkcs12"),
    ("java.io.IOException: stream does not represent a PKCS12 key store", "not_pkcs12"),
    ("java.security.cert.CertificateNotYetValidException: NotBefore: Wed", "not_yet_valid"),
    ("Keyset does not exist (Exception from HRESULT: 0x80090016)", "windows_store"),
    ("-2146893802 NTE_BAD_KEYSET", "windows_store"),
    ("Jeu de clés inexistant", "windows_store"),
    ("Schlüsselsatz nicht vorhanden", "windows_store"),
    ("Le serveur distant a retourné une erreur : (407) Authentification proxy requise.", "proxy"),
    ("De externe server heeft een fout geretourneerd: (407) Proxyverificatie vereist.", "proxy"),
    ("Der Remoteserver hat einen Fehler zurückgegeben: (407) Proxyauthentifizierung erforderlich.", "proxy"),
    ("error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported", "old_protection"),
    ("java.io.IOException: toDerInputStream rejects tag type 45", "not_pkcs12"),
    ("java.security.cert.CertificateExpiredException: NotAfter: Wed", "expired"),
    ("System.Security.Cryptography.CryptographicException: Keyset does not exist", "windows_store"),
    ("Le jeu de clés n’existe pas.", "windows_store"),
    ("De sleutelset bestaat niet.", "windows_store"),
    ("Der Schlüsselsatz ist nicht vorhanden.", "windows_store"),
    ("HTTP/1.1 407 Proxy Authentication Required", "proxy"),
    ("org.bouncycastle: can't identify EC private key", "elliptic_key"),
    ("Supplied key (sun.security.ec) is not a RSAPrivateKey instance", "elliptic_key"),
    ("Cannot find private key for signature", "elliptic_key"),
    ("OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED", "outer_chain"),
    ("untrusted signer CN=CBE=0809394427, IAMACC", "sts_signer"),
    ("DECRYPTION_PRIVATE_KEY_NOT_FOUND", "old_keys"),
    ("message does not seem to be addressed to you", "old_keys"),
    ("OUTER_SIGNED_DATA_STRUCTURE_INCORRECT", "message_not_sound"),
    ("INNER_SIGNATURE_COULD_NOT_BE_VERIFIED", "message_not_sound"),
    ("The message isn't a triple wrapped message", "message_not_sound"),
    ("OUTER_SIGNATURE_ALGORITHM_UNAUTHORIZED", "sealing_too_old"),
    ("ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS", "kgss"),
    ("INNER_CERTIFICATE_EXPIRED", "message_not_sound"),
    ("org.bouncycastle.cms.CMSException: IOException reading content.", "message_not_sound"),
    ("InvalidMessageException: this isn't a message that is addressed to you", "old_keys"),
    ("DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED", "sealing_too_old"),
    ("ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN", "status_unknown"),
    ("OUTER_CERTIFICATE_STATUS_UNKNOWN", "status_unknown"),
    ("SIGNING_TIME_EXPIRED", "signing_time"),
    ("ETK_CERTS_DO_NOT_MATCH", "etk_unsound"),
    ("ETK_ENCRYPTION_CERT_EXPIRED", "etk_unsound"),
    ("ETK_AUTHENTICATION_CERT_HAS_INVALID_KEYUSAGE", "etk_unsound"),
    ("INNER_CERTIFICATE_HAS_INVALID_KEYUSAGE", "message_not_sound"),
    ("OUTER_CERTIFICATE_EXPIRED", "message_not_sound"),
    ("no sender certificate present", "message_not_sound"),
    ("UntrustedRoot", "outer_chain"),
    ("Unable to obtain token: reason unkown.", "no_token"),
    ("Token is invalid : token is expired", "session"),
    ("error.etk.notfound", "etk_missing"),
    ("Caused by: java.net.ConnectException: Connection refused", "unreachable"),
    ("SOAPFaultException: The security token could not be authenticated or authorized", "not_recognised"),
    ("ws-trust:FailedAuthentication", "not_recognised"),
    ("wst:InvalidSecurityToken", "not_recognised"),
    ("ws-trust:InvalidRequest", "malformed"),
    ("wst:BadRequest", "malformed"),
    ("wsse:FailedCheck", "not_recognised"),
    ("wst:AuthenticationBadElements", "malformed"),
    ("ws-trust:InvalidScope", "not_authorised"),
    ("wst:InvalidTimeRange", "clock"),
    ("wst:ExpiredData", "clock"),
    ("The message has expired", "clock"),
    ("wst:RequestFailed", "service_down"),
    ("SOA-00001", "service_down"),
    ("wst:UnableToRenew", "session"),
    ("wst:RenewNeeded", "session"),
    ("be.ehealth.technicalconnector.exception.CryptoResultException", "old_keys"),
    ("error.crypto", "old_keys"),
    ("ASN1ParsingException", "message_not_sound"),
    ("CMSVerifierCertificateNotValidException: verifier not valid at signingTime", "message_not_sound"),
    # The official connector's own sentences, as they stand in its public sources.
    ("not a RSAPrivateKey instance", "elliptic_key"),
    ("Could not validate your login (PIN) for your eID", "pin_refused"),
    ("0xa0 CKR_PIN_INCORRECT", "pin_refused"),
    ("Error while loading the KeyStore", "keystore_elsewhere"),
    ("Could not locate your fallback session keystore", "keystore_elsewhere"),
    ("error.nofallbackkeystorefound", "keystore_elsewhere"),
    ("Could not verify that you are a person. Please check certificates. (STS)", "no_person"),
    ("No valid session with encryption found", "session"),
    ("No active session found", "session"),
    ("No SAML token found", "session"),
    ("An error occurred while calling the eHealth SecureTokenService", "no_token"),
    (
        "The response from the eHealth SecureTokenService contains the following status code: Requester",
        "no_token",
    ),
    ("No SAML Assertion in the response, check parameters", "no_token"),
]

SEEN_HERE = {
    7: "reader_virtual",
    12: "signature_dormant",
    13: "signature_young",
    14: "certificate_missing_old",
}
SEEN_HERE |= {15: "certificate_ending"}
"""Rows that show no code elsewhere either, and are seen on the card or at the reader (the tests of those lines)."""


@pytest.mark.parametrize(("row", "typed", "key", "contact"), ROWS)
def test_a_row(row: int, typed: str, key: str, contact: Contact) -> None:
    (found,) = find_known_error(typed)
    assert (found.key, found.contact) == (key, contact)


@pytest.mark.parametrize("finding", named_findings())
def test_what_other_software_says_of_a_message_is_known(finding: str) -> None:
    """One table has the names: each leads to one piece of advice."""
    names = known_names(finding)
    assert names
    for name in names:
        assert len(find_known_error(name)) == 1, name


@pytest.mark.parametrize(("typed", "key"), SEEN_IN_2026)
def test_a_sentence_of_2026(typed: str, key: str) -> None:
    (found,) = find_known_error(typed)
    assert found.key == key


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("InvalidRequest", "malformed"),
        ("BadRequest", "malformed"),
        ("RequestFailed", "service_down"),
        ("ExpiredData", "clock"),
        ("InvalidScope", "not_authorised"),
    ],
)
def test_a_code_of_ws_trust_without_its_prefix_is_known_where_it_is_all(code: str, key: str) -> None:
    """In a log these are words of anything."""
    assert [found.key for found in find_known_error(f" {code} ")] == [key]
    assert find_known_error(f"HTTP 400: {code}") == ()


def loosely(sentence: str) -> Iterator[str]:
    """What people make of a sentence on its way to us."""
    yield sentence.upper()
    yield sentence.lower().rstrip(".!?")
    yield sentence.replace(" ", "\r\n\t")
    yield sentence.replace(" ", "\u00a0 ")
    yield f"Bonjour, depuis ce matin : «\u202f{sentence}\u202f» et plus rien ne va, merci"
    yield unicodedata.normalize("NFD", sentence)
    yield "".join(part for part in unicodedata.normalize("NFD", sentence) if not unicodedata.combining(part))
    yield "\u200b".join(sentence)


@pytest.mark.parametrize(("typed", "key"), SEEN_IN_2026)
def test_a_sentence_as_it_is_typed(typed: str, key: str) -> None:
    for sentence in loosely(typed):
        assert [found.key for found in find_known_error(sentence)] == [key], sentence


TRACE = """2026-11-27 08:01:02,345 timestamp=1764230462 ERROR [main] Could not open
java.io.IOException: keystore password was incorrect
\tat java.base/sun.security.pkcs12.PKCS12KeyStore.engineLoad(PKCS12KeyStore.java:2160)
Caused by: java.security.UnrecoverableKeyException: failed to decrypt safe contents entry: \
javax.crypto.BadPaddingException: Given final block not properly padded. Such issues can arise if a bad key is used
\t... 4 more
"""


def test_a_whole_trace() -> None:
    """Words that many logs hold (a time stamp, what Java says last) do not make another cause of it."""
    assert [error.key for error in find_known_error(TRACE)] == ["password"]
    frames = "\tat org.example.Practice.open(Practice.java:12)\n" * 100_000
    assert [error.key for error in find_known_error(frames + TRACE)] == ["password"]
    assert [error.key for error in find_known_error(TRACE + frames)] == ["password"]


@pytest.mark.parametrize("letters", ["\u0301\u0323", "CKR_", "ERR200", " ", "\ufdfa", "mac verify erro"])
def test_what_is_pasted_costs_little_however_long_and_odd(letters: str) -> None:
    """Accents in rows are sorted by a way that grows with the square of their number: not by ours."""
    typed = letters * (4_000_000 // len(letters))
    began = time.process_time()
    find_known_error(typed)
    codes_in(typed)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.key)
def test_a_command_that_is_named_is_there(error: KnownError) -> None:
    for command in re.findall("“([a-z]+ [a-z]+)(?: [^”]*)?”", error.cure(Translator("en"))):
        done = CliRunner().invoke(app, [*command.split(), "--help"])
        assert done.exit_code == 0, command


@pytest.mark.parametrize(("row", "key", "contact"), CHOSEN)
def test_a_row_without_a_code(row: int, key: str, contact: Contact) -> None:
    (found,) = (symptom for symptom in SYMPTOMS if symptom.key == key)
    assert found.contact is contact
    for language in LANGUAGES:
        assert found.symptom(Translator(language))


def test_every_row_is_covered() -> None:
    rows = {row for row, *_ in (*ROWS, *CHOSEN)} | set(SEEN_HERE)
    assert set(range(5, 24)) | set(range(40, 44)) | set(range(49, 63)) <= rows
    assert {key for _, key, _ in CHOSEN} == {symptom.key for symptom in SYMPTOMS}
    for language in LANGUAGES:
        assert all(Translator(language).has(f"doctor.{key}") for key in SEEN_HERE.values())


def test_every_error_is_reached_and_has_cause_cure_and_contact() -> None:
    reached = {key for _, _, key, _ in ROWS} | {key for _, key, _ in CHOSEN} | {UNKNOWN.key}
    reached |= {key for _, key in SEEN_IN_2026}
    assert reached == {error.key for error in ALL}
    for error in ALL:
        for language in LANGUAGES:
            texts = Translator(language)
            sentences = (error.cause(texts), error.cure(texts), error.call(texts))
            assert len(set(sentences)) == 3
            assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences)


def test_the_contact_for_certificates_is_named_where_one_is_the_cause() -> None:
    """A new certificate is the cure of none of these."""
    elsewhere = {"not_authorised", "registers", "malformed", "service_down", "new_issuer", "licence", "clock"}
    elsewhere |= {
        "elliptic_key",
        "outer_chain",
        "sts_signer",
        "message_not_sound",
        "sealing_too_old",
        "proxy",
    }
    assert not any(error.certificate for error in ALL if error.key in elsewhere)


def test_several_at_once_and_none() -> None:
    log = "SOA-01001 … then HTTP 404: Activating switch mechanism"
    assert [error.key for error in find_known_error(log)] == ["not_recognised", "first_fault"]
    assert find_known_error("") == ()
    assert find_known_error("the printer is on fire") == ()


@pytest.mark.parametrize("text", ["[ERR200999]", "SOA-09999", "CKR_VENDOR_DEFINED", "ERR2000300"])
def test_an_unknown_code_is_reported(text: str) -> None:
    found = find_known_error(text)
    assert found in ((UNKNOWN,), ())
    assert find_known_error("ERR2000300") == (UNKNOWN,)


def test_codes_are_handed_on_and_nothing_else() -> None:
    typed = "Mme D'Hôoghe 79031421872: [ERR200028], SOA-01002, crosscheck_issuer"
    assert codes_in(typed) == ("ERR200028", "SOA-01002", "CROSSCHECK_ISSUER")
    assert codes_in("no code at all, C:\\Users\\elise") == ()
