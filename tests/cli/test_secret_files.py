"""Files with passwords and PINs that every user of the computer can read are warned of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES, Translator


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others can look into, which those of pytest are not; with a password and a table."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "password").write_text("Kine-2026\n")
        (Path(folder) / "table.csv").write_text("pattern,password\n*,Kine-2026\n")
        yield Path(folder)


@pytest.mark.parametrize("mode", [0o644, 0o600])
@pytest.mark.parametrize(("option", "name"), [("--password-file", "password"), ("--passwords", "table.csv")])
def test_one_that_others_can_read_is_named_once(
    place: Path, data_folder: Path, option: str, name: str, mode: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place / name
    file.chmod(mode)
    keystore = data_folder / "keystores" / "bc_complete.p12"
    for language in LANGUAGES:
        run(["keystore", "diagnose", str(keystore), option, str(file), "--lang", language])
        warning = Translator(language).get("cli.secret_file", file=file)
        assert capsys.readouterr().err.count(warning) == (mode == 0o644)
    run(["keystore", "diagnose", str(keystore), option, str(file), "--quiet"])
    assert str(file) not in capsys.readouterr().err


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_the_pin_too(place: Path, mode: int, capsys: pytest.CaptureFixture[str]) -> None:
    pin = place / "pin"
    pin.write_text("1234\n")
    pin.chmod(mode)
    run(["certificate", "actors", "--pin-file", str(pin), "--lang", "en"])
    warning = Translator("en").get("cli.secret_file", file=pin)
    assert capsys.readouterr().err.count(warning) == (mode == 0o644)
