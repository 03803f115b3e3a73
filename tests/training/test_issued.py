"""Which keystores this platform issued, from the request on; and a shared server, which takes no others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ehtoolkit import connect, errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.doctor.certificate_triage import TriageVerdict, triage
from ehtoolkit.forms.due.list_parts import UnlockPart
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.forms.widgets.buttons import ButtonPress
from ehtoolkit.forms.wizards.activate import ACTIVATE, ActivateModel
from ehtoolkit.forms.wizards.complete.form import COMPLETE
from ehtoolkit.forms.wizards.complete.model import CompleteModel
from ehtoolkit.forms.wizards.password.form import PASSWORD as FORM
from ehtoolkit.forms.wizards.password.model import PasswordModel
from ehtoolkit.forms.wizards.request.form import REQUEST
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.providers import open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.keystore.conftest import KeystoreMaker, keystore_maker

__all__ = ["keystore_maker"]

PASSWORD, OTHER = Secret("Oefening-2026 & co"), Secret("Nieuw-2027!")


def open_shared(home: Path) -> Toolkit:
    return open_toolkit(load_settings(home=home, shared=True, training_delivery=0.0))


def asked(toolkit: Toolkit) -> Path:
    """The keystore of a request that was sent."""
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
    return request(
        requested, card, lambda _: Secret("1234"), PASSWORD, toolkit.context, show=lambda _: None
    ).keystore


def test_its_own_are_known_from_the_request_to_another_password(tmp_path: Path) -> None:
    toolkit = open_shared(tmp_path)
    only = toolkit.allowed_keystores
    assert only is not None
    path = asked(toolkit)
    assert only.includes(path.read_bytes())
    complete(KeystoreFile.open(path, PASSWORD), toolkit.context)
    assert only.includes(path.read_bytes())
    change_password(path, PASSWORD, OTHER, EncryptionProfile.COMPATIBLE)
    assert only.includes(path.read_bytes())
    toolkit.close()


def test_another_platform_s_is_refused_by_both_pages_from_the_folder_too(
    tmp_path: Path, keystore_maker: KeystoreMaker
) -> None:
    toolkit, elsewhere = open_shared(tmp_path / "here"), open_shared(tmp_path / "there")
    foreign = asked(elsewhere)
    elsewhere.close()
    toolkit.context.keystores.mkdir(parents=True)
    here = toolkit.context.keystores / foreign.name
    here.write_bytes(foreign.read_bytes())

    troubleshoot = TroubleshootModel(toolkit)
    with pytest.raises(errors.KeystoreNotIssued):
        troubleshoot.take(here.name)
    with pytest.raises(errors.KeystoreNotIssued):
        troubleshoot.hand_over("real.p12", write_pkcs12(keystore_maker.complete.contents, PASSWORD))
    with pytest.raises(errors.KeystoreNotIssued):
        troubleshoot.hand_over("noise.p12", b"\x30\x80" * 200)
    password = FORM.walk(PasswordModel(toolkit))
    password.wizard.edit({"keystore": here.name})
    with pytest.raises(errors.KeystoreNotIssued):
        password.open(PASSWORD)
    assert password.inside is None
    toolkit.close()


def test_the_other_pages_open_no_other_platform_s_either(tmp_path: Path) -> None:
    toolkit, elsewhere = open_shared(tmp_path / "here"), open_shared(tmp_path / "there")
    foreign = asked(elsewhere)
    elsewhere.close()
    toolkit.context.keystores.mkdir(parents=True)
    here = toolkit.context.keystores / foreign.name
    here.write_bytes(foreign.read_bytes())

    opening: list[Callable[[], object]] = [lambda: toolkit.open_keystore(here, PASSWORD)]
    complete_page = COMPLETE.walk(CompleteModel(toolkit, here))
    activate_page = ACTIVATE.walk(ActivateModel(toolkit, here))
    complete_page.wizard.edit({"keystore": here.name})
    activate_page.wizard.edit({"keystore": here.name})
    resumed = REQUEST.walk(RequestModel(toolkit, here))
    opening += [
        lambda: complete_page.open(PASSWORD),
        lambda: activate_page.open(PASSWORD),
        lambda: resumed.open_resumed(PASSWORD),
    ]
    for open_ in opening:
        with pytest.raises(errors.KeystoreNotIssued):
            open_()
    answer = triage(here, PASSWORD, toolkit)
    assert answer.verdict is TriageVerdict.FILE
    assert [line.key for line in answer.lines] == ["keystore_not_issued"]
    toolkit.close()


def test_the_first_page_passes_over_another_platform_s(tmp_path: Path) -> None:
    toolkit, elsewhere = open_shared(tmp_path / "here"), open_shared(tmp_path / "there")
    foreign, own = asked(elsewhere), asked(toolkit)
    elsewhere.close()
    here = own.with_name(f"foreign {foreign.name}")
    here.write_bytes(foreign.read_bytes())
    said: list[str] = []
    shell = PageShell(PageContext(toolkit.settings, Translator("en")), run_inline, "index")
    part = UnlockPart(toolkit, shell, said.append)
    part.offer([here, own], main=True)
    part._act(ButtonPress("open", {}, {"unlock": PASSWORD}))
    assert said == [Translator("en").get("index.unlock.done", opened=1, count=2)]
    toolkit.close()


def test_a_provider_s_record_takes_none_of_another_platform_s(tmp_path: Path) -> None:
    toolkit, elsewhere = open_shared(tmp_path / "here"), open_shared(tmp_path / "there")
    foreign = asked(elsewhere)
    elsewhere.close()
    settings = load_settings(home=tmp_path / "here", shared=True, keystore_folder=foreign.parent)
    with closing(open_registry(settings)) as registry:
        model = ProvidersModel(registry, settings, SystemClock(), toolkit.allowed_keystores)
        with pytest.raises(errors.KeystoreNotIssued):
            model.assign(foreign.name, PASSWORD)
    toolkit.close()


def test_a_foreign_key_makes_the_keystore_foreign(tmp_path: Path, keystore_maker: KeystoreMaker) -> None:
    toolkit = open_shared(tmp_path)
    only = toolkit.allowed_keystores
    assert only is not None
    own = read_pkcs12(asked(toolkit).read_bytes(), PASSWORD)
    assert only.includes(write_pkcs12(own, PASSWORD))
    both = type(own)((*own.keys, *keystore_maker.complete.contents.keys), own.certificates)
    assert not only.includes(write_pkcs12(both, PASSWORD))
    toolkit.close()


def test_at_home_every_keystore_may_come(tmp_path: Path) -> None:
    toolkit = open_toolkit(load_settings(home=tmp_path))
    assert toolkit.allowed_keystores is None
    toolkit.close()


def test_functions_for_notebooks_open_no_other_platform_s(tmp_path: Path) -> None:
    elsewhere = open_shared(tmp_path / "there")
    foreign = asked(elsewhere)
    elsewhere.close()
    with connect(home=tmp_path / "here", shared=True) as eh:
        for method in (eh.complete_certificate, eh.activate_etk, eh.certificate_status):
            with pytest.raises(errors.KeystoreNotIssued):
                method(foreign, PASSWORD)
