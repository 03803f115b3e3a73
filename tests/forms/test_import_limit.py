"""A table with more rows than a page reads in a moment is refused before any of them is parsed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.providers.import_part import MOST_ROWS, look
from ehtoolkit.providers.types import type_table
from ehtoolkit.settings import load_settings


@pytest.mark.parametrize("row", [b"a\n", b";\n", b"\n", b"\r", b"x;y\r\n"])
def test_millions_of_rows(row: bytes, tmp_path: Path) -> None:
    content = b"name;niss\n" + row * (4_900_000 // len(row))
    began = time.process_time()
    with pytest.raises(errors.TableUnfit) as refused:
        look("big.csv", content, type_table(load_settings().provider_types), tmp_path)
    assert time.process_time() - began < 1
    assert (refused.value.facts["reason"], refused.value.facts["limit"]) == ("rows", MOST_ROWS)
    assert list(tmp_path.iterdir()) == []
