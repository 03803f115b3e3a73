"""The contract, and other HTML of strangers, as text for a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import training
from ehtoolkit.cli.plain_text import plain_text

TEXTS = Path(training.__file__).with_name("texts")


@pytest.mark.parametrize("name", ["contract", "revocation-contract"])
@pytest.mark.parametrize(
    ("language", "label"), [("fr", "Nom dans le certificat"), ("nl", "Naam in het certificaat")]
)
def test_a_label_and_its_value_do_not_run_together(name: str, language: str, label: str) -> None:
    html = (TEXTS / f"{name}-{language}.html").read_text(encoding="utf-8")
    lines = plain_text(html.replace("$dn", "CN=SSIN\\=79031421872, C=BE")).splitlines()
    assert f"{label}: CN=SSIN\\=79031421872, C=BE" in lines


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<dl><dt>Nom</dt><dd>A</dd><dt>Motif</dt><dd>B</dd></dl>", ["Nom: A", "Motif: B"]),
        ("<dl><dt>Nom\u00a0:</dt><dd>A</dd></dl>", ["Nom : A"]),
        ("<dl><dt><b>Nom :</b> </dt><dd>A</dd></dl>", ["Nom : A"]),
        (
            "<table><tr><th>Nom</th><td>A</td></tr><tr><th>Motif</th><td>B</td></tr></table>",
            ["Nom: A", "Motif: B"],
        ),
        (
            "<table><tr><td>Nom</td><td>A</td></tr><tr><td>Motif</td><td>B</td></tr></table>",
            ["Nom A", "Motif B"],
        ),
        ("<p>un<br>deux</p><ul><li>a</li><li>b</li></ul>", ["un", "deux", "- a", "- b"]),
    ],
)
def test_what_stands_beside_or_below(html: str, lines: list[str]) -> None:
    assert [" ".join(line.split()) for line in plain_text(html).splitlines()] == lines
