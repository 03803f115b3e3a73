"""The undocumented parts of signxml and lxml are there, and mean what their modules take them for."""

from __future__ import annotations

import logging

from lxml import etree
from signxml import processor

from ehtoolkit.ehealth.soap.signature import SIGNXML_LOGGER
from ehtoolkit.ehealth.soap.xml import Element


def test_messages_are_logged_by_that_logger() -> None:
    assert processor.logger.name.partition(".")[0] == SIGNXML_LOGGER
    assert not processor.logger.isEnabledFor(logging.DEBUG)


def test_elements_are_of_the_type_that_lxml_does_not_name() -> None:
    assert isinstance(etree.fromstring("<a/>"), Element)
