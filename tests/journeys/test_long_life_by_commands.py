"""One life of a certificate by commands alone, whose answers are compared with file, platform and depot."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.identity import Identifier
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.cli.conftest import Call
from tests.journeys.command_driver import CommandDriver
from tests.support.life import LifeScript
from tests.support.life_witness import Witness
from tests.support.traced_messages import validate_all, verify_all

PHARMACY = (
    *("--organisation", "NIHII-PHARMACY=71452079", "--name", "Pharmacie de l'Été & fils"),
    *("--organisation-email", "pharmacy@example.be", "--organisation-phone", "+32 4 555 01 00"),
)


@pytest.mark.interop
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("card", "number", "organisation", "kinds"),
    [
        pytest.param("elise", "SSIN=79031421872", (), None, id="person, RSA card"),
        pytest.param("karl", "SSIN=68053041155", (), None, id="person, EC card", marks=pytest.mark.long),
        pytest.param(
            "elise", "NIHII-PHARMACY=71452079,", PHARMACY, None, id="organisation", marks=pytest.mark.long
        ),
        pytest.param("karl", "NIHII-PHARMACY=71452079,", PHARMACY, None, id="organisation, EC card"),
        pytest.param("claire", "SSIN=01072314243", (), ("ec-p384", "rsa-2048"), id="EC to RSA"),
        pytest.param(
            *("elise", "SSIN=79031421872", (), ("rsa-2048", "ec-p384")),
            id="RSA to EC",
            marks=pytest.mark.long,
        ),
    ],
)
def test_the_long_life(
    call: Call,
    tmp_path: Path,
    schema: etree.RelaxNG,
    card: str,
    number: str,
    organisation: tuple[str, ...],
    kinds: tuple[str, str] | None,
) -> None:
    if organisation:
        mandate = ("training", "mandate", card, number.rstrip(","), "on", "--name", organisation[3])
        assert call(*mandate)[0] == 0
    driver = CommandDriver(call, tmp_path, card, number, organisation, kinds)
    toolkit = open_toolkit(load_settings())
    script = LifeScript(driver, Witness(toolkit, tmp_path, card, Identifier.parse(number.rstrip(","))))
    script.lead()
    script.old_keys(driver)
    toolkit.close()
    messages = validate_all(tmp_path / "trace", schema)
    signatures = verify_all(tmp_path / "trace", tmp_path)
    print(f"{messages} messages valid by the schemas, {signatures} signatures verified by xmlsec1")
    assert messages >= 100
    assert signatures >= 30
