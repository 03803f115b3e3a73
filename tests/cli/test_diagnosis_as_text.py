"""A diagnosis as a text is what ``keystore diagnose`` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

import ehtoolkit
from ehtoolkit.cli.run import run
from tests.auditing.conftest import ELISE, PASSWORD, Workshop, workshop
from tests.keystore.conftest import keystore_maker

__all__ = ["keystore_maker", "workshop"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_print_gives_the_sentences_of_the_command(
    workshop: Workshop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", language)
    file = workshop.write(tmp_path / "ks", ELISE, stage="installed")
    (tmp_path / "password").write_text(PASSWORD.reveal())
    run(["keystore", "diagnose", str(file), "--password-file", str(tmp_path / "password"), "--verbose"])
    printed = capsys.readouterr().out.splitlines()
    diagnosis = ehtoolkit.diagnose(file, PASSWORD)
    path, *sentences = str(diagnosis).splitlines()
    assert path == str(file).replace(ELISE, "790314*****")
    assert len(sentences) > 4
    assert [line for line in sentences if line not in printed] == []
    assert "\n" not in repr(diagnosis)
