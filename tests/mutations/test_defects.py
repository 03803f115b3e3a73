"""The list of defects cannot rot: each applies to today's code, and the tests that find it are there in a short run."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutations.defects import DEFECTS, Change, Defect, DoesNotApply
from tests.mutations.run import BEGIN, DOCUMENT, END, NOT_FOUND, ROOT, Found, chosen, table, with_table
from tests.support.affected import affected
from tests.support.timing import COMMITTED, read_durations

ISSUE = (
    "a key not written before the wire",
    "a request sent twice",
    "a PIN in a log",
    "a password in a trait",
    "a revocation not told",
    "a catalogue entry in the wrong language",
    "an axe violation in one error page",
    "a wrong check digit",
    "a backup that ends in .p12",
    "a missing lock",
    "a chain reversed",
    "a contract not shown",
    "a page that fetches a foreign host",
    "a keystore readable by all",
    "a kernel left behind",
)
"""What has to be found, in these words."""

LONG = "pytest.mark.long"


def test_all_fifteen_are_there() -> None:
    assert tuple(defect.name for defect in DEFECTS) == ISSUE


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_applies_to_todays_product(defect: Defect) -> None:
    texts = {change.file: (ROOT / change.file).read_text(encoding="utf-8") for change in defect.changes}
    after = dict(texts)
    for change in defect.changes:
        assert change.file.partition("/")[0] in ("ehtoolkit", "notebooks")
        after[change.file] = change.made_in(after[change.file])
    for file, text in after.items():
        assert text != texts[file]
        if file.endswith(".py"):
            assert unknown_names(text) == "", "a test would find the mistake in the defect, not the defect"


def unknown_names(text: str) -> str:
    """Return what ruff says of syntax and of names that the module does not have."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E9,F821",
        "--output-format",
        "concise",
    ]
    done = subprocess.run([*command, "-"], input=text, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return "" if done.returncode == 0 else done.stdout


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_affected_tests_find_it(defect: Defect) -> None:
    """`dev.py affected` selects a test that finds the defect, within its time, by the committed durations."""
    files = (change.file for change in defect.changes)
    selected = set(affected(files, durations=read_durations(COMMITTED))[0])
    assert {name.partition("::")[0] for name in defect.found_by} & selected


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_its_tests_are_there_and_of_the_short_run(defect: Defect) -> None:
    assert defect.found_by
    assert [fault for name in defect.found_by for fault in faults_of(name)] == []


def faults_of(name: str, root: Path = ROOT) -> Iterator[str]:
    """Why a node id is none of a test in the short run. Of parameters pytest itself says whether there are such."""
    file, *parts = name.partition("[")[0].split("::")
    path = root / file
    if not path.is_file() or not path.name.startswith("test_"):
        yield f"{file}: there is no such file"
        return
    inside: ast.Module | ast.ClassDef = ast.parse(path.read_text(encoding="utf-8"))
    for node in inside.body:
        if (
            isinstance(node, ast.Assign)
            and "pytestmark" in map(ast.unparse, node.targets)
            and is_long(node.value)
        ):
            yield f"{file}: only in the long run"
    for part in parts:
        found = [node for node in inside.body if getattr(node, "name", None) == part]
        if not found:
            yield f"{name}: there is no {part}"
            return
        node = found[-1]
        assert isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if any(is_long(decorator) for decorator in node.decorator_list):
            yield f"{name}: {part} only in the long run"
        if isinstance(node, ast.ClassDef):
            inside = node


def is_long(mark: ast.expr) -> bool:
    """Whether a mark, or one of a list of marks, is `LONG`; those of single parameters do not count."""
    if isinstance(mark, ast.List | ast.Tuple):
        return any(is_long(elt) for elt in mark.elts)
    return ast.unparse(mark) == LONG


def test_what_is_long_or_missing_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_whole.py").write_text(f"pytestmark = [{LONG}, other]\ndef test_a(): ...\n")
    (tmp_path / "test_some.py").write_text(
        f"@{LONG}\ndef test_a(): ...\n"
        f"@{LONG}\nclass TestB:\n    def test_b(self): ...\n"
        f"@pytest.mark.parametrize('one', [1, pytest.param(2, marks={LONG})])\ndef test_c(one): ...\n"
    )
    wrong = [
        "test_none.py",
        "test_whole.py",
        "test_whole.py::test_a",
        "test_some.py::test_a",
        "test_some.py::TestB::test_b",
        "test_some.py::test_d",
    ]
    assert [name for name in wrong if not list(faults_of(name, tmp_path))] == []
    assert list(faults_of("test_some.py::test_c[1]", tmp_path)) == []


def test_a_defect_is_put_in_and_taken_out_again(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\n", encoding="utf-8")
    compiled = tmp_path / "__pycache__" / "a.cpython-311.pyc"
    compiled.parent.mkdir()
    defect = Defect("d", "", (Change("a.py", "one", "1"), Change("a.py", "two", "2")), ())

    for _ in range(2):
        compiled.touch()
        with defect.put_into(tmp_path):
            assert (tmp_path / "a.py").read_text(encoding="utf-8") == "1\n2\n"
            assert not compiled.exists()
            compiled.touch()
        assert (tmp_path / "a.py").read_text(encoding="utf-8") == "one\ntwo\n"
        assert not compiled.exists()


@pytest.mark.parametrize("text", ["two\n", "one\none\n"])
def test_a_text_that_is_not_there_once_changes_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    (tmp_path / "b.py").write_text("b", encoding="utf-8")
    defect = Defect("d", "", (Change("b.py", "b", "c"), Change("a.py", "one", "1")), ())

    with pytest.raises(DoesNotApply), defect.put_into(tmp_path):
        pass

    assert (tmp_path / "a.py").read_text(encoding="utf-8") == text
    assert (tmp_path / "b.py").read_text(encoding="utf-8") == "b"


def test_the_table_goes_between_its_markers() -> None:
    found = [Found(DEFECTS[0], "tests/a.py::test_a", 1.6), Found(DEFECTS[1], NOT_FOUND, 12.0)]

    document = with_table(f"before\n{BEGIN}\nold\n{END}\nafter\n", table(found))

    assert document == (
        f"before\n{BEGIN}\n\n| defect | found by | seconds |\n|---|---|---:|\n"
        f"| {DEFECTS[0].name} | `tests/a.py::test_a` | 2 |\n| {DEFECTS[1].name} | NOT FOUND | 12 |\n\n{END}\nafter\n"
    )
    with pytest.raises(ValueError, match="lacks"):
        with_table("nothing", "")


def test_the_table_that_is_kept_has_all_and_tests_that_are_there() -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line.split(" | ") for line in written.splitlines() if line.startswith("| a")]
    assert [row[0].removeprefix("| ") for row in rows] == [defect.name for defect in DEFECTS]
    assert [fault for row in rows for fault in faults_of(row[1].strip("`"))] == []


def test_defects_are_chosen_by_their_words() -> None:
    assert [defect.name for defect in chosen(["lock", "PIN"])] == ["a PIN in a log", "a missing lock"]
    assert chosen([]) == list(DEFECTS)
    with pytest.raises(LookupError):
        chosen(["lock", "no such"])
