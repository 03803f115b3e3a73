"""The contract, and other HTML of strangers, as text for a terminal."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ehtoolkit import training
from ehtoolkit.ehealth.contract import plain_text

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


@pytest.mark.parametrize(
    "document",
    [
        "<a " * 80_000,
        "<!--" * 60_000,
        "<![x",
        "<![x" * 60_000,
        "<div>" * 50_000,
        "<p><b>" * 40_000,
        "&#" * 100_000,
        "<?" * 100_000,
        "<table><tr><td>" * 16_000,
        "<a " + " ".join(f"a{number}=1" for number in range(25_000)) + ">",
    ],
)
def test_a_hostile_document_costs_little(document: str) -> None:
    before = time.process_time()
    assert plain_text(f"<p>first</p>{document}").startswith("first")
    assert time.process_time() - before < 2


def test_a_document_cannot_choose_its_encoding() -> None:
    html = '<?xml version="1.0" encoding="latin-1"?><meta charset="utf-16"><p>Révoqué</p>'
    assert plain_text(html) == "Révoqué"
