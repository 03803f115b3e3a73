"""A practice with a watch, whose messages are kept."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder, audit_providers
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.providers import Registry
from ehtoolkit.secret import Secret
from ehtoolkit.watch.configuration import MailTarget, WatchConfig, WebhookTarget
from ehtoolkit.watch.outbox import WatchMessage
from ehtoolkit.watch.runner import RunResult, WatchRunner
from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import ELISE, KARL, NOW, PASSWORD

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "monitoring" / "webhook.schema.json").read_text(encoding="utf-8")
)
MESSAGES = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
"""What a message has to look like; ``jsonschema.validate`` would judge the schema itself each time."""
DAY = timedelta(days=1)
NUMBERS = (ELISE, KARL)


@dataclass
class Practice:
    """A watch with its folder; what it sends is kept in ``sent``, unless ``broken`` names the target."""

    place: Path
    watch: WatchConfig
    store: WatchStore
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    failure: Exception | None = None
    password: Secret | None = field(default_factory=lambda: PASSWORD)
    registry: Registry | None = None
    notes: Path | None = None

    @property
    def runner(self) -> WatchRunner:
        return WatchRunner(
            self.store,
            Pseudonyms(b"k" * 32),
            lambda watch: {name: self._sender(name) for name in watch.targets},
        )

    def _sender(self, target: str) -> Callable[[WatchMessage], None]:
        def send(message: WatchMessage) -> None:
            if target in self.broken:
                raise errors.DeliveryFailed(host="example.be", reason="connect")
            self.sent.append((target, message.model_dump(mode="json")))

        return send

    def audit(self, at: datetime) -> Audit:
        if self.failure is not None:
            raise self.failure
        options = AuditOptions(now=at, processes=1, language=self.watch.language, notes=self.notes)
        if self.registry is not None:
            return audit_providers(self.registry, self.watch.folders, lambda _: self.password, options)
        return audit_folder(self.watch.folders, lambda _: self.password, options)

    def run(self, days: float = 0) -> RunResult:
        at = NOW + days * DAY
        result = self.runner.run(self.watch, lambda: self.audit(at), lambda: at)
        for target, message in self.sent:
            check(message, target)
        return result

    def reasons(self, days: Iterable[float]) -> list[str | None]:
        return [None if (reason := self.run(day).report.reason) is None else str(reason) for day in days]


def reported(practice: Practice) -> dict[str, Any]:
    """Return the report that the last run kept."""
    report: dict[str, Any] = json.loads((practice.store.folder_of("tilleuls") / "report.json").read_bytes())
    return report


def check(message: dict[str, Any], target: str = "") -> None:
    """It is as the schema says, and no number of a person is whole in it, nor a password."""
    MESSAGES.validate(message["payload"])
    everything = json.dumps(message, ensure_ascii=False)
    assert not re.search(r"\b\d{11}\b", everything)
    assert PASSWORD.reveal() not in everything
    assert "\n" not in message["subject"]


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    folder = tmp_path / "ks"
    folder.mkdir()
    mail = MailTarget.make(("me@example.be",), "127.0.0.1", security="none")
    webhook = WebhookTarget(url="https://example.be/hook")
    watch = WatchConfig(
        name="tilleuls", folders=(folder,), practice="Les Tilleuls", mail=mail, webhook=webhook
    )
    store = WatchStore(tmp_path / "watch")
    store.add(watch)
    return Practice(folder, watch, store)


REPORT, OUTBOX, STATE = "report", "outbox", "state"


@pytest.fixture
def fill(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function after which the named files of the watch cannot be written: there is no room."""
    link, replace_, full = os.link, os.replace, set[str]()

    def refused(to: object) -> None:
        path = Path(str(to))
        if path.parent.name in full or path.stem in full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def linking(source: Any, to: Any, **more: Any) -> None:
        refused(to)
        link(source, to, **more)

    def replacing(source: Any, to: Any, **more: Any) -> None:
        refused(to)
        replace_(source, to, **more)

    monkeypatch.setattr(os, "link", linking)
    monkeypatch.setattr(os, "replace", replacing)

    def filled(*names: str) -> None:
        full.clear()
        full.update(names)

    return filled
