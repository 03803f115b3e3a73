"""The verdict on an audited set of files: a keystore that stays closed is never fine."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.passwords import Guesses
from ehtoolkit.keystore.storage.holder_keystores import PasswordsOf
from ehtoolkit.providers import open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings, load_settings
from tests.auditing.conftest import CLAIRE, ELISE, NOW, PASSWORD, Workshop

WRONG = Secret("another one")


def audit(folder: Path, passwords: PasswordsOf | None, *, unattended: bool = False) -> Audit:
    return audit_folder([folder], passwords, AuditOptions(now=NOW, processes=1, unattended=unattended))


@pytest.mark.parametrize(("passwords", "attended", "unattended"), [
    (lambda _: PASSWORD, False, False),
    (None, False, True),
    (lambda _: Guesses((WRONG,)), True, True),
    (lambda _: WRONG, True, True),
])  # fmt: skip
def test_closed_keystore_is_due_when_unattended_or_tried(
    workshop: Workshop, tmp_path: Path, passwords: PasswordsOf | None, attended: bool, unattended: bool
) -> None:
    file = workshop.write(tmp_path, ELISE)
    made = audit(tmp_path, passwords)
    assert (made.is_due, audit(tmp_path, passwords, unattended=True).is_due) == (attended, unattended)
    assert made.verdict.closed == ({str(file)} if unattended else set())


def test_replaced_keystore_that_stays_closed_is_not_due(workshop: Workshop, tmp_path: Path) -> None:
    old = workshop.write(tmp_path, ELISE, -1000, 20, at="20240101-000000")
    workshop.write(tmp_path, ELISE, -10, 900, pair=1)
    made = audit(tmp_path, lambda file: None if file == old else PASSWORD, unattended=True)
    assert not made.is_due
    assert made.verdict.closed == set()


def test_verdict_counts_what_was_not_read(workshop: Workshop, tmp_path: Path) -> None:
    workshop.write(tmp_path / "ks", CLAIRE)
    (tmp_path / "ks" / "rubbish.p12").write_bytes(bytes(range(256)))
    made = audit_folder(
        [tmp_path / "ks", tmp_path / "gone"], lambda _: PASSWORD, AuditOptions(now=NOW, processes=1)
    )
    assert made.verdict.unread == 2


def options(settings: Settings, request: AuditRequest | None = None, **others: Any) -> AuditOptions:
    request = request or AuditRequest(registry=False)
    asked = request.model_copy(update={"folders": (settings.home / "ks",)})
    return AuditOptions.of(settings, asked, training_now=lambda: NOW, **others)


def test_options_of_an_audit_come_from_the_settings(tmp_path: Path) -> None:
    """Commands, pages and Python take them here: the page ignored the time for a file."""
    settings = load_settings(home=tmp_path, file_timeout=7.0)
    made = options(settings, language="nl")
    assert (made.seconds, made.notes, made.language) == (7.0, settings.notes, "nl")
    assert made.request.environment is None, "training is only the default"
    assert options(load_settings(environment="training")).request.environment == "training"
    named = AuditRequest(environment=Environment.PRODUCTION, registry=False)
    assert options(load_settings(environment="training"), named).request.environment == "production"


def test_the_training_clock_is_for_training(tmp_path: Path) -> None:
    assert options(load_settings(home=tmp_path, environment="training")).now == NOW
    assert options(load_settings(home=tmp_path, environment="production")).now != NOW
    later = NOW + timedelta(days=1)
    assert options(load_settings(home=tmp_path, environment="training"), now=later).now == later


def test_a_practice_needs_a_registry(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, environment="production")
    for registry in (True, False):  # there is none yet, and it is left out
        with pytest.raises(errors.PracticeUnknown) as raised:
            options(settings, AuditRequest(registry=registry, practice="Les Tilleuls"))
        assert raised.value.facts["reason"] == "registry"
    asked = AuditRequest(practice="Les Tilleuls")
    assert options(settings, asked, is_open=True).request.registry, "one that is open is read"
    with open_registry(settings):
        assert options(settings, asked).request.registry
