"""What is written beside the place where a message or its content goes, until it is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.finding import Finding, info
from ehtoolkit.identity import Environment
from ehtoolkit.keystore import KeystoreFile, fs
from ehtoolkit.procedures.messages import OpenedFile, open_file
from tests.procedures.conftest import PASSWORD, Road
from tests.support.training_life import Life

KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from ehtoolkit.ehealth.sealing import TrustedAuthorities
from ehtoolkit.keystore import open_keystore
from ehtoolkit.procedures.messages import open_file, own_recipient, seal_file
from ehtoolkit.secret import Secret

keystore, password, folder, now = sys.argv[1:]
folder, now = Path(folder), datetime.fromisoformat(now)
reader = open_keystore(Path(keystore), Secret(password))

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

(folder / "letter").write_bytes(b"Beste Bram")
seal_file(folder / "letter", folder / "sealed", [own_recipient(reader)], reader, now)
open_file(folder / "sealed", reader, TrustedAuthorities(), now, output=folder / "content", ask_revocation=kill)
"""
"""Opens a message and is killed once its content was written."""

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
        def ask(_: Sequence[Certificate], __: Environment | None) -> Finding:
            meanwhile()
            return info("revocation_unknown")

        authorities, now = training.message_authorities(), training.clock.now()
        output = file.path.parent / "content"
        return open_file(sealed, file.keystore, authorities, now, output=output, ask_revocation=ask)

    return open_it


def unfinished(folder: Path) -> list[Path]:
    return sorted(folder.glob(".ehtoolkit-*.part"))


def test_a_keystore_that_is_saved_meanwhile_does_not_take_the_content_away(
    file: KeystoreFile, opening: Opening
) -> None:
    """It sweeps the folder of what killed processes have left of keystores."""
    seen: list[list[Path]] = []

    def save() -> None:
        file.save(file.keystore)
        seen.append(unfinished(file.path.parent))

    opened = opening(save)
    assert opened.message.proven
    assert opened.content is not None
    assert opened.content.stat().st_size == opened.message.size
    assert len(seen) == 1
    assert unfinished(file.path.parent) == []


def test_nothing_of_a_content_stays_when_the_process_is_killed(
    road: Road, file: KeystoreFile, tmp_path: Path
) -> None:
    folder, now = tmp_path / "messages", road.toolkit.parts.clock.now().isoformat()
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(file.path), PASSWORD.reveal(), str(folder), now],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (folder / "content").exists()
    unnamed = fs.open_unnamed(folder)
    if unnamed is not None:  # elsewhere a hidden file is left, for a day
        os.close(unnamed)
        assert unfinished(folder) == []


def test_a_file_system_without_files_without_a_name(
    file: KeystoreFile, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a drive of Windows, or on one of a network."""
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    seen: list[list[Path]] = []
    assert opening(lambda: seen.append(unfinished(file.path.parent))).content is not None
    assert ([len(one) for one in seen], unfinished(file.path.parent)) == ([1], [])


def test_a_name_that_is_taken_meanwhile_is_not_written_over(file: KeystoreFile, opening: Opening) -> None:
    output = file.path.parent / "content"
    with pytest.raises(errors.FileExists):
        opening(lambda: output.write_bytes(b"another"))
    assert output.read_bytes() == b"another"


def test_what_a_killed_process_left_goes_a_day_later(file: KeystoreFile, opening: Opening) -> None:
    """It may be the content of a message; what another process writes now stays."""
    folder = file.path.parent
    left, written = (folder / f".ehtoolkit-{one * 8}.part" for one in ("01", "fe"))
    for one in (left, written):
        one.write_bytes(b"content")
    moment = written.stat().st_mtime - 86_500
    os.utime(left, (moment, moment))
    assert opening(lambda: None).content is not None
    assert unfinished(folder) == [written]
