"""Which page has which secret fields, read from the code: a new one without a walk through it is found here."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from ehtoolkit import forms
from ehtoolkit.forms import registry, tools, wizards

ROOT = Path(__file__).resolve().parents[2]
FORMS = "ehtoolkit.forms"
FIELD = "SecretField"
PAIR = "new_password_fields"
REGISTRY = f"{FORMS}.registry"
"""What the first page has from it leads to other pages, and is no part of this one."""


def secret_fields() -> Mapping[str, frozenset[str]]:
    """The names of the secret fields of each page that has some: all that it may come to make, those too that are
    shown on another day only."""
    found = {page: _fields_of(page) for page in sorted(forms.PAGES)}
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
                imported |= {name.asname or name.name: (within.module, name.name) for name in within.names}
        return cls(defined, imported)

    def used_by(self, node: ast.AST) -> Iterator[str]:
        return (name.id for name in ast.walk(node) if isinstance(name, ast.Name))


def _fields_of(page: str) -> frozenset[str]:
    waiting, seen, found = [_opener(page)], set(), set[str]()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        module, (node, leads) = _module(place[0]), _look_up(*place)
        waiting += leads
        if module is not None and node is not None:
            # Callers of the pair name its fields.
            makers = [] if place[1] == PAIR else filter(_makes_fields, ast.walk(node))
            found |= {name for call in makers for name in _names(call, module)}
            names = set(module.used_by(node))
            waiting += [(place[0], name) for name in names & module.defined.keys()]
            places = (module.imported[name] for name in names & module.imported.keys())
            waiting += [place for place in places if place[0] != REGISTRY]
    return frozenset(found)


def _opener(page: str) -> tuple[str, str]:
    """The module and the name of the function that opens a page, or of the declaration of its form."""
    declared = registry.PAGES.get(page)
    if declared is None:
        opener = forms.PAGES[page]
        return opener.__module__, opener.__name__
    modules = [
        import_module(found.name)
        for package in (wizards, tools)
        for found in walk_packages(package.__path__, f"{package.__name__}.")
    ]
    (place,) = (
        (module.__name__, name)
        for module in modules
        for name, value in vars(module).items()
        if value is declared
    )
    return place


def _look_up(module: str, name: str) -> tuple[ast.AST | None, list[tuple[str, str]]]:
    """The definition, or where a package has the name from, or what a module that is imported as a whole defines."""
    whole, own = _module(f"{module}.{name}"), _module(module)
    if whole is not None:
        return None, [(f"{module}.{name}", definition) for definition in whole.defined]
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


def _makes_fields(node: ast.AST) -> bool:
    """Whether it calls `SecretField`, ``SecretField.of_file`` or `new_password_fields`."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(function, ast.Name) and function.id in (FIELD, PAIR)


def _names(call: ast.AST, module: _Module) -> Iterator[str]:
    """The names of the fields: a literal, a constant, or the two keys of the labels of a pair."""
    assert isinstance(call, ast.Call)
    if isinstance(call.func, ast.Name) and call.func.id == PAIR:
        labels = _value(call.args[1], module)
        assert isinstance(labels, ast.Dict)
        names: list[ast.AST | None] = [*labels.keys]
    else:
        names = [call.args[0]]
    for name in names:
        value = _value(name, module)
        assert value is not None
        yield str(value.value) if isinstance(value, ast.Constant) else ast.unparse(value)


def _value(name: ast.AST | None, module: _Module) -> ast.AST | None:
    """What a constant of this module, or of one that it imports from, is set to; anything else as it is."""
    if not isinstance(name, ast.Name):
        return name
    defined = module.defined.get(name.id)
    place = module.imported.get(name.id)
    if defined is None and place is not None and (other := _module(place[0])) is not None:
        defined = other.defined.get(place[1])
    return defined.value if isinstance(defined, ast.Assign | ast.AnnAssign) else name
