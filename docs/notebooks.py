"""Writes notebooks/, one for each page: ``python docs/notebooks.py``.

They all say the same, so nobody writes them: a page that the registry has gets its notebook here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ehtoolkit.forms import PAGES

TARGET = Path(__file__).parents[1] / "notebooks"


def notebooks() -> dict[str, str]:
    """Every notebook by the name of its file."""
    return {f"{page}.ipynb": _notebook(page) for page in PAGES}


def _notebook(page: str) -> str:
    opener = f"open_{page.replace('-', '_')}"
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": page,
        "metadata": {},
        "outputs": [],
        "source": [f"from ehtoolkit.forms import {opener}\n", "\n", f"{opener}()"],
    }
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    whole = {
        "cells": [cell],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1) + "\n"


if __name__ == "__main__":
    for name, text in notebooks().items():
        (TARGET / name).write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{TARGET}\n")
