"""A certificate under test: what is green, and what colours which line, on the embedded platform."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from ehtoolkit import errors
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
from ehtoolkit.ehealth.sts.claims import Quality
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.contents import Key, Pkcs12Contents, Plain
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedStates, LastAnswer
from ehtoolkit.procedures import keystore_self_test
from ehtoolkit.procedures.authorization import decryption_keys
from ehtoolkit.procedures.certificate_test import (
    CertificateTest,
    CheckedPart,
    Colour,
    asked_host,
    prove_certificate,
)
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.keystore_self_test import MessageProver
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.training import Scenario
from tests.procedures.conftest import PASSWORD, Road
from tests.support.training_life import LABORATORY, PHARMACY, Life

TIMEOUT = errors.PlatformTimeout(host="h", seconds=3, sent=True)


def proof(road: Road, file: KeystoreFile, **more: object) -> CertificateTest:
    return prove_certificate(file, road.toolkit.context, **more)  # type: ignore[arg-type]


def not_green(found: CertificateTest) -> dict[str, tuple[str, str]]:
    return {
        str(line.thing): (str(line.colour), line.finding.key)
        for line in found.lines
        if line.colour is not Colour.GREEN
    }


def sentences(found: CertificateTest) -> None:
    """Each line has a sentence and a next step, in each language."""
    for language in LANGUAGES:
        texts = Translator(language)
        for line in found.lines:
            assert line.finding.message(texts) != line.finding.next_step(texts)
        assert texts.has(f"certificate_test.verdict.{found.verdict}")


def with_contents(file: KeystoreFile, contents: Pkcs12Contents) -> KeystoreFile:
    return replace_keystore(file, Keystore.of(contents))


def replace_keystore(file: KeystoreFile, keystore: Keystore) -> KeystoreFile:
    file.keystore = keystore
    return file


# ── what is green ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("card", ["elise", "karl"])
def test_a_fresh_certificate(road: Road, card: str) -> None:
    life = Life(road, card)
    found = proof(road, life.first())
    assert not_green(found) == {}
    assert (found.colour, found.verdict, found.state) == (Colour.GREEN, "green", State.ACTIVE)
    elliptic = [remark.key for remark in found.remarks]
    assert elliptic == (["key_elliptic"] if "EC" in found.lines[1].finding.facts["kind"] else [])  # type: ignore[operator]
    assert [line.thing.part for line in found.lines] == [
        *[CheckedPart.KEYS] * 4,
        *[CheckedPart.MESSAGES] * 2,
        *[CheckedPart.PLATFORM] * 2,
    ]
    assert "green" in repr(found)
    sentences(found)


def test_what_it_asks_and_that_it_changes_nothing(road: Road) -> None:
    file = Life(road).first()
    before, asked = file.path.read_bytes(), len(road.wire.seen)
    proof(road, file)
    questions = road.wire.seen[asked:]
    assert len(questions) == 3  # the certificate, the token, the session
    assert not [
        question
        for question in questions
        if "generate" in question or "revoke" in question or "activate" in question
    ]
    assert file.path.read_bytes() == before
    assert asked_host(road.toolkit.context) == "training.invalid"


def test_what_is_known_already_is_not_asked_again(road: Road) -> None:
    file = Life(road).first()
    platform_status = status(file, road.toolkit.context)
    asked = len(road.wire.seen)
    assert not_green(proof(road, file, platform_status=platform_status)) == {}
    assert len(road.wire.seen) - asked == 1  # the session


def test_an_organisation_is_asked_for_as_what_it_is(road: Road) -> None:
    assert road.toolkit.training is not None
    road.toolkit.training.switch(Scenario.RIGHT_MISSING, on=True)
    file = Life(road, "ines", PHARMACY).first()
    found = proof(road, file)
    assert not_green(found) == {"session": ("amber", "right_missing")}
    sentences(found)


def test_an_organisation_with_unknown_claims(road: Road) -> None:
    """So it is with most types: everything else is proven all the same."""
    life = Life(road, "elise", LABORATORY)
    asked = life.ask()
    life.move("+11d")
    file = life.open(asked.keystore)
    complete(file, road.toolkit.context)
    found = proof(road, file)
    assert not_green(found) == {"session": ("amber", "session_claims_unknown")}
    assert isinstance(found.lines[-1].failure, errors.ClaimsUnfit)
    assert (found.verdict, found.state) == ("amber", State.ACTIVE)
    sentences(found)
    with pytest.raises(errors.ClaimsUnfit):
        proof(road, file, quality=Quality.HOSPITAL)


# ── amber: no fault of the certificate ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("scenario", "card", "expected"),
    [
        (Scenario.STS_DOWN, "elise", {"session": ("amber", "no_session_platform")}),
        (Scenario.STS_NOT_AUTHORISED, "elise", {"session": ("amber", "no_session_right")}),
        (Scenario.STS_OTHER_KEY, "elise", {"session": ("amber", "no_session_platform")}),
        (Scenario.STS_SIGNER_ENDED, "elise", {"session": ("amber", "no_session_platform")}),
        (Scenario.STS_ONLY_RSA, "elise", {}),
        (Scenario.STS_ONLY_RSA, "claire", {"session": ("amber", "no_session_elliptic")}),
        (
            Scenario.CLOCK_WRONG,
            "elise",
            {"known": ("amber", "known_unanswered"), "session": ("amber", "no_session_clock")},
        ),
    ],
)
def test_scenarios(road: Road, scenario: Scenario, card: str, expected: dict[str, tuple[str, str]]) -> None:
    file = Life(road, card).first()
    assert road.toolkit.training is not None
    road.toolkit.training.switch(scenario, on=True)
    found = proof(road, file)
    assert not_green(found) == expected
    assert found.colour is (Colour.AMBER if expected else Colour.GREEN)
    assert {remark.key for remark in found.remarks} <= {"key_elliptic"}
    for line in found.lines:
        assert (line.failure is not None) is (line.colour is Colour.AMBER)
    sentences(found)


def test_a_right_that_is_asked_for_and_missing(road: Road) -> None:
    file = Life(road).first()
    assert road.toolkit.training is not None
    road.toolkit.training.switch(Scenario.RIGHT_MISSING, on=True)
    found = proof(road, file, quality=Quality.PHYSIOTHERAPIST)
    assert not_green(found) == {"session": ("amber", "right_missing")}
    with pytest.raises(errors.ClaimsUnfit):
        proof(road, file, quality=Quality.HOSPITAL)


def test_a_definite_answer_of_the_issuer_is_kept(road: Road) -> None:
    file, context = Life(road).first(), road.toolkit.context

    def test_with(status: RevocationStatus) -> LastAnswer | None:
        now = context.clock.now()
        proof(road, file, ask_revocation=lambda *_: RevocationResult(status, "x.be", since=now, as_of=now))
        note = CachedStates.read(context.notes).of_key(file.keystore.key_id)
        return None if note is None else note.answer

    assert test_with(RevocationStatus.SILENT) is None
    good = test_with(RevocationStatus.GOOD)
    assert good is not None
    assert not good.revoked
    assert test_with(RevocationStatus.UNKNOWN) == good
    revoked = test_with(RevocationStatus.REVOKED)
    assert revoked is not None
    assert (revoked.revoked, revoked.host) == (True, "x.be")
    assert test_with(RevocationStatus.SILENT) == revoked


def test_after_a_timeout_no_other_service_is_queried(road: Road) -> None:
    file = Life(road).first()
    road.wire.before["CertRa"] = TIMEOUT
    asked = len(road.wire.seen)
    found = proof(road, file, ask_revocation=lambda *_: pytest.fail("asked"))
    assert len(road.wire.seen) - asked == 1
    assert not_green(found) == {
        "depot": ("amber", "depot_unanswered"),
        "known": ("amber", "known_unanswered"),
        "session": ("amber", "session_unanswered"),
    }
    assert found.lines[4].finding.key == "message_opened_own"
    sentences(found)


def test_offline(road: Road) -> None:
    file = Life(road).first()
    asked = len(road.wire.seen)
    found = proof(road, file, offline=True, ask_revocation=lambda *_: pytest.fail("asked"))
    assert len(road.wire.seen) == asked
    assert (found.colour, found.verdict, found.asked) == (Colour.AMBER, "offline", False)
    assert set(not_green(found)) == {"depot", "known", "session"}
    sentences(found)


def test_a_keystore_that_waits(road: Road) -> None:
    found = proof(road, road.file(road.ask()))
    assert (found.colour, found.waits, found.holder) == (Colour.AMBER, True, None)
    assert not_green(found) == {
        "certificate": ("amber", "certificate_waits"),
        "decryption": ("amber", "decryption_waits"),
        "depot": ("amber", "depot_waits"),
        "message": ("amber", "message_waits"),
        "known": ("amber", "known_waits"),
        "session": ("amber", "session_waits"),
    }
    sentences(found)


def test_a_renewed_keystore_before_it_is_activated(road: Road) -> None:
    old, new = Life(road).renewed()
    found = proof(road, new)
    assert not_green(found) == {"depot": ("amber", "depot_to_activate")}
    assert found.lines[4].finding.facts["serial"] == old.keystore.current_encryption[0].alias
    assert found.lines[5].finding.key == "older_opened"
    sentences(found)


# ── red ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_certificate_that_was_revoked(road: Road) -> None:
    life = Life(road)
    file = life.first()
    life.revoke(file.keystore.key_id)
    found = proof(road, file)
    assert not_green(found) == {
        "depot": ("red", "depot_none"),
        "known": ("red", "revoked"),
        "session": ("red", "no_session_certificate"),
    }
    assert found.colour is Colour.RED
    sentences(found)


def test_a_certificate_that_has_expired_opens_its_messages_still(road: Road) -> None:
    life = Life(road)
    file = life.first()
    life.move("+40mo")
    found = proof(road, file)
    assert found.colour is Colour.RED
    wrong = not_green(found)
    assert wrong["certificate"] == ("red", "certificate_ended")
    assert wrong["known"] == ("red", "state_expired")
    assert wrong["session"][0] == "red"
    assert "message" not in wrong
    sentences(found)


def test_an_old_keystore_beside_the_renewed_one(road: Road) -> None:
    """What is sealed now is for the new key: the old file does not open it."""
    life = Life(road)
    old, new = life.renewed()
    life.activate(new)
    found = proof(road, old)
    wrong = not_green(found)
    assert wrong == {"depot": ("red", "depot_newer"), "message": ("red", "message_newer")}
    assert "newer" not in [remark.key for remark in found.remarks]
    sentences(found)
    for language in LANGUAGES:
        texts = Translator(language)
        steps = [line.finding.next_step(texts) for line in found.lines if line.colour is Colour.RED]
        assert all(new.path.name in step for step in steps)
        assert not any("merge" in step for step in steps)
        assert found.sentence(texts).count(new.path.name) == 2


def test_before_the_renewed_one_is_activated_the_old_keystore_works(road: Road) -> None:
    old, _ = Life(road).renewed()
    found = proof(road, old)
    assert (found.colour, found.newer) == (Colour.GREEN, None)
    assert "newer" in [remark.key for remark in found.remarks]
    assert found.sentence(Translator("en")) == Translator("en").get("certificate_test.verdict.green")


def test_a_keystore_without_its_encryption_key(road: Road) -> None:
    file = Life(road).first()
    contents = file.keystore.contents
    keys = tuple(key for key in contents.keys if not _is_encryption(file, key))
    found = proof(road, with_contents(file, replace(contents, keys=keys)))
    wrong = not_green(found)
    assert wrong["decryption"] == ("red", "decryption_missing")
    assert wrong["depot"] == ("red", "depot_other")
    assert wrong["message"] == ("red", "not_for_this_keystore")
    offline = proof(road, file, offline=True)
    assert not_green(offline)["message"] == ("red", "message_impossible")
    assert offline.verdict == "red"
    sentences(offline)


def _is_encryption(file: KeystoreFile, bag: Key) -> bool:
    keys = file.keystore.contents.keys
    first = Keystore.of(replace(file.keystore.contents, keys=(bag,))) if bag in keys else None
    return first is not None and first.authentication.key_id != file.keystore.authentication.key_id


def _with_material(key: Key, private_key: PrivateKey) -> Key:
    return replace(key, material=Plain(key.pkcs8, private_key))


def _with_key(keystore: Keystore, old: Key, new: Key) -> Keystore:
    """Return the keystore with ``new`` instead of ``old``, not matched with the certificates again."""
    keys = tuple(new if key is old else key for key in keystore.contents.keys)
    return replace(keystore, contents=replace(keystore.contents, keys=keys))


def test_keys_that_do_not_fit(road: Road) -> None:
    """The certificates of one life, the keys of another: what no reader of files lets through is found all the same."""
    file = Life(road).first()
    keystore = file.keystore
    (key,) = keystore.encryption
    rsa_key, elliptic = rsa.generate_private_key(65537, 2048), generate_private_key(SECP384R1())
    for private_key in (rsa_key, elliptic):
        signer = _with_material(keystore.authentication, private_key)
        broken = _with_key(keystore, keystore.authentication, signer)
        assert keystore_self_test.prove_signing(broken).key == "signing_wrong"
    damaged = _with_key(keystore, key, _with_material(key, rsa_key))
    assert keystore_self_test.prove_decryption(damaged).key == "decryption_wrong"
    now, believed = road.toolkit.context.clock.now(), road.toolkit.context.message_authorities()
    prover = MessageProver(damaged, believed, now)
    assert prover.prove_message(key.chain[0], published=True).key == "wrong_key"
    assert prover.prove_older(None).key == "older_closed"
    unnamed = _with_key(keystore, key, replace(key, chain=()))
    assert MessageProver(unnamed, believed, now).prove_older(None).key == "older_unnamed"


def test_older_keys_open_messages_of_an_untrusted_signer(road: Road) -> None:
    """As in a file that has lost the issuer of its certificate: keys of an older keystore would not help."""
    _, new = Life(road).renewed()
    contents, leaf = new.keystore.contents, new.keystore.chain[0].public_bytes(Encoding.DER)
    issuers = {issuer.public_bytes(Encoding.DER) for issuer in new.keystore.chain} - {leaf}
    kept = tuple(certificate for certificate in contents.certificates if certificate.der not in issuers)
    keystore, now = Keystore.of(replace(contents, certificates=kept)), road.toolkit.context.clock.now()
    assert len(keystore.chain) == 1
    newest = keystore.current_encryption[-1].chain[0]
    prover = MessageProver(keystore, TrustedAuthorities(), now)
    assert prover.prove_message(newest, published=True).key == "signer_not_trusted"
    assert prover.prove_older(newest).key == "older_opened"


def test_a_message_that_opens_with_another_content(road: Road) -> None:
    keystore = Life(road).first().keystore
    now, believed = road.toolkit.context.clock.now(), road.toolkit.context.message_authorities()
    prover = MessageProver(keystore, believed.adding(keystore.chain), now)
    opened, sealed = prover._sealed_and_opened(keystore.encryption[0].chain[0], decryption_keys(keystore))
    assert list(keystore_self_test._faults(opened, sealed)) == []
    (fault,) = keystore_self_test._faults(opened, "0" * 64)
    assert fault.key == "message_differs"


def test_a_token_that_is_none(road: Road) -> None:
    """What the depot gives out is changed on its way: its signature does not hold."""
    file = Life(road).first()
    holder = file.keystore.holder
    assert holder is not None
    token = road.toolkit.context.platform.depot.get_etk(holder.identifier, holder.application_id)
    assert token is not None
    true, false = (b64encode(secret) for secret in (token, token[:-1] + bytes([token[-1] ^ 1])))
    road.wire.after["EtkDepot"] = lambda answer: replace(answer, body=answer.body.replace(true, false))
    found = proof(road, file)
    assert not_green(found) == {"depot": ("red", "depot_untrusted")}
    assert isinstance(found.lines[3].failure, errors.ResponseUntrusted)
    assert found.lines[4].finding.key == "message_opened_own"
    sentences(found)


def test_a_token_that_nothing_can_be_sealed_for(road: Road) -> None:
    """What the depot gives out is changed on its way: its certificate has an elliptic key."""
    file = Life(road).first()
    holder = file.keystore.holder
    assert holder is not None
    ours = road.toolkit.context.platform.depot.get_etk(holder.identifier, holder.application_id)
    assert ours is not None
    key, elliptic = rsa.generate_private_key(65537, 2048), generate_private_key(SECP384R1())
    content = _self_signed(elliptic, road).public_bytes(Encoding.DER)
    signed = PKCS7SignatureBuilder().set_data(content).add_signer(_self_signed(key, road), key, SHA256())
    token = signed.sign(Encoding.DER, [PKCS7Options.Binary])
    road.wire.after["EtkDepot"] = lambda answer: replace(
        answer, body=answer.body.replace(b64encode(ours), b64encode(token))
    )
    wrong = not_green(proof(road, file))
    assert wrong == {"depot": ("red", "depot_other"), "message": ("red", "token_refused")}


def _self_signed(key: PrivateKey, road: Road) -> x509.Certificate:
    name, now = x509.Name([]), road.toolkit.context.clock.now()
    life = (now - timedelta(days=1), now + timedelta(days=1))
    return x509.CertificateBuilder(name, name, key.public_key(), 7, *life).sign(key, SHA256())


def test_a_keystore_of_another_environment(road: Road) -> None:
    file = Life(road).first()
    (road.toolkit.context.notes / f"{file.keystore.key_id}.json").unlink(missing_ok=True)
    context = road.toolkit.context
    elsewhere = replace(context, environment=Environment.ACCEPTANCE, notes=context.notes / "none")
    with pytest.raises(errors.WrongEnvironment):
        prove_certificate(file, elsewhere)


def test_the_password_is_nowhere(road: Road) -> None:
    found = proof(road, Life(road).first())
    assert PASSWORD.reveal() not in repr(found) + found._repr_html_()
