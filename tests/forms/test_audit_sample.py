"""The audit page of a demonstration, and on a server that is shared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ehtoolkit.clock import days_until
from ehtoolkit.forms.audit.model import AuditModel
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.tools.audit import AUDIT
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.keystore.storage.records import CachedState, sha256_of_file, write_cached_state
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import open_training_platform
from ehtoolkit.training.keystores.keystore_factory import PASSWORD
from ehtoolkit.training.sample import Sample
from tests.auditing.conftest import ELISE, NOW, Workshop, days_to_today, keystore_maker, workshop
from tests.auditing.conftest import PASSWORD as REAL_PASSWORD
from tests.forms.player import Player
from tests.forms.practice import keystores
from tests.keystore.diagnosis.conftest import ACCEPTANCE

__all__ = ["keystore_maker", "workshop"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", sample=True)


@pytest.mark.parametrize(("issuer", "state"), [(TRAINING_ISSUERS[0], "expired"), (ACCEPTANCE, "elsewhere")])
def test_only_keystores_of_training_are_judged_by_the_training_clock(
    settings: Settings, workshop: Workshop, tmp_path: Path, issuer: str, state: str
) -> None:
    today = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, today - 1, today + 900, issuer=issuer)
    training = open_training_platform(settings)
    training.clock.move("+34mo")
    model = AuditModel(settings, training.clock)
    model.folders, model.passwords = (tmp_path / "ks",), PasswordPatterns((("*", REAL_PASSWORD),))
    found = model.look(lambda done, of: None, "en").audit.keystores
    assert list(found["state"]) == [state]


def test_a_demonstration_begins_with_the_invented_practices(settings: Settings) -> None:
    training = open_training_platform(settings)
    model = AuditModel(settings, training.clock, sample=Sample(settings, training))
    page = AUDIT.build(model, PageContext(settings, Translator("en")), run_inline)
    page.begin()
    assert model.result is not None
    assert len(model.result.audit.providers) == 40
    assert {"expired", "renewable", "prepared", "no_etk", "complete"} <= set(
        model.result.audit.keystores["state"]
    )
    assert str(Sample(settings, training).practices[0]) in page.choosing.folders.value
    assert not Player(page.root).holds(PASSWORD)


@pytest.mark.parametrize(
    "language",
    [pytest.param(language, marks=[] if language == "fr" else pytest.mark.long) for language in LANGUAGES],
)
def test_the_password_of_the_sample_is_for_the_sample_alone(
    settings: Settings, workshop: Workshop, language: LanguageName
) -> None:
    """The learner's own keystore is closed, and nobody tells him to revoke it."""
    training = open_training_platform(settings)
    own = workshop.write(settings.keystores, ELISE)
    texts = Translator(language, on_pages=True)
    sample = Sample(settings, training)
    model = AuditModel(settings, training.clock, sample=sample)
    page = AUDIT.build(model, PageContext(settings, texts), run_inline)
    page.begin()
    result = page.model.result
    assert result is not None
    (mine,) = [
        audit_finding
        for audit_finding in result.audit.audit_findings
        if audit_finding.file == str(own) and audit_finding.finding.key != "nobody"
    ]
    assert (mine.finding.key, mine.finding.variant) == ("closed", "")
    assert texts.get("finding.password_wrong") not in Player(page.root).html
    assert texts.get("finding.password_wrong.next") not in Player(page.root).html
    assert "--passwords" not in mine.finding.next_step(texts)
    assert texts.get("audit_page.choose") in mine.finding.next_step(texts)
    assert result.idle == ()
    opened = result.audit.keystores.set_index("file")["opened"]
    assert sum(opened) > 30
    assert all(sample.passwords.all_of(Path(file)) for file, is_open in opened.items() if is_open)


def test_what_the_first_page_knows_the_audit_knows(settings: Settings, workshop: Workshop) -> None:
    training = open_training_platform(settings)
    now = training.clock.now()
    begins = (now - NOW).days - 10
    own, keystore = (
        workshop.write(settings.keystores, ELISE, begins, begins + 900),
        workshop.keystore(ELISE, begins, begins + 900),
    )
    context = PageContext(settings, Translator("fr", on_pages=True))
    write_cached_state(settings.notes, CachedState.of(keystore, sha256_of_file(own)))
    page = AUDIT.build(AuditModel(settings, training.clock), context, run_inline)
    page.start()
    assert page.model.result is not None
    (row,) = page.model.result.table.rows
    assert row.merged.keystore is not None
    assert keystore.not_after is not None
    days_left = days_until(keystore.not_after, now)
    assert (row.merged.keystore.days_left, row.merged.keystore.opened) == (days_left, False)
    assert row.state == "complete"
    assert context.texts.get("audit.closed.seen.next") in Player(page.root).html


def test_on_a_shared_server_only_its_own_keystores_are_opened(settings: Settings, workshop: Workshop) -> None:
    training = open_training_platform(settings)
    sample = Sample(settings, training)
    sample.make()
    settings.keystores.mkdir(parents=True)
    own = next(path for path in sample.practices[0].iterdir() if path.suffix == ".p12")
    shutil.copy(own, settings.keystores / own.name)
    foreign = keystores(workshop, settings.keystores, training.clock.now())
    model = AuditModel(settings, training.clock, only=training.issued(settings.home / "notes" / "training"))
    model.remember_table(PasswordPatterns((("SSIN=84*", Secret(PASSWORD)), ("*", REAL_PASSWORD))))
    page = AUDIT.build(model, PageContext(settings, Translator("en")), run_inline)
    page.start()
    assert model.result is not None
    opened = model.result.audit.keystores.set_index("file")["opened"]
    assert not any(opened[str(path)] for path in foreign.values())
    assert Translator("en").get("page.shared.files") in Player(page.root).html
    known = training.issued(settings.home / "notes" / "training")
    assert known.includes(own.read_bytes())
    assert not any(known.includes(path.read_bytes()) for path in foreign.values())
    unshared = AuditModel(settings, training.clock)
    unshared.passwords = model.passwords
    seen = unshared.look(lambda done, of: None, "en").audit.keystores.set_index("file")["opened"]
    assert any(seen[str(path)] for path in foreign.values())
