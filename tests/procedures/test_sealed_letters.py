"""The lesson on old keys: renew, throw the old key away, and old letters stay closed; merge it back, and they open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import is_signed_by
from ehtoolkit.ehealth.sealing.models import MessageState, UnsealedMessage
from ehtoolkit.ehealth.sealing.unseal import unseal
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.procedures.authorization import decryption_keys
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training import PEOPLE, TrainingPlatform
from ehtoolkit.training.service.sealed_letters import LETTERS, SealedLetter
from tests.procedures.conftest import PASSWORD, Road
from tests.support.training_life import PRACTICE, Life

LINES = {"fr": "Plate-forme de formation", "nl": "Opleidingsplatform", "de": "Schulungsplattform"}


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


def training_of(life: Life) -> TrainingPlatform:
    training = life.road.toolkit.training
    assert training is not None
    return training


def read(life: Life, letter: SealedLetter, path: Path) -> tuple[UnsealedMessage, str]:
    training = training_of(life)
    keys = decryption_keys(open_keystore(path, life.password))
    now = training.clock.now()
    message, content = unseal(letter.data, keys, training.message_authorities(), now)
    return message, (content or b"").decode()


def states(life: Life, letters: Sequence[SealedLetter], path: Path) -> list[MessageState]:
    return [read(life, letter, path)[0].state for letter in letters]


def renewed(life: Life) -> tuple[KeystoreFile, KeystoreFile]:
    old, new = life.renewed()
    life.activate(new)
    return old, new


OPEN, CLOSED = MessageState.PROVEN, MessageState.NOT_ADDRESSED


def test_the_lesson(life: Life) -> None:
    old, new = renewed(life)
    training = training_of(life)
    letters = training.messages()
    assert [letter.key_id for letter in letters] == [new.keystore.key_id] * 2 + [old.keystore.key_id] * 4
    # What is renewed as it should be opens everything: the old keys were carried over.
    assert states(life, letters, new.path) == [OPEN] * 6
    assert states(life, letters, old.path) == [CLOSED] * 2 + [OPEN] * 4

    (gone,) = training.discarded_keys().discard(new.path, PASSWORD)
    assert not old.path.exists()
    assert gone.path.name == old.path.name
    assert states(life, letters, new.path) == [OPEN] * 2 + [CLOSED] * 4

    assert training.discarded_keys().bring_back() == (old.path,)
    assert training.discarded_keys().files() == ()
    assert states(life, letters, new.path) == [OPEN] * 2 + [CLOSED] * 4  # the file alone is not enough

    file = KeystoreFile.open(new.path, PASSWORD)
    file.save(merge_old_keys(file.keystore, open_keystore(old.path, PASSWORD)))
    assert states(life, letters, new.path) == [OPEN] * 6


def test_letters_are_real_messages_of_colleagues_dated_by_the_clock(life: Life) -> None:
    file = life.first()
    training = training_of(life)
    letters = training.messages()
    assert len(letters) == sum(not after for _, after in LETTERS)
    life.move("+34mo")
    everything = training.messages()
    assert everything[-len(letters) :] == letters, "what was sent is kept as it was"
    begin = letters[-1].sent
    assert [letter.sent - begin for letter in reversed(everything)] == [after for _, after in LETTERS]
    issuers = [issuer.certificate for issuer in training.authorities.issuers]
    names = {person.person.full_name for person in PEOPLE} - {"Élise Marie Vandamme"}
    for letter in everything:
        message, text = read(life, letter, file.path)
        assert message.proven
        assert message.outer is not None
        assert message.outer.certificate is not None
        assert message.outer.signed_at == letter.sent
        assert any(is_signed_by(message.outer.certificate, issuer.public_key()) for issuer in issuers)
        assert DistinguishedName.of_holder(message.outer.certificate) is not None
        assert letter.sender in names
        assert letter.sender in text
        assert LINES["fr"] in text
    assert len({letter.sender for letter in everything}) > 1


@pytest.mark.parametrize("card", ["ines", "claire", "karl"])
def test_senders_are_other_people_and_letters_are_in_the_recipients_language(road: Road, card: str) -> None:
    life = Life(road, card)
    file = life.first()
    person = next(person for person in PEOPLE if person.name == card)
    life.move("+34mo")
    letters = training_of(life).messages()
    assert len(letters) == len(LETTERS)
    for letter in letters:
        message, text = read(life, letter, file.path)
        assert message.proven
        assert letter.sender != person.person.full_name
        assert letter.language == person.language
        assert LINES[person.language].lower() in text.lower()


def test_an_organisation_has_letters_of_its_own(life: Life) -> None:
    own = life.first()
    at_work = Life(life.road, organisation=PRACTICE, application_id="KASSE-1", password=Secret("Praxis-2026"))
    practice = at_work.first()
    letters = training_of(life).messages()
    holder = practice.keystore.holder
    assert holder is not None
    mine = [letter for letter in letters if letter.is_for(holder)]
    assert states(at_work, mine, practice.path) == [OPEN] * 2
    assert states(life, mine, own.path) == [CLOSED] * 2
    assert len(letters) == 4


def test_letters_are_sealed_on_request_and_for_current_tokens(life: Life) -> None:
    file = life.first()
    training = training_of(life)
    with training.database.reading() as connection:
        count = "SELECT count(*) FROM sealed_letter"
        assert connection.execute(count).fetchone()[0] == 0
    life.revoke(file.keystore.key_id)
    life.move("+34mo")
    assert len(training.messages()) == 2  # those of before
    with training.database.reading() as connection:
        assert connection.execute(count).fetchone()[0] == 2


def test_a_renewal_that_waits_for_activation_gets_nothing(life: Life) -> None:
    old, _ = life.renewed()
    assert {message.key_id for message in training_of(life).messages()} == {old.keystore.key_id}


def test_long_after_a_colleague_s_certificate_ended_letters_open(life: Life) -> None:
    _, new = renewed(life)
    training = training_of(life)
    training.messages()
    life.move("+30mo")
    letters = training.messages()
    assert len(letters) == 8
    assert states(life, letters, new.path) == [OPEN] * 8
    assert letters[0].sent - letters[-1].sent > timedelta(days=3 * 365), "more than a certificate's life"


def test_another_process_sees_the_same_and_a_reset_forgets(life: Life) -> None:
    life.first()
    training = training_of(life)
    letters = training.messages()
    other = open_toolkit(load_settings(home=life.road.toolkit.settings.home))
    assert other.training is not None
    assert other.training.messages() == letters
    other.close()
    training.clock.move("reset")
    assert training.messages() == [], "at a time when nobody had a token"
    training.reset()
    assert training.messages() == []
    with training.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM colleague").fetchone()[0] == 0


def test_a_keystore_that_was_forgotten_is_forgotten_with_its_letters(road: Road) -> None:
    training = training_of(Life(road))
    training.switch("forgotten-password", True, "bram")
    assert len(training.messages()) == 2
    training.switch("forgotten-password", False, "bram")
    assert training.messages() == []


# ── what is thrown away, and what is not ─────────────────────────────────────────────────────────────────
def test_the_archive_is_emptied_too(life: Life) -> None:
    old, new = renewed(life)
    place = archive_keystore(old.path)
    discarded = training_of(life).discarded_keys()
    discarded.discard(new.path, PASSWORD)
    assert not place.exists()
    assert [path.name for path in discarded.bring_back()] == [old.path.name]


def test_without_an_older_file_the_keystore_of_before_comes_back_under_another_name(life: Life) -> None:
    old, new = renewed(life)
    old.path.unlink()
    before = new.path.read_bytes()
    discarded = training_of(life).discarded_keys()
    discarded.discard(new.path, PASSWORD)
    assert new.path.read_bytes() != before
    (back,) = discarded.bring_back()
    assert back != new.path
    assert back.read_bytes() == before
    letters = training_of(life).messages()
    assert states(life, letters, new.path).count(CLOSED) == 4
    file = KeystoreFile.open(new.path, PASSWORD)
    file.save(merge_old_keys(file.keystore, open_keystore(back, PASSWORD)))
    assert states(life, letters, new.path) == [OPEN] * 6


def test_letters_of_other_people_stay(life: Life) -> None:
    other = Life(life.road, "bram").first()
    _, new = renewed(life)
    training_of(life).discarded_keys().discard(new.path, PASSWORD)
    assert other.path.exists()


def test_there_has_to_be_something_old(life: Life) -> None:
    file = life.first()
    before = file.path.read_bytes()
    discarded = training_of(life).discarded_keys()
    with pytest.raises(errors.NoOldKey) as caught:
        discarded.discard(file.path, PASSWORD)
    assert caught.value.facts["reason"] == "none"
    with pytest.raises(errors.KeystorePasswordWrong):
        discarded.discard(file.path, Secret("Kine-2025"))
    assert file.path.read_bytes() == before
    assert discarded.files() == ()


def test_a_keystore_of_elsewhere_is_left_alone(life: Life, tmp_path: Path) -> None:
    file = life.first()
    copy = tmp_path / file.path.name
    copy.write_bytes(file.path.read_bytes())
    training_of(life).reset()
    with pytest.raises(errors.NoOldKey) as caught:
        training_of(life).discarded_keys().discard(copy, PASSWORD)
    assert caught.value.facts["reason"] == "foreign"
    assert copy.exists()


def test_a_request_that_waits_has_nothing_to_throw_away(life: Life) -> None:
    asked = life.ask()
    with pytest.raises(errors.CertificateMissing):
        training_of(life).discarded_keys().discard(asked.keystore, PASSWORD)


def test_a_reset_takes_what_was_thrown_away(life: Life) -> None:
    _, new = renewed(life)
    training = training_of(life)
    training.discarded_keys().discard(new.path, PASSWORD)
    training.reset()
    assert training.discarded_keys().files() == ()
    assert find_keystores(life.road.toolkit.context.keystores) == ()
