"""The new pipeline gives what the old ones gave, on the corpora and on damaged copies of them."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.repair import conversion
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.rewrite import rewrite
from ehtoolkit.secret import Secret

DATA = Path(__file__).resolve().parents[2] / "data"
NEW = Secret("Nieuw-2027!")
PROFILE = EncryptionProfile.COMPATIBLE
MUTATIONS = 5


def corpus() -> Iterator[tuple[str, Path, Secret]]:
    for folder in ("keystores", "keystores-ec"):
        manifest = json.loads((DATA / folder / "manifest.json").read_text(encoding="utf-8"))
        for entry in manifest["files"] if isinstance(manifest, dict) else manifest:
            yield f"{folder}/{entry['file']}", DATA / folder / entry["file"], Secret(entry["password"])


def mutated(data: bytes, number: int) -> bytes:
    chance = random.Random(number)  # noqa: S311
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(changed))
        match chance.randrange(3):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                del changed[place : place + chance.randint(1, 40)]
            case _:
                changed[place:place] = chance.randbytes(chance.randint(1, 4))
    return bytes(changed)


def outcome(work: Callable[[], Pkcs12Contents]) -> object:
    try:
        found = work()
    except errors.EhToolkitError as error:
        return type(error), error.reason
    return found.keys, found.certificates, len(found.others)


FILES = list(corpus())


@pytest.mark.parametrize(("path", "secret"), [each[1:] for each in FILES], ids=[each[0] for each in FILES])
@pytest.mark.parametrize("salvage", [False, True], ids=["whole", "salvage"])
def test_the_same_contents(path: Path, secret: Secret, salvage: bool) -> None:
    sound = path.read_bytes()
    for data in (sound, *(mutated(sound, number) for number in range(MUTATIONS if len(sound) else 0))):

        def before(data: bytes = data) -> Pkcs12Contents:
            read = recover(data, secret).contents if salvage else conversion.load_any(data, secret)
            return conversion.reencrypt(read, secret, NEW, PROFILE, mend_ids=True).contents

        def after(data: bytes = data) -> Pkcs12Contents:
            made = rewrite(data, secret, NEW, PROFILE, salvage=salvage)
            assert recover(made.data, NEW, salvage=False).contents == made.contents
            return made.contents

        assert outcome(after) == outcome(before)


@pytest.mark.interop
@pytest.mark.parametrize("program", ["openssl", "keytool"])
def test_other_programs_open_it(program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")
    opened = 0
    for name, path, secret in FILES:
        try:
            made = rewrite(path.read_bytes(), secret, NEW, PROFILE, salvage=True)
        except errors.EhToolkitError:
            continue
        if not made.contents.keys:
            continue
        out = tmp_path / f"{opened}.p12"
        out.write_bytes(made.data)
        call = {
            "openssl": [
                "openssl",
                "pkcs12",
                "-in",
                out,
                "-passin",
                f"pass:{NEW.reveal()}",
                "-nodes",
                "-legacy",
            ],
            "keytool": ["keytool", "-list", "-keystore", out, "-storepass", NEW.reveal(), "-v"],
        }[program]
        told = subprocess.run(call, capture_output=True, check=False)
        assert told.returncode == 0, (name, told.stderr, told.stdout[-500:])
        counted = told.stdout.count(
            b"BEGIN PRIVATE KEY" if program == "openssl" else b"Entry type: PrivateKeyEntry"
        )
        assert counted == len(made.contents.keys), name
        opened += 1
    assert opened > 20
