"""The public face: what it promises is there, costs nothing to import, and goes the whole road."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import ehtoolkit
from ehtoolkit import ContactData, Niss, Person, Secret, State, errors, load_settings
from ehtoolkit.bootstrap import open_training_platform
from ehtoolkit.forms.due import due_keystores
from ehtoolkit.forms.outlook import outlook
from ehtoolkit.identity import Environment
from ehtoolkit.settings import Settings


def test_every_name_is_there_and_no_other_is_promised() -> None:
    assert {name for name in ehtoolkit.__all__ if getattr(ehtoolkit, name) is None} == set()
    assert sorted(dir(ehtoolkit)) == sorted(ehtoolkit.__all__)
    with pytest.raises(AttributeError):
        _ = ehtoolkit.audit_everything  # type: ignore[attr-defined]


def test_importing_it_loads_no_other_package() -> None:
    heavy = ("click", "cryptography", "httpcore", "httpx", "lxml", "pydantic")
    program = f"import sys; import ehtoolkit; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def first_page(settings: Settings) -> dict[str, str]:
    """What it shows, without any password: a word for each file."""
    with closing(open_training_platform(settings)) as training:
        due = due_keystores(settings.keystores, settings.notes)
        items = outlook(due, training.clock.now(), Environment.TRAINING)
    return {item.due.name: str(item.standing) for item in items}


def test_the_whole_road_in_python(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, training_delivery=0.0)
    password = Secret("Kine-2026")
    shown: list[str] = []
    holder = ehtoolkit.read_card(settings=settings)
    asked = ehtoolkit.request_certificate(
        ContactData("elise@example.be", "+32 4 555 01 42"),
        pin=lambda _: Secret("1234"),
        password=password,
        agree=lambda contract: shown.append(contract.dn),
        settings=settings,
    )
    assert holder.niss.digits in shown[0]
    assert asked.state is State.WAITING
    assert first_page(settings) == {asked.keystore.name: "waiting"}
    done = ehtoolkit.complete_certificate(asked.keystore, password, settings=settings)
    assert done.state is State.COMPLETE
    assert first_page(settings) == {asked.keystore.name: "valid"}
    assert ehtoolkit.certificate_status(asked.keystore, password, settings=settings).state is State.ACTIVE
    assert ehtoolkit.open_keystore(asked.keystore, password).key_id == asked.key_id


def test_a_renewal_in_python(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, training_delivery=0.0)
    password, new_password = Secret("Kine-2026"), Secret("Kine-2029")
    asked = ehtoolkit.request_certificate(
        ContactData("elise@example.be", "+32 4 555 01 42"),
        pin=lambda _: Secret("1234"),
        password=password,
        agree=lambda _: None,
        settings=settings,
    )
    ehtoolkit.complete_certificate(asked.keystore, password, settings=settings)
    with closing(open_training_platform(settings)) as training:
        training.clock.move("+34mo")
    renewed = ehtoolkit.renew_certificate(
        asked.keystore,
        password,
        pin=lambda _: Secret("1234"),
        agree=lambda _: None,
        contact=ContactData("new@example.be", "+32 4 555 01 42"),
        new_password=new_password,
        settings=settings,
    )
    assert first_page(settings) == {asked.keystore.name: "replacing", renewed.keystore.name: "waiting"}
    done = ehtoolkit.complete_certificate(renewed.keystore, new_password, settings=settings)
    assert done.state is State.TO_ACTIVATE
    assert first_page(settings) == {asked.keystore.name: "replacing", renewed.keystore.name: "to_activate"}
    activated = ehtoolkit.activate_etk(renewed.keystore, new_password, settings=settings)
    assert (activated.outcome.state, activated.retired) == (State.ACTIVE, (asked.keystore,))
    standing = ehtoolkit.certificate_status(asked.keystore, password, settings=settings)
    assert standing.has("newer")
    assert standing.info is not None
    assert standing.info.contact.email == "elise@example.be"


def test_a_revocation_in_python(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, training_delivery=0.0)
    asked = ehtoolkit.request_certificate(
        ContactData("elise@example.be", "+32 4 555 01 42"),
        pin=lambda _: Secret("1234"),
        password=Secret("Kine-2026"),
        agree=lambda _: None,
        settings=settings,
    )
    (listed,) = ehtoolkit.list_certificates(pin=lambda _: Secret("1234"), settings=settings)
    assert (listed.key_id, listed.files) == (asked.key_id, (asked.keystore,))
    revoked = ehtoolkit.revoke_certificate(
        asked.key_id, "lost", pin=lambda _: Secret("1234"), agree=lambda _: None, settings=settings
    )
    assert (revoked.state, revoked.keystore) == (State.REVOKED, asked.keystore)
    assert revoked.again.contact.email == "elise@example.be"


def test_a_request_without_card_in_python(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, training_delivery=0.0)
    person = Person(Niss("81431706470"), "Anaïs Renée", "Delporte-Gómez")
    password = Secret("Kine-2026")
    asked = ehtoolkit.request_foreign_certificate(
        person, ContactData("anais@example.org", "+33 1 555 01 42"), password, settings=settings
    )
    assert asked.validation is not None
    with closing(open_training_platform(settings)) as training:
        training.foreigners.validate(training.foreigners.find(asked.validation.url or "").key_id)
    assert ehtoolkit.complete_certificate(asked.keystore, password, settings=settings).state is State.COMPLETE


def test_who_does_not_agree_has_sent_nothing(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)

    def refuse(_: object) -> None:
        raise errors.TermsNotAccepted

    with pytest.raises(errors.TermsNotAccepted):
        ehtoolkit.request_certificate(
            ContactData("elise@example.be", "+32 4 555 01 42"),
            pin=lambda _: Secret("1234"),
            password=Secret("Kine-2026"),
            agree=refuse,
            settings=settings,
        )
    assert ehtoolkit.find_keystores(settings.keystores) == ()
