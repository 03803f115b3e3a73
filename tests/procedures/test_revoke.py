"""Revocation: from the list, by key or by file, for persons and organisations; and whatever goes wrong on the way."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import Contract, RevocationReason
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.identity import Environment, Organisation
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import activate, complete
from ehtoolkit.procedures.revoke import (
    REASON_CHOICES,
    REASONS,
    CompletedRevocation,
    fetch_revocation_contract,
    reason_of,
    require_revocable,
    revoke,
    submit_revocation,
)
from ehtoolkit.procedures.state.certificate_list import (
    ListedCertificate,
    Pick,
    by_file,
    by_key,
    holder_name,
    list_certificates,
)
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority import certificate_register
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.training_life import PHARMACY, PRACTICE, Life

LOST = RevocationReason.SUPERSEDED


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


@pytest.fixture
def file(life: Life) -> KeystoreFile:
    """A complete keystore of the default person."""
    return life.first()


def run(
    life: Life,
    pick: Pick,
    reason: RevocationReason = LOST,
    *,
    show: Callable[[Contract], object] = lambda _: None,
    pin: Secret = PIN,
    card: str | None = None,
) -> CompletedRevocation:
    reader = life.road.toolkit.open_card(f"training:{card or life.card}")

    def shown(contract: Contract) -> None:
        show(contract)

    return revoke(reader, lambda _: pin, pick, reason, life.road.toolkit.context, show=shown)


def listed(life: Life) -> tuple[ListedCertificate, ...]:
    return list_certificates(
        life.road.toolkit.open_card(f"training:{life.card}"), PIN, life.road.toolkit.context
    )


def file_of(life: Life, path: Path, open_file: Callable[[], KeystoreFile] | None = None) -> Pick:
    person = life.road.toolkit.open_card(f"training:{life.card}").identity().person
    return by_file(path, open_file or (lambda: life.open(path)), person, life.road.toolkit.context)


def never(*_: object) -> KeystoreFile:
    raise AssertionError("nobody should have opened the file")


LIVES = [
    ("elise", None, None),
    ("karl", None, None),  # a card on a curve
    ("claire", None, None),  # a certificate of the authority on a curve
    ("elise", PRACTICE, None),
    ("ines", PHARMACY, "APP-1"),
]


@pytest.mark.parametrize(("card", "organisation", "application_id"), LIVES)
def test_revoked_and_requested_again(
    road: Road, card: str, organisation: Organisation | None, application_id: str | None
) -> None:
    life = Life(road, card, organisation, application_id)
    old, context = life.first(), road.toolkit.context
    name = life.requested.name
    assert context.platform.depot.get_etk(name.identifier, name.application_id) is not None
    before = old.path.read_bytes()
    shown: list[Contract] = []
    revoked = run(life, file_of(life, old.path, never), show=shown.append)

    assert (revoked.key_id, revoked.state, revoked.next) == (
        old.keystore.key_id,
        State.REVOKED,
        Action.REQUEST,
    )
    assert revoked.keystore == old.path
    assert old.path.read_bytes() == before
    (contract,) = shown
    assert contract.distinguished_name.same_holder(name)
    assert contract.revocation_reason == LOST
    assert status(old, context).state is State.REVOKED
    assert context.platform.depot.get_etk(name.identifier, name.application_id) is None

    again = holder_name(revoked.again)
    assert again is not None
    assert again.same_holder(name)
    assert revoked.again.contact.as_contact() == life.requested.contact
    life.move("+1d")
    new = life.first()
    assert new.path != old.path
    published = life.published()
    own = [key.key.public_key() for key in new.keystore.current_encryption]
    assert published.encryption_certificate.public_key() in own
    assert [certificate.state for certificate in listed(life)] == [State.ACTIVE, State.REVOKED]


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_list_has_what_a_user_chooses_by(life: Life, file: KeystoreFile, tmp_path: Path) -> None:
    copy = file.path.with_name("copy of it.p12")
    shutil.copy(file.path, copy)
    life.road.toolkit.context.keystores.joinpath("noise.p12").write_bytes(b"no keystore")
    (certificate,) = listed(life)
    assert certificate.key_id == file.keystore.key_id
    assert (certificate.holder.type, certificate.holder.number) == ("SSIN", "79031421872")
    assert (certificate.state, certificate.revocable) == (State.ACTIVE, True)
    assert set(certificate.files) == {file.path, copy}
    assert certificate.file in certificate.files
    assert (certificate.not_before, certificate.not_after) == (
        file.keystore.not_before,
        file.keystore.not_after,
    )
    assert (certificate.info.etk_status, certificate.info.contact.email) == (
        "VALID_ACTIVE",
        "elise@example.be",
    )


def test_a_lost_file_is_revoked_by_its_key(life: Life, file: KeystoreFile) -> None:
    file.path.unlink()
    (certificate,) = listed(life)
    assert certificate.file is None
    revoked = run(life, by_key(certificate.key_id.lower()))
    assert revoked.keystore is None
    assert [certificate.state for certificate in listed(life)] == [State.REVOKED]


def test_a_folder_that_cannot_be_listed_keeps_nothing_from_being_revoked(
    life: Life, file: KeystoreFile
) -> None:
    """The list says so, in the place of naming files as lost; revoking looks at none."""
    keystores = life.road.toolkit.context.keystores
    shutil.rmtree(keystores)
    keystores.symlink_to(keystores)  # as a drive that is gone: what is called so is there and leads nowhere
    with pytest.raises(errors.FileUnreadable):
        listed(life)
    life.road.wire.lost[":revoke"] = CUT  # asking again what was done looks at none either
    revoked = run(life, by_key(file.keystore.key_id))
    assert (revoked.state, revoked.keystore) == (State.REVOKED, None)


def test_a_certificate_without_contact_data_is_listed_and_revoked(life: Life, file: KeystoreFile) -> None:
    """The schema lets them be; what is asked for anew is then typed anew."""

    def without(answer: Response) -> Response:
        body, count = re.subn(rb"((Email|Phone)Private>)[^<]+<", rb"\1<", answer.body)
        assert count == 2
        return Response(answer.status, answer.headers, body)

    life.road.wire.after["getCertificateInfoForCitizen"] = without
    (certificate,) = listed(life)
    assert (certificate.info.contact.email, certificate.info.contact.phone) == ("", "")
    revoked = run(life, by_key(file.keystore.key_id))
    assert revoked.state is State.REVOKED
    with pytest.raises(errors.ContactInvalid):
        revoked.again.contact.as_contact()


def test_without_certificates_the_list_is_empty(life: Life) -> None:
    assert listed(life) == ()
    with pytest.raises(errors.CertificateNotListed):
        run(life, by_key("AB" * 20))


def test_after_a_renewal_each_key_has_its_own_file(life: Life) -> None:
    """The new file carries the old encryption keys; only the new authentication key tells whose it is."""
    old, new = life.renewed()
    files = {key.key_id: key.files for key in listed(life)}
    assert files == {old.keystore.key_id: (old.path,), new.keystore.key_id: (new.path,)}
    assert run(life, file_of(life, old.path)).key_id == old.keystore.key_id
    assert status(new, life.road.toolkit.context).state is State.TO_ACTIVATE


# ── reasons ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("word", "reason"), REASONS.items())
def test_every_reason_that_is_understood(word: str, reason: RevocationReason) -> None:
    assert reason_of(f" {word.upper()} ") is reason


def test_the_words_of_the_guide_cover_the_four_reasons() -> None:
    assert set(REASON_CHOICES.values()) == set(RevocationReason)
    assert (REASON_CHOICES["forgotten"], REASON_CHOICES["lost"], REASON_CHOICES["replace"]) == (
        LOST,
        LOST,
        LOST,
    )
    assert {reason.value for reason in RevocationReason} | set(REASON_CHOICES) == set(REASONS)


@pytest.mark.parametrize("word", ["", "because", "key compromise"])
def test_a_reason_that_is_none(word: str) -> None:
    with pytest.raises(errors.InputInvalid) as refused:
        reason_of(word)
    assert refused.value.facts == {"reason": "revocation_reason"}


@pytest.mark.parametrize("reason", RevocationReason)
def test_the_reason_reaches_the_platform(life: Life, file: KeystoreFile, reason: RevocationReason) -> None:
    assert run(life, by_key(file.keystore.key_id), reason).reason is reason
    assert life.road.toolkit.training is not None
    (record,) = certificate_register.all_records(life.road.toolkit.training)
    assert record.revocation_reason == reason


# ── what cannot be revoked ───────────────────────────────────────────────────────────────────────────────
def refused_state(call: Callable[[], object]) -> str:
    with pytest.raises(errors.NotRevocable) as refused:
        call()
    return str(refused.value.facts["state"])


def test_revoked_already(life: Life, file: KeystoreFile) -> None:
    run(life, by_key(file.keystore.key_id))
    sent = life.road.wire.count(":revoke")
    assert refused_state(lambda: run(life, by_key(file.keystore.key_id))) == "revoked"
    assert life.road.wire.count(":revoke") == sent == 1
    assert life.road.wire.count("generateRevocationContract") == 1


def test_expired(life: Life, file: KeystoreFile) -> None:
    life.move("+37mo")
    assert refused_state(lambda: run(life, by_key(file.keystore.key_id))) == "expired"


def test_not_delivered_yet(life: Life) -> None:
    asked = life.ask()
    assert refused_state(lambda: run(life, file_of(life, asked.keystore))) == "waiting"


def test_refused(life: Life) -> None:
    asked = life.ask()
    assert life.road.toolkit.training is not None
    life.road.toolkit.training.decide(asked.key_id, deliver=False)
    assert refused_state(lambda: run(life, by_key(asked.key_id))) == "refused"


def test_only_the_platforms_word_counts(life: Life, file: KeystoreFile) -> None:
    """Also where it says that something waiting, or something new, can be revoked."""
    (certificate,) = listed(life)
    with pytest.raises(errors.NotRevocable):
        require_revocable(replace(certificate, info=replace(certificate.info, revocable=False)))
    for word in ("IN_PROGRESS", "SUSPENDED"):
        require_revocable(replace(certificate, info=replace(certificate.info, status=word, revocable=True)))


def test_revoked_in_another_page_meanwhile(life: Life, file: KeystoreFile) -> None:
    """The platform has the last word: its refusal is shown as it came."""

    def elsewhere(_: Contract) -> None:
        context = life.road.toolkit.context
        card = life.road.toolkit.open_card()
        certra = context.platform.certra
        contract = certra.generate_revocation_contract(file.keystore.key_id, card.identity().person, LOST)
        from ehtoolkit.card.port import CardKey, CardSigner

        certra.revoke(file.keystore.key_id, contract, CardSigner(card, CardKey.SIGNATURE, PIN))

    with pytest.raises(errors.PlatformRefused) as refused:
        run(life, by_key(file.keystore.key_id), show=elsewhere)
    assert refused.value.facts["code"] == "CERT_ALREADY_REVOKED"


# ── which certificate ────────────────────────────────────────────────────────────────────────────────────
def test_an_unknown_key(life: Life, file: KeystoreFile) -> None:
    with pytest.raises(errors.CertificateNotListed) as refused:
        run(life, by_key("00" * 20))
    assert refused.value.facts == {"key_id": "00" * 20}


@pytest.mark.parametrize("text", ["", "00", "zz" * 20, "../" + "00" * 20])
def test_what_is_no_key_identifier(text: str) -> None:
    with pytest.raises(errors.IdentifierInvalid) as refused:
        by_key(text)
    assert refused.value.facts["kind"] == "key_id"


def test_a_forgotten_password_is_not_asked_for(life: Life, file: KeystoreFile) -> None:
    assert run(life, file_of(life, file.path, never)).key_id == file.keystore.key_id


def test_a_key_that_shows_as_another_is_read_with_the_password(
    life: Life, file: KeystoreFile, tmp_path: Path
) -> None:
    """OpenSSL calls keys by the hash of their certificate."""
    copied = openssl_copy(file.path, tmp_path)
    opened: list[Path] = []

    def open_file() -> KeystoreFile:
        opened.append(copied)
        return life.open(copied)

    pick = file_of(life, copied, open_file)
    assert opened == []
    assert run(life, pick).key_id == file.keystore.key_id
    assert opened == [copied]


def test_a_file_that_is_not_there(life: Life, tmp_path: Path) -> None:
    with pytest.raises(errors.KeystoreNotFound):
        file_of(life, tmp_path / "SSIN=79031421872 20261124-152300.p12", never)


def test_the_keystore_of_another_person(life: Life, file: KeystoreFile, tmp_path: Path) -> None:
    karl = Life(life.road, "karl")
    with pytest.raises(errors.DifferentKeystoreHolder) as by_name:
        run(karl, file_of(karl, file.path, never))
    assert "79031421872" in str(by_name.value.facts["holder"])
    assert "68053041155" in str(by_name.value.facts["card"])

    copied = openssl_copy(file.path, tmp_path)
    with pytest.raises(errors.DifferentKeystoreHolder) as by_content:
        run(karl, file_of(karl, copied, lambda: life.open(copied)))
    assert "VANDAMME" in str(by_content.value.facts["holder"])
    assert life.road.wire.count(":revoke") == 0


def test_a_keystore_that_was_never_sent(life: Life, file: KeystoreFile) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    from ehtoolkit.keystore.keystore import Keystore

    path = file.path.with_name("SSIN=79031421872 20300101-000000.p12")
    pair = generate_private_key(public_exponent=65537, key_size=2048)
    KeystoreFile.create(path, Keystore.prepare(pair, life.road.toolkit.context.clock.now()), PASSWORD)
    with pytest.raises(errors.CertificateNotListed):
        run(life, file_of(life, path))


def test_a_keystore_of_another_environment(life: Life, file: KeystoreFile, tmp_path: Path) -> None:
    """By the note that was made when it was requested; by its ending; by its issuer."""
    context = life.road.toolkit.context
    elsewhere = replace(
        context, environment=Environment.PRODUCTION, notes=context.notes.parent / "production"
    )
    person = life.requested.signer
    with pytest.raises(errors.WrongEnvironment) as raised:
        by_file(file.path, never, person, elsewhere)(())
    assert raised.value.facts["kind"] == Environment.TRAINING

    acceptance = tmp_path / "SSIN=79031421872 20261124-152300.acc-p12"
    shutil.copy(file.path, acceptance)
    shutil.rmtree(context.notes)
    with pytest.raises(errors.WrongEnvironment) as ending:
        by_file(acceptance, never, person, context)(())
    assert ending.value.facts["kind"] == Environment.ACCEPTANCE

    copied = openssl_copy(file.path, tmp_path)
    with pytest.raises(errors.WrongEnvironment) as issuer:
        by_file(copied, lambda: life.open(copied), person, elsewhere)(())
    assert issuer.value.facts["kind"] == Environment.TRAINING


# ── card and PIN ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_wrong_pin_at_either_place(life: Life, file: KeystoreFile) -> None:
    before = life.road.wire.count("getCertificateInfoForCitizen")
    with pytest.raises(errors.PinWrong):
        run(life, by_key(file.keystore.key_id), pin=Secret("4321"))
    assert life.road.wire.count("getCertificateInfoForCitizen") == before
    pins = iter([PIN, Secret("4321")])
    card = life.road.toolkit.open_card()
    with pytest.raises(errors.PinWrong):
        revoke(
            card,
            lambda _: next(pins),
            by_key(file.keystore.key_id),
            LOST,
            life.road.toolkit.context,
            show=lambda _: None,
        )
    assert life.road.wire.count(":revoke") == 0
    assert run(life, by_key(file.keystore.key_id)).state is State.REVOKED


def test_a_card_that_cannot_sign_is_reported_before_the_pin(life: Life) -> None:
    def pin(_: object) -> Secret:
        raise AssertionError("a PIN was asked for")

    for name, error in (("rita", errors.CardCertificateExpired), ("lina", errors.CardCertificateMissing)):
        card = life.road.toolkit.open_card(f"training:{name}")
        with pytest.raises(error):
            revoke(card, pin, by_key("00" * 20), LOST, life.road.toolkit.context, show=lambda _: None)


def test_who_does_not_agree_has_revoked_nothing(life: Life, file: KeystoreFile) -> None:
    def refuse(_: Contract) -> None:
        raise errors.TermsNotAccepted

    with pytest.raises(errors.TermsNotAccepted):
        run(life, by_key(file.keystore.key_id), show=refuse)
    assert life.road.wire.count(":revoke") == 0
    assert [certificate.state for certificate in listed(life)] == [State.ACTIVE]


def test_a_card_pulled_out_before_the_signature(life: Life, file: KeystoreFile) -> None:
    card = life.road.toolkit.open_card()
    with pytest.raises(errors.CardError):
        revoke(
            card,
            lambda _: PIN,
            by_key(file.keystore.key_id),
            LOST,
            life.road.toolkit.context,
            show=lambda _: card.unplug(),  # type: ignore[attr-defined]
        )
    card.plug()  # type: ignore[attr-defined]
    assert [certificate.state for certificate in listed(life)] == [State.ACTIVE]


# ── lost answers ─────────────────────────────────────────────────────────────────────────────────────────
CUT = errors.PlatformUnreachable(host="platform", reason="cut", sent=True)
LATE = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
UNSENT = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)


def halved(answer: Response) -> Response:
    return Response(answer.status, answer.headers, answer.body[: len(answer.body) // 2])


def web_page(answer: Response) -> Response:
    return Response(502, {"Content-Type": "text/html"}, b"<html><body>Proxy error</body></html>")


@pytest.mark.parametrize("how", [CUT, LATE], ids=["cut", "late"])
def test_a_lost_answer_is_found_by_a_query(life: Life, file: KeystoreFile, how: errors.PlatformError) -> None:
    life.road.wire.lost[":revoke"] = how
    before = life.road.wire.count("getCertificateInfoForCitizen")
    assert run(life, by_key(file.keystore.key_id)).state is State.REVOKED
    assert life.road.wire.count(":revoke") == 1
    assert life.road.wire.count("getCertificateInfoForCitizen") == before + 2


@pytest.mark.parametrize("what", [halved, web_page])
def test_an_answer_that_makes_no_sense_is_found_by_asking(
    life: Life, file: KeystoreFile, what: Callable[[Response], Response]
) -> None:
    life.road.wire.after[":revoke"] = what
    assert run(life, by_key(file.keystore.key_id)).state is State.REVOKED
    assert life.road.wire.count(":revoke") == 1


@pytest.mark.parametrize("how", [CUT, LATE], ids=["cut", "late"])
def test_a_lost_request_is_reported_and_can_be_repeated(
    life: Life, file: KeystoreFile, how: errors.PlatformError
) -> None:
    life.road.wire.before[":revoke"] = how
    with pytest.raises(errors.ResponseLost) as lost:
        run(life, by_key(file.keystore.key_id))
    assert lost.value.facts["operation"] == "revoke"
    assert life.road.wire.count(":revoke") == 1
    life.road.wire.before.clear()
    assert run(life, by_key(file.keystore.key_id)).state is State.REVOKED


def test_what_never_left_is_no_lost_answer(life: Life, file: KeystoreFile) -> None:
    life.road.wire.before[":revoke"] = UNSENT
    with pytest.raises(errors.PlatformUnreachable):
        run(life, by_key(file.keystore.key_id))
    life.road.wire.before.clear()
    assert [certificate.state for certificate in listed(life)] == [State.ACTIVE]


def test_an_unreachable_platform_after_the_revocation(life: Life, file: KeystoreFile) -> None:
    """Nobody knows then; the next run finds out."""

    def show(_: Contract) -> None:
        life.road.wire.lost[":revoke"] = CUT
        life.road.wire.before["getCertificateInfoForCitizen"] = UNSENT

    with pytest.raises(errors.ResponseLost):
        run(life, by_key(file.keystore.key_id), show=show)
    life.road.wire.before.clear()
    life.road.wire.lost.clear()
    assert refused_state(lambda: run(life, by_key(file.keystore.key_id))) == "revoked"


OPERATIONS = ("getCertificateInfoForCitizen", "generateRevocationContract")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("when", ["before", "lost", "after"])
def test_an_answer_lost_before_anything_was_done(
    life: Life, file: KeystoreFile, operation: str, when: str
) -> None:
    getattr(life.road.wire, when)[operation] = halved if when == "after" else CUT
    with pytest.raises(errors.PlatformError):
        run(life, by_key(file.keystore.key_id))
    assert life.road.wire.count(":revoke") == 0
    getattr(life.road.wire, when).clear()
    assert run(life, by_key(file.keystore.key_id)).state is State.REVOKED


# ── a platform that lies ─────────────────────────────────────────────────────────────────────────────────
def replaced(pattern: bytes, by: bytes) -> Callable[[Response], Response]:
    def act(answer: Response) -> Response:
        body, count = re.subn(pattern, by, answer.body)
        assert count, "the answer has nothing of the kind"
        return Response(answer.status, answer.headers, body)

    return act


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (b"79031421872", b"68053041155"),
        (rb"(<[^<]*DN>)[^<]*<", rb"\g<1>nonsense<"),
        (rb"(RevocationReason>)superseded<", rb"\g<1>keyCompromise<"),
        (rb"<([a-z]+:)RevocationReason>superseded</\1RevocationReason>", b""),
    ],
    ids=["somebody else", "no name", "another reason", "no reason"],
)
def test_a_contract_that_differs_from_what_was_asked_is_not_shown(
    life: Life, file: KeystoreFile, pattern: bytes, by: bytes
) -> None:
    life.road.wire.after["generateRevocationContract"] = replaced(pattern, by)
    shown: list[Contract] = []
    with pytest.raises(errors.ResponseUntrusted) as caught:
        run(life, by_key(file.keystore.key_id), show=shown.append)
    assert caught.value.facts == {"reason": "contract"}
    assert shown == []
    assert life.road.wire.count(":revoke") == 0


def test_the_contract_goes_back_as_it_came(life: Life, file: KeystoreFile) -> None:
    """Whatever is in it: our platform takes back only what it wrote, to the last CR."""
    contract = fetch_revocation_contract(
        listed(life)[0], life.requested.signer, RevocationReason.KEY_COMPROMISE, life.road.toolkit.context
    )
    assert all("\r\n" in text for text in contract.texts.values())
    assert run(life, by_key(file.keystore.key_id)).state is State.REVOKED


@pytest.mark.parametrize("retry", [False, True])
def test_the_contract_of_another_certificate_is_not_signed(
    road: Road, file: KeystoreFile, life: Life, retry: bool
) -> None:
    """The contract names its holder and not its key; who has two certificates may get hold of the wrong contract."""
    Life(road, organisation=PRACTICE, password=Secret("Praxis-2026")).first()
    context, signer = road.toolkit.context, life.requested.signer
    (own, other) = sorted(listed(life), key=lambda certificate: certificate.key_id != file.keystore.key_id)
    contract = fetch_revocation_contract(other, signer, LOST, context)
    card, sent = road.toolkit.open_card("training:elise"), len(road.wire.seen)

    with pytest.raises(errors.NotRevocable) as refused:
        submit_revocation(own, contract, card, PIN, context, retry=retry)

    assert refused.value.facts == {"key_id": own.key_id, "state": own.state, "reason": "contract"}
    assert len(road.wire.seen) == sent


# ── one at a time ────────────────────────────────────────────────────────────────────────────────────────
def test_a_revocation_locks_its_holder(life: Life, file: KeystoreFile) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ehtoolkit import errors\n"
        "from ehtoolkit.identity import Environment, Identifier\n"
        "from ehtoolkit.keystore.storage.records import actor_lock\n"
        "try:\n"
        "    with actor_lock(Path(sys.argv[1]), Environment.TRAINING, Identifier('SSIN', '79031421872')):\n"
        "        print('free')\n"
        "except errors.RequestRunning:\n"
        "    print('taken')\n"
    )
    found: list[str] = []

    def look(_: Contract) -> None:
        command = [sys.executable, "-c", program, str(life.road.toolkit.context.locks)]
        found.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())

    run(life, by_key(file.keystore.key_id), show=look)
    assert found == ["taken"]


# ── what is known for a new request ──────────────────────────────────────────────────────────────────────
def test_a_holder_of_a_type_that_we_do_not_know(life: Life, file: KeystoreFile) -> None:
    """It is revoked all the same, on a contract that names it; only the new request cannot be filled in."""
    life.road.wire.after["getCertificateInfoForCitizen"] = replaced(
        rb'Type="SSIN">79031421872', b'Type="NEW-TYPE">123'
    )
    with pytest.raises(errors.ResponseUntrusted):  # the contract names another
        run(life, by_key(file.keystore.key_id))
    assert life.road.wire.count(":revoke") == 0
    life.road.wire.after["generateRevocationContract"] = replaced(
        rb"(DN>.*)SSIN=79031421872(.*)SSIN=79031421872", rb"\1NEW-TYPE=123\2NEW-TYPE=123"
    )
    shown: list[Contract] = []

    def show(contract: Contract) -> None:
        shown.append(contract)
        contract.element[0].text = contract.dn.replace("NEW-TYPE=123", "SSIN=79031421872")

    revoked = run(life, by_key(file.keystore.key_id), show=show)
    assert "NEW-TYPE=123" in shown[0].dn
    assert revoked.state is State.REVOKED
    assert not revoked.again.holder.is_person
    assert revoked.again.holder.organisation is None


def test_the_clock_of_the_list_is_the_platforms(life: Life, file: KeystoreFile) -> None:
    (certificate,) = listed(life)
    asked_at = life.road.toolkit.context.clock.now() - timedelta(days=1)
    assert abs(certificate.info.requested_at - asked_at) < timedelta(minutes=5)


def test_a_waiting_one_does_not_hide_behind_another(life: Life, file: KeystoreFile) -> None:
    """Revoked, requested anew and not delivered: completing goes on, and the old one stays revoked."""
    run(life, by_key(file.keystore.key_id))
    asked = life.ask()
    assert [certificate.state for certificate in listed(life)] == [State.WAITING, State.REVOKED]
    life.move("+1d")
    assert complete(life.open(asked.keystore), life.road.toolkit.context).state is State.COMPLETE


def openssl_copy(path: Path, folder: Path) -> Path:
    """The same keystore as OpenSSL writes it, under a name that tells nothing."""
    pem, copied = folder / "keystore.pem", folder / "keystore.p12"
    password = ["-passin", "pass:Kine-2026"]
    read: list[str | Path] = ["openssl", "pkcs12", "-in", path, "-nodes", "-out", pem, *password]
    subprocess.run(read, check=True, capture_output=True)
    write: list[str | Path] = [
        *("openssl", "pkcs12", "-export", "-in", pem, "-out", copied, "-passout", "pass:Kine-2026"),
        *("-name", "authentication"),
    ]
    subprocess.run(write, check=True, capture_output=True)
    return copied


@pytest.mark.parametrize("waits", [False, True])
def test_both_ways_of_the_depot_after_a_revocation(road: Road, waits: bool) -> None:
    """Which one the real depot goes is not known; both lead to the end."""
    life, context = Life(road, "elise"), road.toolkit.context
    assert road.toolkit.training is not None
    road.toolkit.training.switch("activation-after-revocation", waits, "elise")
    old = life.first()
    run(life, file_of(life, old.path, never))

    new = life.open(life.ask().keystore)
    life.move("+1d")
    state = complete(new, context).state

    assert state is (State.TO_ACTIVATE if waits else State.COMPLETE)
    if waits:
        assert activate(new, context).outcome.state is State.ACTIVE
    (current,) = new.keystore.current_encryption
    assert str(life.published().serial) == current.alias
