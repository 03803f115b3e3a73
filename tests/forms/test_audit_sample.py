"""The audit page of a demonstration, and on a server that is shared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ehtoolkit.compose import training_of
from ehtoolkit.forms.audit.model import AuditModel
from ehtoolkit.forms.audit.page import AuditPage
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.work import run_inline
from ehtoolkit.keystore.password_patterns import PasswordPatterns
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings, load_settings
from ehtoolkit.texts import Texts
from ehtoolkit.training.sample import Sample
from ehtoolkit.training.sample.bench import PASSWORD
from tests.audit.conftest import PASSWORD as REAL_PASSWORD
from tests.audit.conftest import Workshop, bench, workshop
from tests.forms.player import Player
from tests.forms.practice import keystores

__all__ = ["bench", "workshop"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", sample=True)


def test_a_demonstration_begins_with_the_invented_practices(settings: Settings) -> None:
    training = training_of(settings)
    model = AuditModel(settings, training.clock)
    page = AuditPage(model, Stage(settings, Texts("en")), run_inline)
    page.begin(Sample(settings, training))
    assert model.result is not None
    assert len(model.result.audit.providers) == 40
    assert {"expired", "renewable", "prepared", "no_etk", "complete"} <= set(
        model.result.audit.keystores["standing"]
    )
    assert str(Sample(settings, training).practices[0]) in page.choosing.folders.value
    assert not Player(page.root).holds(PASSWORD)


def test_on_a_shared_server_only_its_own_keystores_are_opened(settings: Settings, workshop: Workshop) -> None:
    training = training_of(settings)
    sample = Sample(settings, training)
    sample.make()
    settings.keystores.mkdir(parents=True)
    own = next(one for one in sample.practices[0].iterdir() if one.suffix == ".p12")
    shutil.copy(own, settings.keystores / own.name)
    foreign = keystores(workshop, settings.keystores, training.clock.now())
    model = AuditModel(settings, training.clock, only=training.issued(settings.home / "notes" / "training"))
    model.remember_table(PasswordPatterns((("SSIN=84*", Secret(PASSWORD)), ("*", REAL_PASSWORD))))
    page = AuditPage(model, Stage(settings, Texts("en")), run_inline)
    page.start()
    assert model.result is not None
    opened = model.result.audit.keystores.set_index("file")["opened"]
    assert not any(opened[str(path)] for path in foreign.values())
    assert Texts("en").get("page.shared.files") in Player(page.root).html
    known = training.issued(settings.home / "notes" / "training")
    assert known.includes(own.read_bytes())
    assert not any(known.includes(path.read_bytes()) for path in foreign.values())
    unshared = AuditModel(settings, training.clock)
    unshared.passwords = model.passwords
    seen = unshared.look(lambda done, of: None, "en").audit.keystores.set_index("file")["opened"]
    assert any(seen[str(path)] for path in foreign.values())
