"""Which keystores this platform issued, from the request on; and a shared server, which takes no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.compose import Toolkit, compose
from ehtoolkit.forms.password.model import PasswordModel
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore import KeystoreFile, Profile, change_password, read_pkcs12, write_pkcs12
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import Wish, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from tests.keystore.conftest import Bench, bench

__all__ = ["bench"]

PASSWORD, OTHER = Secret("Oefening-2026 & co"), Secret("Nieuw-2027!")


def open_shared(home: Path) -> Toolkit:
    return compose(load_settings(home=home, shared=True, training_delivery=0.0))


def asked(toolkit: Toolkit) -> Path:
    """The keystore of a request that was sent."""
    card = toolkit.open_card()
    person = card.identity().person
    wish = Wish(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
    return request(
        wish, card, lambda _: Secret("1234"), PASSWORD, toolkit.parts, show=lambda _: None
    ).keystore


def test_its_own_are_known_from_the_request_to_another_password(tmp_path: Path) -> None:
    toolkit = open_shared(tmp_path)
    only = toolkit.only
    assert only is not None
    path = asked(toolkit)
    assert only.includes(path.read_bytes())
    complete(KeystoreFile.open(path, PASSWORD), toolkit.parts)
    assert only.includes(path.read_bytes())
    change_password(path, PASSWORD, OTHER, Profile.COMPATIBLE)
    assert only.includes(path.read_bytes())
    toolkit.close()


def test_another_platform_s_is_refused_by_both_pages_from_the_folder_too(
    tmp_path: Path, bench: Bench
) -> None:
    toolkit, elsewhere = open_shared(tmp_path / "here"), open_shared(tmp_path / "there")
    foreign = asked(elsewhere)
    elsewhere.close()
    toolkit.parts.keystores.mkdir(parents=True)
    here = toolkit.parts.keystores / foreign.name
    here.write_bytes(foreign.read_bytes())

    troubleshoot = TroubleshootModel(toolkit)
    with pytest.raises(errors.KeystoreNotIssued):
        troubleshoot.take(here.name)
    with pytest.raises(errors.KeystoreNotIssued):
        troubleshoot.hand_over("real.p12", write_pkcs12(bench.complete.contents, PASSWORD))
    with pytest.raises(errors.KeystoreNotIssued):
        troubleshoot.hand_over("noise.p12", b"\x30\x80" * 200)
    password = PasswordModel(toolkit)
    password.wizard.edit({"keystore": here.name})
    with pytest.raises(errors.KeystoreNotIssued):
        password.open(PASSWORD)
    assert password.inside is None
    toolkit.close()


def test_a_stranger_s_key_beside_ours_makes_it_a_stranger_s(tmp_path: Path, bench: Bench) -> None:
    toolkit = open_shared(tmp_path)
    only = toolkit.only
    assert only is not None
    own = read_pkcs12(asked(toolkit).read_bytes(), PASSWORD)
    assert only.includes(write_pkcs12(own, PASSWORD))
    both = type(own)((*own.keys, *bench.complete.contents.keys), own.certificates)
    assert not only.includes(write_pkcs12(both, PASSWORD))
    toolkit.close()


def test_at_home_every_keystore_may_come(tmp_path: Path) -> None:
    toolkit = compose(load_settings(home=tmp_path))
    assert toolkit.only is None
    toolkit.close()
