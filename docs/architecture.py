"""Draws docs/architecture.svg from the layers of pyproject.toml: ``python docs/architecture.py``.

A row of the picture is a layer of the import-linter contract, the highest first; a box is a package or a module, with
the first sentence of its docstring, so that a new one needs nothing here.
"""

from __future__ import annotations

import ast
import sys
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path(__file__).with_name("architecture.svg")
WIDTH, LEFT, GAP = 980, 16, 14
HEIGHT, STEP = 62, 86
"""Of a box, and from one row to the next."""
LETTER = 6.3
"""Pixels that a letter of the small text takes, on the average; a little much, so that nothing sticks out."""
LINES = 2

FONTS = "Segoe UI, Noto Sans, DejaVu Sans, Arial, sans-serif"
STYLE = (
    ".b{fill:#fff;stroke:#66757a}.n{fill:#0b5b70;font-weight:650;font-size:17px}"
    ".s{fill:#16211f;font-size:12px}.a{stroke:#66757a;stroke-width:1.5;fill:none}"
)


def layers() -> list[list[str]]:
    """The rows, the highest first; what stands in one row does not import each other."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contract, *_ = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return [[name.strip() for name in row.split("|")] for row in contract["layers"]]


def purpose(name: str) -> str:
    """The first sentence of the docstring of a package or module."""
    folder, module = ROOT / "ehtoolkit" / name / "__init__.py", ROOT / "ehtoolkit" / f"{name}.py"
    tree = ast.parse((folder if folder.exists() else module).read_text(encoding="utf-8"))
    return " ".join((ast.get_docstring(tree) or "").replace("``", "").split()).split(". ")[0].rstrip(".")


def picture() -> str:
    """The whole of architecture.svg."""
    rows = layers()
    height = STEP * len(rows)
    label = f"Layers of ehtoolkit, imports point down: {'; '.join(', '.join(row) for row in rows)}"
    root = f'viewBox="0 0 {WIDTH} {height}" font-family="{FONTS}" role="img" aria-label="{escape(label)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {root}>',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#f4f6f5"/>',
    ]
    for number, row in enumerate(rows):
        top = 12 + number * STEP
        if number:
            lines.append(f'<path class="a" d="M{WIDTH // 2} {top - 21}v17m-5-6 5 6 5-6"/>')
        lines += boxes(row, top)
    return "\n".join([*lines, "</svg>\n"])


def boxes(row: Sequence[str], top: int) -> Iterator[str]:
    """The boxes of one row, side by side, as wide as there is room."""
    width = (WIDTH - 2 * LEFT - GAP * (len(row) - 1)) / len(row)
    for place, name in enumerate(row):
        x = LEFT + place * (width + GAP)
        yield (
            f'<rect class="b" x="{x:.0f}" y="{top}" width="{width:.0f}" height="{HEIGHT}" rx="8"/>'
            f'<text class="n" x="{x + 12:.0f}" y="{top + 22}">{name}</text>'
        )
        lines = textwrap.wrap(
            purpose(name),
            int((width - 24) / LETTER),
            max_lines=LINES,
            placeholder=" …",
            break_long_words=False,
        )
        for number, line in enumerate(lines):
            y = top + 39 + 15 * number
            yield f'<text class="s" x="{x + 12:.0f}" y="{y}">{escape(line)}</text>'


if __name__ == "__main__":
    TARGET.write_text(picture(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
