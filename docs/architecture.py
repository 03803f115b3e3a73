"""Draws the layers of pyproject.toml as a Mermaid diagram in docs/ARCHITECTURE.md: ``python docs/architecture.py``.

A row of the diagram is a layer of the import-linter contract, the highest first; a box is a package or a module, with
the first sentence of its docstring, so that a new one needs nothing here.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TARGET: Final = Path(__file__).with_name("ARCHITECTURE.md")
BLOCK: Final = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)
LETTERS: Final = 64
"""Of a purpose; Mermaid breaks its lines."""


def layers() -> list[list[str]]:
    """The rows, the highest first; modules of a row do not import each other."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contract, *_ = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return [[name.strip() for name in row.split("|")] for row in contract["layers"]]


def purpose(name: str) -> str:
    """The first sentence of the docstring of a package or module."""
    folder, module = ROOT / "ehtoolkit" / name / "__init__.py", ROOT / "ehtoolkit" / f"{name}.py"
    tree = ast.parse((folder if folder.exists() else module).read_text(encoding="utf-8"))
    return " ".join((ast.get_docstring(tree) or "").replace("``", "").split()).split(". ")[0].rstrip(".")


def diagram() -> Iterator[str]:
    """Yield the lines of the diagram. Boxes of a row are side by side; an arrow leads from each row to the next."""
    rows = layers()
    yield "flowchart TB"
    yield "  accTitle: Layers of ehtoolkit, imports point down"
    for number, row in enumerate(rows):
        yield f'  subgraph layer{number} [" "]'
        yield "    direction TB"
        for name in row:
            text = textwrap.shorten(purpose(name), LETTERS, placeholder=" …")
            yield f'    {name}["<b>{name}</b><br/>{text}"]'
        yield "  end"
    yield f"  {' --> '.join(f'layer{number}' for number in range(len(rows)))}"


def page() -> str:
    """Return ARCHITECTURE.md with the diagram of today."""
    drawn = "".join(f"{line}\n" for line in diagram())
    return BLOCK.sub(lambda _: drawn, TARGET.read_text(encoding="utf-8"), count=1)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
