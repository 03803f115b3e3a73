"""The life of a certificate from its request to the certificate after it, as one script that drivers lead.

After every step the script asks file, platform and depot by the procedures (`Witness`), and the driver asks them by its
own interface. Everything that was ever sealed for the holder has to open.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from tests.support.life_witness import Statuses, Witness

FIRST, CHANGED, THIRD = "Kine-2026", "Kine-2029", "Kine-2031"
"""The password of the first two keystores, the one that it is changed to, and that of the third keystore."""
ACTIVE = ("VALID_ACTIVE", "VALID_ACTIVE")
ASKED = ("IN_PROGRESS", "NOT_REQUESTED")
WAITS = ("VALID_ACTIVE", "WAIT_FOR_ACTIVATION")
REVOKED = ("REVOKED", "REVOKED")


class LifeDriver(ABC):
    """Leads a life by one interface. Passwords are texts; a step ends where the interface has confirmed it.

    Attributes:
        revokes_first: whether the first certificate is revoked before the third is requested.
        activates_at_once: whether completing a renewal activates its token, too.
    """

    revokes_first: bool = False
    activates_at_once: bool = False

    @abstractmethod
    def request(self, password: str) -> Path:
        """Request a certificate, and return its keystore."""

    @abstractmethod
    def complete(self, keystore: Path, password: str, state: State) -> None:
        """Complete a request on the next day. ``state``: the expected one."""

    @abstractmethod
    def wait_for_renewal_period(self) -> None:
        """Move the clock into the last months of the first certificate."""

    @abstractmethod
    def renew(self, keystore: Path, password: str) -> Path:
        """Renew a certificate, and return the new keystore, which has the same password."""

    @abstractmethod
    def activate(
        self, keystore: Path, password: str, *, already: bool = False, retired: Path | None = None
    ) -> None:
        """Activate a token. ``retired``: the keystore that the activated one replaces."""

    @abstractmethod
    def change_password(self, keystore: Path, old: str, new: str) -> None: ...

    @abstractmethod
    def revoke(self, keystore: Path, password: str) -> None:
        """Revoke a certificate by its file. ``password``: for the checks; the revocation does without."""

    # ── the state by the words of the interface, beside those of the witness ─────────────────────────────────
    def require_state(self, keystore: Path, password: str, state: State, aliases: list[str]) -> None:  # noqa: B027
        """Require the state of a keystore, and the names of its decryption keys."""

    def require_certificates(self, *expected: tuple[str, Statuses]) -> None:  # noqa: B027
        """Require key identifiers with statuses, the last request first."""

    def require_token(self, serial: str | None, *keystores: Path) -> None:  # noqa: B027
        """Require the token in the depot, and the keystores that have its key."""


class MergingDriver(LifeDriver):
    """A driver that adds the decryption keys of one keystore to another, too."""

    @abstractmethod
    def merge(self, keystore: Path, password: str, old: Path, old_password: str) -> None: ...


class LifeScript:
    """The stages of a life, each of which goes on where the one before ended."""

    def __init__(self, driver: LifeDriver, witness: Witness) -> None:
        self.driver = driver
        self.witness = witness

    def lead(self) -> None:
        """Request, renew, change the password, revoke, request again."""
        self.certificates()
        self.no_token()
        self.first_certificate()
        self.renewal()
        self.activation()
        self.new_password()
        self.revocation()
        self.certificate_after()
        self.require_unchanged()

    # ── the stages ───────────────────────────────────────────────────────────────────────────────────────
    def first_certificate(self) -> None:
        self.first = self.driver.request(FIRST)
        file = self.state(self.first, FIRST, State.WAITING)
        self.one = file.keystore.key_id
        self.certificates((self.one, ASKED))
        self.no_token()

        self.driver.complete(self.first, FIRST, State.COMPLETE)
        file = self.open(self.first, FIRST)
        self.old = self.token(file)
        self.state(self.first, FIRST, State.ACTIVE, self.old)
        self.certificates((self.one, ACTIVE))
        self.witness.require_own_status(file, ACTIVE)

    def renewal(self) -> None:
        """The new file is written beside the old one and has its decryption keys; the depot has the old token."""
        self.driver.wait_for_renewal_period()
        old_file = self.state(self.first, FIRST, State.RENEWABLE, self.old)
        self.first_bytes = self.first.read_bytes()

        self.second = self.driver.renew(self.first, FIRST)
        assert self.second != self.first
        assert self.second.parent == self.first.parent
        file = self.state(self.second, FIRST, State.WAITING, self.old)
        self.state(self.first, FIRST, State.ACTIVE, self.old)
        self.two = file.keystore.key_id
        self.certificates((self.two, ASKED), (self.one, ACTIVE))
        assert self.token(old_file, self.second) == self.old
        self.witness.require_all_open(file)

        self.driver.complete(self.second, FIRST, State.TO_ACTIVATE)
        file = self.open(self.second, FIRST)
        (current,) = file.keystore.current_encryption
        self.new = str(current.alias)
        assert self.new != self.old
        if self.driver.activates_at_once:
            return
        self.state(self.second, FIRST, State.TO_ACTIVATE, self.old, self.new)
        self.certificates((self.two, WAITS), (self.one, ACTIVE))
        self.witness.require_own_status(file, WAITS)
        assert self.token(old_file, self.second) == self.old
        self.witness.require_all_open(file)

    def activation(self) -> None:
        self.driver.activate(self.second, FIRST, retired=self.first)
        file = self.state(self.second, FIRST, State.ACTIVE, self.old, self.new)
        self.certificates((self.two, ACTIVE), (self.one, ACTIVE))
        self.witness.require_own_status(file, ACTIVE)
        assert self.token(file) == self.new
        self.witness.require_all_open(file)
        assert self.first.read_bytes() == self.first_bytes

    def new_password(self) -> None:
        """The keys, certificates and names stay the same."""
        keystore = self.open(self.second, FIRST).keystore
        self.driver.change_password(self.second, FIRST, CHANGED)
        file = self.state(self.second, CHANGED, State.ACTIVE, self.old, self.new)
        assert file.keystore == keystore
        self.certificates((self.two, ACTIVE), (self.one, ACTIVE))
        assert self.token(file) == self.new
        self.witness.require_all_open(file)
        assert self.first.read_bytes() == self.first_bytes

    def revocation(self) -> None:
        """The token goes with the certificate. The file stays as it was, and opens all messages."""
        self.second_bytes = self.second.read_bytes()
        self.driver.revoke(self.second, CHANGED)
        file = self.state(self.second, CHANGED, State.REVOKED, self.old, self.new)
        self.certificates((self.two, REVOKED), (self.one, ACTIVE))
        self.witness.require_own_status(file, REVOKED)
        self.no_token()
        assert self.second.read_bytes() == self.second_bytes
        self.witness.require_all_open(file)
        self.first_status = ACTIVE
        if self.driver.revokes_first:
            self.driver.revoke(self.first, FIRST)
            self.first_status = REVOKED
            self.certificates((self.two, REVOKED), (self.one, REVOKED))

    def certificate_after(self) -> None:
        """Requested while the first certificate has its last months: then its token has to be activated, too."""
        self.third = self.driver.request(THIRD)
        self.three = self.state(self.third, THIRD, State.WAITING).keystore.key_id
        before = (self.two, REVOKED), (self.one, self.first_status)
        self.certificates((self.three, ASKED), *before)
        self.no_token()

        complete = self.driver.revokes_first or self.driver.activates_at_once
        self.driver.complete(self.third, THIRD, State.COMPLETE if complete else State.TO_ACTIVATE)
        file = self.open(self.third, THIRD)
        (current,) = file.keystore.current_encryption
        self.last = str(current.alias)
        self.state(self.third, THIRD, State.ACTIVE if complete else State.TO_ACTIVATE, self.last)
        self.certificates((self.three, ACTIVE if complete else WAITS), *before)
        if not complete:
            self.no_token()

        self.driver.activate(self.third, THIRD, already=complete)
        self.state(self.third, THIRD, State.ACTIVE, self.last)
        self.certificates((self.three, ACTIVE), *before)
        self.witness.require_own_status(file, ACTIVE)
        assert self.token(file) == self.last

    def old_keys(self, driver: MergingDriver) -> None:
        """What was sealed before the revocation opens with the third keystore once it has the keys of the second."""
        driver.merge(self.third, THIRD, self.second, CHANGED)
        file = self.state(self.third, THIRD, State.ACTIVE, self.last, self.old, self.new)
        assert self.token(file) == self.last
        self.witness.require_all_open(file)
        driver.activate(self.third, THIRD, already=True)
        assert len(self.witness.sealed) >= 7
        self.require_unchanged()

    # ── what must hold ───────────────────────────────────────────────────────────────────────────────────
    def open(self, path: Path, password: str) -> KeystoreFile:
        return KeystoreFile.open(path, Secret(password))

    def state(self, keystore: Path, password: str, state: State, *aliases: str) -> KeystoreFile:
        file = self.witness.require_state(keystore, password, state, list(aliases))
        self.driver.require_state(keystore, password, state, list(aliases))
        return file

    def certificates(self, *expected: tuple[str, Statuses]) -> None:
        """Key identifiers with the statuses of certificate and token, the last request first."""
        self.witness.require_certificates(*expected)
        self.driver.require_certificates(*expected)

    def no_token(self) -> None:
        assert self.witness.token() is None
        self.driver.require_token(None)

    def token(self, file: KeystoreFile, *others: Path) -> str:
        """The serial number of the token, which is that of ``file``. ``others``: further files that have its key."""
        serial = self.witness.require_token(file)
        self.driver.require_token(serial, file.path, *others)
        return serial

    def require_unchanged(self) -> None:
        assert self.first.read_bytes() == self.first_bytes
        assert self.second.read_bytes() == self.second_bytes
