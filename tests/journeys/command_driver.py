"""Leads a life by commands, which tell state, certificates and token, too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ehtoolkit.keystore.standing import Action, proposed_action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from tests.cli.conftest import Call
from tests.support.life import MergingDriver
from tests.support.life_witness import PIN, Statuses, steps_in

Answer = tuple[int, dict[str, Any]]


@dataclass
class CommandDriver(MergingDriver):
    """Types commands, which leave their messages in ``folder/trace``. ``card``: the short name of a training person.

    Attributes:
        number: the holder, as ``etk show`` takes it.
        organisation: the options of a request for one.
        kinds: of the first key and of the renewed one, where they are named.
    """

    call: Call
    folder: Path
    card: str
    number: str
    organisation: tuple[str, ...] = ()
    kinds: tuple[str, str] | None = None

    def request(self, password: str) -> Path:
        contact = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
        code, asked = self._run(
            *("certificate", "request", *contact, *self.organisation, *self._signing),
            *("--new-password-file", self._secret(password)),
            *self._key(0),
        )
        assert (code, asked["state"]) == (0, "waiting")
        return self._keystore_of(asked, password)

    def complete(self, keystore: Path, password: str, state: State) -> None:
        self._move("+1d")
        code, done = self._certificate("complete", keystore, password)
        next_ = Action.USE if state is State.COMPLETE else proposed_action(state)
        assert (code, done["state"], done["next"]) == (0, state, next_)

    def wait_for_renewal_period(self) -> None:
        self._move("+34mo")

    def renew(self, keystore: Path, password: str) -> Path:
        code, asked = self._certificate("renew", keystore, password, *self._signing, *self._key(1))
        assert (code, asked["state"], asked["renewed"]) == (0, "waiting", str(keystore))
        return self._keystore_of(asked, password)

    def activate(
        self, keystore: Path, password: str, *, already: bool = False, retired: Path | None = None
    ) -> None:
        code, done = self._certificate("activate", keystore, password)
        assert (code, done["state"], done["already"]) == (0, "active", already)
        if retired is not None:
            assert done["retired"] == [str(retired)]

    def change_password(self, keystore: Path, old: str, new: str) -> None:
        passwords = ("--password-file", self._secret(old), "--new-password-file", self._secret(new))
        code, changed = self.call("keystore", "passwd", keystore, *passwords)
        assert (code, changed["keystore"]) == (0, str(keystore))
        assert self._certificate("status", keystore, old)[1]["error"] == "keystore_password_wrong"

    def revoke(self, keystore: Path, password: str) -> None:
        code, revoked = self._run("certificate", "revoke", keystore, "--reason", "replace", *self._signing)
        key_id = KeystoreFile.open(keystore, Secret(password)).keystore.key_id
        assert (code, revoked["state"], revoked["key_id"], revoked["next"]) == (
            0,
            "revoked",
            key_id,
            "request",
        )

    def merge(self, keystore: Path, password: str, old: Path, old_password: str) -> None:
        table = self.folder / "passwords.csv"
        table.write_text(f"pattern,password\n{old.name},{old_password}\n{keystore.name},{password}")
        assert self.call("keystore", "merge", keystore, "--from", old, "--passwords", table)[0] == 0

    # ── the state by commands ────────────────────────────────────────────────────────────────────────────
    def require_state(self, keystore: Path, password: str, state: State, aliases: list[str]) -> None:
        _, status = self._certificate("status", keystore, password)
        assert (status["state"], status["checked"]) == (state, True)
        assert status["next"] in steps_in(state, status["keystore_state"])
        _, shown = self.call("keystore", "show", keystore, "--password-file", self._secret(password))
        (only,) = shown["keystores"]
        assert [key["alias"] for key in only["keys"]] == ["authentication", *aliases]

    def require_certificates(self, *expected: tuple[str, Statuses]) -> None:
        """By the list of the card's holder, and by the register."""
        _, listed = self._run("certificate", "list", *self._card)
        found = [
            (record["key_id"], (record["status"], record["etk_status"])) for record in listed["certificates"]
        ]
        assert found == list(expected)
        _, held = self.call("training", "certificates")
        assert [record["key_id"] for record in held["certificates"]] == [key_id for key_id, _ in expected]

    def require_token(self, serial: str | None, *keystores: Path) -> None:
        code, shown = self.call("etk", "show", self.number)
        if serial is None:
            assert (code, shown["tokens"]) == (1, [])
            return
        (token,) = shown["tokens"]
        assert (code, token["sound"], token["bound"], token["serial"]) == (0, True, True, serial)
        assert sorted(token["keystores"]) == sorted(map(str, keystores))

    # ── the command line ─────────────────────────────────────────────────────────────────────────────────
    def _run(self, *arguments: object) -> Answer:
        return self.call(*arguments, "--trace", self.folder / "trace")

    def _certificate(self, command: str, keystore: Path, password: str, *more: object) -> Answer:
        return self._run("certificate", command, keystore, "--password-file", self._secret(password), *more)

    def _secret(self, text: str) -> Path:
        path = self.folder / f"{text}.txt"
        path.write_text(f"{text}\n")
        return path

    @property
    def _card(self) -> tuple[object, ...]:
        return ("--card", f"training:{self.card}", "--pin-file", self._secret(PIN))

    @property
    def _signing(self) -> tuple[object, ...]:
        return (*self._card, "--accept-terms")

    def _key(self, number: int) -> tuple[str, ...]:
        return () if self.kinds is None else ("--key", self.kinds[number])

    def _move(self, text: str) -> None:
        assert self.call("training", "clock", text)[0] == 0

    @staticmethod
    def _keystore_of(asked: dict[str, Any], password: str) -> Path:
        path = Path(asked["keystore"])
        assert KeystoreFile.open(path, Secret(password)).keystore.key_id == asked["key_id"]
        return path
