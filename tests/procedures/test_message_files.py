"""What is written beside the place where a message or its content goes, until it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.x509 import Certificate

from ehtoolkit.finding import Finding, info
from ehtoolkit.identity import Environment
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.messages import OpenedFile, open_file
from tests.procedures.conftest import Road
from tests.procedures.lives import Life

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
    assert [len(one) for one in seen] == [1]
    assert unfinished(file.path.parent) == []


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
