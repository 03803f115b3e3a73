"""What the STS of the training platform reads out of a request, and what it rejects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.clock import BRUSSELS
from ehtoolkit.training.sts.requests import (
    certificate_in,
    child_moment,
    child_text,
    maybe_text,
    only_descendant,
    written,
)


def parent(*children: str) -> etree._Element:
    return etree.fromstring(f"<parent>{''.join(children)}</parent>")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T15:00:00Z", datetime(2026, 11, 24, 15, tzinfo=UTC)),
        (" 2026-11-24T15:00:00.25Z\n", datetime(2026, 11, 24, 15, 0, 0, 250_000, UTC)),
        ("2026-11-24T15:00:00.1234567+01:00", datetime(2026, 11, 24, 14, 0, 0, 123_456, UTC)),
        ("2026-11-24T15:00:00+0000", datetime(2026, 11, 24, 15, tzinfo=UTC)),
        ("2026-11-24T15:00:00-02:30", datetime(2026, 11, 24, 17, 30, tzinfo=UTC)),
        ("2026-07-01T12:00:00", datetime(2026, 7, 1, 12, tzinfo=BRUSSELS)),
    ],
)
def test_a_moment_is_read(text: str, moment: datetime) -> None:
    assert child_moment(parent(f"<at>{text}</at>"), "at") == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2026-11-24", "2026-11-24T15:00Z", "2026-13-24T15:00:00Z", "2026-02-30T15:00:00Z"),
        *("2026-11-24T25:00:00Z", "2026-11-24T15:00:00+25:00", "٢٠٢٦-11-24T15:00:00Z", "<x/>", "2026<x/>"),
    ],
)
def test_a_text_that_is_no_moment_is_rejected(text: str) -> None:
    with pytest.raises(errors.MessageInvalid) as caught:
        child_moment(parent(f"<at>{text}</at>"), "at")
    assert caught.value.facts == {"reason": "incomplete", "element": "at"}


def test_a_child_that_is_missing_or_double_is_rejected() -> None:
    for found in (parent(), parent("<a>1</a>", "<a>2</a>")):
        with pytest.raises(errors.MessageInvalid):
            child_text(found, "a")
    assert maybe_text(parent(), "a") is None
    assert maybe_text(parent("<a> </a>"), "a") is None
    assert maybe_text(parent("<a> 1 </a>"), "a") == "1"
    assert only_descendant(parent("<a><b>1</b></a>"), "a", "b").text == "1"
    with pytest.raises(errors.MessageInvalid):
        only_descendant(parent("<a><b/><b/></a>"), "a", "b")


@pytest.mark.parametrize("text", ["!!!!", "MII", "AAAA"])
def test_a_text_that_is_no_certificate_is_rejected(text: str) -> None:
    with pytest.raises(errors.MessageInvalid):
        certificate_in(parent(f"<x>{text}</x>")[0])


def test_a_moment_is_written_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 24, 16, 0, 0, 999_999, timezone(timedelta(hours=1)))
    assert written(moment) == "2026-11-24T15:00:00.999Z"
    assert written(datetime(2026, 11, 24, 15, tzinfo=UTC)) == "2026-11-24T15:00:00.000Z"
