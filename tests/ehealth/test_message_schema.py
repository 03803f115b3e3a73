"""tests/data/schema/messages.rng agrees with the public schemas on every message and on every mutation of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from tests.data.schema.mutations import mutations

FOLDER = Path(__file__).parents[1] / "data" / "schema"
VERDICTS = json.loads((FOLDER / "verdicts.json").read_text(encoding="utf-8"))


def test_every_message_has_its_verdicts() -> None:
    assert {file.name for file in (FOLDER / "messages").glob("*.xml")} == VERDICTS.keys()
    digits = "".join(verdict["mutations"] for verdict in VERDICTS.values())
    assert digits.count("0") > 2500
    assert digits.count("1") > 900


@pytest.mark.parametrize("name", VERDICTS)
def test_as_the_public_schemas(name: str, schema: etree.RelaxNG) -> None:
    message = etree.parse(FOLDER / "messages" / name).getroot()
    assert schema.validate(message) is VERDICTS[name]["valid"]
    different = [
        change
        for (change, changed), verdict in zip(mutations(message), VERDICTS[name]["mutations"], strict=True)
        if schema.validate(etree.fromstring(etree.tostring(changed))) is not (verdict == "1")
    ]
    assert different == []


def test_what_a_signature_has(schema: etree.RelaxNG) -> None:
    """Mutations leave signatures alone: a request without a part of its signature is not valid either."""
    message = etree.parse(FOLDER / "messages" / "RevokeRequest.xml").getroot()
    signature = message[-1]
    for element in list(signature.iter(etree.Element))[1:]:
        parent = element.getparent()
        assert parent is not None
        place = parent.index(element)
        parent.remove(element)
        more = [sibling.tag for sibling in parent].count(element.tag)
        assert schema.validate(message) is (etree.QName(element).localname == "X509Certificate" and more > 0)
        parent.insert(place, element)
    assert schema.validate(message)
