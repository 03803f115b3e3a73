"""A message of a watch: in each language, with hostile names, with many keystores."""

from __future__ import annotations

import json

import jsonschema
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from tests.auditing.conftest import ELISE, KARL, NOW, Workshop
from tests.watch.practice import SCHEMA, Practice, check, practice

__all__ = ["practice"]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_in_each_language(practice: Practice, workshop: Workshop, language: LanguageName) -> None:
    practice.watch = practice.watch.model_copy(update={"language": language})
    workshop.write(practice.place, ELISE, -900, 20)
    workshop.write(practice.place, KARL, -900, -3, pair=2)
    practice.run()
    practice.failure = errors.FileUnreadable(path="/x")
    practice.run(1)
    practice.runner.test(practice.watch, NOW)
    mails = [message for target, message in practice.sent if target == "mail"]
    for _, message in practice.sent:
        check(message)
        assert message["payload"]["language"] == language
    assert len({mail["subject"] for mail in mails}) == 3
    assert "790314*****" in mails[0]["text"]


def test_hostile_names_are_only_text(practice: Practice, workshop: Workshop) -> None:
    practice.watch = practice.watch.model_copy(update={"practice": 'a "b"\n\x1b[31m \u202e'})
    workshop.write(practice.place, ELISE, -900, 20, name='a\nSubject: x\x1b[2J "q" 79031421872.p12')
    practice.run()
    for _, message in practice.sent:
        check(message)
        assert "\x1b" not in json.dumps(message, ensure_ascii=False)


def test_many_are_counted_and_some_listed(practice: Practice, workshop: Workshop) -> None:
    path = workshop.write(practice.place, ELISE, -900, 900)
    assert practice.run().report.reason is None
    for number in range(130):
        (practice.place / f"rubbish {number}.p12").write_bytes(b"rubbish")
    assert path.exists()
    practice.run(1)
    payload = practice.sent[-1][1]["payload"]
    assert (len(payload["changes"]), payload["counts"]["changes"]) == (100, {"new": 130})
    assert (len(payload["findings"]), payload["counts"]["findings"] >= 130) == (100, True)


def test_the_keystores_of_a_payload_are_those_of_the_metrics(practice: Practice, workshop: Workshop) -> None:
    path = workshop.write(practice.place, ELISE, -900, 20)
    practice.run()
    assert practice.sent[1][1]["payload"]["reached"][0]["keystore"] == Pseudonyms(b"k" * 32).of(str(path))
