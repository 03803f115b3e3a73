"""Every public name has an example, and the examples do what they say, one after the other, in training."""

from __future__ import annotations

import doctest
import io
import pydoc
import re
from typing import Any

import pytest

import ehtoolkit

ORDER = (
    *(
        "request_certificate",
        "ProcedureResult",
        "find_keystores",
        "complete_certificate",
        "certificate_status",
    ),
    "test_certificate",
    *(
        "open_keystore",
        "Keystore",
        "diagnose",
        "rename_key",
        "import_keys",
        "convert_keystore",
        "rescue_keystore",
        "audit",
        "save_etk",
        "seal",
        "unseal",
        "renew_certificate",
        "finish_certificate",
        "activate_etk",
    ),
    *("list_certificates", "revoke_certificate", "change_password"),
)
"""Those that go on where the one before ends: the life of one certificate."""
OTHERS = sorted({*dir(ehtoolkit), ""} - {*ORDER, "__version__"})


def examples_of(name: str) -> list[doctest.Example]:
    thing = getattr(ehtoolkit, name) if name else ehtoolkit
    return doctest.DocTestParser().get_examples(thing.__doc__ or "", name)


def run(name: str, known: dict[str, Any]) -> None:
    output = io.StringIO()
    example = doctest.DocTest(examples_of(name), known, name, None, None, None)
    example.globs = known  # it works with a copy otherwise, and the next example would know nothing
    runner = doctest.DocTestRunner(verbose=False)
    result = runner.run(example, out=output.write, clear_globs=False)
    assert result.failed == 0, output.getvalue()
    assert result.attempted > 0


@pytest.fixture(autouse=True)
def _home(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_every_public_name_has_one() -> None:
    assert [name for name in (*ORDER, *OTHERS) if not examples_of(name)] == []
    assert {*ORDER, *OTHERS, "__version__"} == {*dir(ehtoolkit), ""}


def test_the_life_of_a_certificate() -> None:
    known: dict[str, Any] = {}
    for name in ORDER:
        run(name, known)


@pytest.mark.parametrize("name", OTHERS)
def test_an_example_by_itself(name: str) -> None:
    run(name, {})


def test_help_is_a_page() -> None:
    """It begins with what the package is for, and has every function with its arguments."""
    page = pydoc.plain(pydoc.render_doc(ehtoolkit))
    said = page[: page.index("PACKAGE CONTENTS")]
    functions = [name for name in dir(ehtoolkit) if name[0].islower() and name != "errors"]
    assert [name for name in functions if name not in said] == []
    assert [name for name in functions if not re.search(rf"^    {name}( = \w+)?\(", page, re.M)] == []
