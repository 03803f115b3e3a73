"""Results as text: `print` gives what the commands print, also in a code page without arrows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ehtoolkit
from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.keystore.software_compatibility import KEYSTORE_READERS
from ehtoolkit.result_display import for_print
from tests.auditing.conftest import ELISE, PASSWORD, Workshop, workshop
from tests.keystore.conftest import keystore_maker
from tests.support.catalogues import DOMAINS, messages

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
    assert [line for line in sentences if line.replace("->", "→") not in printed] == []
    assert "\n" not in repr(diagnosis)


_PROGRAM = """
import sys, ehtoolkit
folder, file, password = sys.argv[1:]
print(ehtoolkit.diagnose(file, password))
audits = [ehtoolkit.audit(path, passwords=password) for path in (folder + "/empty", folder)]
print(audits[1], ehtoolkit.compare_audits(*audits), sep="\\n")
"""


def test_results_are_printed_in_a_code_page_without_arrows(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    file = workshop.write(tmp_path, ELISE, stage="installed", name="keystore\x07.p12")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), str(file), PASSWORD.reveal()],
        capture_output=True,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONIOENCODING": "cp1252",
            "EHTOOLKIT_HOME": str(tmp_path / "home"),
            "EHTOOLKIT_LANGUAGE": "fr",
        },
    )
    assert done.stderr == b""
    printed = done.stdout.decode("cp1252")
    assert "    -> " in printed
    assert "empty -> " in printed
    assert "keystore?.p12" in printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_have_no_other_character_that_windows_1252_lacks(language: str) -> None:
    for domain in DOMAINS:
        for text in messages(domain, language).values():
            for_print(text).encode("cp1252")


def test_names_of_software_have_no_other_character_that_windows_1252_lacks() -> None:
    for reader in KEYSTORE_READERS:
        for_print(reader.name).encode("cp1252")
