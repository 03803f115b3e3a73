"""The files that messages and contents are written to, and the ones that are too large."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.ehealth.sealing.models import LARGEST_CONTENT, LARGEST_MESSAGE, TrustedAuthorities
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.messages import OpenedFile, addresses_of, open_file, own_recipient, seal_file
from ehtoolkit.system.unnamed_files import open_unnamed
from tests.procedures.conftest import PASSWORD, Road
from tests.support.training_life import Life

KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from ehtoolkit.ehealth.sealing.models import TrustedAuthorities
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.procedures.messages import open_file, own_recipient, seal_file
from ehtoolkit.secret import Secret

moment, keystore, password, folder, now = sys.argv[1:]
folder, now = Path(folder), datetime.fromisoformat(now)
reader = open_keystore(Path(keystore), Secret(password))

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

(folder / "letter").write_bytes(b"Beste Bram")
seal_file(folder / "letter", folder / "sealed", [own_recipient(reader)], reader, now)
if moment == "written":
    os.fsync = kill
ask = kill if moment == "checked" else None
open_file(folder / "sealed", reader, TrustedAuthorities(), now, output=folder / "content", ask_revocation=ask)
"""
"""Opens a message and is killed while it is checked, or once its content is written."""

Opening = Callable[[Callable[[], object]], OpenedFile]
"""Opens a message into ``content`` beside the keystore, and calls something meanwhile."""


@pytest.fixture
def file(road: Road) -> KeystoreFile:
    return Life(road).first()


@pytest.fixture
def opening(road: Road, file: KeystoreFile, tmp_path: Path) -> Opening:
    training = road.toolkit.training
    assert training is not None
    sealed = tmp_path / "letter"
    sealed.write_bytes(training.messages()[0].data)

    def open_it(meanwhile: Callable[[], object]) -> OpenedFile:
        def ask(_: Sequence[Certificate], __: Environment | None) -> RevocationResult:
            meanwhile()
            return RevocationResult(RevocationStatus.UNKNOWN)

        authorities, now = training.message_authorities(), training.clock.now()
        output = file.path.parent / "content"
        return open_file(sealed, file.keystore, authorities, now, output=output, ask_revocation=ask)

    return open_it


def test_a_keystore_that_is_saved_meanwhile_does_not_take_the_content_away(
    file: KeystoreFile, opening: Opening
) -> None:
    opened = opening(lambda: file.save(file.keystore))
    assert opened.message.proven
    assert opened.content is not None
    assert opened.content.stat().st_size == opened.message.size


def test_nothing_is_written_before_the_message_is_checked(file: KeystoreFile, opening: Opening) -> None:
    folder = file.path.parent
    before, during = sorted(folder.iterdir()), list[Path]()
    assert opening(lambda: during.extend(sorted(folder.iterdir()))).content == folder / "content"
    assert during == before
    assert sorted(folder.iterdir()) == sorted([*before, folder / "content"])


@pytest.mark.parametrize("moment", ["checked", "written"])
def test_nothing_of_a_content_stays_when_the_process_is_killed(
    road: Road, file: KeystoreFile, tmp_path: Path, moment: str
) -> None:
    folder, now = tmp_path / "messages", road.toolkit.context.clock.now().isoformat()
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, moment, str(file.path), PASSWORD.reveal(), str(folder), now],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = {path.name for path in folder.iterdir()}
    unnamed = open_unnamed(folder)
    if unnamed is not None:
        os.close(unnamed)
        assert left == {"letter", "sealed"}
    else:  # a temporary file, which the next keystore that is written there removes
        assert "content" not in left


def test_a_file_system_without_files_without_a_name(
    file: KeystoreFile, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a drive of Windows, or on one of a network."""
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    before = sorted(file.path.parent.iterdir())
    killed, running = (file.path.with_name(f".ehtoolkit-{number * 8}.tmp") for number in ("01", "02"))
    for left, age in ((killed, 601), (running, 500)):
        left.write_bytes(b"content")
        os.utime(left, (time.time() - age,) * 2)
    opened = opening(lambda: None)
    assert opened.content is not None
    assert opened.content.stat().st_mode & 0o077 == 0
    assert sorted(file.path.parent.iterdir()) == sorted([*before, opened.content, running])


def test_a_name_that_is_taken_meanwhile_is_not_written_over(file: KeystoreFile, opening: Opening) -> None:
    output = file.path.parent / "content"
    with pytest.raises(errors.FileExists):
        opening(lambda: output.write_bytes(b"another"))
    assert output.read_bytes() == b"another"


def test_a_file_that_is_too_large_is_not_read(road: Road, file: KeystoreFile, tmp_path: Path) -> None:
    large, output, now = tmp_path / "large", tmp_path / "output", road.toolkit.context.clock.now()
    with large.open("wb") as stream:
        stream.truncate(LARGEST_CONTENT + 1)  # without blocks on disk
    with pytest.raises(errors.MessageTooLarge) as sealing:
        seal_file(large, output, [own_recipient(file.keystore)], file.keystore, now)
    assert sealing.value.facts == {"path": str(large), "reason": "content", "limit": 99}
    with large.open("r+b") as stream:
        stream.truncate(LARGEST_MESSAGE + 1)
    tracemalloc.start()
    try:
        for read in (
            lambda: open_file(large, file.keystore, TrustedAuthorities(), now, output=output),
            lambda: addresses_of(large),
        ):
            with pytest.raises(errors.MessageTooLarge) as opening:
                read()
            assert opening.value.facts == {"path": str(large), "reason": "message", "limit": 100}
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert not output.exists()
