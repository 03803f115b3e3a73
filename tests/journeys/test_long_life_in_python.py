"""One life of a certificate from end to end by the procedures, with every message kept and judged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap.transport import TraceFolder, Tracer
from ehtoolkit.ehealth.sts.assertion import SessionSigner
from ehtoolkit.identity import Organisation
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.authority import STS_NUMBER
from ehtoolkit.training.state.invented_people import TrainingOrganisation
from tests.journeys.python_driver import PythonDriver
from tests.procedures.conftest import Road, Wire
from tests.support.life import LifeScript
from tests.support.life_witness import Witness
from tests.support.traced_messages import validate_all, verify_all
from tests.support.training_life import HOSPITAL, PHARMACY, Life

EC, RSA = NewKeyKind.EC_P384, NewKeyKind.RSA_2048


def traced(home: Path, warm_home: Path) -> Road:
    """A road whose every message is kept in ``home/trace``."""
    shutil.copytree(warm_home, home)
    toolkit = open_toolkit(load_settings(home=home))
    assert toolkit.training is not None
    wire = Wire(Tracer(toolkit.training.transport(), TraceFolder(home / "trace")))
    context = toolkit.context
    platform = platform_at(
        wire,
        base_url_of(context.environment),
        context.clock,
        session_signer=SessionSigner(number=STS_NUMBER),
    )
    return Road(replace(toolkit, context=replace(context, platform=platform)), wire)


@pytest.mark.interop
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("card", "organisation", "application_id", "kind"),
    [
        pytest.param("elise", None, None, None, id="person, RSA card"),
        pytest.param("karl", None, None, None, id="person, EC card", marks=pytest.mark.long),
        pytest.param("elise", PHARMACY, None, None, id="organisation, RSA card", marks=pytest.mark.long),
        pytest.param("karl", PHARMACY, "APP-1", None, id="application id, EC card"),
        # By authority and card, with a first key of each kind; the renewed one has the other.
        pytest.param("claire", None, None, EC, id="EC authority, RSA card, EC to RSA"),
        pytest.param("wim", HOSPITAL, None, RSA, id="EC authority, EC card, RSA to EC"),
        pytest.param(
            "elise", None, None, EC, id="RSA authority, RSA card, EC to RSA", marks=pytest.mark.long
        ),
        pytest.param(
            "elise", None, None, RSA, id="RSA authority, RSA card, RSA to EC", marks=pytest.mark.long
        ),
        pytest.param("karl", None, None, EC, id="RSA authority, EC card, EC to RSA", marks=pytest.mark.long),
        pytest.param("karl", None, None, RSA, id="RSA authority, EC card, RSA to EC", marks=pytest.mark.long),
        pytest.param(
            "claire", None, None, RSA, id="EC authority, RSA card, RSA to EC", marks=pytest.mark.long
        ),
        pytest.param(
            "wim", HOSPITAL, None, EC, id="EC authority, EC card, EC to RSA", marks=pytest.mark.long
        ),
    ],
)
def test_the_long_life(
    warm_home: Path,
    tmp_path: Path,
    schema: etree.RelaxNG,
    card: str,
    organisation: Organisation | None,
    application_id: str | None,
    kind: NewKeyKind | None,
) -> None:
    road = traced(tmp_path / "home", warm_home)
    if organisation is not None:
        assert road.toolkit.training is not None
        named = TrainingOrganisation(organisation.identifier, organisation.name, organisation.name)
        road.toolkit.training.set_mandate(card, named, granted=True)
    life = Life(road, card, organisation, application_id, kind)
    witness = Witness(road.toolkit, tmp_path, card, life.requested.name.identifier, application_id)
    driver = PythonDriver(life)
    script = LifeScript(driver, witness)
    script.lead()
    script.old_keys(driver)
    road.toolkit.close()

    messages = validate_all(tmp_path / "home" / "trace", schema)
    signatures = verify_all(tmp_path / "home" / "trace", tmp_path)
    print(f"{messages} messages valid by the schemas, {signatures} signatures verified by xmlsec1")
    assert messages >= 100
    assert signatures >= 40
