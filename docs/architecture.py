"""Draws the layers of pyproject.toml as a Mermaid diagram in docs/ARCHITECTURE.md: ``python docs/architecture.py``.

A box of the diagram is a layer of the import-linter contract, the highest first, with its packages and modules.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TARGET: Final = Path(__file__).with_name("ARCHITECTURE.md")
BLOCK: Final = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)


def layers() -> list[list[str]]:
    """The rows, the highest first; modules of a row do not import each other."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contract, *_ = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return [[name.strip() for name in row.split("|")] for row in contract["layers"]]


def diagram() -> Iterator[str]:
    """Yield the lines of the diagram. An arrow leads from each layer to the next."""
    rows = layers()
    yield "flowchart TB"
    yield "  accTitle: Layers of ehtoolkit, imports point down"
    for number, row in enumerate(rows):
        yield f'  layer{number}["{", ".join(row)}"]'
    yield f"  {' --> '.join(f'layer{number}' for number in range(len(rows)))}"


def page() -> str:
    """Return ARCHITECTURE.md with the diagram of today."""
    drawn = "".join(f"{line}\n" for line in diagram())
    return BLOCK.sub(lambda _: drawn, TARGET.read_text(encoding="utf-8"), count=1)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
