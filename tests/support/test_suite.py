"""Stages of dev.py: their seconds are kept, and a failure beside the tests ends the run with an error."""

from __future__ import annotations

import ast
import shutil
import sys
from collections import deque
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from conftest import missing_program
from tests.packaging.environments import locked
from tests.support.suite import BIN, GATES, ROOT, SECONDS, captured, environment_of_tools, require_success
from tests.support.timing import NEEDS_MORE
from tests.support.versions import NOT_FOUND, asked_uv, claimed_versions, sample
from tests.support.versions import SECONDS as BUDGET


def test_a_stage_keeps_its_output_and_its_seconds() -> None:
    done = captured("a stage of a test", (sys.executable, "-c", "print('written')"))
    assert SECONDS.pop("a stage of a test") > 0
    assert done.stdout == "written\n"
    require_success([done])


def test_a_failed_stage_ends_the_run() -> None:
    program = "import sys; print('what is wrong'); sys.exit(2)"
    done = [captured("one", (sys.executable, "-c", "")), captured("other", (sys.executable, "-c", program))]
    del SECONDS["one"], SECONDS["other"]
    assert done[1].stdout == "what is wrong\n"
    with pytest.raises(SystemExit, match="lowest versions failed"):
        require_success(done)


def test_an_empty_setting_of_uv_does_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an empty UV_CACHE_DIR, uv ends with an error: no Python would be found where there is one."""
    monkeypatch.setenv("UV_CACHE_DIR", "")
    monkeypatch.setenv("UV_OFFLINE", "1")
    variables = environment_of_tools({"PATH": "a"})
    assert "UV_CACHE_DIR" not in variables
    assert (variables["UV_OFFLINE"], variables["PATH"]) == ("1", "a")
    own = "{}.{}".format(*sys.version_info)
    assert asked_uv("python", "find", "--no-python-downloads", own).returncode == 0
    absent = asked_uv("python", "find", "--no-python-downloads", "3.99")
    assert absent.returncode
    assert NOT_FOUND in absent.stderr


def test_a_test_without_its_program_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where the program is one of the table and is not installed: else the error is the test's."""
    errors = {name: FileNotFoundError(2, "No such file or directory", name) for name in ("openssl", "any")}
    monkeypatch.setenv("PATH", "")
    assert missing_program(errors["openssl"]) == "openssl"
    assert missing_program(errors["any"]) is None
    assert missing_program(ValueError("openssl")) is None
    monkeypatch.undo()
    if shutil.which("openssl"):
        assert missing_program(errors["openssl"]) is None


def test_gates_find_their_programs() -> None:
    for program, *_ in GATES:
        assert shutil.which(program, path=BIN), program


def test_quick_tests_import_nothing_but_what_the_lowest_environment_has() -> None:
    """The environment of the lowest versions has the packages of the group `quick` and of the project."""
    installed = packages_distributions()
    missing = {
        (file, name)
        for file in quick_modules()
        for name in foreign_imports(file)
        if not {canonicalize_name(package) for package in installed.get(name, [name])}
        & locked("lowest").keys()
    }
    assert missing == set(), "add the package to the group `quick`, or the folder to `NEEDS_MORE`"


def quick_modules() -> set[str]:
    """Return the test files of a quick run with all modules of the tests that they import."""
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")}
    found: set[str] = set()
    waiting = [
        file
        for file in files
        if not file.startswith(NEEDS_MORE) and Path(file).name.startswith(("test_", "conftest"))
    ]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += {f"{module.replace('.', '/')}.py" for module in imports_of(file)} & files
    return found


def imports_of(file: str) -> Iterator[str]:
    """Yield the modules that a file imports as soon as it is imported itself."""
    waiting = deque(ast.parse((ROOT / file).read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If | ast.Try | ast.With) and "TYPE_CHECKING" not in ast.dump(node)[:60]:
            waiting += [inner for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)]


def foreign_imports(file: str) -> set[str]:
    first = {module.partition(".")[0] for module in imports_of(file)}
    return (
        first
        - sys.stdlib_module_names
        - {"benchmarks", "conftest", "dev", "docs", "ehtoolkit", "hatch_build", "tests"}
    )


def test_the_claimed_pythons_are_sorted_by_number() -> None:
    assert claimed_versions() == ["3.13", "3.12", "3.11"]


def test_a_sample_has_quick_files_of_many_folders() -> None:
    files = sample(BUDGET)
    assert not any(file.startswith(NEEDS_MORE) for file in files)
    assert len({file.split("/")[1] for file in files if file.startswith("tests/")}) >= 3
