"""Plays the neighbours at every moment of a procedure that writes, and says what they met.

A program of its own, since what listens to Python's calls of the file system cannot be taken away again:
``folder_listener.py HOW FOLDER NUMBER PASSWORD [FILE]...``. Whenever Python announces a call that touches files, both
neighbours choose a file in FOLDER, as the call has not been made yet. Prints one JSON object: ``moments``, how many
there were; ``names``, of every file ever seen there or below it that ends in ``p12``, the archive apart; and for each
neighbour how often it met what: ``nothing``, ``several``, ``fails``, or the digest of the file that it took.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import filelock  # noqa: F401  # loaded before anything is listened to

from ehtoolkit import ContactData, connect, load_settings
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.rewrite import change_password, rewrite_file
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.keystore.storage.moving import archive_keystore, rename_keystore
from ehtoolkit.secret import Secret
from tests.keystore.prescribing import SeveralKeystores, dotnet_client, prescription_module

NEW_PASSWORD = Secret("Nieuw-2027!")
TOUCHING = {
    *("open", "os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir", "os.chmod", "os.chown"),
    *("os.scandir", "os.listdir", "os.truncate"),
}


class Listener:
    """Called for every event of the interpreter; ``folder`` is where the neighbours look."""

    def __init__(self, folder: Path, number: str) -> None:
        self.folder, self.number = folder, number
        self.moments = 0
        self.names: set[str] = set()
        self.met = {"module": Counter[str](), "client": Counter[str]()}
        self._busy = True

    def begin(self) -> None:
        self._busy = False

    def __call__(self, event: str, _: object) -> None:
        if self._busy or event not in TOUCHING:
            return
        self._busy = True
        try:
            self.look()
        finally:
            self._busy = False

    def look(self) -> None:
        if not self.folder.is_dir():
            return
        self.moments += 1
        below = [path for path in self.folder.rglob("*") if "archive" not in path.parts]
        self.names |= {path.name for path in below if path.name.lower().endswith("p12")}
        self.met["module"][self._choice(prescription_module)] += 1
        self.met["client"][self._choice(dotnet_client)] += 1

    def end(self) -> str:
        self._busy = True
        self.look()
        return json.dumps({"moments": self.moments, "names": sorted(self.names), **self.met})

    def _choice(self, neighbour: Callable[[Path, str], Path | None]) -> str:
        try:
            chosen = neighbour(self.folder, self.number)
        except SeveralKeystores:
            return "several"
        except ValueError:
            return "fails"
        return "nothing" if chosen is None else hashlib.sha256(chosen.read_bytes()).hexdigest()


def work(how: str, password: Secret, files: list[Path]) -> Callable[[], object]:
    """What is done, ready to go."""
    if how == "road":
        settings = load_settings(training_delivery=0.0)

        def road() -> None:
            with connect(settings=settings) as eh:
                asked = eh.request_certificate(
                    ContactData("elise@example.be", "+32 4 555 01 42"),
                    pin=lambda _: Secret("1234"),
                    password=password,
                    agree=lambda _: None,
                )
                eh.complete_certificate(asked.keystore, password)

        return road
    path, *others = files
    if how == "merge":
        file = KeystoreFile.open(path, password)
        merged = merge_old_keys(file.keystore, open_keystore(others[0], password))
        return lambda: file.save(merged)
    return {
        "default": lambda: change_password(path, password, NEW_PASSWORD),
        "legacy": lambda: change_password(path, password, NEW_PASSWORD, EncryptionProfile.COMPATIBLE),
        "convert": lambda: rewrite_file(path, password, others[0]),
        "rescue": lambda: rewrite_file(path, password, others[0], salvage=True),
        "archive": lambda: archive_keystore(path),
        "rename": lambda: rename_keystore(path, others[0].name),
    }[how]


def main() -> None:
    how, folder, number, password, *files = sys.argv[1:]
    ready = work(how, Secret(password), [Path(file) for file in files])
    listener = Listener(Path(folder), Identifier("SSIN", number).value)
    sys.addaudithook(listener)
    listener.begin()
    ready()
    print(listener.end())


if __name__ == "__main__":
    main()
