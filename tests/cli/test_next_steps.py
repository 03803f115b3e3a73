"""What a finding says to do is done, with the file that shows the finding, and helps."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.conftest import Call
from tests.cli.made_files import make_files
from tests.cli.platform_scenes import STEPS
from tests.support.catalogues import messages

_HOLDER: Final = "SSIN=79031421872"
_COMMAND: Final = re.compile(r"“((?:keystore|certificate|etk|doctor)[^”]*)”")
_OF_ISSUERS: Final = {
    ("revocation_unaskable", "certificate status"),
    ("revocation_unknown", "certificate status"),
    ("revocation_unasked", "doctor"),
}
"""What is said where an issuer does not answer: tests/cli/test_revocation_online.py asks another one."""
_BY_JAVA: Final = {("cipher_gcm", "keystore passwd"), ("damaged_contents", "keystore rescue")}
"""What no program here writes but Java (tests/keystore/test_interop_reading.py)."""
_WITH_ANOTHER_FILE: Final = {("file_private_key", "keystore import")}
"""A key alone is no keystore: tests/unit/keystore/test_key_import.py has its certificate."""
_HERE: Final = (
    *("keystore passwd", "keystore convert", "keystore rescue", "keystore rename", "keystore rename-key"),
    "keystore import",
)
_OTHER_PASSWORD: Final = "Kine-2026-Brugge"  # of an invented file


@dataclass
class CommandRunner:
    """Executes what is said of files, each on a copy of its own. ``done``: the steps, to count them."""

    call: Call
    folder: Path
    done: list[tuple[str, str]] = field(default_factory=list)

    def findings(self, file: Path, password: Path | None) -> list[dict[str, Any]]:
        given = () if password is None else ("--password-file", password)
        _, answer = self.call("keystore", "diagnose", file, *given, "--lang", "en")
        return [finding for finding in answer["keystores"][0]["findings"] if finding["severity"] != "ok"]

    def play(self, file: Path, password: str, *, closed: bool = False) -> Iterator[str]:
        """Every step for a file; yields what did not help. ``closed``: also what is said without its password."""
        place = self.folder / file.parent.name / file.stem
        place.mkdir(parents=True)
        given = place / "password"
        given.write_text(password, encoding="utf-8")
        looked_at = Path(shutil.copy(file, place / file.name))
        findings = [*self.findings(looked_at, given), *(self.findings(looked_at, None) if closed else ())]
        # An empty password is refused as a new one, as the sentences say, and so is one with accents.
        keep = given
        if not password or not password.isascii():
            keep = place / "new password"
            keep.write_text(_OTHER_PASSWORD, encoding="utf-8")
        steps = dict.fromkeys(
            (finding["key"], step) for finding in findings for step in _COMMAND.findall(finding["next"])
        )
        for number, (key, step) in enumerate(steps):
            if step.startswith(_HERE):
                own = place / str(number)
                own.mkdir()
                copy = Path(shutil.copy(file, own / file.name))
                self.done.append((key, step))
                if not self._helps(step, key, copy, given, keep):
                    yield f"{file.name}: {key} → {step}"

    def _helps(self, step: str, key: str, file: Path, password: Path, new: Path) -> bool:
        group, verb, *options = step.split()
        renewed = ("--new-password-file", new, *options)
        out = file.with_name("out.p12")
        if verb == "passwd":
            code, _ = self.call(group, verb, file, "--password-file", password, *renewed)
            out = file
        elif verb == "rename-key":
            return self._gets_names(key, file, password)
        elif verb == "rename":
            code, answer = self.call(group, verb, file, "--password-file", password)
            out = Path(answer["renamed"][0]["keystore"]) if answer["renamed"] else file
        else:
            code, answer = self.call(group, verb, file, "-o", out, "--password-file", password, *renewed)
            # A part that is lost is said, and tells so by the exit code.
            code = 0 if verb == "rescue" and answer.get("lost") else code
        if code or not out.exists():
            return False
        return key not in [finding["key"] for finding in self.findings(out, new)]

    def _gets_names(self, key: str, file: Path, password: Path) -> bool:
        """Give the keys of a file the names that the finding misses, one after the other."""
        _, answer = self.call("keystore", "show", file, "--password-file", password)
        aliases, new = [key["alias"] for key in answer["keystores"][0]["keys"]], dict[int, str]()
        seen = {"authentication"} if key != "authentication_name_missing" else set[str]()
        for number, alias in enumerate(aliases, 1):
            if number == 1 and (key == "authentication_name_missing" or alias is None):
                new[number] = "authentication"
            elif (
                alias is None
                or (number > 1 and alias.lower() in seen)
                or (key == "aliases_unprintable" and not alias.isprintable())
            ):
                new[number] = f"key {number}"
        if key == "etk_alias_differs":
            new = dict(self._serials(file, password, aliases))
        for number, name in new.items():
            rename = ("keystore", "rename-key", file, f"#{number}", name)
            if self.call(*rename, "--password-file", password)[0]:
                return False
        return key not in [finding["key"] for finding in self.findings(file, password)]

    def _serials(self, file: Path, password: Path, aliases: list[str]) -> Iterator[tuple[int, str]]:
        """The keys that the finding lists, by place, with the numbers that it names for them."""
        found = (each for each in self.findings(file, password) if each["key"] == "etk_alias_differs")
        numbers = [
            re.findall(r"\b\d{4,}\b", each["message"]) for each in found if "rename-key" in each["next"]
        ]
        places = [place for place, alias in enumerate(aliases, 1) if not alias.isdecimal() and place > 1]
        yield from zip(places, numbers[0] if numbers else (), strict=True)


@pytest.fixture
def runner(call: Call, tmp_path: Path) -> CommandRunner:
    folder = tmp_path / "files"
    folder.mkdir()
    return CommandRunner(call, folder)


def test_every_step_for_every_file_of_the_corpus(
    runner: CommandRunner, data_folder: Path, tmp_path: Path
) -> None:
    """… and for those that show what none of the corpus does: each command of each finding."""
    corpus = data_folder / "keystores"
    files = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    failed = [
        line for file in files for line in runner.play(corpus / file["file"], file.get("password") or "")
    ]
    made = make_files(tmp_path, (corpus / "bc_complete.p12").read_bytes())
    for key, (file, password) in made.items():
        failed += runner.play(file, password, closed=True)
        assert key in {finding for finding, _ in runner.done}, key
    failed += runner.play(Path(shutil.copy(corpus / "z_base64.p12", tmp_path)), "Test-Pass1", closed=True)
    assert not failed, "\n".join(failed)
    named = {(key, command) for key, command in named_steps() if command in _HERE}
    done = {(key, " ".join(step.split()[:2])) for key, step in runner.done}
    assert named - done - STEPS == _BY_JAVA | _WITH_ANOTHER_FILE


@pytest.mark.parametrize("place", range(0, 10_000, 487))
def test_every_step_for_a_file_with_one_damaged_byte(
    runner: CommandRunner, data_folder: Path, place: int
) -> None:
    data = bytearray((data_folder / "keystores" / "bc_complete.p12").read_bytes())
    data[place % len(data)] ^= 0x10
    file = runner.folder / "damaged.p12"
    file.write_bytes(data)
    assert list(runner.play(file, "Test-Pass1")) == []


@pytest.mark.parametrize("part", ["-certpbe", "-keypbe"])
def test_a_cipher_that_nothing_opens(runner: CommandRunner, part: str) -> None:
    """What is under it is lost, which the rescue says; nothing else is advised that would be refused."""
    key, certificate, file = (runner.folder / name for name in ("k.pem", "c.pem", "old.p12"))
    subject = f"/C=BE/OU=eHealth-platform Belgium/OU=ELISE VANDAMME/OU={_HOLDER}/CN={_HOLDER}"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "300", "-subj", subject)
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    export = ("openssl", "pkcs12", "-export", "-legacy", "-inkey", key, "-in", certificate)
    ciphers = ("-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", part, "PBE-MD5-DES")
    named = ("-name", "authentication", "-passout", "pass:Test-Pass1", "-out", file)
    subprocess.run([*export, *ciphers, *named], check=True, capture_output=True)
    assert list(runner.play(file, "Test-Pass1")) == []
    password = runner.folder / "pw"
    password.write_text("Test-Pass1", encoding="utf-8")
    keys = [finding["key"] for finding in runner.findings(file, password)]
    assert keys == ["unsupported", *(["rescuable"] if part == "-certpbe" else [])]
    code, answer = runner.call(
        *("keystore", "rescue", file, "-o", runner.folder / "out.p12", "--password-file", password)
    )
    kind = "key" if part == "-keypbe" else "certificates"
    assert code == 1
    assert [(loss["kind"], loss["reason"]) for loss in answer["lost"]] == [(kind, "unsupported")]


def test_every_other_step_is_done_with_the_platform() -> None:
    """… or with a second file, or a folder."""
    named = named_steps()
    assert named >= STEPS
    assert {(key, command) for key, command in named - STEPS if command not in _HERE} == _OF_ISSUERS


def named_steps() -> set[tuple[str, str]]:
    """Each finding with each command that its next step names."""
    return {
        (key.split(".")[1], " ".join(step.split()[:2]))
        for key, text in messages("finding", "en").items()
        for step in _COMMAND.findall(text)
    }
