"""One life of a certificate by commands alone: after every step the file, the platform and the depot are asked by
commands too, and what was sealed for the holder still opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.ehealth.certificates.etk import Etk, read_etk
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from tests.cli.conftest import Call
from tests.procedures.lives import opened, seal
from tests.support.traced_messages import validate_all, verify_all

PASSWORDS = {"first": "Kine-2026", "changed": "Kine-2029", "third": "Kine-2031"}
Answer = tuple[int, dict[str, Any]]

ACTIVE = ("VALID_ACTIVE", "VALID_ACTIVE")
ASKED = ("IN_PROGRESS", "NOT_REQUESTED")
WAITS = ("VALID_ACTIVE", "WAIT_FOR_ACTIVATION")
REVOKED = ("REVOKED", "REVOKED")


@dataclass
class Desk:
    """Somebody who types commands. ``card``: the short name of a training person; ``organisation``: the options of a
    request for one, and ``number`` what the depot knows the holder by; ``kinds``: of the first key and of the renewed
    one, where they are named."""

    call: Call
    folder: Path
    card: str
    number: str
    organisation: tuple[str, ...] = ()
    kinds: tuple[str, str] | None = None
    sealed: list[tuple[bytes, bytes]] = field(default_factory=list)

    def run(self, *arguments: object) -> Answer:
        trace = ("--trace", self.folder / "trace") if arguments[0] == "certificate" else ()
        return self.call(*arguments, *trace)

    def secret(self, name: str) -> Path:
        path = self.folder / name
        path.write_text(f"{PASSWORDS.get(name, '1234')}\n")
        return path

    @property
    def signing(self) -> tuple[object, ...]:
        return ("--card", f"training:{self.card}", "--pin-file", self.secret("pin"), "--accept-terms")

    def verb(self, verb: str, keystore: object, password: str, *more: object) -> Answer:
        return self.run("certificate", verb, keystore, "--password-file", self.secret(password), *more)

    def request(self, password: str) -> Answer:
        contact = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
        return self.run(
            *("certificate", "request", *contact, *self.organisation, *self.signing),
            *("--new-password-file", self.secret(password)),
            *self.key(0),
        )

    def key(self, place: int) -> tuple[str, ...]:
        return () if self.kinds is None else ("--key", self.kinds[place])

    def move(self, text: str) -> None:
        assert self.call("training", "clock", text)[0] == 0

    # ── what is asked after each step ────────────────────────────────────────────────────────────────────
    def stands(
        self, keystore: object, password: str, state: str, step: str | None, aliases: list[str]
    ) -> None:
        _, status = self.verb("status", keystore, password)
        assert (status["state"], status["next"], status["checked"]) == (state, step, True)
        _, shown = self.call("keystore", "show", keystore, "--password-file", self.secret(password))
        (one,) = shown["keystores"]
        assert [key["alias"] for key in one["keys"]] == ["authentication", *aliases]

    def platform(self, *expected: tuple[str, tuple[str, str]]) -> None:
        """By the list of the card's holder, and by what the platform holds."""
        _, listed = self.run("certificate", "list", *self.signing)
        found = [(one["key_id"], (one["status"], one["etk_status"])) for one in listed["certificates"]]
        assert found == list(expected)
        _, held = self.call("training", "certificates")
        assert [one["key_id"] for one in held["certificates"]] == [key_id for key_id, _ in expected]

    def depot(self, *keystores: object) -> str | None:
        """The serial number of the current token, whose key is in these files; somebody uses it at once."""
        code, shown = self.call("etk", "show", self.number)
        if not keystores:
            assert (code, shown["tokens"]) == (1, [])
            return None
        (token,) = shown["tokens"]
        assert (code, token["sound"], token["bound"]) == (0, True, True)
        assert sorted(token["keystores"]) == sorted(map(str, keystores))
        text = f"message {len(self.sealed)}".encode()
        etk = self._etk()
        assert str(etk.serial) == token["serial"]
        self.sealed.append((text, seal(etk, text, self.folder)))
        return str(token["serial"])

    def everything_opens_with(self, keystore: object, password: str) -> None:
        keys = KeystoreFile.open(Path(str(keystore)), Secret(PASSWORDS[password])).keystore.encryption
        for text, message in self.sealed:
            assert text in [opened(message, entry, self.folder) for entry in keys]

    def _etk(self) -> Etk:
        toolkit = open_toolkit(load_settings())
        data = toolkit.parts.platform.depot.get_etk(Identifier.parse(self.number.rstrip(",")))
        toolkit.close()
        assert data is not None
        return read_etk(data)


@pytest.fixture
def desk(call: Call, tmp_path: Path) -> Callable[..., Desk]:
    def desk(card: str, number: str, *organisation: str, kinds: tuple[str, str] | None = None) -> Desk:
        return Desk(call, tmp_path, card, number, organisation, kinds)

    return desk


PHARMACY = (
    *("--organisation", "NIHII-PHARMACY=71452079", "--name", "Pharmacie de l'Été & fils"),
    *("--organisation-email", "pharmacy@example.be", "--organisation-phone", "+32 4 555 01 00"),
)


@pytest.mark.interop
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("card", "number", "organisation", "kinds"),
    [
        pytest.param("elise", "SSIN=79031421872", (), None, id="person, RSA card"),
        pytest.param("karl", "SSIN=68053041155", (), None, id="person, EC card", marks=pytest.mark.long),
        pytest.param(
            "elise", "NIHII-PHARMACY=71452079,", PHARMACY, None, id="organisation", marks=pytest.mark.long
        ),
        pytest.param("karl", "NIHII-PHARMACY=71452079,", PHARMACY, None, id="organisation, EC card"),
        pytest.param("claire", "SSIN=01072314243", (), ("ec-p384", "rsa-2048"), id="EC to RSA"),
        pytest.param(
            *("elise", "SSIN=79031421872", (), ("rsa-2048", "ec-p384")),
            id="RSA to EC",
            marks=pytest.mark.long,
        ),
    ],
)
def test_the_long_life(
    desk: Callable[..., Desk],
    tmp_path: Path,
    schema: etree.RelaxNG,
    card: str,
    number: str,
    organisation: tuple[str, ...],
    kinds: tuple[str, str] | None,
) -> None:
    life = desk(card, number, *organisation, kinds=kinds)
    if organisation:
        mandate = ("training", "mandate", card, number.rstrip(","), "on", "--name", organisation[3])
        assert life.call(*mandate)[0] == 0
    walk(life)
    messages = validate_all(tmp_path / "trace", schema)
    signatures = verify_all(tmp_path / "trace", tmp_path)
    print(f"{messages} messages valid by the schemas, {signatures} signatures verified by xmlsec1")
    assert messages >= 100
    assert signatures >= 30


def walk(life: Desk) -> None:
    life.platform()
    life.depot()

    code, asked = life.request("first")
    assert (code, asked["state"]) == (0, "waiting")
    one, first = asked["key_id"], asked["keystore"]
    life.stands(first, "first", "waiting", "complete", [])
    life.platform((one, ASKED))
    life.depot()

    life.move("+1d")
    code, done = life.verb("complete", first, "first")
    assert (code, done["state"], done["next"]) == (0, "complete", "use")
    old = life.depot(first)
    assert old is not None
    life.stands(first, "first", "active", "use", [old])
    life.platform((one, ACTIVE))

    life.move("+34mo")
    life.stands(first, "first", "renewable", "renew", [old])
    untouched = Path(first).read_bytes()

    code, asked = life.verb("renew", first, "first", *life.signing, *life.key(1))
    assert (code, asked["state"], asked["renewed"]) == (0, "waiting", first)
    two, second = asked["key_id"], asked["keystore"]
    life.stands(second, "first", "waiting", "complete", [old])
    life.platform((two, ASKED), (one, ACTIVE))
    assert life.depot(first, second) == old
    life.everything_opens_with(second, "first")

    life.move("+1d")
    code, done = life.verb("complete", second, "first")
    assert (code, done["state"], done["next"]) == (0, "to_activate", "activate")
    life.platform((two, WAITS), (one, ACTIVE))
    assert life.depot(first, second) == old

    code, done = life.verb("activate", second, "first")
    assert (code, done["state"], done["already"], done["retired"]) == (0, "active", False, [first])
    new = life.depot(second)
    assert new is not None
    life.stands(second, "first", "active", "use", [old, new])
    life.platform((two, ACTIVE), (one, ACTIVE))
    life.everything_opens_with(second, "first")

    passwords = ("--password-file", life.secret("first"), "--new-password-file", life.secret("changed"))
    code, changed = life.call("keystore", "passwd", second, *passwords)
    assert (code, changed["keystore"]) == (0, second)
    assert life.verb("status", second, "first")[1]["error"] == "keystore_password_wrong"
    life.stands(second, "changed", "active", "use", [old, new])
    assert life.depot(second) == new
    life.everything_opens_with(second, "changed")

    before = Path(second).read_bytes()
    code, revoked = life.run("certificate", "revoke", second, "--reason", "replace", *life.signing)
    assert (code, revoked["state"], revoked["key_id"], revoked["next"]) == (0, "revoked", two, "request")
    life.stands(second, "changed", "revoked", "request", [old, new])
    life.platform((two, REVOKED), (one, ACTIVE))
    life.depot()
    life.everything_opens_with(second, "changed")

    code, asked = life.request("third")
    assert (code, asked["state"]) == (0, "waiting")
    three, third = asked["key_id"], asked["keystore"]
    life.platform((three, ASKED), (two, REVOKED), (one, ACTIVE))
    life.depot()

    life.move("+1d")
    code, done = life.verb("complete", third, "third")
    assert (code, done["state"]) == (0, "to_activate")  # while the first certificate's token is in force
    life.depot()
    code, done = life.verb("activate", third, "third")
    assert (code, done["state"], done["already"]) == (0, "active", False)
    last = life.depot(third)
    assert last is not None
    life.stands(third, "third", "active", "use", [last])
    life.platform((three, ACTIVE), (two, REVOKED), (one, ACTIVE))

    passwords_of = life.folder / "passwords.csv"
    lines = [f"{Path(second).name},Kine-2029", f"{Path(third).name},Kine-2031"]
    passwords_of.write_text("\n".join(["pattern,password", *lines]))
    assert life.call("keystore", "merge", third, "--from", second, "--passwords", passwords_of)[0] == 0
    life.stands(third, "third", "active", "use", [last, old, new])
    life.everything_opens_with(third, "third")
    assert len(life.sealed) >= 6
    assert Path(first).read_bytes() == untouched
    assert Path(second).read_bytes() == before
