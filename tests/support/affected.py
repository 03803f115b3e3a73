"""The tests that a change can affect, nearest first: ``python -m tests.support.affected [FILE…]`` prints their files.

Without FILE, the change is what differs from the branch `main`. A test is near when few imports lie between it and a
changed module; of equally near ones the shorter go first, as long as they fit into `SECONDS`. The cheap tests of
`ALWAYS` are always among them. How many files the change can affect that found no room is printed on standard error.

With ``--history``, it prints the seconds that the tests of each of the last commits take on two processors, and their
median.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import grimp

from tests.support.timing import UNKNOWN, known_durations

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS: Final = 300.0
"""Of one worker: two and a half minutes of two processors."""
PROCESSORS: Final = 2
COMMITS: Final = 30
"""How many the history has."""
ALWAYS: Final = "tests/conventions/"
"""Texts, names and contracts: nearly every change can break one of them."""
CHEAP: Final = 5.0
"""Seconds that a file of `ALWAYS` takes at most."""
_NAMESAKE: Final = 2
"""How much nearer a test is that is called as the changed module."""
_GENERIC: Final = frozenset(
    {"ehtoolkit", "forms", "voila", "static", "wizards", "__init__", "model", "page", "form", "view"}
)
"""Names of files and folders that name no page."""


def history() -> Iterator[tuple[str, float]]:
    """Yield the last commits of `main` that touch the package, each with the seconds that its tests would take."""
    durations = known_durations()
    for commit in _git("log", "main", f"-{COMMITS}", "--no-merges", "--format=%h", "--", "ehtoolkit").split():
        listed = _git("diff-tree", "--no-commit-id", "--name-only", "-r", commit).splitlines()
        there = [file for file in listed if (ROOT / file).exists()]
        yield commit, sum(durations.get(file, UNKNOWN) for file in affected(there)[0]) / PROCESSORS


def changed_files() -> Sequence[str]:
    """Return what differs from `main`, or on `main` from the commit before, with what is not committed yet."""
    main = next(filter(_is_commit, ("main", "origin/main")), None)
    if main is None:
        sys.exit(
            "there is no branch main or origin/main to compare with: fetch it, or name the changed files"
        )
    base = _git("merge-base", "HEAD", main)
    if base == _git("rev-parse", "HEAD"):
        base = "HEAD~1"
        if not _is_commit(base):
            sys.exit(
                "the commit before this one is not here (a shallow clone): fetch it, or name the changed files"
            )
    listed = _git("diff", "--name-only", base), _git("ls-files", "--others", "--exclude-standard")
    return [line for text in listed for line in text.splitlines()]


def affected(
    files: Iterable[str], seconds: float = SECONDS, durations: Mapping[str, float] | None = None
) -> tuple[list[str], list[str]]:
    """Return the test files that a change of ``files`` (relative to the root) can affect: those to run, within
    ``seconds`` and with the cheap ones of `ALWAYS`, and those left out. ``durations``: seconds by file; None: those of
    this computer."""
    changed = set(files)
    distances = _distances(changed)
    durations = known_durations() if durations is None else durations
    always = {
        file for file in _test_imports() if file.startswith(ALWAYS) and durations.get(file, UNKNOWN) <= CHEAP
    }
    ranked = sorted(
        distances.keys() | always,
        key=lambda file: (file not in always, distances.get(file, 0), durations.get(file, UNKNOWN), file),
    )
    chosen: list[str] = []
    left_out: list[str] = []
    for file in ranked:
        taken = durations.get(file, UNKNOWN)
        if file in always or file in changed or taken <= seconds:
            chosen.append(file)
            seconds -= taken
        else:
            left_out.append(file)
    return chosen, left_out


def _distances(changed: set[str]) -> Mapping[str, int]:
    """Return how far each test file that the change reaches is from it."""
    modules = _importers({module for file in changed for module in _modules_of(file)})
    names = {Path(file).name for file in changed if not file.endswith(".py")}
    subjects = {word for file in changed for word in _subjects(file)}
    subjects |= {folder.name for file in changed for folder in list(Path(file).parents)[:2]} - _GENERIC
    # Tests in the browser reach pages through a server, not by an import: they name them.
    pages = {
        word
        for file in changed
        if Path(file).parts[1:2] in (("forms",), ("voila",))
        for word in _page_words(file)
    }
    found: dict[str, int] = {}
    for file, imports in _test_imports().items():
        reached = [modules[module] + hops for module, hops in imports.items() if module in modules]
        if file in changed:
            reached.append(-_NAMESAKE)
        if file.startswith("tests/browser/") and any(word in _words_of(file) for word in pages):
            reached.append(2)
        if any(name in _text(file) for name in names):
            reached.append(0)
        if reached:
            namesake = any(word in subjects for word in _subjects(file))
            found[file] = min(reached) - (_NAMESAKE if namesake else 0)
    return found


def _modules_of(file: str) -> Iterator[str]:
    """Yield the modules that a changed file is or belongs to: of a script or style, those beside it."""
    path = Path(file)
    if path.parts[0] not in ("ehtoolkit", "tests"):
        return
    if path.suffix == ".py":
        yield ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    elif "locale" in path.parts:
        yield "ehtoolkit.i18n"
    elif path.parts[0] == "ehtoolkit":
        folder = path.parent.parent if path.parent.name == "static" else path.parent
        yield from (".".join(module.with_suffix("").parts) for module in _relative(folder.glob("*.py")))


def _subjects(file: str) -> Iterator[str]:
    """Yield what a file is about, by its name: a module and its test have a word in common."""
    path = Path(file)
    yield path.stem.removeprefix("test_").removesuffix("_model")


def _page_words(file: str) -> set[str]:
    """Return the names under which tests in the browser know a page or a widget."""
    path = Path(file)
    return {path.stem, path.parent.name, path.parent.parent.name} - _GENERIC


def _importers(modules: set[str]) -> Mapping[str, int]:
    """Return every module that imports one of ``modules``, with the number of imports between them."""
    graph = _graph()
    distances = dict.fromkeys(modules, 0)
    waiting = deque(module for module in modules if module in graph.modules)
    while waiting:
        module = waiting.popleft()
        for importer in graph.find_modules_that_directly_import(module):
            if importer not in distances:
                distances[importer] = distances[module] + 1
                waiting.append(importer)
    return distances


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("ehtoolkit", cache_dir=None)


@cache
def _test_imports() -> Mapping[str, Mapping[str, int]]:
    """Return, for each test file, the modules that it or its helpers import (1), and those through a conftest (2 and
    more)."""
    files = [str(path) for path in _relative((ROOT / "tests").rglob("*.py"))]
    direct = {file: set(_imports(file)) for file in files}
    found = {}
    for file in files:
        if not Path(file).name.startswith("test_"):
            continue
        reached = dict.fromkeys(direct[file], 1)
        waiting = deque(reached)
        while waiting:
            module = waiting.popleft()
            for further in direct.get(f"{module.replace('.', '/')}.py", ()):
                if further not in reached:
                    reached[further] = reached[module] + module.endswith(".conftest")
                    waiting.append(further)
        found[file] = reached
    return found


def _imports(file: str) -> Iterator[str]:
    """Yield the modules of this project that a test file names: in imports, and in commands that it runs."""
    for node in ast.walk(ast.parse(_text(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
    yield from re.findall(r"\behtoolkit(?:\.\w+)+", _text(file))
    for folder in Path(file).parents:
        if folder.parts and (ROOT / folder / "conftest.py").exists() and Path(file).name != "conftest.py":
            yield f"{'.'.join(folder.parts)}.conftest"


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("ehtoolkit", "tests")


@cache
def _words_of(file: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z_]+", _text(file).lower()))


@cache
def _text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def _relative(paths: Iterable[Path]) -> Iterator[Path]:
    return (path.relative_to(ROOT) if path.is_absolute() else path for path in paths)


def _is_commit(name: str) -> bool:
    command = ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    if sys.argv[1:] == ["--history"]:
        commits = dict(history())
        print("\n".join(f"{seconds:6.0f} s  {commit}" for commit, seconds in commits.items()))
        print(f"{statistics.median(commits.values()):6.0f} s  median")
    else:
        chosen, left_out = affected(sys.argv[1:] or changed_files())
        print("\n".join(chosen))
        if left_out:
            print(
                f"{len(left_out)} more test files can be affected, and take too long; `dev.py test` runs them",
                file=sys.stderr,
            )
