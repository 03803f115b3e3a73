"""Asks file, platform and depot by the procedures, whatever interface leads the life of a certificate."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ehtoolkit.ehealth.etk import read_etk
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.standing import Action, proposed_action
from ehtoolkit.keystore.state import FileState, KeystoreState, State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.certificate_test import Colour, prove_certificate
from ehtoolkit.procedures.state.certificate_list import list_certificates
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit
from tests.support.openssl_cms import opened, seal

PIN: Final = "1234"

Statuses = tuple[str, str]
"""Of a certificate and of its token, by the platform."""

COLOURS: Final = {
    State.WAITING: Colour.AMBER,
    State.ACTIVE: Colour.GREEN,
    State.RENEWABLE: Colour.GREEN,
    State.TO_ACTIVATE: Colour.AMBER,
    State.REVOKED: Colour.RED,
}
"""The result of a test of the certificate in each state."""
_BY_OTHERS: Final[dict[KeystoreState, Action | None]] = {
    FileState.REPLACED: Action.ARCHIVE,
    FileState.REPLACING: None,
}
"""The step where the other files of the folder decide."""


def steps_in(state: State, keystore_state: KeystoreState) -> tuple[Action | None, ...]:
    """Return the steps for a certificate in ``state``; ``keystore_state``: with the other files of its folder. One that
    is over has none while its successor is on the way."""
    if keystore_state in _BY_OTHERS:
        return (_BY_OTHERS[keystore_state],)
    return (proposed_action(state), None) if state.is_over else (proposed_action(state),)


@dataclass
class Witness:
    """Asks file, platform and depot after each step. ``card``: the short name of a training person.

    Attributes:
        sealed: texts with the messages that were sealed for the tokens that were in the depot.
    """

    toolkit: Toolkit
    folder: Path
    card: str
    holder: Identifier
    application_id: str | None = None
    sealed: list[tuple[bytes, bytes]] = field(default_factory=list)

    def require_state(self, path: Path, password: str, state: State, aliases: list[str]) -> KeystoreFile:
        """What is in the file, and its state by file, platform and depot together."""
        file = KeystoreFile.open(path, Secret(password))
        keystore = file.keystore
        assert keystore.authentication.alias == "authentication"
        assert [key.alias for key in keystore.encryption] == aliases
        for key in (keystore.authentication, *keystore.encryption):
            if key.chain:
                assert key.chain[0].public_key() == key.key.public_key()
        platform_status = status(file, self.toolkit.context)
        assert platform_status.checked
        stands = platform_status.standing
        assert platform_status.state is state
        assert platform_status.next in steps_in(state, stands.state)
        proof = prove_certificate(file, self.toolkit.context, platform_status=platform_status)
        assert proof.colour is COLOURS[state], proof
        return file

    def require_certificates(self, *expected: tuple[str, Statuses]) -> None:
        """By the register, and by the list of the card's holder."""
        assert self.toolkit.training is not None
        held = self.toolkit.training.certificates()
        assert {record.identifier for record in held} <= {self.holder}
        statuses = [(record.key_id, (str(record.status), str(record.token_status))) for record in held]
        assert statuses == list(expected)
        card = self.toolkit.open_card(f"training:{self.card}")
        listed = [
            (record.key_id, (record.info.status, record.info.etk_status))
            for record in list_certificates(card, Secret(PIN), self.toolkit.context)
        ]
        assert listed == list(expected)

    def require_own_status(self, file: KeystoreFile, expected: Statuses) -> None:
        """getCertificateInfoForAuthenticationCertificate, signed by the keystore itself."""
        signer = KeySigner(file.keystore.authentication.key, file.keystore.chain)
        info = self.toolkit.context.platform.certra.get_certificate_info(signer)
        assert (info.key_id, (info.status, info.etk_status)) == (file.keystore.key_id, expected)

    def token(self) -> str | None:
        """The serial number of the token in the depot."""
        data = self._published()
        return None if data is None else str(read_etk(data).serial)

    def require_token(self, file: KeystoreFile) -> str:
        """Require the token of the newest key of ``file``, seal a message for it, and return its serial number."""
        data = self._published()
        assert data is not None
        etk = read_etk(data)
        current = file.keystore.current_encryption[-1]
        assert str(etk.serial) == current.alias
        assert etk.encryption_certificate.public_key() == current.key.public_key()
        text = f"message {len(self.sealed)}".encode()
        self.sealed.append((text, seal(etk, text, self.folder)))
        return current.alias

    def require_all_open(self, file: KeystoreFile) -> None:
        for text, message in self.sealed:
            found = [opened(message, key, self.folder) for key in file.keystore.encryption]
            assert text in found, f"{text!r} does not open any more"

    def _published(self) -> bytes | None:
        return self.toolkit.context.platform.depot.get_etk(self.holder, self.application_id)
