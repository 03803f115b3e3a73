"""jsonschema without the grammar of international addresses: the server starts in half the time, no check is lost."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from ehtoolkit.system import jsonschema_import

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


def test_the_server_does_without_and_others_can_still_have_it() -> None:
    program = (
        "import sys, ehtoolkit.voila; assert 'jsonschema' in sys.modules; assert 'lark' not in sys.modules; "
        "import rfc3987_syntax; assert rfc3987_syntax.is_valid_syntax('iri', 'https://example.be/é')"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_jupyterlab_does_without_by_the_same_import() -> None:
    """Before any other import of its package; what it does, the test above shows."""
    package = Path(jsonschema_import.__file__).parents[1] / "lab" / "__init__.py"
    imports = re.findall(r"^(?:import|from) (\S+)", package.read_text(encoding="utf-8"), re.MULTILINE)
    assert imports[:2] == ["__future__", jsonschema_import.__name__]
