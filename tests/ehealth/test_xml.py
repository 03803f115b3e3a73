"""Hostile, broken and merely unusual XML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.xml import CERTRA, COMMONS, SIZE_LIMIT, add, new_element, parse, serialise

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">'
    + b"".join(b'<!ENTITY %c "%s">' % (99 + n, b"&%c;" % (98 + n) * 10) for n in range(9))
    + b"]><a>&k;</a>"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"503 Service Unavailable", "not_xml"),
        (b"<!DOCTYPE html><html><body>Maintenance</body></html>", "html"),
        (b"\xef\xbb\xbf\n<!-- proxy --><HTML><body/></HTML>", "html"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "html"),
        (b"<a><b></a>", "not_xml"),
        (b"<a><b>cut off", "not_xml"),
        (b"<a/>garbage", "not_xml"),
        (b"\x00\x01\x02", "not_xml"),
        (b"<a>\xff</a>", "not_xml"),
        (b"<a>&unknown;</a>", "not_xml"),
        ("<a/>".encode("utf-16"), "not_xml"),
        (b"<!DOCTYPE a><a/>", "dtd"),
        (b"<?xml version='1.0'?> <!-- x --> <?pi?> <!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "dtd"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "dtd"),
        (LAUGHS, "dtd"),
        (b"<a><?php evil ?></a>", "content"),
        (b"<a>" + b" " * SIZE_LIMIT + b"</a>", "too_large"),
    ],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(errors.MessageInvalid) as caught:
        parse(data)
    assert caught.value.facts == {"reason": reason}


def test_nesting_is_bounded() -> None:
    with pytest.raises(errors.MessageInvalid) as caught:
        parse(b"<a>" * 100_000 + b"</a>" * 100_000)
    assert caught.value.facts["reason"] == "not_xml"


@pytest.mark.parametrize("piece", [b"<!--a-->", b"<?a?>", b" ", b"<!--"])
def test_a_long_prolog_takes_no_time(piece: bytes) -> None:
    start = time.perf_counter()
    with pytest.raises(errors.MessageInvalid):
        parse(piece * 100_000)
    assert time.perf_counter() - start < 2


def test_html_in_a_cdata_section_is_text() -> None:
    assert parse(b"<a><![CDATA[<!DOCTYPE html><p>]]></a>").text == "<!DOCTYPE html><p>"


def test_comments_do_not_cut_a_text() -> None:
    root = parse(b"<a>SSIN=1<!-- -->2</a>")
    assert root.text == "SSIN=12"
    assert len(root) == 0


def test_a_parameter_entity_in_an_attribute_is_refused_before_it_is_expanded() -> None:
    with pytest.raises(errors.MessageInvalid):
        parse(LAUGHS.replace(b"<a>&k;</a>", b'<a b="&k;"/>'))


@given(st.binary(max_size=200))
def test_any_bytes_give_an_element_or_our_error(data: bytes) -> None:
    try:
        assert parse(data).tag
    except errors.MessageInvalid:
        return


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_a_text_comes_back_as_it_was(text: str) -> None:
    root = new_element(CERTRA, "A", (COMMONS,))
    add(root, COMMONS, "Name", text)
    assert (parse(serialise(root))[0].text or "") == text


def test_carriage_returns_survive() -> None:
    root = new_element(CERTRA, "A")
    root.text = "a\r\nb\rc\td"
    assert parse(serialise(root)).text == "a\r\nb\rc\td"


def test_namespaces_are_declared_once_under_our_prefixes() -> None:
    root = new_element(CERTRA, "GetActorQualitiesRequest", (COMMONS,))
    add(root, COMMONS, "Id", "1", Type="SSIN")
    assert serialise(root) == (
        b'<certra:GetActorQualitiesRequest xmlns:certra="urn:be:fgov:ehealth:certra:protocol:v2" '
        b'xmlns:commons="urn:be:fgov:ehealth:commons:core:v2">'
        b'<commons:Id Type="SSIN">1</commons:Id></certra:GetActorQualitiesRequest>'
    )


def test_a_control_character_in_what_was_typed_is_an_input_error() -> None:
    with pytest.raises(errors.InputInvalid) as caught:
        add(new_element(CERTRA, "A"), CERTRA, "Name", "Apotheek\x07")
    assert caught.value.facts == {"element": "Name", "reason": "characters"}


def test_what_follows_an_element_is_not_written_with_it() -> None:
    root = etree.fromstring("<a><b/>tail</a>")
    assert serialise(root[0]) == b"<b/>"
