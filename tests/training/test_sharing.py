"""Several processes on one platform, and its mailbox."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from filelock import FileLock

from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.state.database import TrainingDatabase, read_setting, write_setting
from ehtoolkit.training.state.mailbox import MailKind

if TYPE_CHECKING:
    from tests.training.conftest import Client

    MakeClient = Callable[..., Client]


def run(folder: Path, code: str) -> str:
    """What another process prints that has opened the same platform as ``t``."""
    opening = (
        "import sys; from pathlib import Path; from ehtoolkit.training import TrainingPlatform\n"
        "t = TrainingPlatform(Path(sys.argv[1]), delivery_seconds=3600)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", opening + code, str(folder)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_two_processes_share_requests_clock_mails_and_trust(
    client: MakeClient, training: TrainingPlatform, platform: Platform
) -> None:
    key_id = client().request().key_id
    assert run(training.folder, "print(len(t.mails())); t.clock.move('+2h')") == "1"
    assert platform.certra.get_certificate(key_id)
    assert len(training.mails()) == 2
    ask = (
        "from ehtoolkit.ehealth import certra as m\n"
        "from ehtoolkit.ehealth.soap.xml import wrap, unwrap\n"
        f"request = m.build_get_certificate(t.clock.now(), '{key_id}')\n"
        "answer = t.transport().post('http://x/CertRa/v2', wrap(request), {})\n"
        "print(m.read_chain(unwrap(answer.body))[0].serial_number)"
    )
    mine = platform.certra.get_certificate(key_id)[0].serial_number
    assert run(training.folder, ask) == str(mine)


def test_a_card_made_elsewhere_is_the_same_card(tmp_path: Path) -> None:
    folder = tmp_path / "training"
    code = (
        "from ehtoolkit.card.port import CardKey\n"
        "print(t.card('karl').chain(CardKey.AUTHENTICATION)[0].serial_number)"
    )
    serial = run(folder, code)
    platform = TrainingPlatform(folder, delivery_seconds=0)
    card = platform.card("karl")
    assert serial == str(card.chain(CardKey.AUTHENTICATION)[0].serial_number)
    platform.close()


def test_two_mails_the_second_when_it_is_ready(client: MakeClient, training: TrainingPlatform) -> None:
    asked_at = training.clock.now()
    accepted = client("bram").request()
    (received,) = training.mails()
    assert received.kind is MailKind.RECEIVED
    assert received.to == "elise@example.be"
    assert received.language == "nl"
    assert accepted.key_id in received.body
    assert "Bram Jozef Desmedt" in received.body
    training.clock.move("+2h")
    ready, first = training.mails()
    assert first == received
    assert ready.kind is MailKind.READY
    assert abs(ready.sent - asked_at - timedelta(hours=1)) < timedelta(seconds=20)
    assert "klaar" in ready.subject


@pytest.mark.parametrize(("name", "language"), [("elise", "fr"), ("karl", "fr"), ("bram", "nl")])
def test_mails_are_in_the_language_of_the_person_or_in_french(
    name: str, language: str, client: MakeClient, training: TrainingPlatform
) -> None:
    client(name).request()
    (mail,) = training.mails()
    assert mail.language == language
    assert not mail.subject.endswith("\n")
    assert "$" not in mail.subject + mail.body


def test_manual_validation_is_announced(client: MakeClient, training: TrainingPlatform) -> None:
    client("wim").request()
    (mail,) = training.mails()
    assert "tien dagen" in mail.body


def test_a_transaction_that_is_undone_keeps_what_another_thread_writes(training: TrainingPlatform) -> None:
    database = training.database
    with ThreadPoolExecutor(1) as pool:
        with suppress(ValueError), database.writing():
            write_setting(database, "mine", "1")
            other = pool.submit(write_setting, database, "other", "2")
            raise ValueError
        other.result(20)
    assert [read_setting(database, name) for name in ("mine", "other")] == [None, "2"]


@pytest.mark.interop
def test_openssl_verifies_a_token(client: MakeClient, tmp_path: Path) -> None:
    person = client("claire")
    person.deliver()
    token = tmp_path / "token.der"
    token.write_bytes(person.register().etk)
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", str(token)],
        capture_output=True,
        check=True,
    )
    content = x509.load_der_x509_certificate(done.stdout)
    assert content.public_key() == person.encryption_key.public_key()


def test_opening_alone_does_not_wait(tmp_path: Path) -> None:
    """Twenty forms that begin at once open the same file, which has its tables."""
    path = tmp_path / "training" / "platform.sqlite3"
    TrainingDatabase(path).close()
    with FileLock(path.with_name(f"{path.name}.lock")):
        database = TrainingDatabase(path)
        with database.reading() as connection:
            assert connection.execute("SELECT count(*) FROM token").fetchone()[0] == 0
        database.close()
