"""A diagnosis shown: as JSON by contract, as a card, as a table."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest
from lxml import html

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.finding_html import findings_html
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis, describe_diagnosis
from ehtoolkit.keystore.html import diagnosis_html
from ehtoolkit.settings import LanguageName
from tests.keystore.balanced_html import parsed
from tests.keystore.diagnosis.conftest import NAME, Maker, renamed

HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202egpj"


@pytest.fixture
def hostile(maker: Maker) -> Diagnosis:
    """A file whose names are made to break a page."""
    contents = maker.keystore_maker.complete.contents
    keys = tuple(
        replace(bag, attributes=renamed(bag, f"{HOSTILE}{place}")) for place, bag in enumerate(contents.keys)
    )
    return maker.look(replace(contents, keys=keys), f"{HOSTILE}.p12")


def test_the_contract(maker: Maker, complete: bytes) -> None:
    described = describe_diagnosis(maker.look(complete), Translator("en"))
    assert described["file"] == NAME
    assert (described["state"], described["opened"], described["certificates"]) == ("complete", True, 4)
    assert described["keys"][0] == {
        "alias": "authentication",
        "local_key_id": maker.keystore_maker.complete.key_id,
        "kind": "RSA-2048",
    }
    assert described["authentication_key"] == "RSA-2048"
    assert described["owner"].startswith("CN=SSIN=79031421872")
    assert (described["environment"], described["kind"], described["size"]) == (
        "training",
        "pkcs12",
        len(complete),
    )
    assert isinstance(described["not_after"], datetime)
    assert described["days_left"] == (maker.keystore_maker.end - maker.now).days
    for finding in described["findings"]:
        assert finding.keys() == {"key", "severity", "message", "next"}
    ranks = [Severity(finding["severity"]).rank for finding in described["findings"]]
    assert ranks == sorted(ranks)
    assert (
        json.loads(json.dumps(described, default=datetime.isoformat))["not_after"]
        == "2030-02-24T10:00:00+00:00"
    )


def test_a_file_that_is_none(maker: Maker) -> None:
    described = describe_diagnosis(diagnose(b"", None, maker.now), Translator("fr"))
    assert described["findings"][0]["key"] == "file_empty"
    assert (described["file"], described["state"], described["opened"]) == (None, "unreadable", False)
    assert (described["keys"], described["certificates"], described["owner"]) == ([], None, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card(maker: Maker, complete: bytes, language: LanguageName) -> None:
    texts = Translator(language)
    diagnosis = maker.look(complete)
    text = diagnosis_html(diagnosis, texts)
    assert parsed(text).tags >= {"article", "dl", "table", "caption", "th"}
    (article,) = html.fromstring(f"<div>{text}</div>").findall("article")
    assert article.get("lang") == language
    shown = str(article.xpath("string()"))
    for expected in (
        NAME,
        "DUBOIS ELISE MARIE",
        texts.date(maker.keystore_maker.end),
        texts.get("export.state.complete"),
    ):
        assert expected in shown
    rows = article.findall(".//tbody/tr")
    assert len(rows) == len(diagnosis.findings)
    assert str(rows[0].xpath("string(th)")).endswith(texts.get(f"finding.severity.{diagnosis.severity}"))


def test_jupyter_shows_the_card(maker: Maker, complete: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "nl_BE.UTF-8")
    assert "Geldig tot" in maker.look(complete)._repr_html_()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_file_holds_is_never_markup(hostile: Diagnosis, language: LanguageName) -> None:
    assert hostile.opened
    for text in (
        diagnosis_html(hostile, Translator(language)),
        findings_html(hostile.findings, Translator(language)),
    ):
        assert parsed(text).tags <= {
            *("style", "article", "div", "h3", "dl", "dt", "dd", "table", "caption", "thead", "tbody"),
            *("tr", "th", "td", "span"),
        }
        assert "\u202e" not in text
        assert "&lt;img" in text
        assert "http" not in text.partition("</style>")[0]
        assert "url(" not in text
        assert "@import" not in text


def test_the_table_alone() -> None:
    text = findings_html([Finding("file_empty", Severity.ERROR)], Translator("de"))
    parsed(text)
    assert "null Byte" in text
    assert "<article" not in text
