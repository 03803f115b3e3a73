"""A keystore shown in Jupyter: a card with what matters, in four languages, whatever its names hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import html

import ehtoolkit
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import FRIENDLY_NAME, attributes_of
from ehtoolkit.keystore.html import keystore_html
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.keystore.balanced_html import parsed
from tests.keystore.conftest import KeystoreMaker, name_of
from tests.support.keystores import create_keystore

if TYPE_CHECKING:
    from lxml.etree import _Element

HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202egpj</article>"
OLD_SERIAL = 4711


def article(text: str) -> _Element:
    (found,) = html.fromstring(f"<div>{text}</div>").findall("article")
    return found


def rows(card: _Element, table: int) -> list[list[str]]:
    found = card.findall(".//table")[table].findall("./tbody/tr")
    return [[str(cell.xpath("string()")) for cell in row] for row in found]


@pytest.fixture(scope="module")
def merged(keystore_maker: KeystoreMaker) -> Keystore:
    """With a decryption key from before a renewal: its certificate was signed by another key."""
    old = keystore_maker.certificate(
        keystore_maker.subject,
        keystore_maker.keys["renewed"],
        keystore_maker.subject,
        keystore_maker.keys["stranger"],
        OLD_SERIAL,
    )
    return keystore_maker.complete.with_encryption(keystore_maker.keys["renewed"], old)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_card_shows(merged: Keystore, keystore_maker: KeystoreMaker, language: LanguageName) -> None:
    texts, now = Translator(language), keystore_maker.end - timedelta(days=200, hours=1)
    text = keystore_html(merged, texts, now)
    assert parsed(text).tags >= {"article", "dl", "table", "caption", "th"}
    card = article(text)
    assert (card.get("lang"), card.get("class")) == (language, "ehd ehd-ok")
    facts = dict(
        zip(
            (str(element.xpath("string()")) for element in card.iter("dt")),
            (str(element.xpath("string()")) for element in card.iter("dd")),
            strict=True,
        )
    )
    label = {name: texts.get(f"finding.label.{name}") for name in ("state", "owner", "days_left", "key_id")}
    assert facts[label["state"]] == texts.get("export.state.complete")
    assert facts[label["owner"]] == "DUBOIS ELISE MARIE, SSIN=79031421872"
    assert facts[label["days_left"]] == "200"
    assert facts[label["key_id"]] == merged.key_id
    assert texts.get("finding.word.training") in facts.values()
    until = texts.date(keystore_maker.end)
    serial = str((1 << 127) + 7)
    assert rows(card, 0) == [
        ["authentication", texts.get("keystore.role.authentication"), until],
        [f"{serial[:6]}…{serial[-6:]}", texts.get("keystore.role.current"), until],
        [str(OLD_SERIAL), texts.get("keystore.role.old"), until],
    ]
    assert [row[0] for row in rows(card, 1)] == [
        "SSIN=79031421872",
        "ehtoolkit TRAINING eHealth issuing CA 001",
        "Training root",
    ]


def test_while_it_waits(keystore_maker: KeystoreMaker) -> None:
    card = article(keystore_html(keystore_maker.prepared, Translator("en"), keystore_maker.start))
    assert card.get("class") == "ehd ehd-warning"
    assert "To be completed" in str(card.xpath("string()"))
    assert rows(card, 0) == [["authentication", "Authentication", "–"]]
    assert len(card.findall(".//table")) == 1


@pytest.mark.parametrize(("days", "look"), [(-1, "info"), (30, "ok"), (1150, "warning"), (9999, "error")])
def test_its_colour_goes_by_its_state(keystore_maker: KeystoreMaker, days: int, look: str) -> None:
    card = article(
        keystore_html(keystore_maker.complete, Translator("en"), keystore_maker.start + timedelta(days=days))
    )
    assert card.get("class") == f"ehd ehd-{look}"


def test_jupyter_shows_what_the_public_face_opens(
    tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "SSIN=79031421872 20261124-130000.p12"
    create_keystore(path, keystore_maker.complete.contents, password)
    opened = ehtoolkit.open_keystore(path, password)
    monkeypatch.setenv("LC_ALL", "de_BE.UTF-8")
    assert "Gültig bis" in opened._repr_html_()
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "nl")
    assert "Geldig tot" in opened._repr_html_()
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "xx")  # a setting that cannot be is no reason to show nothing
    assert "Gültig bis" in opened._repr_html_()


def hostile_subject(keystore_maker: KeystoreMaker, eid: bool) -> x509.Name:
    """The form of an eHealth name with a hostile name in it, or any name."""
    if eid:
        person = DistinguishedName.for_person(keystore_maker.person)
        return replace(person, name=HOSTILE).to_name()
    return name_of(C="BE", O=HOSTILE, CN=HOSTILE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("eid", [True, False])
def test_names_are_never_markup(
    keystore_maker: KeystoreMaker, password: Secret, eid: bool, language: LanguageName
) -> None:
    subject, issuer = hostile_subject(keystore_maker, eid), name_of(C="BE", O="Test", CN=HOSTILE)
    key = keystore_maker.keys["authentication"]
    leaf = keystore_maker.certificate(subject, key, issuer, keystore_maker.keys["issuer"])
    authority = keystore_maker.certificate(
        issuer, keystore_maker.keys["issuer"], issuer, keystore_maker.keys["issuer"]
    )
    keystore = keystore_maker.prepared.with_chain((leaf, authority))
    own = keystore_maker.certificate(subject, keystore_maker.keys["encryption"], subject, key, 12)
    keystore = keystore.with_encryption(keystore_maker.keys["encryption"], own)
    renamed = tuple(
        replace(
            bag,
            attributes=(
                *attributes_of(f"{HOSTILE}{place}"),
                *(attribute for attribute in bag.attributes if attribute.oid != FRIENDLY_NAME),
            ),
        )
        for place, bag in enumerate(keystore.contents.keys)
    )
    text = keystore_html(
        Keystore.of(replace(keystore.contents, keys=renamed)), Translator(language), keystore_maker.start
    )
    assert parsed(text).tags <= {
        *("style", "article", "h3", "dl", "dt", "dd"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    }
    assert "&lt;img src=x" in text
    assert "\u202e" not in text
    assert text.count("</article>") == 1


def test_a_name_that_is_none(keystore_maker: KeystoreMaker) -> None:
    """A common name that is there twice, and no common name at all."""
    twice = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each) for each in ("one", "two")])
    none = name_of(O="somebody")
    for subject, shown in ((twice, "CN=two,CN=one"), (none, "O=somebody")):
        leaf = keystore_maker.certificate(
            subject,
            keystore_maker.keys["authentication"],
            keystore_maker.issuer_name,
            keystore_maker.keys["issuer"],
        )
        keystore = keystore_maker.prepared.with_chain((leaf, *keystore_maker.chain[1:]))
        card = article(keystore_html(keystore, Translator("en"), keystore_maker.start))
        assert rows(card, 1)[0][0] == shown
        assert card.xpath("string(h3)") == "eHealth keystore"


def test_an_unknown_issuer(keystore_maker: KeystoreMaker) -> None:
    issuer = name_of(CN="somebody")
    leaf = keystore_maker.certificate(
        keystore_maker.subject, keystore_maker.keys["authentication"], issuer, keystore_maker.keys["issuer"]
    )
    card = article(
        keystore_html(keystore_maker.prepared.with_chain((leaf,)), Translator("en"), keystore_maker.start)
    )
    assert "EnvironmentUnknown" in str(card.xpath("string(dl)"))


def test_no_secret_is_shown(merged: Keystore, keystore_maker: KeystoreMaker) -> None:
    text = keystore_html(merged, Translator("en"), keystore_maker.start)
    for key in (merged.authentication, *merged.encryption):
        der = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        assert der.hex() not in text.lower()
        numbers = key.key.private_numbers()
        assert isinstance(numbers, RSAPrivateNumbers)
        assert str(numbers.d) not in text
