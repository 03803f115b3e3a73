"""jsonschema without the grammar of international addresses: the server starts in half the time, no check is lost."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

SCHEMA = re.compile(r'"?format"?:\s*"?iri')
FOR = re.compile(r"jupyter|nbformat|nbconvert|voila|anywidget|ipywidgets", re.IGNORECASE)
"""The packages whose schemas our processes check with jsonschema."""


def schemas(package: Distribution) -> list[str]:
    """Those that have a format which is not checked."""
    return [
        str(file)
        for file in package.files or ()
        if file.suffix in (".json", ".yaml", ".yml")
        and (path := Path(str(file.locate()))).exists()
        and SCHEMA.search(path.read_text(encoding="utf-8"))
    ]


def test_no_schema_asks_for_what_is_not_checked() -> None:
    packages = [distribution for distribution in distributions() if FOR.search(distribution.metadata["Name"])]
    assert len(packages) > 10
    assert [found for package in packages for found in schemas(package)] == []


@pytest.mark.parametrize("text", ['{"format": "iri"}', "format: iri-reference"])
def test_such_a_schema_would_be_found(text: str) -> None:
    assert SCHEMA.search(text)


@pytest.mark.parametrize("module", ["ehtoolkit.voila", "ehtoolkit.lab"])
def test_the_server_does_without_and_others_can_still_have_it(module: str) -> None:
    program = (
        f"import sys, {module}; assert 'jsonschema' in sys.modules; assert 'lark' not in sys.modules; "
        "import rfc3987_syntax; assert rfc3987_syntax.is_valid_syntax('iri', 'https://example.be/é')"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
