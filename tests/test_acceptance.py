"""What docs/TESTING.md names as acceptance exists."""

from __future__ import annotations

import re

import pytest

from tests.acceptance import PAGE, ROOT, main, named_by_part

PARTS = named_by_part(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", PARTS)
def test_every_test_that_is_named_is_there(part: str) -> None:
    assert PARTS[part]
    for named in PARTS[part]:
        file, _, function = named.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {function or 'test_'}", source, re.MULTILINE), named


def test_a_part_without_a_table_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert PARTS
    assert main(["999"]) == main([]) == 2
    assert "python -m tests.acceptance 7" in capsys.readouterr().err
