"""One life of a certificate from end to end: after every step file, platform and depot are asked, the keystore is put
to the test, and everything that was ever sealed for the holder still opens."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.certificates.etk import read_etk
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.platform import endpoints_of, platform_at
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.soap.trace import TraceFolder, Tracer
from ehtoolkit.identity import Organisation
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.certificate_list import by_file, list_certificates
from ehtoolkit.procedures.certificate_test import Colour, prove_certificate
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.result import ProcedureResult, State, next_action
from ehtoolkit.procedures.revoke import CompletedRevocation, revoke
from ehtoolkit.procedures.state.certificate_status import status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.training.state.invented_people import TrainingOrganisation
from tests.procedures.conftest import PASSWORD, PIN, Road, Wire
from tests.procedures.lives import HOSPITAL, PHARMACY, Life, opened, seal
from tests.support.traced_messages import validate_all, verify_all

EC, RSA = NewKeyKind.EC_P384, NewKeyKind.RSA_2048
CHANGED = Secret("Kine-2029")
THIRD = Secret("Kine-2031")

ACTIVE = ("VALID_ACTIVE", "VALID_ACTIVE")
ASKED = ("IN_PROGRESS", "NOT_REQUESTED")
WAITS = ("VALID_ACTIVE", "WAIT_FOR_ACTIVATION")
REVOKED = ("REVOKED", "REVOKED")


COLOURS = {
    State.WAITING: Colour.AMBER,
    State.ACTIVE: Colour.GREEN,
    State.RENEWABLE: Colour.GREEN,
    State.TO_ACTIVATE: Colour.AMBER,
    State.REVOKED: Colour.RED,
}
"""What a test of the certificate comes to in each state."""


@dataclass
class Witness:
    """Asks everybody after each step. ``sealed``: what others sent the holder so far, by the serial number of the
    token that they found in the depot."""

    life: Life
    folder: Path
    sealed: list[tuple[bytes, bytes]] = field(default_factory=list)

    def file(self, path: Path, password: Secret, state: State, aliases: list[str]) -> KeystoreFile:
        """What is in the file, and where it stands by the word of file, platform and depot together."""
        opened_file = KeystoreFile.open(path, password)
        keystore = opened_file.keystore
        assert keystore.authentication.alias == "authentication"
        assert [one.alias for one in keystore.encryption] == aliases
        for entry in (keystore.authentication, *keystore.encryption):
            if entry.chain:
                assert entry.chain[0].public_key() == entry.key.public_key()
        standing = status(opened_file, self.life.road.toolkit.parts)
        assert standing.checked
        assert (standing.state, standing.next) == (state, next_action(state))
        proof = prove_certificate(opened_file, self.life.road.toolkit.parts, standing=standing)
        assert proof.colour is COLOURS[state], proof
        return opened_file

    def platform(self, *expected: tuple[str, tuple[str, str]]) -> None:
        """Key identifiers with the statuses of certificate and token, the one asked for last first: by the register, by
        the list of the card's holder, and by the word about each installed keystore."""
        toolkit = self.life.road.toolkit
        assert toolkit.training is not None
        held = [
            (one.key_id, (str(one.status), str(one.token_status))) for one in toolkit.training.certificates()
        ]
        assert held == list(expected)
        card = toolkit.open_card(f"training:{self.life.card}")
        listed = [
            (one.key_id, (one.info.status, one.info.etk_status))
            for one in list_certificates(card, PIN, toolkit.parts)
        ]
        assert listed == list(expected)

    def own_word(self, file: KeystoreFile, expected: tuple[str, str]) -> None:
        """getCertificateInfoForAuthenticationCertificate, signed by the keystore itself."""
        signer = KeySigner(file.keystore.authentication.key, file.keystore.chain)
        info = self.life.road.toolkit.parts.platform.certra.get_certificate_info(signer)
        assert (info.key_id, (info.status, info.etk_status)) == (file.keystore.key_id, expected)

    def depot(self, file: KeystoreFile | None) -> None:
        """Whose token is current: that of the newest key of ``file``, or nobody's. Somebody uses it at once."""
        name, parts = self.life.wish.name, self.life.road.toolkit.parts
        data = parts.platform.depot.get_etk(name.identifier, name.application_id)
        if file is None:
            assert data is None
            return
        assert data is not None
        etk = read_etk(data)
        current = file.keystore.current_encryption[-1]
        assert str(etk.serial) == current.alias
        assert etk.encryption_certificate.public_key() == current.key.public_key()
        text = f"message {len(self.sealed)}".encode()
        self.sealed.append((text, seal(etk, text, self.folder)))

    def everything_opens_with(self, file: KeystoreFile) -> None:
        for text, message in self.sealed:
            found = [opened(message, entry, self.folder) for entry in file.keystore.encryption]
            assert text in found, f"{text!r} does not open any more"

    def revoke(self, path: Path, password: Secret) -> CompletedRevocation:
        """By the file alone: its key shows without the password."""
        toolkit = self.life.road.toolkit
        card = toolkit.open_card(f"training:{self.life.card}")
        pick = by_file(path, lambda: KeystoreFile.open(path, password), card.identity().person, toolkit.parts)
        reason = RevocationReason.SUPERSEDED
        return revoke(card, lambda _: PIN, pick, reason, toolkit.parts, show=lambda _: None)

    def complete(self, asked: ProcedureResult, password: Secret) -> State:
        """Too early first, which changes nothing; then on the next day."""
        parts = self.life.road.toolkit.parts
        before = asked.keystore.read_bytes()
        assert complete(KeystoreFile.open(asked.keystore, password), parts).state is State.WAITING
        assert asked.keystore.read_bytes() == before
        self.life.move("+1d")
        return complete(KeystoreFile.open(asked.keystore, password), parts).state


def traced(home: Path, warm_home: Path) -> Road:
    """A road whose every message is kept in ``home/trace``."""
    shutil.copytree(warm_home, home)
    toolkit = open_toolkit(load_settings(home=home))
    assert toolkit.training is not None
    wire = Wire(Tracer(toolkit.training.transport(), TraceFolder(home / "trace")))
    parts = toolkit.parts
    platform = platform_at(wire, endpoints_of(parts.environment), parts.clock)
    return Road(replace(toolkit, parts=replace(parts, platform=platform)), wire)


@pytest.mark.interop
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("card", "organisation", "application_id", "kind"),
    [
        pytest.param("elise", None, None, None, id="person, RSA card"),
        pytest.param("karl", None, None, None, id="person, EC card", marks=pytest.mark.long),
        pytest.param("elise", PHARMACY, None, None, id="organisation, RSA card", marks=pytest.mark.long),
        pytest.param("karl", PHARMACY, "APP-1", None, id="application id, EC card"),
        # By authority and card, with a first key of each kind; the renewed one has the other.
        pytest.param("claire", None, None, EC, id="EC authority, RSA card, EC to RSA"),
        pytest.param("wim", HOSPITAL, None, RSA, id="EC authority, EC card, RSA to EC"),
        pytest.param(
            "elise", None, None, EC, id="RSA authority, RSA card, EC to RSA", marks=pytest.mark.long
        ),
        pytest.param(
            "elise", None, None, RSA, id="RSA authority, RSA card, RSA to EC", marks=pytest.mark.long
        ),
        pytest.param("karl", None, None, EC, id="RSA authority, EC card, EC to RSA", marks=pytest.mark.long),
        pytest.param("karl", None, None, RSA, id="RSA authority, EC card, RSA to EC", marks=pytest.mark.long),
        pytest.param(
            "claire", None, None, RSA, id="EC authority, RSA card, RSA to EC", marks=pytest.mark.long
        ),
        pytest.param(
            "wim", HOSPITAL, None, EC, id="EC authority, EC card, EC to RSA", marks=pytest.mark.long
        ),
    ],
)
def test_the_long_life(
    warm_home: Path,
    tmp_path: Path,
    schema: etree.RelaxNG,
    card: str,
    organisation: Organisation | None,
    application_id: str | None,
    kind: NewKeyKind | None,
) -> None:
    road = traced(tmp_path / "home", warm_home)
    if organisation is not None:
        assert road.toolkit.training is not None
        named = TrainingOrganisation(organisation.identifier, organisation.name, organisation.name)
        road.toolkit.training.set_mandate(card, named, held=True)
    walk(Life(road, card, organisation, application_id, kind), tmp_path)
    road.toolkit.close()

    messages = validate_all(tmp_path / "home" / "trace", schema)
    signatures = verify_all(tmp_path / "home" / "trace", tmp_path)
    print(f"{messages} messages valid by the schemas, {signatures} signatures verified by xmlsec1")
    assert messages >= 100
    assert signatures >= 40


def walk(life: Life, folder: Path) -> None:
    witness = Witness(life, folder)
    witness.platform()
    witness.depot(None)

    # request
    asked = life.ask()
    one = asked.key_id
    witness.file(asked.keystore, PASSWORD, State.WAITING, [])
    witness.platform((one, ASKED))
    witness.depot(None)

    # complete
    assert witness.complete(asked, PASSWORD) is State.COMPLETE
    first = life.open(asked.keystore)
    (old_alias,) = (entry.alias for entry in first.keystore.current_encryption)
    witness.file(first.path, PASSWORD, State.ACTIVE, [old_alias])
    witness.platform((one, ACTIVE))
    witness.own_word(first, ACTIVE)
    witness.depot(first)

    # three years later
    life.move("+34mo")
    witness.file(first.path, PASSWORD, State.RENEWABLE, [old_alias])
    untouched = first.path.read_bytes()

    # renew: the new file stands beside the old one, and holds its decryption keys already
    asked = life.renew(first)
    two = asked.key_id
    assert asked.keystore.parent == first.path.parent
    witness.file(asked.keystore, PASSWORD, State.WAITING, [old_alias])
    witness.file(first.path, PASSWORD, State.ACTIVE, [old_alias])
    witness.platform((two, ASKED), (one, ACTIVE))
    witness.depot(first)
    witness.everything_opens_with(life.open(asked.keystore))

    # complete the renewal: the depot has not switched yet
    assert witness.complete(asked, PASSWORD) is State.TO_ACTIVATE
    second = life.open(asked.keystore)
    (new_alias,) = (entry.alias for entry in second.keystore.current_encryption)
    both = [old_alias, new_alias]
    witness.file(second.path, PASSWORD, State.TO_ACTIVATE, both)
    witness.platform((two, WAITS), (one, ACTIVE))
    witness.own_word(second, WAITS)
    witness.depot(first)
    witness.everything_opens_with(second)

    # activate
    activated = life.activate(second)
    assert (activated.outcome.state, activated.already, activated.retired) == (
        State.ACTIVE,
        False,
        (first.path,),
    )
    witness.file(second.path, PASSWORD, State.ACTIVE, both)
    witness.platform((two, ACTIVE), (one, ACTIVE))
    witness.own_word(second, ACTIVE)
    witness.depot(second)
    witness.everything_opens_with(second)
    assert first.path.read_bytes() == untouched

    # another password: the same keys, certificates and names
    keystore = second.keystore
    changed = change_password(second.path, PASSWORD, CHANGED)
    assert life.open(changed.backup).keystore == keystore
    second = witness.file(second.path, CHANGED, State.ACTIVE, both)
    assert second.keystore == keystore
    witness.platform((two, ACTIVE), (one, ACTIVE))
    witness.depot(second)
    witness.everything_opens_with(second)

    # revoke: the ETK goes with it, the file stays as it was, and still opens what there is
    before = second.path.read_bytes()
    revoked = witness.revoke(second.path, CHANGED)
    assert (revoked.key_id, revoked.state, revoked.keystore) == (two, State.REVOKED, second.path)
    witness.file(second.path, CHANGED, State.REVOKED, both)
    witness.platform((two, REVOKED), (one, ACTIVE))
    witness.own_word(second, REVOKED)
    witness.depot(None)
    assert second.path.read_bytes() == before
    witness.everything_opens_with(second)

    # request again, with what the platform knew of the revoked one
    wish = revoked.again.wish(life.wish.signer)
    assert (wish.name, wish.contact) == (life.wish.name, life.wish.contact)
    again = replace(life, password=THIRD)
    asked = again.ask()  # although the first certificate has its last months still, and the application id
    three = asked.key_id
    witness.file(asked.keystore, THIRD, State.WAITING, [])
    witness.platform((three, ASKED), (two, REVOKED), (one, ACTIVE))
    witness.depot(None)

    # complete: while the first certificate's token is in force, the platform wants the new one activated
    state = witness.complete(asked, THIRD)
    third = life.open(asked.keystore, THIRD)
    (last_alias,) = (entry.alias for entry in third.keystore.current_encryption)
    assert state is State.TO_ACTIVATE
    witness.file(third.path, THIRD, State.TO_ACTIVATE, [last_alias])
    witness.platform((three, WAITS), (two, REVOKED), (one, ACTIVE))
    witness.depot(None)

    # activate
    activated = life.activate(third)
    assert (activated.outcome.state, activated.already) == (State.ACTIVE, False)
    witness.file(third.path, THIRD, State.ACTIVE, [last_alias])
    witness.platform((three, ACTIVE), (two, REVOKED), (one, ACTIVE))
    witness.own_word(third, ACTIVE)
    witness.depot(third)

    # what was sealed before the revocation opens with the revoked file, and with this one once its keys are in it
    third.save(merge_old_keys(third.keystore, second.keystore))
    third = witness.file(third.path, THIRD, State.ACTIVE, [last_alias, *both])
    witness.depot(third)
    witness.everything_opens_with(third)
    assert life.activate(third).already
    assert len(witness.sealed) >= 7
    assert first.path.read_bytes() == untouched
    assert second.path.read_bytes() == before
