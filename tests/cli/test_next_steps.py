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
from babel.messages.pofile import read_po

from tests.cli.conftest import Call
from tests.gallery.stories.sentences import LOCALE

_HOLDER: Final = "SSIN=79031421872"
_COMMAND: Final = re.compile(r"“((?:keystore|certificate|etk|doctor)[^”]*)”")
_ELSEWHERE: Final = {
    "certificate complete": "tests/cli/test_keystore.py",
    "certificate renew": "tests/cli/test_renew.py",
    "certificate status": "tests/cli/test_road.py",
    "doctor": "tests/cli/test_doctor.py",
    "etk show": "tests/cli/test_environments.py",
    "keystore archive": "tests/cli/test_keystore_folder.py",
    "keystore merge": "tests/cli/test_keystore_files.py",
}
"""Commands that take a platform or a second file, and where they are executed."""
_HERE: Final = ("keystore passwd", "keystore convert", "keystore rescue", "keystore rename")
_OTHER_PASSWORD: Final = "Kine-2026-Brugge"  # of an invented file


@dataclass
class Bench:
    """Executes what is said of files, each on a copy of its own. ``done``: the steps, to count them."""

    call: Call
    folder: Path
    done: list[tuple[str, str]] = field(default_factory=list)

    def findings(self, file: Path, password: Path) -> list[dict[str, Any]]:
        _, told = self.call("keystore", "diagnose", file, "--password-file", password, "--lang", "en")
        return [one for one in told["keystores"][0]["findings"] if one["severity"] != "ok"]

    def play(self, file: Path, password: str) -> Iterator[str]:
        """Every step for a file; yields what did not help."""
        place = self.folder / file.stem
        place.mkdir()
        given = place / "password"
        given.write_text(password, encoding="utf-8")
        findings = self.findings(shutil.copy(file, place / file.name), given)
        # An empty password is refused as a new one, as the sentences say.
        keep = given
        if not password:
            keep = place / "new password"
            keep.write_text(_OTHER_PASSWORD, encoding="utf-8")
        steps = [(one["key"], step) for one in findings for step in _COMMAND.findall(one["next"])]
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
        elif verb == "rename":
            code, told = self.call(group, verb, file, "--password-file", password)
            out = Path(told["renamed"][0]["keystore"]) if told["renamed"] else file
        else:
            code, told = self.call(group, verb, file, "-o", out, "--password-file", password, *renewed)
            # A part that is lost is said, and tells so by the exit code.
            code = 0 if verb == "rescue" and told.get("lost") else code
        if code or not out.exists():
            return False
        return key not in [finding["key"] for finding in self.findings(out, new)]


@pytest.fixture
def bench(call: Call, tmp_path: Path) -> Bench:
    folder = tmp_path / "files"
    folder.mkdir()
    return Bench(call, folder)


def test_every_step_for_every_file_of_the_corpus(bench: Bench, shared: Path) -> None:
    corpus = shared / "keystore" / "corpus"
    files = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    failed = [line for one in files for line in bench.play(corpus / one["file"], one.get("password") or "")]
    assert failed == []
    assert len({key for key, _ in bench.done}) >= 20


@pytest.mark.parametrize("place", range(0, 10_000, 487))
def test_every_step_for_a_file_with_one_damaged_byte(bench: Bench, shared: Path, place: int) -> None:
    data = bytearray((shared / "keystore" / "corpus" / "bc_complete.p12").read_bytes())
    data[place % len(data)] ^= 0x10
    file = bench.folder / "damaged.p12"
    file.write_bytes(data)
    assert list(bench.play(file, "Test-Pass1")) == []


@pytest.mark.parametrize("part", ["-certpbe", "-keypbe"])
def test_a_cipher_that_nothing_opens(bench: Bench, part: str) -> None:
    """What is under it is lost, which the rescue says; nothing else is advised that would be refused."""
    key, certificate, file = (bench.folder / name for name in ("k.pem", "c.pem", "old.p12"))
    subject = f"/C=BE/OU=eHealth-platform Belgium/OU=ELISE VANDAMME/OU={_HOLDER}/CN={_HOLDER}"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "300", "-subj", subject)
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    export = ("openssl", "pkcs12", "-export", "-legacy", "-inkey", key, "-in", certificate)
    ciphers = ("-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", part, "PBE-MD5-DES")
    named = ("-name", "authentication", "-passout", "pass:Test-Pass1", "-out", file)
    subprocess.run([*export, *ciphers, *named], check=True, capture_output=True)
    assert list(bench.play(file, "Test-Pass1")) == []
    password = bench.folder / "pw"
    password.write_text("Test-Pass1", encoding="utf-8")
    keys = [finding["key"] for finding in bench.findings(file, password)]
    assert keys == ["unsupported"]
    code, told = bench.call(
        *("keystore", "rescue", file, "-o", bench.folder / "out.p12", "--password-file", password)
    )
    kind = "key" if part == "-keypbe" else "certificates"
    assert code == 1
    assert [(one["kind"], one["reason"]) for one in told["lost"]] == [(kind, "unsupported")]


def test_every_command_of_the_findings_is_executed_somewhere() -> None:
    with (LOCALE / "en" / "LC_MESSAGES" / "finding.po").open("rb") as source:
        texts = [str(one.string) for one in read_po(source, locale="en")]
    named = {command for text in texts for command in _COMMAND.findall(text)}
    known = (*_HERE, *_ELSEWHERE)
    assert {one for one in named if not one.startswith(known)} == set()
    for command, file in _ELSEWHERE.items():
        words = ", ".join(f'"{word}"' for word in command.split())
        assert words in Path(file).read_text(encoding="utf-8"), command
