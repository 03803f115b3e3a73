"""Which page has which secret fields, read from the code: a new one without a walk through it is found here."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORMS = "ehtoolkit.forms"
FIELD = "SecretField"
REGISTRY = f"{FORMS}.registry"
"""What the first page has from it leads to other pages, and is no part of this one."""


def secret_fields() -> Mapping[str, frozenset[str]]:
    """The names of the secret fields of each notebook that has some: all that its form may come to make, those too
    that are shown on another day only."""
    found = {path.stem: _fields_of(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    return {page: names for page, names in found.items() if names}


@dataclass(frozen=True, slots=True)
class _Module:
    """``defined``: what stands at its top, by name; ``imported``: where the other names come from."""

    defined: Mapping[str, ast.AST]
    imported: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, tree: ast.Module) -> _Module:
        defined, imported = dict[str, ast.AST](), dict[str, tuple[str, str]]()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                defined[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                defined |= {target.id: node for target in targets if isinstance(target, ast.Name)}
        for within in ast.walk(tree):
            if isinstance(within, ast.ImportFrom) and within.module:
                imported |= {one.asname or one.name: (within.module, one.name) for one in within.names}
        return cls(defined, imported)

    def used_by(self, node: ast.AST) -> Iterator[str]:
        return (one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def _fields_of(notebook: Path) -> frozenset[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    imported = _Module.of(ast.parse(source)).imported.values()
    opened = [name for module, name in imported if module.startswith(FORMS)]
    waiting, seen, found = [_opener(name) for name in opened], set(), set[str]()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        module, (node, leads) = _module(place[0]), _look_up(*place)
        waiting += leads
        if module is not None and node is not None:
            found |= {_name(call, module) for call in ast.walk(node) if _makes_a_field(call)}
            names = set(module.used_by(node))
            waiting += [(place[0], name) for name in names & module.defined.keys()]
            places = (module.imported[name] for name in names & module.imported.keys())
            waiting += [place for place in places if place[0] != REGISTRY]
    return frozenset(found)


def _opener(name: str) -> tuple[str, str]:
    """Where the function is defined that a notebook calls to open its form, or where the form is declared."""
    folder, form = ROOT.joinpath(*FORMS.split(".")), name.removeprefix("open_").upper()
    for path in folder.rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        known = _module(module)
        if known is not None and isinstance(known.defined.get(name), ast.FunctionDef):
            return module, name
        declared = None if known is None else known.defined.get(form)
        if declared is not None and ast.unparse(declared).startswith(f"{form}: Final = WizardForm("):
            return module, form
    raise LookupError(f"nothing is called {name}")


def _look_up(module: str, name: str) -> tuple[ast.AST | None, list[tuple[str, str]]]:
    """The definition, or where a package has the name from, or what a module that is imported as a whole defines."""
    whole, own = _module(f"{module}.{name}"), _module(module)
    if whole is not None:
        return None, [(f"{module}.{name}", one) for one in whole.defined]
    if own is None:
        return None, []
    return own.defined.get(name), [own.imported[name]] if name in own.imported else []


@cache
def _module(name: str) -> _Module | None:
    """The module, if it is one of the forms."""
    path = ROOT.joinpath(*name.split("."))
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if name.startswith(FORMS) and file.is_file():
            return _Module.of(ast.parse(file.read_text(encoding="utf-8")))
    return None


def _makes_a_field(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == FIELD


def _name(call: ast.AST, module: _Module) -> str:
    """The field's name: a literal, or a constant of its module."""
    assert isinstance(call, ast.Call)
    first = call.args[0]
    held = module.defined.get(first.id) if isinstance(first, ast.Name) else None
    value = held.value if isinstance(held, ast.Assign | ast.AnnAssign) else first
    return str(value.value if isinstance(value, ast.Constant) else ast.unparse(first))
