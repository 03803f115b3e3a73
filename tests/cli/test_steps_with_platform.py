"""What a finding says to do by the platform, with another file or in the folder, is done, with a file that shows the
finding, and helps."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.cli.platform_scenes import HOLDER, SCENES, TrainingPlatformDriver
from tests.support.catalogues import messages


@pytest.fixture
def driver(call: Call, ask: Call, secrets: dict[str, Path], tmp_path: Path) -> TrainingPlatformDriver:
    return TrainingPlatformDriver(call, ask, secrets, tmp_path)


@pytest.mark.parametrize("key", SCENES)
def test_every_step_helps(key: str, driver: TrainingPlatformDriver) -> None:
    scene = SCENES[key]
    file = scene.make(driver)
    said = driver.findings(file, opened=scene.opened)[key]["next"]
    answer: dict[str, Any] = {}
    for step in scene.steps:
        assert " ".join(step.split()[:2]) in said
        places = {
            "FILE": file,
            "COPY": driver.tmp_path / "copy.p12",
            "NEWEST": driver.newest(file),
            "OLDEST": min(file.parent.glob("*.*p12")),
            "FOLDER": file.parent,
            "HOLDER": HOLDER,
            "PIN": driver.secrets["pin"],
        }
        code, answer = driver(*(places.get(word, word) for word in step.split()))
        assert code == 0, answer
    if scene.proof is None:
        assert key not in driver.findings(file, opened=scene.opened)
    else:
        scene.proof(driver, file, answer)


# ── what an audit says ───────────────────────────────────────────────────────────────────────────────────
def misnamed(driver: TrainingPlatformDriver) -> Path:
    file = driver.complete()
    return file.rename(file.with_name("certificat.p12"))


def unassigned(driver: TrainingPlatformDriver) -> Path:
    file = driver.complete()
    assert driver.call("provider", "add", "--name", "Vandamme", "--niss", HOLDER.partition("=")[2])[0] == 0
    return file


AUDITED: dict[str, tuple[Callable[[TrainingPlatformDriver], Path], str]] = {
    "certificate_missing": (TrainingPlatformDriver.delivered, "certificate complete FILE"),
    "etk_missing": (TrainingPlatformDriver.installed, "certificate complete FILE"),
    "misnamed": (misnamed, "keystore rename FILE"),
    "provider_without": (unassigned, "provider assign Vandamme FILE"),
    "replaced": (TrainingPlatformDriver.activated, "keystore archive FOLDER"),
}


@pytest.mark.parametrize("key", AUDITED)
def test_every_step_of_an_audit_helps(key: str, driver: TrainingPlatformDriver) -> None:
    make, step = AUDITED[key]
    file = make(driver)

    def said() -> dict[str, str]:
        _, audited = driver("audit", file.parent, "--lang", "en")
        return {finding["key"]: finding["next"] for finding in audited["findings"]}

    command = " ".join(step.split()[:2])
    assert f"ehtoolkit {command}" in said()[key]
    code, answer = driver(*({"FILE": file, "FOLDER": file.parent}.get(word, word) for word in step.split()))
    assert code == 0, answer
    assert key not in said()


def test_no_step_of_an_audit_is_left_out() -> None:
    named = {
        (key.split(".")[1], step)
        for key, text in messages("audit", "en").items()
        for step in re.findall(r"ehtoolkit (\w+ \w+)", text)
    }
    assert named == {(key, " ".join(step.split()[:2])) for key, (_, step) in AUDITED.items()}
