"""``keystore show`` of a file that nothing protects: anybody could have put it together, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from asn1crypto.pkcs12 import Pfx

from ehtoolkit import der
from ehtoolkit.cli.run import run
from ehtoolkit.keystore import write_pkcs12
from ehtoolkit.secret import Secret
from ehtoolkit.texts import LANGUAGES, LanguageName, Texts
from tests.keystore.conftest import Bench, bench

__all__ = ["bench"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_without_a_mac_is_not_shown_without_a_word(
    language: LanguageName,
    tmp_path: Path,
    bench: Bench,
    secrets: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = write_pkcs12(bench.complete.contents, Secret("Kine-2026"))
    parsed = Pfx.load(whole)
    for name, data, said in (
        ("whole.p12", whole, False),
        ("open.p12", der.sequence(parsed[0].dump(), parsed[1].dump()), True),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        capsys.readouterr()
        assert (
            run(
                [
                    "keystore",
                    "show",
                    str(path),
                    "--password-file",
                    str(secrets["password"]),
                    "--lang",
                    language,
                ]
            )
            == 0
        )
        assert (Texts(language).get("finding.mac_missing") in capsys.readouterr().out) is said
